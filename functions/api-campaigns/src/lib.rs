//! Campaigns: `/campaigns`, and the same ones at `/api/campaigns`.
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
mod read;
mod voiceera;

use aide::axum::ApiRouter;
use trunkline_service::Ctx;

/// The routes.
pub fn router() -> ApiRouter<Ctx> {
    voiceera::router().merge(dialer::router())
}
