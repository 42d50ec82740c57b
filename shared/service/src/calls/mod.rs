//! Calls as people see them: lists, one, what was said, notes, deletion.

mod joined;
mod list;
mod notes;
mod remove;
mod transcript;
pub mod web;

use trunkline_auth::Principal;
use trunkline_domain::{Call, CallId, Error, Role, error::Kind};

use crate::Ctx;

pub use joined::{JoinedCall, get_joined, list_joined};
pub use list::{CallSort, CallView, CallsQuery, SORTS, list, list_of_agent, list_of_campaign};
pub use notes::{NOTES_MAX, set_notes};
pub use remove::delete;
pub use transcript::{Transcript, transcript};
pub use trunkline_store::{CallFilter, Period};

/// A call of the asker's tenant.
///
/// # Errors
/// [`Error::NotFound`]; another tenant's is not found either.
pub async fn get(ctx: &Ctx, who: &Principal, id: CallId) -> Result<Call, Error> {
    who.require(Role::User)?;
    ctx.store
        .call(who.tenant, id)
        .await?
        .ok_or(Error::NotFound(Kind::Call))
}

/// A call with what was said on it so far.
///
/// # Errors
/// As of [`get`].
pub async fn view(ctx: &Ctx, who: &Principal, id: CallId) -> Result<CallView, Error> {
    let call = get(ctx, who, id).await?;
    view_of(ctx, call).await
}

async fn view_of(ctx: &Ctx, call: Call) -> Result<CallView, Error> {
    let kept = ctx.store.call_texts(&[call.id]).await?.pop();
    let text = match kept {
        Some((_, kept)) => Some(kept.text),
        // Before the call is worked up its lines are all there is.
        None => {
            let lines = ctx.store.transcript_lines(call.id).await?;
            (!lines.is_empty()).then(|| trunkline_domain::transcript::as_text(&lines))
        }
    };
    Ok(CallView {
        recording_url: crate::recordings::download_url(ctx, &call),
        text,
        call,
    })
}

/// How often a change that met another is tried anew.
const TRIES: usize = 8;

fn busy() -> Error {
    Error::Unavailable {
        what: "the call is being changed by others; try again".to_owned(),
        retry_after_s: 1,
    }
}
