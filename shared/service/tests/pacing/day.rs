//! A stretch of a day: campaigns are launched, people work, and at the end all that rings comes to its end.

use std::{sync::Arc, time::Duration};

use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use trunkline_aws_local::dynamo_memory::client;
use trunkline_domain::{Instant, pacing::Pacing};
use trunkline_queue::{BatchItem, BridgeJob, DialJob};
use trunkline_service::{
    Clock, Ctx, bridging,
    dialing::{pump, steer},
};

pub(crate) use crate::phones::Day;
use crate::{
    phones::Phones,
    setup::{ctx, group, manager, person, populate, tenant},
};

/// A campaign of a scene.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Campaign {
    pub pacing: Pacing,
    pub max_concurrent_calls: u32,
}

/// What a day is like.
#[derive(Debug, Clone)]
pub(crate) struct Scene {
    pub seed: u64,
    pub campaigns: Vec<Campaign>,
    pub people: usize,
    /// Of each campaign.
    pub leads: usize,
    pub minutes: u64,
    pub answer_rate: f64,
    /// Calls of each campaign that were answered before, and of these abandoned.
    pub past: (u32, u32),
    /// Nobody is there in the first minutes.
    pub away_for_min: Option<u64>,
}

impl Scene {
    pub(crate) fn new(campaigns: Vec<Campaign>) -> Self {
        Self {
            seed: 0,
            campaigns,
            people: 7,
            leads: 400,
            minutes: 8,
            answer_rate: 0.25,
            past: (0, 0),
            away_for_min: None,
        }
    }
}

#[derive(Debug)]
struct VirtualClock(tokio::time::Instant);

#[async_trait::async_trait]
impl Clock for VirtualClock {
    fn now(&self) -> Instant {
        let began: Instant = "2026-01-05T15:00:00Z".parse().unwrap();
        began + chrono::Duration::milliseconds(i64::try_from(self.boot_ms()).unwrap())
    }
    fn boot_ms(&self) -> u64 {
        u64::try_from(self.0.elapsed().as_millis()).unwrap()
    }
    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }
}

/// Runs a day on a clock that jumps to the next event.
pub(crate) fn run(scene: Scene) -> Day {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap();
    runtime.block_on(day(scene))
}

async fn day(scene: Scene) -> Day {
    let memory = trunkline_testing::memory();
    let db = client(memory.faultless());
    // Whatever is made ready before the day takes none of it.
    let setting_up: Arc<dyn Clock> = Arc::new(VirtualClock(tokio::time::Instant::now()));
    let phones = |clock: &Arc<dyn Clock>| {
        Arc::new(Phones::new(
            scene.seed,
            clock.clone(),
            scene.answer_rate,
            scene.past,
        ))
    };
    let (sent, jobs) = unbounded_channel();
    let made = ctx(
        &memory,
        scene.seed,
        setting_up.clone(),
        phones(&setting_up),
        sent.clone(),
    );
    let campaigns = populate(&made, &db, &scene).await;
    let clock: Arc<dyn Clock> = Arc::new(VirtualClock(tokio::time::Instant::now()));
    let phones = phones(&clock);
    let ctx = ctx(&memory, scene.seed, clock, phones.clone(), sent);
    phones.serve(
        ctx.clone(),
        campaigns.iter().map(|campaign| campaign.id).collect(),
    );
    let people: Vec<_> = (0..scene.people).map(|n| person(n, &scene, ctx.now())).collect();
    if scene.away_for_min.is_none() {
        for person in &people {
            phones.is_free(person.id, i64::from(person.max_concurrent_calls));
        }
    }
    tokio::spawn(work(jobs, ctx.clone()));
    for campaign in &campaigns {
        steer::launch(&ctx, &manager(), campaign.id).await.unwrap();
    }
    for minute in 0..scene.minutes {
        if scene.away_for_min == Some(minute) {
            phones
                .begin(people.iter().map(|person| person.id).collect())
                .await;
        }
        tokio::time::sleep(Duration::from_secs(60)).await;
        for campaign in &campaigns {
            // The clock's tick.
            let now = ctx.store.campaign(tenant(), campaign.id).await.unwrap();
            steer::wake(&ctx, &now.unwrap()).await;
        }
    }
    for campaign in &campaigns {
        steer::pause(&ctx, &manager(), campaign.id).await.unwrap();
    }
    tokio::time::sleep(Duration::from_secs(600)).await;
    Day {
        still_ringing: ctx.store.ringing(tenant(), group()).await.unwrap().calls,
        ..phones.day()
    }
}

/// The dialers, and those who bring people together: each message is somebody's at once.
async fn work(mut jobs: UnboundedReceiver<String>, ctx: Ctx) {
    while let Some(body) = jobs.recv().await {
        let item = BatchItem {
            id: String::new(),
            body,
            receive_count: 1,
        };
        let ctx = ctx.clone();
        tokio::spawn(async move {
            let dial = match item.read() {
                Ok(DialJob::Refill {
                    tenant,
                    campaign,
                    shard,
                }) => pump::refill(&ctx, tenant, campaign, shard)
                    .await
                    .map_err(|error| error.to_string()),
                Ok(_) | Err(_) => match item.read().expect("a message of one of the two queues") {
                    BridgeJob::Work { call, free } => bridging::work(&ctx, call, free)
                        .await
                        .map_err(|error| error.to_string()),
                    BridgeJob::Check { .. } => Ok(()),
                },
            };
            assert_eq!(dial, Ok(()), "store and carrier are there");
        });
    }
}
