//! Recordings, `/call-recordings`, and the voicemail messages that carriers play, `/voicemail-messages`.
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        reason = "a test may stop at the first surprise"
    )
)]

mod voiceera;
mod voicemail;

use aide::axum::ApiRouter;
use trunkline_service::Ctx;

/// The routes.
pub fn router() -> ApiRouter<Ctx> {
    voiceera::router().merge(voicemail::router())
}
