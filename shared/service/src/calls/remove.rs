//! Deleting a call with all that it left.

use trunkline_auth::Principal;
use trunkline_domain::{CallId, Error, error::Kind};

use crate::Ctx;

use super::{TRIES, busy, get};

/// Deletes a call that is over: recording, transcript, notes, and its part of the totals.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Conflict`] while it is in progress.
pub async fn delete(ctx: &Ctx, who: &Principal, id: CallId) -> Result<(), Error> {
    for _ in 0..TRIES {
        let call = get(ctx, who, id).await?;
        if !call.status.is_ended() {
            let what = format!(
                "the call is not over (it is {}); delete it after its end",
                call.status.word()
            );
            return Err(Error::conflict(Kind::Call, what));
        }
        // The row last: what a crash leaves can still be named and deleted.
        crate::recordings::delete_blobs(ctx, call.tenant, call.id).await?;
        match ctx.store.delete_call(&call).await {
            Ok(()) => return Ok(()),
            Err(error) if error.is_condition() => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(busy())
}
