//! The phones that are called, and the people who take the calls: the truth about who rang for whom, and who was free.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, OnceLock},
    time::Duration,
};

use rand::{Rng, SeedableRng, rngs::StdRng};
use trunkline_domain::{
    Call, CallId, CallerId, CampaignId, E164, Instant, OperatorId,
    bridge::{Event, Stage},
    call_status::Report,
    operator::{Operator, OperatorStatus},
};
use trunkline_service::{
    Clock, Ctx,
    bridging::{self, Room},
    dialing::{fold, hooks},
};
use trunkline_telephony::{Carrier, CarrierCall, CarrierError, DialError, DialOrder, RingOrder};

use crate::setup::tenant;

/// What came of it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Day {
    pub dialled: u32,
    pub answered: u32,
    pub abandoned: u32,
    pub talks: u32,
    pub talked_s: u64,
    /// Of all that were answered, those of the past included, how many nobody took, at worst.
    pub highest_share: f64,
    /// How many more phones rang than people were free, when one was dialled, at most.
    pub most_too_many: i64,
    pub first_dialled_s: Option<u64>,
    /// Calls of each campaign.
    pub of_campaign: Vec<u32>,
    /// What the store counts as ringing when all is over.
    pub still_ringing: i64,
    pub faults: Vec<String>,
}

/// The carrier, and what is at the other ends of its lines.
#[derive(Debug)]
pub(crate) struct Phones {
    seed: u64,
    clock: Arc<dyn Clock>,
    answer_rate: f64,
    past: (u32, u32),
    state: Mutex<State>,
    /// What the carrier's callbacks come to.
    platform: OnceLock<Ctx>,
}

#[derive(Debug)]
struct State {
    rng: StdRng,
    day: Day,
    ringing: HashSet<CallId>,
    /// Calls that each person could take now.
    free: HashMap<OperatorId, i64>,
    campaigns: Vec<CampaignId>,
}

impl Phones {
    pub(crate) fn new(seed: u64, clock: Arc<dyn Clock>, answer_rate: f64, past: (u32, u32)) -> Self {
        let state = State {
            rng: StdRng::seed_from_u64(seed ^ 0xca11),
            day: Day {
                most_too_many: i64::MIN,
                ..Day::default()
            },
            ringing: HashSet::new(),
            free: HashMap::new(),
            campaigns: Vec::new(),
        };
        Self {
            seed,
            clock,
            answer_rate,
            past,
            state: Mutex::new(state),
            platform: OnceLock::new(),
        }
    }

    pub(crate) fn serve(&self, platform: Ctx, campaigns: Vec<CampaignId>) {
        let mut state = self.state.lock().unwrap();
        state.day.of_campaign = vec![0; campaigns.len()];
        state.campaigns = campaigns;
        self.platform.set(platform).unwrap();
    }

    pub(crate) fn day(&self) -> Day {
        self.state.lock().unwrap().day.clone()
    }

    /// Somebody can take calls from now on, one more or all that it takes.
    pub(crate) fn is_free(&self, id: OperatorId, calls: i64) {
        *self.state.lock().unwrap().free.entry(id).or_default() += calls;
    }

    fn ctx(&self) -> &Ctx {
        self.platform.get().unwrap()
    }

    fn chance(&self, share: f64) -> bool {
        self.state.lock().unwrap().rng.random_bool(share)
    }

    async fn between(&self, from_ms: u64, to_ms: u64) {
        let ms = self.state.lock().unwrap().rng.random_range(from_ms..to_ms);
        self.clock.sleep(Duration::from_millis(ms)).await;
    }

    fn placed(&self, call: CallId) {
        let now_s = self.clock.boot_ms() / 1_000;
        let mut state = self.state.lock().unwrap();
        state.ringing.insert(call);
        state.day.dialled += 1;
        state.day.first_dialled_s.get_or_insert(now_s);
        let free: i64 = state.free.values().sum();
        let too_many = i64::try_from(state.ringing.len()).unwrap() - free;
        state.day.most_too_many = state.day.most_too_many.max(too_many);
    }

