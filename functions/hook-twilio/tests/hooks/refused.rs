//! What is not the carrier's, not about a call of ours, or about one that is over.

use axum::http::StatusCode;
use trunkline_domain::{CallId, id::derived};

use crate::world::{CALLER, LEG, World};

const JOIN: [(&str, &str); 3] = [
    ("ConferenceSid", "CF1"),
    ("StatusCallbackEvent", "participant-join"),
    ("ParticipantLabel", "leg-1"),
];

#[tokio::test]
async fn what_is_unsigned_or_anothers_is_forbidden() {
    let world = World::ringing(&["a"]).await;
    for hook in ["agent-answer", "conference-status"] {
        for token in [None, Some("another")] {
            let (status, body) = world.send(&world.of_leg(hook), LEG, &JOIN, token).await;
            assert_eq!((status, body.as_str()), (StatusCode::FORBIDDEN, ""), "{hook}");
        }
    }
}

#[tokio::test]
async fn of_an_unknown_call_a_telephone_is_hung_up_and_a_room_is_heard_of_without_effect() {
    let world = World::ringing(&["a"]).await;
    let unknown = CallId(derived("unknown"));
    let url = |hook: &str| format!("/webhooks/twilio/{hook}?callId={unknown}&e=1&leg=1");
    let (status, twiml) = world.signed(&url("agent-answer"), LEG, &[]).await;
    assert_eq!(status, StatusCode::OK);
    assert!(twiml.ends_with("<Response><Hangup/></Response>"), "{twiml}");
    let (status, body) = world.signed(&url("conference-status"), LEG, &JOIN).await;
    assert_eq!((status, body.as_str()), (StatusCode::OK, ""));
    let ended = [("CallStatus", "completed")];
    assert_eq!(world.signed(&url("status"), LEG, &ended).await.0, StatusCode::OK);
}

#[tokio::test]
async fn the_addresses_of_the_dialers_document_are_understood() {
    let world = World::ringing(&["a"]).await;
    let id = world.of.call;
    let asked =
        format!("/webhooks/twilio/agent-answer?conferenceName=call_{id}&leadName=John%20Doe&callId={id}");
    let (status, twiml) = world.signed(&asked, LEG, &[]).await;
    assert_eq!(status, StatusCode::OK);
    assert!(
        twiml.contains("<Say>The caller has gone.") && twiml.ends_with("<Hangup/></Response>"),
        "{twiml}"
    );
    let told = format!("/webhooks/twilio/conference-status?callId={id}");
    assert_eq!(world.signed(&told, LEG, &JOIN).await.0, StatusCode::OK);
}

#[tokio::test]
async fn what_is_missing_or_wrong_is_a_bad_request() {
    let world = World::ringing(&["a"]).await;
    let event = &JOIN[1..2];
    let (status, _) = world.signed(&world.url("conference-status"), CALLER, event).await;
    assert_eq!(status, StatusCode::BAD_REQUEST, "no ConferenceSid");
    let (status, _) = world
        .signed(&world.url("conference-status"), CALLER, &JOIN[..1])
        .await;
    assert_eq!(status, StatusCode::BAD_REQUEST, "no event");
    let odd = format!("{}&leg=two", world.url("agent-answer"));
    assert_eq!(
        world.signed(&odd, LEG, &[]).await.0,
        StatusCode::BAD_REQUEST,
        "leg is no number"
    );
    let nobody = "/webhooks/twilio/agent-answer?leg=1&e=1";
    assert_eq!(
        world.signed(nobody, LEG, &[]).await.0,
        StatusCode::BAD_REQUEST,
        "no call"
    );
}

#[tokio::test]
async fn of_a_call_that_is_over_a_room_changes_nothing() {
    let world = World::ringing(&["a"]).await;
    world.post(&world.url("answer"), &[]).await;
    let ended = [("CallStatus", "completed"), ("CallDuration", "3")];
    assert_eq!(world.post(&world.url("status"), &ended).await.0, StatusCode::OK);
    let before = world
        .ctx
        .store
        .call_unchecked(world.of.call)
        .await
        .unwrap()
        .unwrap();
    assert!(before.status.is_ended());
    let (status, _) = world.signed(&world.url("conference-status"), LEG, &JOIN).await;
    assert_eq!(status, StatusCode::OK);
    let after = world
        .ctx
        .store
        .call_unchecked(world.of.call)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(after, before);
    let (_, twiml) = world
        .signed(&world.of_leg("agent-answer"), LEG, &[("Digits", "1")])
        .await;
    assert!(twiml.contains("The caller has gone."), "{twiml}");
}
