//! A world of two campaigns that share numbers, two dialers that die and freeze, a scheduler, and
//! the carrier's callbacks; run to its end, and judged by the carrier's truth.

use std::{
    collections::HashMap,
    sync::{Arc, atomic::AtomicBool, atomic::Ordering},
    time::Duration as StdDuration,
};

use chrono::Duration;
use trunkline_aws_local::dynamo_memory::Memory;
use trunkline_domain::{Campaign, CampaignState, Instant, call_status::Report, dial::Protocol, id::derived};
use trunkline_queue::{BatchItem, DialJob};
use trunkline_service::{
    Clock, Ctx,
    dialing::{hooks, pump, steer, tick},
};

use crate::{
    carrier::ModelCarrier,
    network::{self, Weather},
    setup::{create_tables, ctx, populate},
};

/// What a world came to; all but the first two are faults.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Verdict {
    pub leads: usize,
    pub posts: usize,
    /// Attempts for which the carrier has more than one call.
    pub doubles: usize,
    /// Pairs of calls to one number that were under way at once.
    pub overlaps: usize,
    /// Leads that are not final at the end.
    pub forgotten: usize,
    /// Campaigns that are not completed at the end.
    pub unfinished: usize,
    /// Slots and places that are held at the end.
    pub leaked: i64,
}

#[derive(Debug)]
struct SimClock(tokio::time::Instant);

#[async_trait::async_trait]
impl Clock for SimClock {
    fn now(&self) -> Instant {
        let began: Instant = "2026-01-05T15:00:00Z".parse().unwrap();
        began + Duration::milliseconds(i64::try_from(self.boot_ms()).unwrap())
    }
    fn boot_ms(&self) -> u64 {
        u64::try_from(self.0.elapsed().as_millis()).unwrap()
    }
    async fn sleep(&self, duration: StdDuration) {
        tokio::time::sleep(duration).await;
    }
}

/// Runs a world to its end.
pub(crate) fn run(seed: u64, protocol: Protocol) -> Verdict {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap();
    runtime.block_on(world(seed, protocol))
}

async fn world(seed: u64, protocol: Protocol) -> Verdict {
    let memory = Memory::open().unwrap();
    let clock: Arc<dyn Clock> = Arc::new(SimClock(tokio::time::Instant::now()));
    let (callbacks, mut told) = tokio::sync::mpsc::unbounded_channel();
    let carrier = Arc::new(ModelCarrier::new(seed, clock.clone(), callbacks));
    let (sent, mut jobs) = tokio::sync::mpsc::unbounded_channel();
    let (parts_memory, parts_sent, parts_clock, parts_carrier) =
        (memory.clone(), sent.clone(), clock.clone(), carrier.clone());
    let party = move |name: &str, weather: Weather| {
        let (memory, sent, clock, carrier) = (&parts_memory, &parts_sent, &parts_clock, &parts_carrier);
        let (client, dead) = network::client(memory, seed ^ u64::from(derived(name).as_fields().0), weather);
        (
            ctx(
                client,
                sent,
                clock,
                carrier,
                seed ^ u64::from(derived(name).as_fields().1),
                protocol,
            ),
            dead,
        )
    };
    let (calm, _) = party("calm", Weather::default());
    create_tables(memory.faultless()).await;
    let campaigns = populate(&calm).await;
    for campaign in &campaigns {
        steer::wake(&calm, campaign).await;
    }
    // Callbacks are requests of their own, each to some instance.
    let hooks = calm.clone();
    tokio::spawn(async move {
        while let Some(callback) = told.recv().await {
            let ctx = hooks.clone();
            tokio::spawn(async move {
                if callback.report == Report::InProgress {
                    let _ = hooks::answered(&ctx, callback.call, callback.epoch, &callback.sid, None).await;
                } else {
                    let _ = hooks::status(
                        &ctx,
                        callback.call,
                        callback.epoch,
                        &callback.sid,
                        callback.report,
                        callback.duration_s,
                    )
                    .await;
                }
            });
        }
    });
    // Two dialers at a time; one that dies leaves its message to come again by visibility.
    let stormy = Weather {
        dies: 4,
        freezes: 6,
        loses: 4,
    };
    let again = sent.clone();
    let mut parties = (0..400).map(move |n| party(&format!("dialer {n}"), stormy));
    tokio::spawn(async move {
        let mut dialers: Vec<(Ctx, Arc<AtomicBool>)> = parties.by_ref().take(2).collect();
        let mut turn = 0;
        while let Some(body) = jobs.recv().await {
            turn += 1;
            let at = turn % dialers.len();
            if dialers[at].1.load(Ordering::Relaxed) {
                let Some(fresh) = parties.next() else { return };
                dialers[at] = fresh;
            }
            let (ctx, dead) = dialers[at].clone();
            let again = again.clone();
            tokio::spawn(async move {
                let item = BatchItem {
                    id: String::new(),
                    body: body.clone(),
                    receive_count: 1,
                };
                let Ok(DialJob::Refill {
                    tenant,
                    campaign,
                    shard,
                }) = item.read::<DialJob>()
                else {
                    return;
                };
                let done = tokio::time::timeout(
                    StdDuration::from_secs(900),
                    pump::refill(&ctx, tenant, campaign, shard),
                )
                .await;
                if dead.load(Ordering::Relaxed) || !matches!(done, Ok(Ok(()))) {
                    tokio::time::sleep(StdDuration::from_secs(30)).await;
                    let _ = again.send(body);
                }
            });
        }
    });
    for _ in 0..500 {
        tokio::time::sleep(StdDuration::from_secs(30)).await;
        // A fault of a tick is the next one's to mend.
        let _ = tick::tick(&calm, false).await;
        let mut over = true;
        for campaign in &campaigns {
            let now = calm
                .store
                .campaign(campaign.tenant, campaign.id)
                .await
                .unwrap()
                .unwrap();
            over &= now.state == CampaignState::Completed;
        }
        if over {
            break;
        }
    }
    // What is still on its way arrives.
    tokio::time::sleep(StdDuration::from_secs(400)).await;
    judge(&calm, &campaigns, &carrier).await
}

async fn judge(ctx: &Ctx, campaigns: &[Campaign], carrier: &ModelCarrier) -> Verdict {
    let calls = carrier.calls();
    let mut verdict = Verdict {
        posts: calls.len(),
        ..Verdict::default()
    };
    let mut by_call: HashMap<_, usize> = HashMap::new();
    for call in &calls {
        *by_call.entry(call.call).or_default() += 1;
    }
    verdict.doubles = by_call.values().filter(|count| **count > 1).count();
    for (at, one) in calls.iter().enumerate() {
        for other in &calls[at + 1..] {
            let end = |call: &crate::carrier::TrueCall| call.ended_at.unwrap_or(Instant::MAX_UTC);
            verdict.overlaps +=
                usize::from(one.to == other.to && one.created_at < end(other) && other.created_at < end(one));
        }
    }
    for campaign in campaigns {
        let now = ctx
            .store
            .campaign(campaign.tenant, campaign.id)
            .await
            .unwrap()
            .unwrap();
        verdict.unfinished += usize::from(now.state != CampaignState::Completed);
        for slot in ctx.store.slots(campaign.id).await.unwrap() {
            verdict.leads += usize::try_from(slot.leads()).unwrap_or(0);
            verdict.leaked += slot.used.abs();
            verdict.forgotten += usize::try_from(slot.open_leads.abs()).unwrap_or(0);
        }
    }
    verdict.leaked += ctx.store.media_used().await.unwrap().abs();
    verdict
}