    async fn live(self: Arc<Self>, call: CallId, epoch: u32, sid: String) {
        if let Err(error) = self.ring(call, epoch, &sid).await {
            self.state.lock().unwrap().day.faults.push(error.to_string());
        }
    }

    async fn ring(&self, id: CallId, epoch: u32, sid: &str) -> Result<(), Box<dyn std::error::Error>> {
        let ctx = self.ctx();
        let tell = async |report, duration_s| fold::bind(ctx, id, epoch, sid, report, duration_s).await;
        self.between(300, 1_500).await;
        let call = tell(Report::Ringing, None).await?.ok_or("a stray call")?;
        self.count(&call);
        if !self.chance(self.answer_rate) {
            self.between(4_000, 26_000).await;
            self.state.lock().unwrap().ringing.remove(&id);
            tell(Report::NoAnswer, None).await?;
            return Ok(());
        }
        self.between(3_000, 14_000).await;
        hooks::answered(ctx, id, epoch, sid, None).await?;
        let Some(person) = self.somebody(id).await? else {
            self.answered(1);
            self.state.lock().unwrap().ringing.remove(&id);
            tell(Report::Completed, Some(20)).await?;
            return Ok(());
        };
        let talk = self.talk();
        self.clock.sleep(talk).await;
        self.state.lock().unwrap().day.talked_s += talk.as_secs();
        // One in ten goes for a while after a call.
        let rests = self.chance(0.1);
        if rests {
            self.is(person, OperatorStatus::Break).await?;
        } else if self.person(person).await?.status == OperatorStatus::Available {
            // Free from the write on that lets the person go, which the platform may read before anybody hears of it.
            self.is_free(person, 1);
        }
        tell(Report::Completed, Some(u32::try_from(talk.as_secs())?)).await?;
        if rests {
            self.clock.sleep(Duration::from_secs(60)).await;
            self.is(person, OperatorStatus::Available).await?;
        }
        Ok(())
    }

    /// Talks end as if by chance, 50 s on average; the how-manieth lasts as long whatever else happens on a day.
    fn talk(&self) -> Duration {
        let mut state = self.state.lock().unwrap();
        state.day.talks += 1;
        let mut rng = StdRng::seed_from_u64(self.seed ^ (u64::from(state.day.talks) << 8));
        let talk_s = -rng.random_range(1e-9..1.0_f64).ln() * 50.0;
        Duration::from_secs_f64(talk_s.clamp(5.0, 300.0))
    }

    /// Who comes for a caller.
    async fn somebody(&self, call: CallId) -> Result<Option<OperatorId>, Box<dyn std::error::Error>> {
        let mut came = None;
        loop {
            let bridge = self.ctx().store.bridge(call).await?.ok_or("no bridge")?;
            if let (Some(leg), None) = (bridge.leg(), came) {
                self.answered(0);
                let mut state = self.state.lock().unwrap();
                state.ringing.remove(&call);
                *state.free.entry(leg.operator).or_default() -= 1;
                came = Some(leg.operator);
            }
            match bridge.stage {
                Stage::Talking { .. } => return Ok(came),
                Stage::Over(_) => return Ok(None),
                Stage::Seeking | Stage::Ringing(_) | Stage::Accepted(_) => {
                    self.clock.sleep(Duration::from_millis(500)).await;
                }
            }
        }
    }

    /// A person's own telephone rings for a caller.
    async fn picks_up(&self, order: RingOrder) {
        self.between(1_000, 3_000).await;
        let sid = format!("CA{}l{}", order.call, order.leg);
        let room = bridging::agent_answered(self.ctx(), order.call, order.leg, &sid, true).await;
        assert_eq!(room.unwrap(), Room::In);
        let joined = Event::Joined(order.leg);
        bridging::observe(self.ctx(), order.call, &joined).await.unwrap();
    }

