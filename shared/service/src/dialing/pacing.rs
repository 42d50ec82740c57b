//! How many calls a campaign may let ring for its human agents, and who looks again when one of them is free.
//!
//! [`trunkline_domain::pacing`] decides; here is read what it decides by. All that dial for the same people keep to one count of ringing calls,
//! which claims hold to (`store::dialing::people`), so that neither shards nor campaigns dial for the same free person twice.

use chrono::Duration;
use futures::{StreamExt, future::try_join_all, stream};
use trunkline_domain::{
    AnsweredBy, Call, CallId, Campaign, CampaignId, Instant, Outcome, TenantId,
    counters::{ABANDONED, DURATION_S, outcome_counter},
    id::GroupId,
    pacing::{Gauge, Pacing, dial_now},
};
use trunkline_queue::DialJob;
use trunkline_store::{
    Period, Scope, StoreError,
    counters::quarters::{quarter, quarter_of},
    dialing::people::{Answered, Bound, Dialling, Ringing},
};

use super::fold;
use crate::{Ctx, operators::LOOKED_AT};

/// Campaigns that may share people and still dial ahead of them.
const SHARED_BY: usize = 8;
/// Shards that are told at once.
const AT_ONCE: usize = 8;
/// How long the law looks back.
const MONTH: Duration = Duration::days(30);
/// By then every call that was made is over, and counted.
const ALL_OVER: Duration = Duration::hours(1);

/// A group's people now.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct People {
    /// Calls that they could take now, those left out that wait for them already.
    pub free: u32,
    /// How many of them talk, or are rung.
    pub talking: u32,
    /// Calls that ring for them.
    pub ringing: Ringing,
}

impl People {
    /// Whether anybody is there: free, or in a call.
    #[must_use]
    pub const fn at_work(&self) -> bool {
        self.free > 0 || self.talking > 0
    }
}

/// What a campaign may dial for its people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Room {
    /// How many numbers more.
    pub more: u32,
    /// What each claim is held to.
    pub bound: Bound,
    /// The people.
    pub people: People,
}

/// What a campaign may dial now; none: an AI agent takes its calls, and nobody is to be waited for.
///
/// # Errors
/// When the store does not answer.
pub async fn room(ctx: &Ctx, campaign: &Campaign, now: Instant) -> Result<Option<Room>, StoreError> {
    let Some(group) = campaign.people() else {
        return Ok(None);
    };
    let people = Box::pin(people(ctx, campaign.tenant, group, now)).await?;
    let more = if people.at_work() {
        more(ctx, campaign, group, &people, now).await?
    } else {
        0
    };
    Ok(Some(Room {
        more,
        bound: Bound {
            group,
            most: people.ringing.calls + i64::from(more),
            taken: people.ringing.taken,
        },
        people,
    }))
}

/// Who of a group is there. The count of ringing calls is read first: whoever is taken after that refuses claims under it.
async fn people(ctx: &Ctx, tenant: TenantId, group: GroupId, now: Instant) -> Result<People, StoreError> {
    let ringing = ctx.store.ringing(tenant, group).await?;
    let (idle, busy, waiting) = futures::try_join!(
        ctx.store.idle_operators(tenant, group, LOOKED_AT),
        ctx.store.count_busy_operators(tenant, group, LOOKED_AT),
        ctx.store.waiting_for(tenant, group, LOOKED_AT),
    )?;
    // The index may be a moment behind the rows.
    let idle = ctx.store.operators_by_id(tenant, idle).await?;
    let (mut free, mut talking) = (0, busy);
    for operator in idle {
        let calls = count(operator.calls.len());
        talking += calls.min(1);
        if operator.group == group && operator.is_free() && operator.at_work(now) {
            free += operator.max_concurrent_calls - calls;
        }
    }
    Ok(People {
        free: free.saturating_sub(count(waiting.len())),
        talking,
        ringing,
    })
}

/// Only as far ahead as the most careful of the campaigns that dial for these people: whom one keeps waiting may be another's.
async fn more(
    ctx: &Ctx,
    campaign: &Campaign,
    group: GroupId,
    people: &People,
    now: Instant,
) -> Result<u32, StoreError> {
    let gauge = Gauge {
        free: people.free,
        talking: people.talking,
        in_flight: u32::try_from(people.ringing.calls.max(0)).unwrap_or(u32::MAX),
        ..Gauge::default()
    };
    let one_each = dial_now(Pacing::Progressive, &gauge);
    if campaign.pacing == Pacing::Progressive {
        return Ok(one_each);
    }
    let mut sharing = ctx.store.dialling_for(campaign.tenant, group).await?;
    sharing.retain(|other| other.campaign != campaign.id);
    let careful = sharing.iter().any(|other| other.pacing == Pacing::Progressive);
    if careful || sharing.len() > SHARED_BY {
        return Ok(one_each);
    }
    let shared = !sharing.is_empty();
    let campaigns = sharing.iter().map(|other| other.campaign).chain([campaign.id]);
    let gauges = campaigns.map(|id| of_campaign(ctx, campaign.tenant, id, Gauge { shared, ..gauge }, now));
    let gauges = try_join_all(gauges).await?;
    let ahead = gauges.iter().map(|gauge| dial_now(Pacing::Predictive, gauge));
    Ok(ahead.min().unwrap_or(one_each))
}

