//! What is set for the whole platform.
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        reason = "a test may stop at the first surprise"
    )
)]

mod prices;

use aide::axum::ApiRouter;
use trunkline_service::Ctx;

/// The routes of this function.
pub fn router() -> ApiRouter<Ctx> {
    prices::router()
}
