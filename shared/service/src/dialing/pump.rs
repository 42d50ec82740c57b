//! The pump: one dialer at a time takes a shard's ready leads to the carrier, as fast as slots,
//! media capacity and the carrier's rate allow.

use std::time::Duration;

use futures::stream::{self, StreamExt};
use trunkline_domain::{
    Campaign, CampaignId, Instant, LeadStatus, TenantId,
    dial::{LEASE, PUMP_FOR},
    lead::BUCKETS,
};
use trunkline_events::{Event, EventKind};
use trunkline_queue::DialJob;
use trunkline_store::{
    Slot, StoreError,
    dialing::{capacity::MediaCapacity, people::Bound},
};

use super::{
    pacing, permit,
    place::{Placed, close, place},
    rules,
    window::{is_open, windows},
};
use crate::Ctx;

/// Leads that are claimed and asked for at once: each waits for its own answers.
const AT_ONCE: usize = 16;

/// When all human agents talk: they wake the pump themselves, so this is for a word of theirs that was lost.
const LOOK_AFTER: Duration = Duration::from_secs(15);

/// Works a shard until nothing more can be dialled now. A `Refill` is only a hint, so whatever is
/// found is right: nothing to do, somebody else at it, a campaign that is over.
///
/// # Errors
/// When the store does not answer; the message then comes again.
pub async fn refill(ctx: &Ctx, tenant: TenantId, id: CampaignId, shard: u32) -> Result<(), StoreError> {
    let owner = ctx.ids.uuid().to_string();
    let began = ctx.now();
    if !ctx
        .store
        .take_pump(id, shard, &owner, began, began + LEASE)
        .await?
    {
        return Ok(());
    }
    let mut renewed = began;
    loop {
        let now = ctx.now();
        if now - renewed > LEASE / 4 {
            if !ctx.store.take_pump(id, shard, &owner, now, now + LEASE).await? {
                return Ok(());
            }
            renewed = now;
        }
        let Some(campaign) = ctx.store.campaign(tenant, id).await? else {
            return Ok(());
        };
        let Some(slot) = ctx.store.slot(id, shard).await? else {
            return Ok(());
        };
        let round = round(ctx, &campaign, shard, &slot).await?;
        let spent = ctx.now() - began >= PUMP_FOR;
        let more = matches!(round, Round::More);
        if more && !spent {
            continue;
        }
        if let Round::Later(wait) = round {
            wake(ctx, &campaign, shard, wait).await?;
        }
        // What came since the shard was read would else wait for the tick.
        if !more && ctx.store.release_pump(id, shard, &owner, slot.ver).await? {
            return Ok(());
        }
        if spent {
            // Others have waited for this process; whoever takes the message goes on, and finds the lease free.
            ctx.store.yield_pump(id, shard, &owner).await?;
            return wake(ctx, &campaign, shard, Duration::ZERO).await;
        }
    }
}

/// What a round found.
enum Round {
    /// Something was dialled, or tried: look again.
    More,
    /// Nothing now; something after this long.
    Later(Duration),
    /// Nothing until somebody changes something.
    Nothing,
}

async fn round(ctx: &Ctx, campaign: &Campaign, shard: u32, slot: &Slot) -> Result<Round, StoreError> {
    let now = ctx.now();
    if !rules::dials(campaign, slot) {
        return Ok(Round::Nothing);
    }
    if slot.open_leads == 0 && slot.used == 0 {
        complete(ctx, campaign).await?;
        return Ok(Round::Nothing);
    }
    if campaign.is_over(now) {
        return Ok(Round::Nothing);
    }
    let free = usize::try_from(slot.free()).unwrap_or(0);
    if free == 0 {
        return Ok(Round::Nothing);
    }
    let people = pacing::room(ctx, campaign, now).await?;
    let free = people.map_or(free, |room| free.min(usize::try_from(room.more).unwrap_or(free)));
    if let (0, Some(room)) = (free, &people) {
        // Whoever is free next wakes this; shifts begin with the tick.
        return Ok(if room.people.at_work() {
            Round::Later(LOOK_AFTER)
        } else {
            Round::Nothing
        });
    }
    let Some(tenant) = permit::granted(ctx, campaign.tenant, slot.used).await? else {
        // The tick looks again, and so sees a new grant or a new day.
        return Ok(Round::Nothing);
    };
    let capacity = ctx.store.media_capacity(now).await?;
    let places = usize::try_from(capacity.free(ctx.store.media_used().await?)).unwrap_or(0);
    if places == 0 {
        return Ok(Round::Later(Duration::from_secs(2)));
    }
    let windows = windows(campaign, &slot.zones, ctx.settings.legal_windows, now);
    let shards = campaign.shards.max(1);
    let buckets = (0..BUCKETS).filter(|bucket| bucket % shards == shard);
    // Of no more than the carrier takes in a moment: who waits longer for it would be judged by what was true before.
    let starts = ctx
        .settings
        .carrier_cps
        .and_then(|rate| usize::try_from(rate).ok());
    let starts = starts.map_or(usize::MAX, |rate| rate.saturating_mul(2).max(1));
    let wanted = free.min(places).min(AT_ONCE * 4).min(starts);
    let ready = ctx
        .store
        .ready_leads(campaign.tenant, campaign.id, buckets, &windows.open, now, wanted)
        .await?;
    if ready.leads.is_empty() {
        let next = [ready.next_due, windows.next_opening].into_iter().flatten().min();
        return Ok(next.map_or(Round::Nothing, |at| Round::Later(until(now, at))));
    }
    let (leads, elsewhere) = permit::by_country(&tenant, ready.leads);
    for lead in &elsewhere {
        tracing::warn!(lead.id = %lead.id, "not dialled: the tenant was not granted this number's country");
        close(ctx, campaign, lead, LeadStatus::Failed).await?;
    }
    if leads.is_empty() {
        return Ok(Round::More);
    }
    let bound = people.map(|room| room.bound);
    dial_all(ctx, campaign, leads, capacity, bound).await
}

