//! The clock's part: campaigns whose time has come, pumps that nobody woke, calls that nobody
//! tells about.

use futures::stream::{self, StreamExt};
use trunkline_domain::{CampaignState, campaign::Move};
use trunkline_store::{StoreError, ToCheck};

use super::{settle, steer};
use crate::{Ctx, bridging};

/// Calls that are looked after at once.
const AT_ONCE: usize = 8;
/// Calls that a tick reads of each shard.
const A_SHARD: i32 = 500;

/// What a tick did, for the log.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Ticked {
    /// Campaigns whose start time had come.
    pub started: usize,
    /// Campaigns whose pumps were woken.
    pub woken: usize,
    /// Calls that were looked after.
    pub checked: usize,
    /// Of these, calls that could not be looked after now.
    pub faults: usize,
}

/// Does what is due. `start`: the first tick of a process, which looks after every unfinished call.
///
/// # Errors
/// When the store does not answer at all.
pub async fn tick(ctx: &Ctx, start: bool) -> Result<Ticked, StoreError> {
    let now = ctx.now();
    let mut done = Ticked::default();
    for (tenant, id) in ctx.store.campaigns_to_wake(now).await? {
        let Some(campaign) = ctx.store.campaign(tenant, id).await? else {
            continue;
        };
        let campaign = if campaign.state == CampaignState::Scheduled {
            // Over before it began, or somebody else's write: the next tick sees it as it is.
            let Ok(state) = campaign.after(Move::Launch, now) else {
                continue;
            };
            let mut next = campaign.clone();
            next.state = state;
            next.version += 1;
            next.updated_at = now;
            match ctx
                .store
                .update_campaign(&next, steer::event(&next, Move::Launch, campaign.state).as_ref())
                .await
            {
                Ok(()) => done.started += 1,
                Err(error) if error.is_condition() => continue,
                Err(error) => return Err(error),
            }
            next
        } else {
            campaign
        };
        if campaign.state == CampaignState::Active {
            steer::wake(ctx, &campaign).await;
            done.woken += 1;
        }
    }
    let due = if start {
        ctx.store.unfinished(A_SHARD).await?
    } else {
        ctx.store.to_check(now, A_SHARD).await?
    };
    let mut checks = stream::iter(due)
        .map(|due| async move {
            match due {
                ToCheck::Call(id) => (id, settle::check(ctx, id, start).await),
                ToCheck::Bridge(id) => {
                    bridging::send_check(ctx, id).await;
                    (id, Ok(()))
                }
            }
        })
        .buffer_unordered(AT_ONCE);
    while let Some((id, result)) = checks.next().await {
        done.checked += 1;
        if let Err(error) = result {
            done.faults += 1;
            tracing::warn!(call.id = %id, "a call could not be looked after: {error}");
        }
    }
    Ok(done)
}
