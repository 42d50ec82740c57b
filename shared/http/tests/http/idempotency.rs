//! `Idempotency-Key`.

use chrono::Duration;
use serde_json::{Value, json};

use trunkline_service::identity;
use trunkline_testing::{Answer, Instance, World, bearer};

use crate::{PASSWORD, instance, token};

async fn create(instance: &Instance, path: &str, token: &str, key: &str, body: &Value) -> Answer {
    let mut headers = bearer(token);
    headers.push(format!("idempotency-key: {key}"));
    instance
        .send(&format!("POST {path}"), &headers, body.to_string())
        .await
}

#[tokio::test]
async fn the_same_key_gives_the_first_answer_again_for_a_day() {
    let world = World::new().await;
    let (one, other) = (instance(&world), instance(&world));
    let token = token(&world, "idem@example.com").await;
    let body = json!({ "name": "x" });
    let first = create(&one, "/things", &token, "k1", &body).await;
    assert_eq!((first.status, first.header("idempotent-replayed")), (201, ""));
    world.clock.turn(Duration::hours(23));
    let again = create(&other, "/things", &token, "k1", &body).await;
    assert_eq!((again.status, again.header("idempotent-replayed")), (201, "true"));
    assert_eq!(
        (again.text(), again.headers.get("etag")),
        (first.text(), first.headers.get("etag"))
    );
    world.clock.turn(Duration::hours(2));
    // The access token is a day old by now; the user is the same.
    let (_, tokens) = identity::login(&world.ctx(), "idem@example.com", PASSWORD)
        .await
        .unwrap();
    let late = create(&one, "/things", &tokens.access, "k1", &body).await;
    assert_eq!((late.status, late.header("idempotent-replayed")), (201, ""));
}

#[tokio::test]
async fn a_key_is_one_users_at_one_path_with_one_body() {
    let world = World::new().await;
    let instance = instance(&world);
    let (mine, theirs) = (
        token(&world, "mine@example.com").await,
        token(&world, "theirs@example.com").await,
    );
    let body = json!({ "name": "x" });
    let first = create(&instance, "/things", &mine, "k", &body).await;
    let other = create(&instance, "/things", &theirs, "k", &body).await;
    assert_ne!(first.body["id"], other.body["id"]);
    let dialer = create(&instance, "/api/things", &mine, "k", &body).await;
    assert_eq!((dialer.status, dialer.header("idempotent-replayed")), (201, ""));
    let changed = json!({ "name": "y" });
    assert_eq!(
        create(&instance, "/things", &mine, "k", &changed).await.status,
        422
    );
    assert_eq!(
        create(&instance, "/api/things", &mine, "k", &changed)
            .await
            .status,
        400
    );
    assert_eq!(
        create(&instance, "/things", &mine, &"k".repeat(256), &body)
            .await
            .status,
        422
    );
}

#[tokio::test]
async fn a_refusal_is_kept_and_a_fault_of_ours_is_not() {
    let world = World::new().await;
    let instance = instance(&world);
    let token = token(&world, "refused@example.com").await;
    let wrong = json!({ "count": 1 });
    assert_eq!(
        create(&instance, "/things", &token, "k", &wrong).await.status,
        422
    );
    let again = create(&instance, "/things", &token, "k", &wrong).await;
    assert_eq!((again.status, again.header("idempotent-replayed")), (422, "true"));
    for _ in 0..2 {
        let failed = create(&instance, "/flaky", &token, "f", &json!({})).await;
        assert_eq!((failed.status, failed.header("idempotent-replayed")), (500, ""));
    }
}

#[tokio::test]
async fn while_the_first_runs_another_waits_and_takes_over_when_it_died() {
    let world = World::new().await;
    let instance = instance(&world);
    let token = token(&world, "running@example.com").await;
    let body = json!({ "name": "x" });
    let first = create(&instance, "/things", &token, "k", &body).await;
    // As a run leaves it that broke off before its answer.
    let items = world
        .db()
        .scan()
        .table_name("test-ephemeral")
        .send()
        .await
        .unwrap()
        .items
        .unwrap();
    let record = items
        .into_iter()
        .find(|item| item.contains_key("answer"))
        .unwrap();
    world
        .db()
        .update_item()
        .table_name("test-ephemeral")
        .key("PK", record["PK"].clone())
        .key("SK", record["SK"].clone())
        .update_expression("REMOVE answer")
        .send()
        .await
        .unwrap();
    let busy = create(&instance, "/things", &token, "k", &body).await;
    assert_eq!((busy.status, busy.header("retry-after")), (409, "60"));
    world.clock.turn(Duration::seconds(61));
    let rerun = create(&instance, "/things", &token, "k", &body).await;
    assert_eq!((rerun.status, rerun.header("idempotent-replayed")), (201, ""));
    assert_eq!(
        rerun.body["id"], first.body["id"],
        "the rerun finds what the first run made"
    );
}