/// Claims and asks for these leads, some at once; stops claiming when the carrier or the slots say so.
async fn dial_all(
    ctx: &Ctx,
    campaign: &Campaign,
    leads: Vec<trunkline_domain::Lead>,
    capacity: MediaCapacity,
    bound: Option<Bound>,
) -> Result<Round, StoreError> {
    let stop = std::sync::atomic::AtomicBool::new(false);
    let stop = &stop;
    let mut outcomes = stream::iter(leads)
        .map(|lead| async move {
            if stop.load(std::sync::atomic::Ordering::Relaxed) || !pace(ctx).await? {
                return Ok(None);
            }
            // The carrier's rate may have kept it waiting until its window was about to end.
            if !is_open(campaign, &lead.zone_key, ctx.settings.legal_windows, ctx.now()) {
                return Ok(None);
            }
            Box::pin(place(ctx, campaign, &lead, capacity, bound))
                .await
                .map(Some)
        })
        .buffer_unordered(AT_ONCE);
    let (mut moved, mut full, mut nobody, mut slow) = (false, false, false, None::<u32>);
    let mut fault = None;
    while let Some(outcome) = outcomes.next().await {
        match outcome {
            Ok(Some(Placed::Asked | Placed::Passed)) => moved = true,
            Ok(Some(Placed::Full)) => full = true,
            Ok(Some(Placed::NobodyFree)) => nobody = true,
            Ok(Some(Placed::SlowDown(wait_s))) => {
                slow = Some(slow.map_or(wait_s, |known: u32| known.max(wait_s)))
            }
            Ok(None) => {}
            Err(error) => fault = Some(error),
        }
        if full || nobody || slow.is_some() || fault.is_some() {
            stop.store(true, std::sync::atomic::Ordering::Relaxed);
        }
    }
    match (fault, slow) {
        (Some(error), _) => Err(error),
        (None, Some(wait_s)) => Ok(Round::Later(Duration::from_secs(u64::from(wait_s)))),
        (None, None) if full => Ok(Round::Later(Duration::from_secs(2))),
        // Whoever was quicker has dialled for them: who is free is read anew.
        (None, None) if moved || nobody => Ok(Round::More),
        (None, None) => Ok(Round::Later(Duration::from_secs(1))),
    }
}

/// Waits for a start that the carrier's rate allows. `false`: not within a few seconds.
pub(crate) async fn pace(ctx: &Ctx) -> Result<bool, StoreError> {
    let Some(per_second) = ctx.settings.carrier_cps else {
        return Ok(true);
    };
    for _ in 0..32 {
        let now = ctx.now();
        if let Some(at) = ctx
            .store
            .take_start(ctx.carrier.account(), per_second, now)
            .await?
        {
            let wait = until(now, at);
            if wait > Duration::from_secs(20) {
                return Ok(false);
            }
            ctx.clock.sleep(wait).await;
            return Ok(true);
        }
    }
    Ok(false)
}

/// Marks a campaign without anything left as completed; another shard may still have something.
async fn complete(ctx: &Ctx, campaign: &Campaign) -> Result<(), StoreError> {
    let now = ctx.now();
    let Ok(state) = campaign.after(trunkline_domain::campaign::Move::Complete, now) else {
        return Ok(());
    };
    let mut done = campaign.clone();
    done.state = state;
    done.version += 1;
    done.updated_at = now;
    done.ended_at = Some(now);
    let event = Event::new(
        EventKind::CampaignCompleted,
        done.tenant,
        done.id.0,
        done.version,
        now,
    );
    if ctx.store.complete_campaign(&done, &event).await? {
        tracing::info!(campaign.id = %done.id, "campaign completed");
    }
    Ok(())
}

/// Sends a wake-up for then, unless one is on its way that comes no later.
async fn wake(ctx: &Ctx, campaign: &Campaign, shard: u32, wait: Duration) -> Result<(), StoreError> {
    let delay_s = u16::try_from(wait.as_secs().min(900)).unwrap_or(900);
    let now = ctx.now();
    let at = now + chrono::Duration::seconds(i64::from(delay_s));
    if !wait.is_zero() && !ctx.store.plan_wake(campaign.id, shard, now, at).await? {
        return Ok(());
    }
    let job = DialJob::Refill {
        tenant: campaign.tenant,
        campaign: campaign.id,
        shard,
    };
    if let Err(error) = ctx.queues.dial(&job, delay_s).await {
        // Only a hint is lost: the tick looks at every active campaign.
        tracing::warn!(campaign.id = %campaign.id, "no wake-up sent: {error}");
    }
    Ok(())
}

/// From `now` until then, rounded up to a second, since a queue counts in seconds.
fn until(now: Instant, at: Instant) -> Duration {
    let ms = u64::try_from((at - now).num_milliseconds().max(0)).unwrap_or(0);
    Duration::from_millis(ms.div_ceil(1_000) * 1_000)
}
