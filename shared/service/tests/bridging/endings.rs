//! Each way in which it can end, one thing after the other.

use std::sync::atomic::Ordering;

use trunkline_domain::{
    bridge::{Ending, Stage},
    call_status::Report,
    campaign::Fallback,
    operator::OperatorStatus,
};
use trunkline_service::dialing::hooks::{self, Answer};
use trunkline_telephony::{DialError, form::RoomEvent};

use crate::{
    carrier::{CALLER, leg_sid},
    world::{World, person, run},
};

#[test]
fn the_caller_hangs_up_first_and_everybody_is_free() {
    run(async {
        let world = World::new(&["a"], |_| {}).await;
        world.talking().await;
        let call = world.row().await;
        assert_eq!(
            (call.operator, call.conference.as_deref()),
            (Some(person("a")), Some("CF1"))
        );
        world.pass(&world.ctx, 120).await;
        world.status(&world.ctx, Report::Completed).await;
        world.work(&world.ctx).await;
        assert!(world.carrier.hung_up(&leg_sid(1)));
        world.is_clean(&["a"]).await;
        let (a, call) = (world.operator("a").await, world.row().await);
        assert_eq!((a.total_calls, a.total_talk_s), (1, 120));
        assert_eq!((call.operator, call.abandoned), (Some(person("a")), false));
    });
}

#[test]
fn the_human_agent_hangs_up_first_or_both_at_once() {
    run(async {
        for both in [false, true] {
            let world = World::new(&["a"], |_| {}).await;
            world.talking().await;
            world.room(&world.ctx, RoomEvent::Leave, Some(1)).await;
            if !both {
                world.work(&world.ctx).await;
            }
            world.status(&world.ctx, Report::Completed).await;
            world.leg_ends(&world.ctx, 1).await;
            world.work(&world.ctx).await;
            world.is_clean(&["a"]).await;
            assert_eq!(world.stage().await, Stage::Over(Ending::OperatorLeft));
            assert!(!world.row().await.abandoned);
        }
    });
}

#[test]
fn who_declines_is_free_and_the_next_one_is_rung_once() {
    run(async {
        let world = World::new(&["a", "b"], |_| {}).await;
        world.dialled().await;
        world.answered(&world.ctx).await;
        world.work(&world.ctx).await;
        world.leg_answers(&world.ctx, 1, false).await;
        world.leg_ends(&world.ctx, 1).await;
        world.work(&world.ctx).await;
        assert!(world.operator("a").await.calls.is_empty());
        assert!(matches!(world.stage().await, Stage::Ringing(leg) if leg.operator == person("b")));
        let late = world.leg_answers(&world.ctx, 1, true).await;
        assert!(
            matches!(late, Some(Answer::Say { .. })),
            "the first one is too late: {late:?}"
        );
        world.leg_answers(&world.ctx, 2, true).await;
        world.room(&world.ctx, RoomEvent::Join, Some(2)).await;
        world.status(&world.ctx, Report::Completed).await;
        world.work(&world.ctx).await;
        assert_eq!(world.row().await.operator, Some(person("b")));
        world.is_clean(&["a", "b"]).await;
    });
}

#[test]
fn a_telephone_that_nobody_answers_rings_no_longer_than_it_may() {
    run(async {
        let world = World::new(&["a", "b"], |_| {}).await;
        world.dialled().await;
        world.answered(&world.ctx).await;
        world.work(&world.ctx).await;
        world.pass(&world.ctx, 36).await;
        assert!(world.carrier.hung_up(&leg_sid(1)));
        assert_eq!(world.carrier.rung().len(), 2);
        world.status(&world.ctx, Report::Completed).await;
        world.work(&world.ctx).await;
        assert_eq!(world.stage().await, Stage::Over(Ending::GaveUp));
        assert!(
            world.row().await.abandoned,
            "the caller gave up before anybody came"
        );
        world.is_clean(&["a", "b"]).await;
    });
}

#[test]
fn a_refusal_is_the_next_one_and_a_carrier_that_is_busy_is_asked_again() {
    run(async {
        let world = World::new(&["a", "b"], |_| {}).await;
        let refused = DialError::Refused {
            code: "21211".into(),
            what: "not a number".into(),
        };
        let slow = DialError::SlowDown {
            retry_after_s: Some(2),
        };
        world
            .carrier
            .rings
            .lock()
            .unwrap()
            .extend([Err(refused), Err(slow)]);
        world.dialled().await;
        world.answered(&world.ctx).await;
        world.work(&world.ctx).await;
        world.pass(&world.ctx, 4).await;
        let rung = world.carrier.rung();
        let legs: Vec<u32> = rung.iter().map(|order| order.leg).collect();
        assert_eq!(legs, [1, 2, 2], "the second was certainly not placed");
        assert!(matches!(world.stage().await, Stage::Ringing(leg) if leg.sid == Some(leg_sid(2))));
    });
}

