//! A campaign whose calls human agents take, one call of it, and what happens to that.

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    time::Duration as StdDuration,
};

use chrono::Duration;
use trunkline_aws_local::dynamo_memory::{Fault, Memory, client};
use trunkline_domain::{
    Call, CallId, Campaign, OperatorId,
    bridge::{Bridge, Stage},
    call_status::Report,
    operator::{Operator, OperatorStatus},
};
use trunkline_queue::BridgeJob;
use trunkline_service::{
    Ctx, bridging,
    dialing::{
        hooks::{self, Answer},
        tick,
    },
};
use trunkline_telephony::form::{ConferenceForm, RoomEvent};
use trunkline_testing::{HumanCampaign, TurnedClock};

use crate::{
    carrier::{CALLER, Script, leg_sid},
    queue::Jobs,
};

pub(crate) struct World {
    memory: Memory,
    pub(crate) clock: Arc<TurnedClock>,
    pub(crate) carrier: Arc<Script>,
    pub(crate) jobs: Jobs,
    /// A party that nothing happens to.
    pub(crate) ctx: Ctx,
    pub(crate) campaign: Campaign,
    pub(crate) call: CallId,
    of: HumanCampaign,
}

/// Runs something on a clock that jumps over every wait.
pub(crate) fn run<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap();
    runtime.block_on(future)
}

pub(crate) fn person(name: &str) -> OperatorId {
    HumanCampaign::person(name)
}

impl World {
    /// With these human agents, who are there; `change` makes the campaign another.
    pub(crate) async fn new(people: &[&str], change: impl FnOnce(&mut Campaign)) -> Self {
        let memory = trunkline_testing::memory();
        let clock: Arc<TurnedClock> = Arc::default();
        let carrier: Arc<Script> = Arc::default();
        let jobs = Jobs::new(clock.clone());
        let ctx = Ctx {
            clock: clock.clone(),
            carrier: carrier.clone(),
            queues: jobs.queues(),
            ..trunkline_testing::ctx(memory.faultless())
        };
        let of = HumanCampaign::new(&ctx, &client(memory.faultless()), people, change).await;
        Self {
            campaign: of.campaign.clone(),
            call: of.call,
            memory,
            clock,
            carrier,
            jobs,
            ctx,
            of,
        }
    }

    /// The number is dialled, and rings.
    pub(crate) async fn dialled(&self) {
        self.of.dial(&self.ctx).await;
        self.status(&self.ctx, Report::Ringing).await;
    }

    /// Somebody answers.
    pub(crate) async fn answered(&self, ctx: &Ctx) -> Option<Answer> {
        hooks::answered(ctx, self.call, 1, CALLER, None).await.ok()
    }

    /// The carrier tells of the caller's call.
    pub(crate) async fn status(&self, ctx: &Ctx, report: Report) {
        if report.outcome().is_some() {
            self.carrier.ends(CALLER);
        }
        // A party that died tells nobody.
        let _ = hooks::status(ctx, self.call, 1, CALLER, report, Some(30)).await;
    }

    /// A human agent's telephone is answered, or a key is pressed on it.
    pub(crate) async fn leg_answers(&self, ctx: &Ctx, leg: u32, key: bool) -> Option<Answer> {
        let answer = hooks::agent_answered(ctx, self.call, Some(leg), &leg_sid(leg), key).await;
        answer.ok()
    }

    /// It ends by itself.
    pub(crate) async fn leg_ends(&self, ctx: &Ctx, leg: u32) {
        self.carrier.ends(&leg_sid(leg));
        let _ = hooks::leg_status(ctx, self.call, leg, &leg_sid(leg), Report::Completed).await;
    }

    /// Somebody comes to the room, or leaves it; none: the caller.
    pub(crate) async fn room(&self, ctx: &Ctx, event: RoomEvent, leg: Option<u32>) {
        let form = ConferenceForm {
            account: "AC1".to_owned(),
            conference: "CF1".to_owned(),
            name: None,
            event,
            sid: Some(leg.map_or_else(|| CALLER.to_owned(), leg_sid)),
            label: leg.map(|leg| format!("leg-{leg}")),
            sequence: None,
            at: None,
        };
        let _ = hooks::in_room(ctx, self.call, &form).await;
    }

    /// Leg 1 rings, is answered and taken, and both are in the room.
    pub(crate) async fn talking(&self) {
        let ctx = &self.ctx;
        self.dialled().await;
        assert!(matches!(
            self.answered(ctx).await,
            Some(Answer::Room { leg: None, .. })
        ));
        self.work(ctx).await;
        self.room(ctx, RoomEvent::Join, None).await;
        let whisper = self.leg_answers(ctx, 1, false).await;
        assert!(
            matches!(whisper, Some(Answer::Whisper { leg: 1, .. })),
            "{whisper:?}"
        );
        let room = self.leg_answers(ctx, 1, true).await;
        assert!(
            matches!(room, Some(Answer::Room { leg: Some(1), .. })),
            "{room:?}"
        );
        self.room(ctx, RoomEvent::Join, Some(1)).await;
        self.work(ctx).await;
    }

