//! Random histories of calls: whatever happens to them, the counters are what their rows add up to.

use std::collections::BTreeMap;

use proptest::prelude::*;
use trunkline_domain::{
    AnsweredBy, Call, CallId, CallStatus, Direction, Instant, Outcome, Usd, VoiceAgentId,
    call::Analysis,
    counters::{CALLS, COST_MICROS, DURATION_S, EMOTIONS, OUTCOMES, outcome_counter},
    id::derived,
    prices::CallPrice,
};
use trunkline_events::{Event, EventKind};

use super::{Period, Scope, Sums, quarters::quarter_of};
use crate::{
    AfterCall, CallFilter, CallText, Store,
    dialing::fold::End,
    testing::{at, call, put_calls, store, tenant},
};

#[derive(Debug, Clone)]
enum Step {
    /// A call is made, by one of two agents or none, at some minute of a day.
    Make { agent: u8, minute: i64 },
    /// A call ends.
    End {
        which: usize,
        outcome: Outcome,
        duration_s: u32,
    },
    /// A call that has ended is worked up, maybe again.
    Work {
        which: usize,
        mood: u8,
        emotion: usize,
        cents: i64,
    },
    /// A verdict on who answered comes, maybe late.
    Machine { which: usize },
    /// A call that has ended is deleted.
    Delete { which: usize },
}

fn step() -> impl Strategy<Value = Step> {
    let which = 0..12_usize;
    prop_oneof![
        3 => (0..3_u8, 0..1_440_i64).prop_map(|(agent, minute)| Step::Make { agent, minute }),
        4 => (which.clone(), prop::sample::select(OUTCOMES.to_vec()), 0..400_u32)
            .prop_map(|(which, outcome, duration_s)| Step::End { which, outcome, duration_s }),
        4 => (which.clone(), 0..3_u8, 0..EMOTIONS.len() + 1, 0..90_i64)
            .prop_map(|(which, mood, emotion, cents)| Step::Work { which, mood, emotion, cents }),
        1 => which.clone().prop_map(|which| Step::Machine { which }),
        1 => which.prop_map(|which| Step::Delete { which }),
    ]
}

struct History {
    store: Store,
    calls: Vec<Call>,
    made: usize,
}

impl History {
    async fn take(&mut self, step: &Step) {
        match step {
            Step::Make { agent, minute } => self.make(*agent, *minute).await,
            Step::End {
                which,
                outcome,
                duration_s,
            } => {
                let Some(before) = self.pick(*which).filter(|call| !call.status.is_ended()) else {
                    return;
                };
                let call = Call {
                    status: CallStatus::Ended(before.outcome_of(*outcome)),
                    duration_s: *duration_s,
                    version: before.version + 1,
                    ..before.clone()
                };
                let end = End {
                    event: event(&call),
                    before,
                    call: call.clone(),
                    lead: None,
                    next_ok_at: call.created_at,
                    number_lost: false,
                };
                self.store.end_call(&end).await.unwrap();
                self.replace(call);
            }
            Step::Work {
                which,
                mood,
                emotion,
                cents,
            } => self.work(*which, *mood, *emotion, *cents).await,
            Step::Machine { which } => {
                let Some(before) = self.pick(*which) else { return };
                let Some(mut call) = before.observe_answered_by(AnsweredBy::MachineEndBeep) else {
                    return;
                };
                call.version += 1;
                self.store
                    .correct_call(&before, &call, Some(&event(&call)))
                    .await
                    .unwrap();
                self.replace(call);
            }
            Step::Delete { which } => {
                let Some(call) = self.pick(*which).filter(|call| call.status.is_ended()) else {
                    return;
                };
                self.store.delete_call(&call).await.unwrap();
                self.calls.retain(|kept| kept.id != call.id);
            }
        }
    }

    async fn make(&mut self, agent: u8, minute: i64) {
        self.made += 1;
        let made = at("2026-11-22T00:00:00Z") + chrono::Duration::minutes(minute);
        let call = Call {
            id: CallId(derived(&format!("call {}", self.made))),
            voice_agent: (agent > 0).then(|| VoiceAgentId(derived(&format!("agent {agent}")))),
            status: CallStatus::Talking,
            // No carrier, so that no slot and no number is given back.
            direction: Direction::Web,
            ..call("call", made)
        };
        put_calls(&self.store, std::slice::from_ref(&call)).await;
        self.calls.push(call);
    }

