//! What was told late, twice or not at all, and what came together.

use std::sync::atomic::Ordering;

use trunkline_domain::{
    AnsweredBy, CallId,
    bridge::{Bridge, Ending, Stage},
    id::derived,
};
use trunkline_queue::BridgeJob;
use trunkline_service::{
    bridging,
    dialing::hooks::{self, Answer},
};
use trunkline_telephony::form::{ConferenceForm, RoomEvent};

use crate::{
    carrier::{CALLER, leg_sid},
    world::{World, person, run},
};

/// Leg 1 was taken, and nothing more is told of it.
async fn taken() -> World {
    let world = World::new(&["a"], |_| {}).await;
    let ctx = &world.ctx;
    world.dialled().await;
    world.answered(ctx).await;
    world.work(ctx).await;
    world.room(ctx, RoomEvent::Join, None).await;
    world.leg_answers(ctx, 1, false).await;
    world.leg_answers(ctx, 1, true).await;
    world.work(ctx).await;
    assert!(matches!(world.stage().await, Stage::Accepted(_)));
    world
}

#[test]
fn who_has_pressed_a_key_and_is_connected_talks_though_the_room_says_nothing() {
    run(async {
        let world = taken().await;
        world.carrier.unasked.store(2, Ordering::Relaxed);
        world.pass(&world.ctx, 20).await;
        assert!(
            matches!(world.stage().await, Stage::Accepted(_)),
            "the carrier does not say"
        );
        world.pass(&world.ctx, 20).await;
        assert!(matches!(world.stage().await, Stage::Talking { .. }));
        assert!(!world.carrier.hung_up(&leg_sid(1)));
        assert_eq!(world.row().await.operator, Some(person("a")));
        world.ends().await;
        assert!(!world.row().await.abandoned);
        world.is_clean(&["a"]).await;
    });
}

#[test]
fn who_has_pressed_a_key_and_hung_up_unheard_is_free() {
    run(async {
        let world = taken().await;
        world.carrier.ends(&leg_sid(1));
        world.pass(&world.ctx, 25).await;
        assert_eq!(world.stage().await, Stage::Over(Ending::Nobody));
        assert!(world.operator("a").await.calls.is_empty());
    });
}

#[test]
fn a_machine_that_could_not_be_let_go_is_told_of_again() {
    run(async {
        for message in [false, true] {
            let world = World::new(&["a"], |campaign| {
                campaign.voicemail_message_url = message.then(|| "https://h/a.wav".to_owned());
            })
            .await;
            world.dialled().await;
            world.answered(&world.ctx).await;
            world.work(&world.ctx).await;
            let told = async || {
                let by = AnsweredBy::MachineEndBeep;
                hooks::amd(&world.ctx, world.call, 1, CALLER, by).await
            };
            world.carrier.silent.store(1, Ordering::Relaxed);
            assert!(told().await.is_err(), "nobody else hears the machine");
            told().await.unwrap();
            assert_eq!(
                (world.carrier.redirects(), world.carrier.hung_up(CALLER)),
                (usize::from(message), !message)
            );
        }
    });
}

#[test]
fn who_became_free_beside_another_is_the_next_callers() {
    run(async {
        let world = World::new(&["a", "b"], |_| {}).await;
        world.dialled().await;
        world.answered(&world.ctx).await;
        world.work(&world.ctx).await;
        assert!(matches!(world.stage().await, Stage::Ringing(leg) if leg.operator == person("a")));
        let (now, group) = (world.ctx.now(), world.campaign.group.unwrap());
        let other = CallId(derived("other"));
        let until = now + chrono::Duration::seconds(60);
        let waits = Bridge::new(other, world.campaign.tenant, group, now, until, 20);
        world.ctx.store.create_bridge(&waits, now).await.unwrap();
        // Both were woken for the first caller, whom the one has by now.
        let b = person("b");
        bridging::work(&world.ctx, world.call, Some(b)).await.unwrap();
        let woken = std::iter::from_fn(|| world.jobs.next());
        let told = BridgeJob::Work {
            call: other,
            free: Some(b),
        };
        assert_eq!(woken.collect::<Vec<_>>(), [told]);
    });
}

#[test]
fn a_repeated_answer_has_somebody_rung_though_the_first_ones_message_was_lost() {
    run(async {
        let world = World::new(&["a"], |_| {}).await;
        world.dialled().await;
        world.answered(&world.ctx).await;
        while world.jobs.next().is_some() {}
        let again = world.answered(&world.ctx).await;
        assert!(matches!(again, Some(Answer::Room { .. })), "{again:?}");
        world.work(&world.ctx).await;
        assert_eq!(world.carrier.rung().len(), 1);
    });
}

#[test]
fn what_is_told_late_of_an_earlier_conference_is_not_the_one_they_are_in() {
    run(async {
        let world = World::new(&["a"], |_| {}).await;
        world.talking().await;
        for event in [RoomEvent::Leave, RoomEvent::End, RoomEvent::Other] {
            let form = ConferenceForm {
                account: "AC1".to_owned(),
                conference: "CF0".to_owned(),
                name: None,
                event,
                sid: Some(CALLER.to_owned()),
                label: None,
                sequence: None,
                at: None,
            };
            hooks::in_room(&world.ctx, world.call, &form).await.unwrap();
            assert_eq!(world.row().await.conference.as_deref(), Some("CF1"));
        }
    });
}

#[test]
fn a_human_agent_whom_the_tenant_may_not_ring_is_not_rung() {
    run(async {
        let world = World::new(&["a"], |_| {}).await;
        world.dialled().await;
        let granted = world
            .ctx
            .store
            .tenant(world.campaign.tenant)
            .await
            .unwrap()
            .unwrap();
        let elsewhere = trunkline_domain::tenant::Tenant {
            countries: vec!["44".to_owned()],
            ..granted
        };
        world.ctx.store.update_tenant(&elsewhere).await.unwrap();
        world.answered(&world.ctx).await;
        world.work(&world.ctx).await;
        assert!(world.carrier.rung().is_empty());
        assert_eq!(world.stage().await, Stage::Over(Ending::Nobody));
        assert!(world.operator("a").await.calls.is_empty());
    });
}
