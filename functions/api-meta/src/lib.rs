//! Health, version, the OpenAPI document and its pages; and whatever path no other function has.
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        reason = "a test may stop at the first surprise"
    )
)]

mod docs;
mod health;

use aide::axum::ApiRouter;
use trunkline_service::Ctx;

/// The routes of this function. Unknown paths are answered by `trunkline_http::finish`, in the dialect of their prefix.
pub fn router() -> ApiRouter<Ctx> {
    health::router().merge(docs::router())
}
