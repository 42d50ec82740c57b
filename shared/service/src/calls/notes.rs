//! Notes on a call.

use trunkline_auth::Principal;
use trunkline_domain::{Call, CallId, Error};

use crate::Ctx;

use super::{CallView, TRIES, busy, get, view_of};

/// Characters of a call's notes.
pub const NOTES_MAX: usize = 10_000;

/// Replaces a call's notes, also while it lasts; nothing or only spaces clears them.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Invalid`] when they are too long; what `fresh` says of the version.
pub async fn set_notes<E: From<Error>>(
    ctx: &Ctx,
    who: &Principal,
    id: CallId,
    notes: Option<&str>,
    fresh: impl Fn(u64) -> Result<(), E>,
) -> Result<CallView, E> {
    if notes.is_some_and(|notes| notes.chars().count() > NOTES_MAX) {
        return Err(Error::invalid("notes", format!("must be at most {NOTES_MAX} characters")).into());
    }
    let notes = notes
        .map(str::trim_end)
        .filter(|notes| !notes.is_empty())
        .map(str::to_owned);
    for _ in 0..TRIES {
        let old = get(ctx, who, id).await?;
        fresh(old.version)?;
        let new = Call {
            notes: notes.clone(),
            version: old.version + 1,
            ..old
        };
        match ctx.store.update_call(&new, None).await {
            Ok(()) => return Ok(view_of(ctx, new).await?),
            // The carrier was faster: what it said is kept, the notes are written on top.
            Err(error) if error.is_condition() => {}
            Err(error) => return Err(Error::from(error).into()),
        }
    }
    Err(busy().into())
}
