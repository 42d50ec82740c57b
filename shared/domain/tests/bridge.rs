//! A caller and a human agent in every order of what is told about them: it ends, and nobody is held.
#![allow(
    clippy::unwrap_used,
    missing_docs,
    reason = "a test may stop at the first surprise"
)]

use std::collections::BTreeMap;

use proptest::prelude::*;
use trunkline_domain::{
    CallId, Instant, OperatorId, TenantId,
    bridge::{Bridge, Ending, Event, Owed, Stage, Want},
    id::{GroupId, derived},
};

fn at(second: i64) -> Instant {
    chrono::DateTime::from_timestamp(1_780_000_000 + second, 0).unwrap()
}

fn person(name: &str) -> OperatorId {
    OperatorId(derived(name))
}

fn waiting() -> Bridge {
    Bridge::new(
        CallId(derived("call")),
        TenantId(derived("tenant")),
        GroupId(derived("group")),
        at(0),
        at(60),
        20,
    )
}

/// Tells all of it, each at its second.
fn after(events: &[(i64, Event)]) -> Bridge {
    events.iter().fold(waiting(), |bridge, (second, event)| {
        bridge.observe(event, at(*second)).unwrap_or(bridge)
    })
}

fn sid(n: u32) -> String {
    format!("CA{n}")
}

#[test]
fn somebody_is_found_rung_accepts_and_talks() {
    let bridge = after(&[(0, Event::Found(person("a")))]);
    let Some(Want::Ring(leg)) = bridge.wants() else {
        panic!("{bridge:?}")
    };
    assert_eq!((leg.n, leg.operator), (1, person("a")));
    let bridge = after(&[
        (0, Event::Found(person("a"))),
        (0, Event::Asked(1)),
        (1, Event::Placed(1, sid(1))),
        (5, Event::Accepted(1)),
        (6, Event::Joined(1)),
        (126, Event::CallerLeft),
    ]);
    assert_eq!(bridge.stage, Stage::Over(Ending::CallerLeft));
    let free = Owed::Free {
        operator: person("a"),
        talk_s: Some(120),
    };
    assert_eq!(
        bridge.owed(),
        [Owed::Note, Owed::HangUp { sid: sid(1) }, free.clone()],
        "who takes calls again is not busy with this one"
    );
    let bridge = bridge.done(&free).unwrap();
    assert_eq!(bridge.done(&free), None);
    assert_eq!(
        bridge.check_at(at(130)),
        Some(at(130)),
        "a telephone is still to be hung up"
    );
}

#[test]
fn who_declines_is_freed_and_the_next_one_is_rung() {
    let bridge = after(&[
        (0, Event::Found(person("a"))),
        (0, Event::Asked(1)),
        (4, Event::Left(1)),
    ]);
    assert_eq!(
        (bridge.wants(), &bridge.not[..]),
        (Some(Want::Seek), &[person("a")][..])
    );
    let bridge = bridge.observe(&Event::Found(person("b")), at(5)).unwrap();
    assert_eq!(bridge.leg().map(|leg| leg.n), Some(2));
    // What the first telephone says now is no news; its id, told late, has it hung up.
    assert_eq!(bridge.observe(&Event::Accepted(1), at(6)), None);
    let late = bridge.observe(&Event::Placed(1, sid(1)), at(6)).unwrap();
    assert!(late.owed().contains(&Owed::HangUp { sid: sid(1) }));
}

#[test]
fn nobody_in_time_is_the_campaigns_fallback_and_abandoned() {
    let bridge = after(&[
        (0, Event::Found(person("a"))),
        (40, Event::Clock),
        (59, Event::Clock),
        (60, Event::Clock),
    ]);
    assert_eq!(bridge.stage, Stage::Over(Ending::Nobody));
    assert!(Ending::Nobody.is_abandoned() && bridge.owed().contains(&Owed::Fallback));
    assert!(bridge.is_abandoned() && bridge.owed().contains(&Owed::Note));
    let gone = bridge.observe(&Event::CallerLeft, at(61)).unwrap();
    assert!(!gone.owed().contains(&Owed::Fallback), "nobody would hear it");
}

