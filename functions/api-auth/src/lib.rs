//! Registration, logins and invitations, in each of the documents' shapes.
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
mod forms;
mod invitations;
mod mailbox;
mod v1;
mod voiceera;

use aide::axum::ApiRouter;
use trunkline_service::Ctx;

/// The routes of this function.
pub fn router() -> ApiRouter<Ctx> {
    voiceera::router()
        .merge(dialer::router())
        .merge(v1::router())
        .merge(invitations::router())
        .merge(mailbox::router())
}
