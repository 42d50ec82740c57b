//! Who is rung next: whoever of a group has waited longest.

use trunkline_domain::{CallId, Error, OperatorId, TenantId, id::GroupId, operator::Operator};

use super::{TRIES, busy};
use crate::Ctx;

/// How many of a group are looked at; behind them only people who are not at work.
const LOOKED_AT: i32 = 100;

/// Gives a call to whoever of the group has waited longest, is at work and is not among `not`: one conditional write, so that two calls
/// never get the same last place. None: nobody is free.
///
/// # Errors
/// When the store does not answer.
pub async fn reserve(
    ctx: &Ctx,
    tenant: TenantId,
    group: GroupId,
    call: CallId,
    not: &[OperatorId],
) -> Result<Option<Operator>, Error> {
    // Whom another call took in between, the next look finds elsewhere in line, or not at all.
    for _ in 0..TRIES {
        let line = ctx.store.idle_operators(tenant, group, LOOKED_AT).await?;
        let mut missed = false;
        for id in line.into_iter().filter(|id| !not.contains(id)) {
            let Some(operator) = ctx.store.operator(tenant, id).await? else {
                continue;
            };
            // The index may be a moment behind the row.
            let Some(next) = operator
                .taking(call, ctx.now())
                .filter(|next| next.group == group)
            else {
                continue;
            };
            if next == operator || ctx.store.update_operator(&operator, &next).await?.is_ok() {
                return Ok(Some(next));
            }
            missed = true;
        }
        if !missed {
            return Ok(None);
        }
    }
    Ok(None)
}

/// Frees whoever a call was given to, after so many seconds of talk; none: it was rung in vain. To do so twice changes nothing.
///
/// # Errors
/// When the store does not answer.
pub async fn give_back(
    ctx: &Ctx,
    tenant: TenantId,
    id: OperatorId,
    call: CallId,
    talk_s: Option<u32>,
) -> Result<(), Error> {
    for _ in 0..TRIES {
        let Some(operator) = ctx.store.operator(tenant, id).await? else {
            return Ok(());
        };
        let Some(next) = operator.giving_back(call, talk_s, ctx.now()) else {
            return Ok(());
        };
        if ctx.store.update_operator(&operator, &next).await?.is_ok() {
            return Ok(());
        }
    }
    Err(busy())
}