#[test]
fn a_ring_whose_answer_was_lost_is_known_by_its_callback() {
    run(async {
        let world = World::new(&["a"], |_| {}).await;
        let lost = DialError::Ambiguous {
            what: "timeout".into(),
        };
        world.carrier.rings.lock().unwrap().push_back(Err(lost));
        world.dialled().await;
        world.answered(&world.ctx).await;
        world.work(&world.ctx).await;
        world.pass(&world.ctx, 10).await;
        let room = world.leg_answers(&world.ctx, 1, true).await;
        assert!(
            matches!(room, Some(Answer::Room { leg: Some(1), .. })),
            "{room:?}"
        );
        world.status(&world.ctx, Report::Completed).await;
        world.work(&world.ctx).await;
        assert!(world.carrier.hung_up(&leg_sid(1)));
        world.is_clean(&["a"]).await;
    });
}

#[test]
fn what_the_carrier_does_not_answer_is_asked_again_at_once_and_then_by_the_clock() {
    run(async {
        for failures in [1, 4] {
            let world = World::new(&["a"], |_| {}).await;
            world.talking().await;
            world.carrier.silent.store(failures, Ordering::Relaxed);
            world.status(&world.ctx, Report::Completed).await;
            world.work(&world.ctx).await;
            assert_eq!(world.carrier.hung_up(&leg_sid(1)), failures == 1);
            assert!(
                world.operator("a").await.calls.is_empty(),
                "what can be done is done"
            );
            world.pass(&world.ctx, 60).await;
            world.is_clean(&["a"]).await;
        }
    });
}

#[test]
fn whoever_becomes_free_takes_who_waits_longest() {
    run(async {
        let world = World::new(&["a"], |_| {}).await;
        world.sets("a", OperatorStatus::Busy).await;
        world.dialled().await;
        let room = world.answered(&world.ctx).await;
        assert!(matches!(room, Some(Answer::Room { .. })), "{room:?}");
        world.work(&world.ctx).await;
        assert_eq!(world.stage().await, Stage::Seeking);
        world.sets("a", OperatorStatus::Available).await;
        world.work(&world.ctx).await;
        assert!(matches!(world.stage().await, Stage::Ringing(_)));
        world.ends().await;
        world.is_clean(&["a"]).await;
    });
}

#[test]
fn where_nobody_could_come_the_fallback_is_the_answer_itself() {
    run(async {
        let world = World::new(&["a"], |_| {}).await;
        world.sets("a", OperatorStatus::Offline).await;
        world.dialled().await;
        let answer = world.answered(&world.ctx).await;
        assert!(matches!(answer, Some(Answer::Say { .. })), "{answer:?}");
        assert_eq!(
            world.answered(&world.ctx).await,
            answer,
            "a repetition is answered alike"
        );
        world.work(&world.ctx).await;
        assert_eq!(world.carrier.redirects(), 0);
        assert!(world.row().await.abandoned);
        world.status(&world.ctx, Report::Completed).await;
        world.work(&world.ctx).await;
        world.is_clean(&["a"]).await;
    });
}

/// The campaign's wait is over, and nobody came.
async fn waited_in_vain(fallback: Fallback) -> (World, Answer) {
    let world = World::new(&["a"], |campaign| {
        campaign.fallback = fallback;
        campaign.wait_s = 20;
    })
    .await;
    let agent = serde_json::json!({
        "id": trunkline_domain::id::derived("agent"), "tenant": world.campaign.tenant,
        "created_by": world.campaign.created_by, "name": "agent", "system_prompt": "", "language": "en",
        "version": 1, "created_at": world.ctx.now(), "updated_at": world.ctx.now(),
    });
    let agent = serde_json::from_value(agent).unwrap();
    world.ctx.store.create_voice_agent(&agent).await.unwrap().unwrap();
    world.sets("a", OperatorStatus::Busy).await;
    world.dialled().await;
    world.answered(&world.ctx).await;
    world.pass(&world.ctx, 18).await;
    assert_eq!(world.stage().await, Stage::Seeking);
    world.pass(&world.ctx, 5).await;
    assert_eq!(world.stage().await, Stage::Over(Ending::Nobody));
    assert_eq!(world.carrier.redirects(), 1);
    let asked = hooks::stream_ended(&world.ctx, world.call, 1, CALLER, 0).await;
    (world, asked.unwrap())
}