#[test]
fn a_telephone_that_rings_too_long_does_not_count_as_one_that_may_still_come() {
    let bridge = after(&[
        (0, Event::Found(person("a"))),
        (0, Event::Asked(1)),
        (1, Event::Placed(1, sid(1))),
        (35, Event::Clock),
    ]);
    assert_eq!(bridge.wants(), Some(Want::Seek));
    let free = Owed::Free {
        operator: person("a"),
        talk_s: None,
    };
    assert_eq!(bridge.owed(), [Owed::HangUp { sid: sid(1) }, free]);
}

#[test]
fn a_telephone_has_its_time_from_when_it_was_asked_for_and_from_its_answer() {
    let rings = |events: &[(i64, Event)], second| {
        let bridge = after(&[&[(0, Event::Found(person("a")))], events].concat());
        bridge.observe(&Event::Clock, at(second)).is_none()
    };
    let late = [(25, Event::Asked(1)), (26, Event::Placed(1, sid(1)))];
    assert!(rings(&late, 59) && !rings(&late, 60));
    let answered = [&late[..], &[(44, Event::Answered(1))]].concat();
    assert!(rings(&answered, 73) && !rings(&answered, 74));
    let early = [(0, Event::Asked(1)), (1, Event::Answered(1))];
    assert!(rings(&early, 34), "an answer takes no time away");
    // Asked for again and again, long after the caller was to have somebody.
    let busy = (1..100).flat_map(|n| [(n, Event::Asked(1)), (n, Event::Unplaced(1))]);
    let busy: Vec<_> = busy.collect();
    assert!(rings(&busy, 94) && !rings(&busy, 95));
}

#[test]
fn both_hang_up_at_once_and_each_order_is_one_end() {
    let talk = [
        (0, Event::Found(person("a"))),
        (1, Event::Placed(1, sid(1))),
        (5, Event::Joined(1)),
    ];
    for last in [
        [Event::CallerLeft, Event::Left(1)],
        [Event::Left(1), Event::CallerLeft],
    ] {
        let [first, second] = last;
        let bridge = after(&[&talk[..], &[(65, first), (65, second)]].concat());
        let freed = bridge
            .owed()
            .iter()
            .filter(|owed| matches!(owed, Owed::Free { .. }));
        assert_eq!(freed.count(), 1);
        assert!(matches!(bridge.stage, Stage::Over(ending) if !ending.is_abandoned()));
    }
}

#[test]
fn whom_an_ai_agent_keeps_moves_when_somebody_has_accepted_and_is_never_abandoned() {
    let kept = |events: &[(i64, Event)]| {
        events.iter().fold(waiting().for_ai(), |bridge, (second, event)| {
            bridge.observe(event, at(*second)).unwrap_or(bridge)
        })
    };
    let rung = [
        (0, Event::Found(person("a"))),
        (1, Event::Placed(1, sid(1))),
        (5, Event::Accepted(1)),
    ];
    let accepted = kept(&rung);
    assert_eq!(accepted.owed(), [Owed::Fetch]);
    let moved = accepted.observe(&Event::CallerIn, at(6)).unwrap();
    assert!(moved.owed().is_empty() && moved.fetched);
    let lost = kept(&[&rung[..], &[(6, Event::Left(1)), (60, Event::Clock)]].concat());
    assert_eq!(lost.stage, Stage::Over(Ending::Nobody));
    assert!(!lost.is_abandoned());
    let fetched = |owed: &Owed| matches!(owed, Owed::Fetch | Owed::Fallback);
    assert!(
        !lost.owed().iter().any(fetched),
        "the AI agent still has the caller"
    );
    let back = kept(
        &[
            &rung[..],
            &[(6, Event::CallerIn), (7, Event::Left(1)), (60, Event::Clock)],
        ]
        .concat(),
    );
    assert!(
        back.owed().contains(&Owed::Fallback),
        "the AI agent takes the caller back"
    );
    let again = lost.again(at(70), at(90));
    assert_eq!((again.wants(), again.legs()), (Some(Want::Seek), 1));
}

