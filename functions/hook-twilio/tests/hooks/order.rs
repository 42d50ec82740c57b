//! A call between a caller and a human agent, told by all five webhooks in any order, each once or more: it ends, and nothing stays held.

use std::time::{Duration, Instant};

use axum::http::StatusCode;
use trunkline_domain::{
    Call,
    bridge::{Bridge, Stage},
    operator::Operator,
};
use trunkline_service::bridging;

use crate::world::{CALLER, LEG, World};

/// Orders that are tried; each makes a platform of its own.
const ORDERS: u64 = 60;

/// A webhook of the caller's call, or of the human agent's telephone.
struct Told {
    hook: &'static str,
    of_leg: bool,
    fields: &'static [(&'static str, &'static str)],
}

const fn told(hook: &'static str, of_leg: bool, fields: &'static [(&'static str, &'static str)]) -> Told {
    Told { hook, of_leg, fields }
}

/// All that the carrier tells of a conversation of a minute, in the order in which it happens.
const STORY: [Told; 11] = [
    told("status", false, &[("CallStatus", "ringing")]),
    told("answer", false, &[("CallStatus", "in-progress")]),
    told("amd", false, &[("AnsweredBy", "human")]),
    told(
        "conference-status",
        false,
        &room("participant-join", "caller", "1"),
    ),
    told("agent-answer", true, &[("CallStatus", "in-progress")]),
    told("agent-answer", true, &[("Digits", "1")]),
    told("conference-status", true, &room("participant-join", "leg-1", "2")),
    told(
        "conference-status",
        true,
        &room("participant-leave", "leg-1", "3"),
    ),
    told("conference-status", false, &room("conference-end", "", "4")),
    told(
        "status",
        true,
        &[("CallStatus", "completed"), ("CallDuration", "60")],
    ),
    told(
        "status",
        false,
        &[("CallStatus", "completed"), ("CallDuration", "62")],
    ),
];

const fn room(
    event: &'static str,
    who: &'static str,
    number: &'static str,
) -> [(&'static str, &'static str); 4] {
    [
        ("ConferenceSid", "CF1"),
        ("StatusCallbackEvent", event),
        ("ParticipantLabel", who),
        ("SequenceNumber", number),
    ]
}

impl World {
    async fn hear(&self, told: &Told) -> Duration {
        let (url, sid) = if told.of_leg {
            (self.of_leg(told.hook), LEG)
        } else {
            (self.url(told.hook), CALLER)
        };
        let begun = Instant::now();
        let (status, body) = self.signed(&url, sid, told.fields).await;
        let took = begun.elapsed();
        assert_eq!(status, StatusCode::OK, "{}: {body}", told.hook);
        took
    }

    /// All that is left of it, but for how often the bridge was written: who comes late is hung up once more.
    async fn rows(&self) -> (Call, Option<Bridge>, Operator) {
        let call = self
            .ctx
            .store
            .call_unchecked(self.of.call)
            .await
            .unwrap()
            .unwrap();
        let mut bridge = self.ctx.store.bridge(self.of.call).await.unwrap();
        bridge.iter_mut().for_each(|bridge| bridge.version = 0);
        (call, bridge, self.of.operator(&self.ctx, "a").await)
    }
}

/// Numbers that look like chance, the same each time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from((self.0 >> 33) % u64::try_from(most).unwrap()).unwrap()
    }
}

#[tokio::test]
async fn in_whatever_order_a_call_is_told_it_ends_and_nothing_stays_held() {
    let mut took: Vec<(&str, Duration)> = Vec::new();
    for seed in 0..ORDERS {
        let mut dice = Dice(seed);
        let world = World::with_carrier(&["a"]).await;
        let mut order: Vec<usize> = (0..STORY.len()).collect();
        // The first is as it happens; of the others each is somewhere, some of them twice.
        if seed > 0 {
            for _ in 0..dice.below(6) {
                order.push(dice.below(STORY.len()));
            }
            for n in (1..order.len()).rev() {
                order.swap(n, dice.below(n + 1));
            }
        }
        for n in &order {
            let told = &STORY[*n];
            took.push((told.hook, world.hear(told).await));
            if told.hook == "answer" {
                bridging::work(&world.ctx, world.of.call, None).await.unwrap();
            }
        }
        bridging::work(&world.ctx, world.of.call, None).await.unwrap();
        let (call, bridge, operator) = world.rows().await;
        let why = format!("seed {seed}, {order:?}: {call:?} {bridge:?}");
        assert!(call.status.is_ended() && call.duration_s == 62, "{why}");
        assert!(
            bridge
                .as_ref()
                .is_none_or(|bridge| matches!(bridge.stage, Stage::Over(_))),
            "{why}"
        );
        assert!(operator.calls.is_empty(), "{why}");
        let number = world.ctx.store.number(call.tenant, &call.to).await.unwrap();
        assert_eq!(number.in_flight, None, "{why}");
        let slot = world
            .ctx
            .store
            .slot(world.of.campaign.id, call.shard)
            .await
            .unwrap();
        assert_eq!(slot.unwrap().used, 0, "{why}");

        // All of it once more: whoever is told again changes nothing.
        for told in &STORY {
            world.hear(told).await;
        }
        bridging::work(&world.ctx, world.of.call, None).await.unwrap();
        assert_eq!(world.rows().await, (call, bridge, operator), "{why}");
    }
    for hook in ["answer", "amd", "status", "agent-answer", "conference-status"] {
        let mut these: Vec<Duration> = took
            .iter()
            .filter(|told| told.0 == hook)
            .map(|told| told.1)
            .collect();
        these.sort_unstable();
        let (median, most) = (these[these.len() / 2], these[these.len() - 1]);
        eprintln!("{hook}: median {median:?}, most {most:?} of {}", these.len());
        assert!(median < Duration::from_millis(100), "{hook}: {median:?}");
    }
}