    /// Does the jobs whose time has come.
    pub(crate) async fn work(&self, ctx: &Ctx) {
        for _ in 0..200 {
            let Some(job) = self.jobs.next() else { return };
            let done = match &job {
                BridgeJob::Work { call, free } => bridging::work(ctx, *call, *free).await,
                BridgeJob::Check { call } => {
                    bridging::check(ctx, *call).await;
                    Ok(())
                }
            };
            if done.is_err() {
                self.jobs.again(&job);
                return;
            }
        }
        panic!("it never comes to rest");
    }

    /// Time passes, second by second; the clock's part runs every five.
    pub(crate) async fn pass(&self, ctx: &Ctx, seconds: i64) {
        for second in 0..seconds {
            self.clock.turn(Duration::seconds(1));
            if second % 5 == 0 {
                tick::tick(ctx, false).await.unwrap();
            }
            self.work(ctx).await;
        }
    }

    /// A party that dies after its `write`-th write, and whether it has: the write is carried out, its answer never comes.
    pub(crate) fn mortal(&self, write: u32) -> (Ctx, Arc<AtomicBool>) {
        let dead = Arc::new(AtomicBool::new(false));
        let (marked, writes) = (dead.clone(), AtomicU32::new(0));
        let connection = self.memory.http_client(Box::new(move |operation, _| {
            if marked.load(Ordering::Relaxed) {
                return Fault::Before;
            }
            let is_write = matches!(operation, "PutItem" | "UpdateItem" | "TransactWriteItems");
            if is_write && writes.fetch_add(1, Ordering::Relaxed) + 1 == write {
                marked.store(true, Ordering::Relaxed);
                return Fault::AfterLost;
            }
            Fault::None
        }));
        let ctx = Ctx {
            store: trunkline_testing::ctx(connection).store,
            ..self.ctx.clone()
        };
        (ctx, dead)
    }

    /// The store by a connection that a test watches.
    pub(crate) fn watched(&self, hook: trunkline_aws_local::dynamo_memory::Hook) -> trunkline_store::Store {
        trunkline_testing::ctx(self.memory.http_client(hook)).store
    }

    pub(crate) async fn row(&self) -> Call {
        self.ctx.store.call_unchecked(self.call).await.unwrap().unwrap()
    }

    pub(crate) async fn bridge(&self) -> Option<Bridge> {
        self.ctx.store.bridge(self.call).await.unwrap()
    }

    pub(crate) async fn stage(&self) -> Stage {
        self.bridge().await.unwrap().stage
    }

    pub(crate) async fn operator(&self, name: &str) -> Operator {
        self.of.operator(&self.ctx, name).await
    }

    pub(crate) async fn sets(&self, name: &str, status: OperatorStatus) {
        let old = self.operator(name).await;
        let new = old.with_status(status, self.ctx.now());
        self.ctx.store.update_operator(&old, &new).await.unwrap().unwrap();
        bridging::wake(&self.ctx, &new).await;
    }

    /// It is over: the call has ended, nobody is held, nothing is left to be done, no telephone rings, and none was asked for twice.
    pub(crate) async fn is_clean(&self, people: &[&str]) {
        assert!(self.row().await.status.is_ended());
        if let Some(bridge) = self.bridge().await {
            assert!(bridge.is_settled(), "{bridge:?}");
        }
        for name in people {
            assert!(self.operator(name).await.calls.is_empty(), "{name} is held");
        }
        assert_eq!(self.carrier.live(), Vec::<String>::new());
        let rung = self.carrier.rung();
        let legs: BTreeSet<u32> = rung.iter().map(|order| order.leg).collect();
        assert_eq!(
            legs.len(),
            rung.len(),
            "a telephone was asked for twice: {rung:?}"
        );
        assert!(self.ctx.store.unfinished(10).await.unwrap().is_empty());
    }

    /// Lets a world that may have lost parties come to its end: the caller's call is over at the carrier.
    pub(crate) async fn ends(&self) {
        self.carrier.ends(CALLER);
        // As after a start: everything unfinished is looked after, and every deadline passes.
        for _ in 0..6 {
            self.clock.turn(Duration::seconds(60));
            tick::tick(&self.ctx, true).await.unwrap();
            self.work(&self.ctx).await;
        }
    }
}

/// Waits for a party that may have died: it does not answer any more then.
pub(crate) async fn unless_dead<T>(doing: impl Future<Output = T>) -> Option<T> {
    tokio::time::timeout(StdDuration::from_secs(900), doing)
        .await
        .ok()
}