#[test]
fn a_machine_frees_whoever_was_rung_for_it_and_is_not_abandoned() {
    let bridge = after(&[
        (0, Event::Found(person("a"))),
        (1, Event::Placed(1, sid(1))),
        (4, Event::Machine),
        (5, Event::CallerLeft),
    ]);
    assert_eq!(bridge.stage, Stage::Over(Ending::Machine));
    assert!(!bridge.is_abandoned());
    assert!(bridge.owed().contains(&Owed::HangUp { sid: sid(1) }));
    let talking = [(0, Event::Found(person("a"))), (5, Event::Joined(1))];
    let heard = after(&[&talking[..], &[(6, Event::Machine)]].concat());
    assert!(
        matches!(heard.stage, Stage::Talking { .. }),
        "who talks to it knows better"
    );
}

#[test]
fn when_the_human_agent_hangs_up_the_call_ends_wherever_the_caller_is_but_not_one_that_the_ai_agent_still_has()
 {
    let talk = [
        (0, Event::Found(person("a"))),
        (1, Event::Placed(1, sid(1))),
        (5, Event::Joined(1)),
    ];
    let left = after(&talk).observe(&Event::Left(1), at(9)).unwrap();
    assert!(left.owed().contains(&Owed::End));
    let gone = left.observe(&Event::CallerLeft, at(10)).unwrap();
    assert!(!gone.owed().contains(&Owed::End), "it has ended");
    let kept = |events: &[(i64, Event)]| {
        events.iter().fold(waiting().for_ai(), |bridge, (second, event)| {
            bridge.observe(event, at(*second)).unwrap_or(bridge)
        })
    };
    assert!(
        !kept(&[&talk[..], &[(9, Event::Left(1))]].concat())
            .owed()
            .contains(&Owed::End)
    );
    // On the way to the room when it ended: nobody would come there any more.
    let fetched = kept(&[&talk[..], &[(8, Event::CallerIn), (9, Event::Left(1))]].concat());
    assert!(fetched.owed().contains(&Owed::End));
}

#[test]
fn a_supervisors_telephone_goes_with_the_talk_and_at_once_when_there_is_none() {
    let talk = [
        (0, Event::Found(person("a"))),
        (1, Event::Placed(1, sid(1))),
        (5, Event::Joined(1)),
        (6, Event::Guest(sid(7))),
        (7, Event::Guest(sid(7))),
    ];
    let bridge = after(&talk);
    assert_eq!(
        (&bridge.guests[..], bridge.owed()),
        (&[sid(7)][..], &[Owed::Note][..])
    );
    let hung_up = Owed::HangUp { sid: sid(7) };
    for last in [Event::CallerLeft, Event::Left(1)] {
        let over = bridge.observe(&last, at(60)).unwrap();
        assert!(
            over.owed().contains(&hung_up) && over.guests.is_empty(),
            "{last:?}"
        );
    }
    let late = after(&[(0, Event::CallerLeft), (1, Event::Guest(sid(7)))]);
    assert_eq!(late.owed().last(), Some(&hung_up));
    let many = (0..100).map(|n| (10, Event::Guest(sid(n))));
    let many = after(&talk.into_iter().chain(many).collect::<Vec<_>>());
    assert!(many.guests.len() <= 20 && many.guests.last() == Some(&sid(99)));
}