#[test]
fn nobody_in_time_is_each_campaigns_own_fallback_and_counts_as_abandoned() {
    run(async {
        let agent = trunkline_domain::VoiceAgentId(trunkline_domain::id::derived("agent"));
        let gone = trunkline_domain::VoiceAgentId(trunkline_domain::id::derived("no agent"));
        for fallback in [
            Fallback::Goodbye,
            Fallback::Voicemail,
            Fallback::VoiceAgent(agent),
            Fallback::VoiceAgent(gone),
        ] {
            let (world, answer) = waited_in_vain(fallback).await;
            match fallback {
                Fallback::VoiceAgent(which) if which == agent => {
                    assert!(
                        matches!(answer, Answer::Stream { generation: 0, .. }),
                        "{answer:?}"
                    );
                    assert_eq!(world.row().await.voice_agent, Some(agent));
                }
                // There is no copy of a message to play, and no such agent.
                Fallback::Goodbye | Fallback::Voicemail | Fallback::VoiceAgent(_) => {
                    assert!(matches!(answer, Answer::Say { .. }), "{answer:?}");
                }
            }
            assert!(world.row().await.abandoned);
            world.status(&world.ctx, Report::Completed).await;
            world.work(&world.ctx).await;
            world.is_clean(&["a"]).await;
        }
    });
}

#[test]
fn a_machine_lets_go_of_whoever_is_rung_and_is_not_abandoned() {
    use trunkline_domain::{AnsweredBy, call::Next};
    run(async {
        for (message, by, next) in [
            (false, AnsweredBy::MachineEndBeep, None),
            (true, AnsweredBy::MachineEndBeep, Some(Next::Voicemail)),
            (true, AnsweredBy::MachineStart, Some(Next::Listen)),
        ] {
            let world = World::new(&["a"], |campaign| {
                campaign.voicemail_message_url = message.then(|| "https://h/a.wav".to_owned());
            })
            .await;
            world.dialled().await;
            world.answered(&world.ctx).await;
            world.work(&world.ctx).await;
            hooks::amd(&world.ctx, world.call, 1, CALLER, by).await.unwrap();
            world.work(&world.ctx).await;
            assert!(world.carrier.hung_up(&leg_sid(1)));
            assert!(world.operator("a").await.calls.is_empty());
            assert_eq!(world.row().await.next, next);
            assert_eq!(
                (world.carrier.redirects(), world.carrier.hung_up(CALLER)),
                (usize::from(message), !message)
            );
            if next == Some(Next::Listen) {
                let asked = hooks::stream_ended(&world.ctx, world.call, 1, CALLER, 0).await;
                assert!(matches!(asked, Ok(Answer::Stream { .. })), "{asked:?}");
                assert_eq!(
                    world.row().await.next,
                    Some(Next::Listen),
                    "whoever opens it learns by this that it listens"
                );
            }
            world.status(&world.ctx, Report::Completed).await;
            world.work(&world.ctx).await;
            assert!(!world.row().await.abandoned);
            world.is_clean(&["a"]).await;
        }
    });
}

#[test]
fn what_is_told_of_a_call_that_is_over_or_unknown_changes_nothing() {
    run(async {
        let world = World::new(&["a"], |_| {}).await;
        world.talking().await;
        world.status(&world.ctx, Report::Completed).await;
        world.work(&world.ctx).await;
        let before = (world.row().await, world.bridge().await);
        world.room(&world.ctx, RoomEvent::Join, Some(1)).await;
        world.room(&world.ctx, RoomEvent::End, None).await;
        world.leg_ends(&world.ctx, 1).await;
        world.work(&world.ctx).await;
        assert_eq!((world.row().await, world.bridge().await), before);
        let unknown = trunkline_domain::CallId(trunkline_domain::id::derived("unknown"));
        let answer = hooks::agent_answered(&world.ctx, unknown, Some(1), "CA9", true).await;
        assert_eq!(answer.unwrap(), Answer::Hangup);
        let documented = hooks::agent_answered(&world.ctx, world.call, None, "CA9", false).await;
        assert!(matches!(documented, Ok(Answer::Say { .. })), "{documented:?}");
    });
}

#[test]
fn who_vanishes_from_a_talk_without_a_word_is_missed_by_the_clock() {
    run(async {
        let world = World::new(&["a"], |_| {}).await;
        world.talking().await;
        world.pass(&world.ctx, 290).await;
        assert!(matches!(world.stage().await, Stage::Talking { .. }));
        world.carrier.ends(&leg_sid(1));
        world.pass(&world.ctx, 320).await;
        assert_eq!(world.stage().await, Stage::Over(Ending::OperatorLeft));
        assert!(world.operator("a").await.calls.is_empty());
    });
}