    async fn work(&mut self, which: usize, mood: u8, emotion: usize, cents: i64) {
        let Some(before) = self.pick(which).filter(|call| call.status.is_ended()) else {
            return;
        };
        let cost = Usd::from_micros(cents * 10_000);
        let call = Call {
            cost,
            price: Some(CallPrice {
                stt: cost,
                ..CallPrice::default()
            }),
            analysis: Some(Analysis {
                sentiment: ["positive", "neutral", "negative"][usize::from(mood)].to_owned(),
                emotions: vec![
                    EMOTIONS
                        .get(emotion)
                        .map_or("unheard of", |known| known.0)
                        .to_owned(),
                ],
                ..Analysis::default()
            }),
            version: before.version + 1,
            ..before.clone()
        };
        let after = AfterCall {
            before: &before,
            call: &call,
            text: &CallText::default(),
            analyzed: None,
            recorded: None,
        };
        self.store.write_after_call(&after).await.unwrap();
        self.replace(call);
    }

    fn pick(&self, which: usize) -> Option<Call> {
        let at = which.checked_rem(self.calls.len())?;
        self.calls.get(at).cloned()
    }

    fn replace(&mut self, call: Call) {
        if let Some(old) = self.calls.iter_mut().find(|old| old.id == call.id) {
            *old = call;
        }
    }

    /// Quarter by quarter and in all, of every scope.
    async fn check(&self) {
        let names = names();
        let day = Period {
            from: Some(at("2026-11-22T00:00:00Z")),
            before: Some(at("2026-11-23T00:00:00Z")),
        };
        let agent = |n: u8| VoiceAgentId(derived(&format!("agent {n}")));
        for scope in [
            Scope::Tenant,
            Scope::VoiceAgent(agent(1)),
            Scope::VoiceAgent(agent(2)),
        ] {
            let voice_agent = match scope {
                Scope::VoiceAgent(agent) => Some(agent),
                Scope::Tenant | Scope::Campaign(_) | Scope::Operator(_) => None,
            };
            let filter = CallFilter {
                voice_agent,
                ..CallFilter::default()
            };
            let rows = self
                .store
                .all_calls(tenant(), &filter, 1_000)
                .await
                .unwrap()
                .unwrap();
            let mut recount: BTreeMap<Instant, Sums> = BTreeMap::new();
            let mut whole = Sums::default();
            for row in &rows {
                recount
                    .entry(quarter_of(row.created_at))
                    .or_default()
                    .add_call(row);
                whole.add_call(row);
            }
            let counted = self
                .store
                .sums_by(tenant(), scope, day, &names, |at| at)
                .await
                .unwrap();
            let all = self.store.sums(tenant(), scope, Period::default()).await.unwrap();
            for name in &names {
                assert_eq!(all.get(name), whole.get(name), "{name} of {scope:?}");
                let quarters = recount.keys().chain(counted.keys());
                for quarter in quarters {
                    let of =
                        |sums: &BTreeMap<Instant, Sums>| sums.get(quarter).map_or(0, |sums| sums.get(name));
                    assert_eq!(of(&counted), of(&recount), "{name} of {scope:?} at {quarter}");
                }
            }
        }
    }
}

fn names() -> Vec<&'static str> {
    let outcomes = OUTCOMES.map(outcome_counter);
    let emotions = EMOTIONS.map(|emotion| emotion.1);
    let moods = [
        "s_positive",
        "s_neutral",
        "s_negative",
        "c_stt",
        CALLS,
        DURATION_S,
        COST_MICROS,
    ];
    outcomes.into_iter().chain(emotions).chain(moods).collect()
}

fn event(call: &Call) -> Event {
    Event::new(
        EventKind::CallUpdated,
        call.tenant,
        call.id.0,
        call.version,
        call.created_at,
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]
    #[test]
    fn counters_are_what_the_rows_add_up_to(steps in prop::collection::vec(step(), 1..40)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let mut history = History { store: store().await, calls: Vec::new(), made: 0 };
            for step in &steps {
                history.take(step).await;
            }
            history.check().await;
        });
    }
}