    fn count(&self, call: &Call) {
        let mut state = self.state.lock().unwrap();
        let at = state.campaigns.iter().position(|id| Some(*id) == call.campaign);
        state.day.of_campaign[at.unwrap()] += 1;
    }

    fn answered(&self, abandoned: u32) {
        let mut state = self.state.lock().unwrap();
        state.day.answered += 1;
        state.day.abandoned += abandoned;
        let answered = self.past.0 + state.day.answered;
        let share = f64::from(self.past.1 + state.day.abandoned) / f64::from(answered);
        state.day.highest_share = state.day.highest_share.max(share);
    }

    async fn person(&self, id: OperatorId) -> Result<Operator, Box<dyn std::error::Error>> {
        Ok(self.ctx().store.operator(tenant(), id).await?.ok_or("nobody")?)
    }

    /// Somebody says what it does.
    async fn is(&self, id: OperatorId, status: OperatorStatus) -> Result<(), Box<dyn std::error::Error>> {
        let room = |person: &Operator| {
            let calls = i64::try_from(person.calls.len()).unwrap();
            if person.is_free() {
                i64::from(person.max_concurrent_calls) - calls
            } else {
                0
            }
        };
        let ctx = self.ctx();
        loop {
            let person = self.person(id).await?;
            let next = person.with_status(status, ctx.now());
            // More are free from the write on, fewer once its writer hears of it.
            let more = room(&next) - room(&person);
            self.is_free(id, more.max(0));
            if ctx.store.update_operator(&person, &next).await?.is_ok() {
                self.is_free(id, more.min(0));
                bridging::wake(ctx, &next).await;
                return Ok(());
            }
            self.is_free(id, -more.max(0));
        }
    }

    /// Everybody begins to work.
    pub(crate) async fn begin(&self, people: Vec<OperatorId>) {
        for id in people {
            self.is(id, OperatorStatus::Available).await.unwrap();
        }
    }
}

/// The lines of [`Phones`].
#[derive(Debug)]
pub(crate) struct Lines(pub Arc<Phones>);

fn unasked() -> CarrierError {
    CarrierError::Unreachable("nobody asks this here".to_owned())
}

#[async_trait::async_trait]
impl Carrier for Lines {
    fn account(&self) -> &str {
        "ACmodel"
    }
    async fn dial(&self, order: &DialOrder) -> Result<String, DialError> {
        self.0.placed(order.call);
        self.0.between(5, 60).await;
        let sid = format!("CA{}e{}", order.call, order.epoch);
        tokio::spawn(self.0.clone().live(order.call, order.epoch, sid.clone()));
        Ok(sid)
    }
    async fn ring(&self, order: &RingOrder) -> Result<String, DialError> {
        self.0.between(5, 60).await;
        let (phones, order) = (self.0.clone(), order.clone());
        let sid = format!("CA{}l{}", order.call, order.leg);
        tokio::spawn(async move { phones.picks_up(order).await });
        Ok(sid)
    }
    async fn fetch(&self, _: &str) -> Result<Option<CarrierCall>, CarrierError> {
        Err(unasked())
    }
    async fn list(&self, _: &E164, _: &CallerId, _: Instant) -> Result<Vec<CarrierCall>, CarrierError> {
        Err(unasked())
    }
    async fn cancel(&self, _: &str) -> Result<(), CarrierError> {
        Err(unasked())
    }
    async fn hang_up(&self, _: &str) -> Result<(), CarrierError> {
        // The telephone of whoever talked.
        Ok(())
    }
    async fn redirect(&self, _: &str, _: &str) -> Result<(), CarrierError> {
        // The caller whom nobody came for is told so, and hangs up.
        Ok(())
    }
    async fn ping(&self) -> Result<(), CarrierError> {
        Ok(())
    }
}