#[test]
fn that_they_talked_counts_whenever_it_is_told() {
    let late = after(&[
        (0, Event::Found(person("a"))),
        (1, Event::Placed(1, sid(1))),
        (9, Event::Left(1)),
        (9, Event::CallerLeft),
    ]);
    assert!(late.is_abandoned());
    let told = late.observe(&Event::Joined(1), at(10)).unwrap();
    assert_eq!((told.talked, told.is_abandoned()), (Some(person("a")), false));
    assert!(told.owed().contains(&Owed::Note));
}

#[test]
fn where_nobody_could_come_nobody_waits_and_what_did_not_ring_may_be_asked_for_again() {
    let none = after(&[(0, Event::NobodyCan)]);
    assert_eq!(none.stage, Stage::Over(Ending::Nobody));
    let slow = after(&[
        (0, Event::Found(person("a"))),
        (0, Event::Asked(1)),
        (1, Event::Unplaced(1)),
    ]);
    assert!(matches!(slow.wants(), Some(Want::Ring(leg)) if leg.n == 1));
    let placed = slow.observe(&Event::Placed(1, sid(1)), at(2)).unwrap();
    assert_eq!(
        placed.observe(&Event::Unplaced(1), at(2)),
        None,
        "the carrier has it"
    );
}

fn events() -> impl Strategy<Value = Event> {
    let n = 1..4_u32;
    prop_oneof![
        prop::sample::select(vec!["a", "b", "c"]).prop_map(|name| Event::Found(person(name))),
        n.clone().prop_map(Event::Asked),
        n.clone().prop_map(|n| Event::Placed(n, sid(n))),
        n.clone().prop_map(Event::Answered),
        n.clone().prop_map(Event::Accepted),
        n.clone().prop_map(Event::Joined),
        n.clone().prop_map(Event::Left),
        n.clone().prop_map(Event::Unplaced),
        n.prop_map(|n| Event::Guest(sid(n + 100))),
        Just(Event::NobodyCan),
        Just(Event::CallerIn),
        Just(Event::Machine),
        Just(Event::CallerLeft),
        Just(Event::Clock),
    ]
}

proptest! {
    /// Whatever is told, in whatever order: one telephone counts at a time, an end is an end, and at the end everybody who was given the
    /// call has been freed and every telephone whose id is known is hung up, or had left by itself.
    #[test]
    fn nobody_is_held_when_it_is_over(told in prop::collection::vec((events(), 0..20_i64), 0..40)) {
        let mut bridge = waiting();
        let mut now = 0;
        let mut given: BTreeMap<OperatorId, usize> = BTreeMap::new();
        let mut freed: BTreeMap<OperatorId, usize> = BTreeMap::new();
        let mut over = None;
        let end = [(Event::CallerLeft, 1), (Event::Clock, 100)];
        for (event, later) in told.into_iter().chain(end) {
            now += later;
            // Whoever is found was reserved: a person has this call once at a time.
            if let Event::Found(who) = &event {
                if given.get(who).copied().unwrap_or(0) > freed.get(who).copied().unwrap_or(0) {
                    continue;
                }
                *given.entry(*who).or_default() += 1;
            }
            if let Some(next) = bridge.observe(&event, at(now)) {
                prop_assert_eq!(next.version, bridge.version + 1);
                prop_assert!(next.legs() >= bridge.legs());
                bridge = next;
            }
            // Whoever is to be freed is freed at once; telephones stay to be hung up.
            for owed in bridge.owed().to_vec() {
                if let Owed::Free { operator, .. } = &owed {
                    *freed.entry(*operator).or_default() += 1;
                    bridge = bridge.done(&owed).unwrap();
                }
            }
            match (&bridge.stage, &over) {
                (Stage::Over(ending), None) => over = Some(*ending),
                (Stage::Over(ending), Some(before)) => prop_assert_eq!(ending, before),
                (_, before) => prop_assert_eq!(*before, None),
            }
        }
        prop_assert!(over.is_some());
        prop_assert!(bridge.guests.is_empty());
        prop_assert_eq!(given, freed);
    }
}
