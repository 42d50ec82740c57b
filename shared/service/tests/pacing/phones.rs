//! The phones that are called, and the people who take the calls: the truth about who rang for whom, and who was free.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, OnceLock},
    time::Duration,
};

use rand::{Rng, SeedableRng, rngs::StdRng};
use trunkline_domain::{
    Call, CallId, CallerId, CampaignId, E164, Instant, OperatorId,
    call_status::Report,
    operator::{Operator, OperatorStatus},
};
use trunkline_service::{
    Clock, Ctx,
    dialing::{fold, pacing},
};
use trunkline_telephony::{Carrier, CarrierCall, CarrierError, DialError, DialOrder};

use crate::setup::{group, tenant};

/// What came of it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Day {
    pub dialled: u32,
    pub answered: u32,
    pub abandoned: u32,
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
        tell(Report::InProgress, None).await?;
        let Some(person) = self.somebody(id).await? else {
            self.answered(1);
            self.state.lock().unwrap().ringing.remove(&id);
            fold::change(ctx, id, |call| {
                Some(Call {
                    abandoned: true,
                    ..call.clone()
                })
            })
            .await?;
            pacing::taken(ctx, id).await?;
            tell(Report::Completed, Some(2)).await?;
            return Ok(());
        };
        pacing::taken(ctx, id).await?;
        // Talks end as if by chance, 50 s on average.
        let talk_s =
            (-self.state.lock().unwrap().rng.random_range(1e-9..1.0_f64).ln() * 50.0).clamp(5.0, 300.0);
        let talk = Duration::from_secs_f64(talk_s);
        self.clock.sleep(talk).await;
        self.state.lock().unwrap().day.talked_s += talk.as_secs();
        tell(Report::Completed, Some(u32::try_from(talk.as_secs())?)).await?;
        // One in ten goes for a while after a call.
        let rests = self.chance(0.1);
        self.lets_go(person, id, talk, rests).await?;
        if rests {
            self.clock.sleep(Duration::from_secs(60)).await;
            self.comes_back(person).await?;
        }
        Ok(())
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

    /// The call's person: whoever has waited longest.
    async fn somebody(&self, call: CallId) -> Result<Option<OperatorId>, Box<dyn std::error::Error>> {
        let ctx = self.ctx();
        for _ in 0..20 {
            let mut missed = false;
            for id in ctx.store.idle_operators(tenant(), group(), 100).await? {
                let person = ctx.store.operator(tenant(), id).await?.ok_or("nobody")?;
                let Some(taking) = person.taking(call, ctx.now()) else {
                    continue;
                };
                if ctx.store.update_operator(&person, &taking).await?.is_ok() {
                    self.answered(0);
                    let mut state = self.state.lock().unwrap();
                    state.ringing.remove(&call);
                    *state.free.entry(id).or_default() -= 1;
                    return Ok(Some(id));
                }
                missed = true;
            }
            if !missed {
                break;
            }
        }
        Ok(None)
    }

    async fn lets_go(
        &self,
        id: OperatorId,
        call: CallId,
        talk: Duration,
        rests: bool,
    ) -> Result<(), Box<dyn std::error::Error>> {
        let talk_s = u32::try_from(talk.as_secs())?;
        let freed = |person: &Operator, now: Instant| {
            let mut next = person.giving_back(call, Some(talk_s), now).unwrap();
            if rests {
                next.status = OperatorStatus::Break;
            }
            next
        };
        self.becomes(id, freed).await
    }

    async fn comes_back(&self, id: OperatorId) -> Result<(), Box<dyn std::error::Error>> {
        self.becomes(id, |person, now| {
            person.with_status(OperatorStatus::Available, now)
        })
        .await
    }

    /// Writes a person, and tells the campaigns if it can take a call then.
    async fn becomes(
        &self,
        id: OperatorId,
        change: impl Fn(&Operator, Instant) -> Operator,
    ) -> Result<(), Box<dyn std::error::Error>> {
        let ctx = self.ctx();
        let room = |person: &Operator| {
            let calls = i64::try_from(person.calls.len()).unwrap();
            if person.is_free() {
                i64::from(person.max_concurrent_calls) - calls
            } else {
                0
            }
        };
        loop {
            let person = ctx.store.operator(tenant(), id).await?.ok_or("nobody")?;
            let next = change(&person, ctx.now());
            // More are free from the write on, which the platform may read before its writer hears of it; fewer once that hears.
            let more = room(&next) - room(&person);
            self.is_free(id, more.max(0));
            if ctx.store.update_operator(&person, &next).await?.is_ok() {
                self.is_free(id, more.min(0));
                if next.is_free() {
                    pacing::somebody_free(ctx, tenant(), group()).await;
                }
                return Ok(());
            }
            self.is_free(id, -more.max(0));
        }
    }

    /// Everybody begins to work.
    pub(crate) async fn begin(&self, people: Vec<OperatorId>) {
        for id in people {
            self.comes_back(id).await.unwrap();
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
        Err(unasked())
    }
    async fn redirect(&self, _: &str, _: &str) -> Result<(), CarrierError> {
        Err(unasked())
    }
    async fn ping(&self) -> Result<(), CarrierError> {
        Ok(())
    }
}
