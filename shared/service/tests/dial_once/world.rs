//! A world: campaigns that share numbers, two dialers that die and freeze, a scheduler, a user, and
//! the carrier's callbacks; run to its end, and judged.

use std::{
    sync::{Arc, atomic::AtomicBool, atomic::Ordering},
    time::Duration as StdDuration,
};

use chrono::Duration;
use rand::{Rng, SeedableRng, rngs::StdRng};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use trunkline_aws_local::dynamo_memory::{Memory, client};
use trunkline_domain::{Campaign, CampaignState, Instant, call_status::Report, dial::Protocol, id::derived};
use trunkline_queue::{BatchItem, DialJob};
use trunkline_service::{
    Clock, Ctx,
    dialing::{hooks, opt_out, pump, steer, tick},
};

use crate::{
    audit::Audit,
    carrier::{Callback, Line, ModelCarrier},
    network,
    scene::{Scene, Weather},
    setup::{create_tenant, ctx, lead_number, manager, populate},
    verdict::{Verdict, judge},
};

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
pub(crate) fn run(seed: u64, scene: &Scene) -> Verdict {
    on_virtual_clock(world(seed, scene))
}

/// Runs something on a clock that jumps to the next event.
pub(crate) fn on_virtual_clock<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap();
    runtime.block_on(future)
}

async fn world(seed: u64, scene: &Scene) -> Verdict {
    let (mut parties, calm, campaigns) = Parties::started(seed, scene).await;
    let (told, jobs) = (parties.told.take().unwrap(), parties.jobs.take().unwrap());
    let parties = Arc::new(parties);
    let of = |role, weather, at_once| Crew::new(parties.clone(), role, weather, at_once);
    let hooks = of("hook", scene.hooks, 2);
    let dialers = of("dialer", scene.dialers, 2);
    let mut scheduler = of("scheduler", scene.scheduler, 1);
    let (hook_died, dialer_died) = (hooks.died.clone(), dialers.died.clone());
    tokio::spawn(hear(told, hooks));
    tokio::spawn(work(jobs, parties.sent.clone(), dialers));
    if scene.user {
        tokio::spawn(steer_about(calm.clone(), campaigns.clone(), seed));
    }
    let mut start = true;
    for _ in 0..20_000 / scene.tick_s {
        tokio::time::sleep(StdDuration::from_secs(scene.tick_s)).await;
        let ctx = scheduler.next();
        // A fault of a tick is the next one's to mend; one that hangs is killed, as Lambda would.
        let done = tokio::time::timeout(StdDuration::from_secs(120), tick::tick(&ctx, start)).await;
        start = done.is_err();
        if over(&calm, &campaigns).await {
            break;
        }
    }
    // What is still on its way arrives.
    tokio::time::sleep(StdDuration::from_secs(400)).await;
    let died = [&hook_died, &dialer_died, &scheduler.died]
        .iter()
        .any(|died| died.load(Ordering::Relaxed));
    judge(&calm, &campaigns, &parties.carrier, &parties.audit, died).await
}

async fn over(ctx: &Ctx, campaigns: &[Campaign]) -> bool {
    for campaign in campaigns {
        let now = ctx.store.campaign(campaign.tenant, campaign.id).await.unwrap();
        if now.unwrap().state != CampaignState::Completed {
            return false;
        }
    }
    true
}

/// What every party of a world is given.
pub(crate) struct Parties {
    seed: u64,
    protocol: Protocol,
    memory: Memory,
    clock: Arc<dyn Clock>,
    pub(crate) audit: Arc<Audit>,
    pub(crate) carrier: Arc<ModelCarrier>,
    sent: UnboundedSender<String>,
    /// What the carrier tells.
    told: Option<UnboundedReceiver<Callback>>,
    /// What is on the dial queue.
    jobs: Option<UnboundedReceiver<String>>,
}

impl Parties {
    /// A world with its tables and its campaigns, launched; and a party that nothing happens to.
    pub(crate) async fn started(seed: u64, scene: &Scene) -> (Self, Ctx, Vec<Campaign>) {
        let parties = Self::new(seed, scene);
        create_tenant(&client(parties.memory.faultless())).await;
        let (calm, _) = parties.party("calm", Weather::default());
        let campaigns = populate(&calm, scene).await;
        (parties, calm, campaigns)
    }

