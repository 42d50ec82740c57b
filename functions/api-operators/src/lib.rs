//! Human agents and their groups: `/api/agents`, `/api/agent-groups`.
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        reason = "a test may stop at the first surprise"
    )
)]

mod dialer;

use aide::axum::ApiRouter;
use trunkline_service::Ctx;

/// The routes.
pub fn router() -> ApiRouter<Ctx> {
    dialer::router()
}
