//! The platform's admin: `/admin`.
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        reason = "a test may stop at the first surprise"
    )
)]

mod logs;
mod system;
mod tenants;
mod users;

use aide::axum::ApiRouter;
use trunkline_service::Ctx;

/// The routes.
pub fn router() -> ApiRouter<Ctx> {
    users::router()
        .merge(tenants::router())
        .merge(system::router())
        .merge(logs::router())
}
