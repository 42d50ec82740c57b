//! Somebody comes.

use serde_json::{Value, json};

use super::scene::{PATIENT, Scene};
use crate::support::humans::hang_up;

const NUMBER: &str = "+14155550101";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answered_caller_and_the_agent_who_pressed_a_key_hear_each_other_until_the_agent_hangs_up() {
    let says = json!({"says": "This is Ada of Green Street Dental.", "every_ms": 3000});
    let scene = Scene::with(&[PATIENT], &[says]).await;
    let campaign = scene.dial(&[NUMBER], json!({})).await;
    let operator = scene.leg(0, "in-progress").await;
    let talks = |call: &Value| call["agent_id"].is_string();
    let call = scene.call(&campaign, NUMBER, "an agent talks", talks).await;
    let caller = call["call_sid"].as_str().unwrap().to_owned();
    scene.met(&call, &caller, &operator).await;
    // Talk is counted in whole seconds.
    for _ in 0..3 {
        scene.hears(&call, &caller, &operator).await;
    }
    assert_eq!(scene.human(0).await["current_calls"], 1);

    hang_up(&scene.sim, &operator).await;
    let call = scene.over(&campaign, NUMBER).await;
    scene.clean(&[&call]).await;
    let call = scene.over(&campaign, NUMBER).await;
    assert_eq!(
        (&call["status"], &call["disposition"]),
        (&json!("completed"), &json!("answered"))
    );
    assert_eq!(
        (&call["agent_id"], &call["agent_name"]),
        (&json!(scene.humans[0].id), &json!("Human 0"))
    );
    let room = scene.room(&call).await;
    assert_eq!(
        (&call["conference_sid"], &room["status"]),
        (&room["sid"], &json!("completed"))
    );
    let human = scene.human(0).await;
    assert_eq!(human["total_calls_handled"], 1, "{human}");
    assert!(
        human["total_call_duration_seconds"].as_u64().unwrap() >= 1,
        "{human}"
    );
    assert!(!scene.stored(&call).await.0.abandoned);
    assert_eq!(scene.rung(0).await.len(), 1);
    scene.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_declines_does_not_answer_or_is_busy_is_followed_by_the_next() {
    let manners = [
        json!({"does": "declines"}),
        json!({"does": "no_answer", "after_ms": 300}),
        json!({"does": "busy"}),
        json!({"hang_up_after_ms": 3000}),
    ];
    let scene = Scene::with(&[PATIENT], &manners).await;
    let campaign = scene.dial(&[NUMBER], json!({})).await;
    let call = scene.over(&campaign, NUMBER).await;
    scene.clean(&[&call]).await;
    let call = scene.over(&campaign, NUMBER).await;
    assert_eq!(call["agent_id"], json!(scene.humans[3].id), "{call}");
    let mut order = Vec::new();
    for n in 0..4 {
        let rung = scene.rung(n).await;
        assert_eq!(rung.len(), 1, "human {n} is rung once: {rung:?}");
        order.push(rung[0]["date_created"].as_str().unwrap().to_owned());
        assert_eq!(
            scene.human(n).await["total_calls_handled"],
            json!(u8::from(n == 3))
        );
    }
    let at = |text: &String| chrono::DateTime::parse_from_rfc2822(text).unwrap();
    assert!(order.is_sorted_by_key(at), "longest idle first: {order:?}");
    assert!(!scene.stored(&call).await.0.abandoned);
    scene.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_all_are_busy_callers_wait_and_whoever_is_free_takes_the_longest_waiting() {
    let manners = [
        json!({"hang_up_after_ms": 5000, "does": "accepts"}),
        json!({"does": "declines"}),
        json!({"does": "declines"}),
    ];
    let scene = Scene::with(&[PATIENT], &manners).await;
    let numbers = ["+14155550101", "+14155550201", "+14155550301"];
    let campaign = scene.dial(&numbers, json!({"max_wait_seconds": 120})).await;
    let mut calls = Vec::new();
    for number in numbers {
        calls.push(scene.over(&campaign, number).await);
    }
    scene.clean(&calls.iter().collect::<Vec<_>>()).await;
    let mut waits = Vec::new();
    for call in &calls {
        let (row, bridge) = scene.stored(call).await;
        let bridge = bridge.unwrap();
        assert_eq!(
            row.operator.map(|operator| operator.to_string()).as_deref(),
            Some(scene.humans[0].id.as_str()),
            "who declines talks to nobody: {bridge:?}"
        );
        assert!(!row.abandoned, "{row:?}");
        waits.push((bridge.since, row.sid.unwrap()));
    }
    // The order in which human 0 was given them is that of its phone's calls.
    let mut rung = scene.rung(0).await;
    rung.reverse();
    assert_eq!(rung.len(), 3, "{rung:?}");
    let mut took = Vec::new();
    for leg in &rung {
        for call in &calls {
            let room = scene.room(call).await;
            let with = |pair: &Value| pair["by"] == leg["sid"] || pair["from"] == leg["sid"];
            if room["heard"].as_array().unwrap().iter().any(with) {
                took.push(call["call_sid"].as_str().unwrap().to_owned());
            }
        }
    }
    // Of three who answer at the same instant anybody may get the free one; the others wait.
    waits.retain(|(_, sid)| *sid != took[0]);
    waits.sort();
    let longest_first: Vec<String> = waits.into_iter().map(|(_, sid)| sid).collect();
    assert_eq!(took[1..], longest_first);
    scene.stop().await;
}
