//! A desk opens: who may, what it has missed, and what rings now.

use chrono::Duration;
use trunkline_auth::Principal;
use trunkline_domain::{Error, Instant, OperatorId, Role, TenantId, error::Kind, operator::Operator};
use trunkline_events::{Event, EventKind};

use crate::Ctx;

/// How much earlier than a desk's cursor the feed is read: what happened before may have been written later.
const OVERLAP: Duration = Duration::seconds(10);
/// How many events of the feed are looked at for one desk.
const LOOKED_AT: usize = 5_000;
/// How many of them it is told.
const TOLD_MOST: usize = 100;

/// What a desk has missed.
#[derive(Debug, Clone, PartialEq)]
pub struct Missed {
    /// Oldest first.
    pub events: Vec<Event>,
    /// There was more than is told: the oldest are left out.
    pub cut: bool,
}

/// The human agent whose desk is asked for: one's own, or as a manager any of the tenant's.
///
/// # Errors
/// [`Error::Invalid`] names an id that is none; [`Error::Forbidden`] for another tenant or another's desk; [`Error::NotFound`].
pub async fn may_join(ctx: &Ctx, who: &Principal, agent: &str, tenant: &str) -> Result<Operator, Error> {
    let id: OperatorId = agent
        .parse()
        .map_err(|_| Error::invalid("agentId", "this is no id of an agent"))?;
    let tenant: TenantId = tenant
        .parse()
        .map_err(|_| Error::invalid("tenantId", "this is no id of a tenant"))?;
    if tenant != who.tenant {
        let what = "this is another tenant's; join with your own tenant's id";
        return Err(Error::Forbidden(what.to_owned()));
    }
    let operator = ctx.store.operator(tenant, id).await?;
    let operator = operator.ok_or(Error::NotFound(Kind::Operator))?;
    let is_own = operator.email.as_deref() == Some(who.email.as_str());
    if is_own || who.role.rank() >= Role::Manager.rank() {
        Ok(operator)
    } else {
        let what = "this desk is another agent's; it is open to that agent and to managers";
        Err(Error::Forbidden(what.to_owned()))
    }
}

/// What a desk has missed since then: its own calls, and the tenant's statuses. At most the last hour.
///
/// # Errors
/// When the store does not answer.
pub async fn missed(ctx: &Ctx, tenant: TenantId, desk: OperatorId, since: Instant) -> Result<Missed, Error> {
    let (found, more) = ctx.store.desk_feed(tenant, since - OVERLAP, LOOKED_AT).await?;
    let mut events: Vec<Event> = found
        .into_iter()
        .map(|fed| fed.ev)
        .filter(|event| event.kind == EventKind::OperatorStatus || event.operator == Some(desk))
        .collect();
    let over = events.len().saturating_sub(TOLD_MOST);
    events.drain(..over);
    Ok(Missed {
        events,
        cut: more || over > 0,
    })
}

/// What says that a human agent's telephone rings, or that it talks, of the calls that it has now: a desk that opens late still gets its card.
///
/// # Errors
/// When the store does not answer.
pub async fn ringing(ctx: &Ctx, tenant: TenantId, desk: OperatorId) -> Result<Vec<Event>, Error> {
    let Some(operator) = ctx.store.operator(tenant, desk).await? else {
        return Ok(Vec::new());
    };
    let mut found = Vec::new();
    for call in operator.calls {
        let Some(bridge) = ctx.store.bridge(call).await? else {
            continue;
        };
        if bridge.tenant == tenant && bridge.leg().is_some_and(|leg| leg.operator == desk) {
            // Later than the one that said so first, and before the one that will say that it is over.
            found.push(Event::of_desk(
                EventKind::OperatorRung,
                tenant,
                call.0,
                desk,
                bridge.version,
                ctx.now(),
            ));
        }
    }
    Ok(found)
}