/// With what is known of a campaign's own calls.
async fn of_campaign(
    ctx: &Ctx,
    tenant: TenantId,
    id: CampaignId,
    gauge: Gauge,
    now: Instant,
) -> Result<Gauge, StoreError> {
    let (latest, month) = futures::try_join!(ctx.store.latest(id, now), month(ctx, tenant, id, now))?;
    let sum = |sum: i64| u32::try_from(sum.max(0)).unwrap_or(u32::MAX);
    let mean_s = |total: f64, of: i64| if of > 0 { total / f64::from(sum(of)) } else { 0.0 };
    Ok(Gauge {
        recent_placed: sum(latest.over),
        recent_answered: sum(latest.answered),
        answered: sum(month.calls),
        abandoned: sum(month.abandoned),
        mean_answer_s: mean_s(f64::from(sum(latest.rang_ms)) / 1_000.0, latest.answered),
        // What machines took is in it too: taken for longer than they are, people are not expected too soon.
        mean_busy_s: mean_s(f64::from(sum(month.lasted_s)), month.calls),
        ..gauge
    })
}

const ANSWERED: &str = outcome_counter(Outcome::Answered);

/// A campaign's answered calls of 30 days. What is older than an hour changes no more, and is summed once a quarter of an hour.
async fn month(ctx: &Ctx, tenant: TenantId, id: CampaignId, now: Instant) -> Result<Answered, StoreError> {
    let upto = quarter_of(now) - ALL_OVER;
    let lately = sum(ctx, tenant, id, upto, quarter_of(now) + quarter());
    let (lately, known) = futures::try_join!(lately, ctx.store.summed_month(id, upto))?;
    let before = if let Some(known) = known {
        known
    } else {
        let summed = sum(ctx, tenant, id, quarter_of(now) - MONTH, upto).await?;
        ctx.store.keep_month(id, upto, &summed).await?;
        summed
    };
    Ok(Answered {
        calls: before.calls + lately.calls,
        abandoned: before.abandoned + lately.abandoned,
        lasted_s: before.lasted_s + lately.lasted_s,
    })
}

async fn sum(
    ctx: &Ctx,
    tenant: TenantId,
    id: CampaignId,
    from: Instant,
    before: Instant,
) -> Result<Answered, StoreError> {
    let period = Period {
        from: Some(from),
        before: Some(before),
    };
    let names = [ANSWERED, ABANDONED, DURATION_S];
    let scope = Scope::Campaign(id);
    let found = ctx.store.sums_by(tenant, scope, period, &names, |_| ()).await?;
    let sums = found.into_values().next().unwrap_or_default();
    Ok(Answered {
        calls: sums.get(ANSWERED),
        abandoned: sums.get(ABANDONED),
        lasted_s: sums.get(DURATION_S),
    })
}

/// Somebody of a group can take a call, or fewer calls ring for it than before: all that dial for it look again. A hint that is lost comes with
/// the clock's next tick.
pub async fn somebody_free(ctx: &Ctx, tenant: TenantId, group: GroupId) {
    let campaigns = match ctx.store.dialling_for(tenant, group).await {
        Ok(campaigns) => campaigns,
        Err(error) => {
            tracing::warn!(group.id = %group, "no campaign was told that somebody is free: {error}");
            return;
        }
    };
    let mut shards: Vec<(CampaignId, u32)> = campaigns
        .into_iter()
        .flat_map(|Dialling { campaign, shards, .. }| (0..shards).map(move |shard| (campaign, shard)))
        .collect();
    // Who is told first dials first: each time another one, or one would dial for all the others' people.
    let first = usize::try_from(ctx.ids.uuid().as_u128() % 1_000).unwrap_or(0);
    let first = first.checked_rem(shards.len()).unwrap_or(0);
    shards.rotate_left(first);
    stream::iter(shards)
        .for_each_concurrent(AT_ONCE, |(campaign, shard)| {
            look_again(ctx, tenant, campaign, shard)
        })
        .await;
}

async fn look_again(ctx: &Ctx, tenant: TenantId, campaign: CampaignId, shard: u32) {
    // Whoever works the shard just now has looked already who is free.
    if let Err(error) = ctx.store.touch_shard(campaign, shard).await {
        // It is being written, so whoever works it looks again anyway.
        tracing::debug!(campaign.id = %campaign, "the shard could not be touched: {error}");
    }
    let job = DialJob::Refill {
        tenant,
        campaign,
        shard,
    };
    if let Err(error) = ctx.queues.dial(&job, 0).await {
        tracing::warn!(campaign.id = %campaign, "not told that somebody is free: {error}");
    }
}

/// A call that rang for human agents is answered and looked after: one of them has it or it waits for one, or nobody has to come.
pub(super) async fn answered(ctx: &Ctx, call: &Call) {
    let Some(group) = call.rings_for() else { return };
    if let Err(error) = taken(ctx, call.id).await {
        // Its end says so.
        tracing::warn!(call.id = %call.id, "an answered call still counts as ringing: {error}");
    }
    if call.answered_by.is_some_and(AnsweredBy::is_machine) {
        somebody_free(ctx, call.tenant, group).await;
    }
}

/// It counts no more as ringing for them. To say so twice changes nothing.
///
/// # Errors
/// When the store does not answer.
pub async fn taken(ctx: &Ctx, id: CallId) -> Result<(), StoreError> {
    fold::change(ctx, id, |call| {
        call.rings_for().is_some().then(|| Call {
            taken: true,
            ..call.clone()
        })
    })
    .await
    .map(|_| ())
}

fn count(of: usize) -> u32 {
    u32::try_from(of).unwrap_or(u32::MAX)
}
