//! What a human agent says of itself.

use trunkline_auth::Principal;
use trunkline_domain::{Error, OperatorId, Role, operator::OperatorStatus};
use trunkline_events::Event;

use super::{Known, TRIES, busy, get, is_own};
use crate::{Ctx, bridging, realtime};

/// Sets the status: one's own, or as a manager anybody's. The tenant's desks are told; who becomes available takes whoever waits longest.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Forbidden`] for another's.
pub async fn set_status(
    ctx: &Ctx,
    who: &Principal,
    id: OperatorId,
    status: OperatorStatus,
) -> Result<Known, Error> {
    for _ in 0..TRIES {
        let Known { operator, user } = get(ctx, who, id).await?;
        if !is_own(who, &operator) {
            who.require(Role::Manager)?;
        }
        if operator.status == status {
            return Ok(Known { operator, user });
        }
        let next = operator.with_status(status, ctx.now());
        if ctx.store.update_operator(&operator, &next).await?.is_ok() {
            realtime::tell(ctx, &Event::of_status(&next)).await;
            bridging::wake(ctx, &next).await;
            return Ok(Known { operator: next, user });
        }
    }
    Err(busy())
}
