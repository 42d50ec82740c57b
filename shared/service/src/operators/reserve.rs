//! Who is rung next: whoever of a group has waited longest.

use std::collections::HashMap;

use trunkline_domain::{
    CallId, Error, OperatorId, TenantId,
    bridge::{Bridge, Event},
    operator::Operator,
};
use trunkline_store::{StoreError, bridges::NotFound};

use super::{TRIES, busy};
use crate::{Ctx, bridging, realtime};

/// How many of a group are looked at, longest idle first. Whoever went home without saying so is at the head of that line, so this is far more than are
/// at work at once.
pub(crate) const LOOKED_AT: i32 = 1_000;
/// How many of them are read at once.
const READ: usize = 25;

/// What came of looking for somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reserved {
    /// Somebody has the call; the bridge as it is now.
    Given(Box<Bridge>),
    /// The bridge is not what it was.
    Changed,
    /// Nobody is free.
    Nobody,
}

/// Gives a call to whoever of its bridge's group has waited longest, is at work and was not rung for it in vain: one transaction over both
/// rows, so that two calls never get the same last place, and nobody is held whom no bridge names. `first`: somebody who became free
/// just now, whom the index may not know yet.
///
/// # Errors
/// When the store does not answer.
pub async fn reserve(ctx: &Ctx, bridge: &Bridge, first: Option<OperatorId>) -> Result<Reserved, StoreError> {
    // Whom another call took in between, the next look finds elsewhere in line, or not at all.
    for _ in 0..TRIES {
        let line = ctx
            .store
            .idle_operators(bridge.tenant, bridge.group, LOOKED_AT)
            .await?;
        let line: Vec<OperatorId> = line
            .into_iter()
            .chain(first)
            .filter(|id| !bridge.not.contains(id))
            .collect();
        let mut missed = false;
        for some in line.chunks(READ) {
            let read = ctx.store.operators_by_id(bridge.tenant, some.iter().copied());
            let known: HashMap<OperatorId, Operator> =
                read.await?.into_iter().map(|one| (one.id, one)).collect();
            for operator in some.iter().filter_map(|id| known.get(id)) {
                match give(ctx, bridge, operator).await? {
                    Given::To(found) => return Ok(Reserved::Given(found)),
                    Given::BridgeChanged => return Ok(Reserved::Changed),
                    Given::OperatorChanged => missed = true,
                    Given::NotFree => {}
                }
            }
        }
        if !missed {
            break;
        }
    }
    Ok(Reserved::Nobody)
}

enum Given {
    To(Box<Bridge>),
    BridgeChanged,
    OperatorChanged,
    NotFree,
}

async fn give(ctx: &Ctx, bridge: &Bridge, operator: &Operator) -> Result<Given, StoreError> {
    let now = ctx.now();
    // The index may be a moment behind the row.
    let taking = operator
        .taking(bridge.call, now)
        .filter(|next| next.group == bridge.group && next != operator);
    let found = bridge.observe(&Event::Found(operator.id), now);
    let (Some(taking), Some(found)) = (taking, found) else {
        return Ok(Given::NotFree);
    };
    let Some(news) = bridging::news(bridge, &found, now) else {
        return Ok(Given::BridgeChanged);
    };
    let given = ctx
        .store
        .give_to_operator(&found, &news, operator, &taking, now)
        .await?;
    Ok(match given {
        Ok(()) => {
            realtime::tell(ctx, &news).await;
            Given::To(Box::new(found))
        }
        Err(NotFound::Bridge) => Given::BridgeChanged,
        Err(NotFound::Operator) => Given::OperatorChanged,
    })
}

/// Frees whoever a call was given to, after so many seconds of talk; none: it was rung in vain. To do so twice changes nothing. Answers
/// the person as it is then, if it had the call.
///
/// # Errors
/// When the store does not answer.
pub async fn give_back(
    ctx: &Ctx,
    tenant: TenantId,
    id: OperatorId,
    call: CallId,
    talk_s: Option<u32>,
) -> Result<Option<Operator>, Error> {
    for _ in 0..TRIES {
        let Some(operator) = ctx.store.operator(tenant, id).await? else {
            return Ok(None);
        };
        let Some(next) = operator.giving_back(call, talk_s, ctx.now()) else {
            return Ok(None);
        };
        if ctx.store.update_operator(&operator, &next).await?.is_ok() {
            return Ok(Some(next));
        }
    }
    Err(busy())
}