    fn new(seed: u64, scene: &Scene) -> Self {
        let (callbacks, told) = unbounded_channel();
        let (sent, jobs) = unbounded_channel();
        let clock: Arc<dyn Clock> = Arc::new(SimClock(tokio::time::Instant::now()));
        let audit = Arc::new(Audit::new(clock.clone(), scene.protocol));
        Self {
            seed,
            protocol: scene.protocol,
            memory: trunkline_testing::memory(),
            carrier: Arc::new(ModelCarrier::new(
                seed,
                scene.carrier.clone(),
                clock.clone(),
                audit.clone(),
                callbacks,
            )),
            clock,
            audit,
            sent,
            told: Some(told),
            jobs: Some(jobs),
        }
    }

    pub(crate) fn party(&self, name: &str, weather: Weather) -> (Ctx, Arc<AtomicBool>) {
        let own = derived(name).as_u64_pair();
        let (client, dead) = network::client(&self.memory, &self.audit, self.seed ^ own.0, weather);
        let line = Line {
            carrier: self.carrier.clone(),
            dead: dead.clone(),
        };
        let ctx = ctx(
            client,
            &self.sent,
            &self.clock,
            line,
            self.seed ^ own.1,
            self.protocol,
        );
        (ctx, dead)
    }
}

/// Parties of one role that take turns; one that died is replaced.
struct Crew {
    parties: Arc<Parties>,
    role: &'static str,
    weather: Weather,
    members: Vec<(Ctx, Arc<AtomicBool>)>,
    hired: usize,
    turn: usize,
    died: Arc<AtomicBool>,
}

impl Crew {
    fn new(parties: Arc<Parties>, role: &'static str, weather: Weather, at_once: usize) -> Self {
        let mut crew = Self {
            parties,
            role,
            weather,
            members: Vec::new(),
            hired: 0,
            turn: 0,
            died: Arc::new(AtomicBool::new(false)),
        };
        crew.members = (0..at_once).map(|_| crew.hire()).collect();
        crew
    }

    fn hire(&mut self) -> (Ctx, Arc<AtomicBool>) {
        let weather = Weather {
            dies_after_write: self.weather.dies_after_write.filter(|_| self.hired == 0),
            ..self.weather
        };
        self.hired += 1;
        self.parties
            .party(&format!("{} {}", self.role, self.hired), weather)
    }

    fn next(&mut self) -> Ctx {
        let at = self.turn % self.members.len();
        self.turn += 1;
        if self.members[at].1.load(Ordering::Relaxed) {
            self.died.store(true, Ordering::Relaxed);
            self.members[at] = self.hire();
        }
        self.members[at].0.clone()
    }
}

/// Callbacks are requests of their own, each to some instance; one that fails is not repeated.
async fn hear(mut told: UnboundedReceiver<Callback>, mut crew: Crew) {
    while let Some(callback) = told.recv().await {
        let ctx = crew.next();
        tokio::spawn(async move {
            let Callback {
                call,
                epoch,
                sid,
                report,
                duration_s,
            } = callback;
            if report == Report::InProgress {
                let _ = hooks::answered(&ctx, call, epoch, &sid, None).await;
            } else {
                let _ = hooks::status(&ctx, call, epoch, &sid, report, duration_s).await;
            }
        });
    }
}

/// Two dialers take jobs; the job of one that dies comes again by visibility.
async fn work(mut jobs: UnboundedReceiver<String>, again: UnboundedSender<String>, mut crew: Crew) {
    while let Some(body) = jobs.recv().await {
        let (ctx, again) = (crew.next(), again.clone());
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
            let refill = pump::refill(&ctx, tenant, campaign, shard);
            let done = tokio::time::timeout(StdDuration::from_secs(900), refill).await;
            if !matches!(done, Ok(Ok(()))) {
                tokio::time::sleep(StdDuration::from_secs(30)).await;
                // The world may be over.
                let _ = again.send(body);
            }
        });
    }
}

/// A user pauses the first campaign for a while, twice, and opts some numbers out.
async fn steer_about(ctx: Ctx, campaigns: Vec<Campaign>, seed: u64) {
    let mut rng = StdRng::seed_from_u64(seed ^ 0x5eed);
    let who = manager(&campaigns[0]);
    for _ in 0..2 {
        ctx.clock
            .sleep(StdDuration::from_millis(rng.random_range(500..60_000)))
            .await;
        // It may be over by now.
        let _ = steer::pause(&ctx, &who, campaigns[0].id).await;
        let phone = lead_number(rng.random_range(0..8));
        opt_out::opt_out(&ctx, who.tenant, &phone, "model").await.unwrap();
        ctx.clock
            .sleep(StdDuration::from_millis(rng.random_range(500..60_000)))
            .await;
        let _ = steer::resume(&ctx, &who, campaigns[0].id).await;
    }
}
