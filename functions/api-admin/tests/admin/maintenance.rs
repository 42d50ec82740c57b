//! Maintenance: closed to all but admins.

use serde_json::{Value, json};
use trunkline_domain::Role;
use trunkline_http::HttpOptions;
use trunkline_testing::PASSWORD;

use crate::{admin, login, platform, router};

#[tokio::test]
async fn it_holds_from_the_next_request_on_every_instance_and_ends_so() {
    let platform = platform().await;
    let boss = platform.manager("boss").await;
    let root = admin(&platform, &boss).await;
    let other = platform.world.instance(HttpOptions::default(), router());
    assert_eq!(
        other.json("GET /agents", &boss.token, Value::Null).await.status,
        200
    );

    let message = "back at 10, says Zoë";
    let on = root
        .post("/admin/system/maintenance", json!({ "message": message }))
        .await;
    assert_eq!(on.status, 200, "{on:?}");
    assert_eq!(
        on.body["data"],
        json!({ "enabled": true, "message": message, "since": "2026-01-05T10:00:00Z" })
    );
    let closed = other.json("GET /agents", &boss.token, Value::Null).await;
    assert_eq!((closed.status, closed.code()), (503, "SERVER_002"));
    assert_eq!(closed.body["error"]["message"], message, "word for word");
    assert_eq!(closed.header("retry-after"), "60");
    assert_eq!(
        other.json("GET /agents", &root.token, Value::Null).await.status,
        200
    );

    let off = root
        .post("/admin/system/maintenance", json!({ "enabled": false }))
        .await;
    assert_eq!((off.status, &off.body["enabled"]), (200, &json!(false)));
    assert_eq!(
        other.json("GET /agents", &boss.token, Value::Null).await.status,
        200
    );
}

#[tokio::test]
async fn a_second_word_keeps_the_first_moment() {
    let platform = platform().await;
    let boss = platform.manager("boss").await;
    let root = admin(&platform, &boss).await;
    root.post("/admin/system/maintenance", json!({ "message": "one" }))
        .await;
    platform.world.clock.turn(chrono::Duration::minutes(5));
    let again = root.post("/admin/system/maintenance", json!({})).await;
    assert_eq!(
        (&again.body["message"], &again.body["since"]),
        (&json!("one"), &json!("2026-01-05T10:00:00Z"))
    );
    let new = root
        .post(
            "/admin/system/maintenance",
            json!({ "enabled": true, "message": "two" }),
        )
        .await;
    assert_eq!(
        (&new.body["data"]["message"], &new.body["since"]),
        (&json!("two"), &json!("2026-01-05T10:00:00Z"))
    );
}

#[tokio::test]
async fn the_checks_keep_their_order() {
    let platform = platform().await;
    let boss = platform.manager("boss").await;
    let user = platform.colleague(&boss, "user", Role::User).await;
    let root = admin(&platform, &boss).await;
    assert_eq!(
        root.post("/admin/system/maintenance", json!({})).await.status,
        200
    );
    let nobody = platform.nobody(&boss);
    for (who, ask, status) in [
        (&user, "GET /nothing/there", 404),
        (&user, "DELETE /agents", 405),
        (&nobody, "GET /agents", 401),
        // Maintenance before role, body and record.
        (&user, "GET /admin/users", 503),
        (&user, "POST /agents", 503),
        (&user, "GET /agents/42", 503),
    ] {
        let answer = who.send(ask, &[], "{").await;
        assert_eq!(answer.status, status, "{ask} {answer:?}");
    }
    let mut ended = user.clone();
    ended.token.push('x');
    assert_eq!(ended.get("/agents").await.status, 401);
    // What needs no token is closed too, but for what goes on.
    for ask in [
        "POST /auth/register",
        "POST /auth/forgot-password",
        "POST /api/auth/register",
    ] {
        assert_eq!(nobody.send(ask, &[], "{}").await.status, 503, "{ask}");
    }
    for ask in [
        "GET /health",
        "GET /liveness",
        "GET /version",
        "GET /openapi.json",
    ] {
        assert_eq!(nobody.send(ask, &[], "").await.status, 200, "{ask}");
    }
    let v1 = nobody.send("POST /api/v1/auth/register", &[], "{}").await;
    assert_eq!((v1.status, v1.code()), (503, "SERVICE_UNAVAILABLE"));
}

#[tokio::test]
async fn a_login_goes_on_in_every_dialect_and_so_does_its_refresh() {
    let platform = platform().await;
    let boss = platform.manager("boss").await;
    let root = admin(&platform, &boss).await;
    assert_eq!(
        root.post("/admin/system/maintenance", json!({})).await.status,
        200
    );
    let nobody = platform.nobody(&boss);
    for path in ["/auth", "/api/auth", "/api/v1/auth"] {
        let body = json!({ "email": "root@example.com", "password": PASSWORD });
        let session = nobody.post(&format!("{path}/login"), body).await;
        assert_eq!(session.status, 200, "{path} {session:?}");
        let token = ["/refresh_token", "/data/refresh_token"]
            .iter()
            .find_map(|at| session.body.pointer(at).and_then(Value::as_str))
            .unwrap();
        let body = json!({ "refresh_token": token });
        let next = nobody.post(&format!("{path}/refresh-token"), body).await;
        assert_eq!(next.status, 200, "{path} {next:?}");
    }
    let manager = login(&platform, &boss, "boss@example.com").await;
    assert_eq!(
        manager.get("/auth/me").await.status,
        503,
        "who logs in is still told to wait"
    );
    assert_eq!(boss.get("/auth/me").await.status, 503);
}
