//! The trail of who did what.

use chrono::Duration;
use serde_json::json;
use trunkline_domain::Role;

use crate::{admin, login, platform};

#[tokio::test]
async fn an_entry_says_who_did_what_to_which_record_and_from_where() {
    let platform = platform().await;
    let boss = platform.manager("boss").await;
    let root = admin(&platform, &boss).await;
    let made = boss
        .send(
            "POST /campaigns",
            &["x-forwarded-for: 203.0.113.9"],
            r#"{"name":"C","phone_numbers":["+14155550100"]}"#,
        )
        .await;
    assert_eq!(made.status, 201, "{made:?}");
    let logs = root.get("/admin/logs?action=campaigns.create").await;
    assert_eq!((logs.status, &logs.body["total"]), (200, &json!(1)), "{logs:?}");
    let entry = logs.body["items"][0].clone();
    let expected = json!({
        "id": entry["id"], "at": "2026-01-05T10:00:00Z", "actor_id": boss.who.user, "actor_email": "boss@example.com",
        "action": "campaigns.create", "target_type": "campaign", "target_id": made.id(), "tenant_id": boss.who.tenant,
        "address": "203.0.113.7",
    });
    assert_eq!(entry, expected);
    let other = platform
        .world
        .instance(trunkline_http::HttpOptions::default(), crate::router());
    let put = format!("PUT /campaigns/{}", made.id());
    let answer = other
        .send_from(
            "198.51.100.4:99",
            &put,
            &trunkline_testing::bearer(&boss.token),
            r#"{"name":"D"}"#,
        )
        .await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let changed = root
        .get(&format!(
            "/admin/logs?target_id={}&action=campaigns.update",
            made.id()
        ))
        .await;
    assert_eq!(changed.body["items"][0]["address"], "198.51.100.4", "{changed:?}");
}

#[tokio::test]
async fn what_was_only_asked_or_refused_leaves_no_entry_and_a_repeated_key_one() {
    let platform = platform().await;
    let boss = platform.manager("boss").await;
    let root = admin(&platform, &boss).await;
    let agent = r#"{"name":"A","system_prompt":"Help."}"#;
    let key = ["idempotency-key: once"];
    let first = boss.send("POST /agents", &key, agent).await;
    let second = boss.send("POST /agents", &key, agent).await;
    assert_eq!(
        (first.status, second.header("idempotent-replayed")),
        (201, "true")
    );
    assert_eq!(boss.send("POST /agents", &[], agent).await.status, 409);
    assert_eq!(boss.send("POST /agents", &[], "{").await.status, 400);
    assert_eq!(boss.get("/agents").await.status, 200);
    assert_eq!(boss.get("/admin/logs").await.status, 403);
    let logs = root
        .get(&format!("/admin/logs?tenant_id={}", boss.who.tenant))
        .await;
    assert_eq!(logs.column("action"), ["agents.create"], "{logs:?}");
    assert_eq!(logs.column("target_id"), [first.id()]);
}

#[tokio::test]
async fn logins_are_on_the_trail_with_everything_done_to_users() {
    let platform = platform().await;
    let boss = platform.manager("boss").await;
    let root = admin(&platform, &boss).await;
    let john = platform.colleague(&boss, "john", Role::User).await;
    platform.world.clock.turn(Duration::seconds(1));
    let john_again = login(&platform, &john, "john@example.com").await;
    platform.world.clock.turn(Duration::seconds(1));
    assert_eq!(john_again.post("/auth/logout", json!({})).await.status, 200);
    platform.world.clock.turn(Duration::seconds(1));
    let path = format!("/admin/users/{}/deactivate", john.who.user);
    assert_eq!(root.post(&path, json!({})).await.status, 200);
    platform.world.clock.turn(Duration::seconds(1));
    assert_eq!(
        boss.delete(&format!("/users/{}", john.who.user)).await.status,
        204
    );
    let logs = root
        .get(&format!("/admin/logs?target_id={}", john.who.user))
        .await;
    assert_eq!(
        logs.column("action"),
        ["users.delete", "users.deactivate", "auth.login"],
        "{logs:?}"
    );
    assert_eq!(
        logs.column("actor_email"),
        ["boss@example.com", "root@example.com", "john@example.com"]
    );
    let johns = root.get("/admin/logs?actor_email=John@Example.com").await;
    assert_eq!(johns.column("action"), ["auth.logout", "auth.login"]);
}

#[tokio::test]
async fn pages_by_cursor_are_the_whole_trail_newest_first() {
    let platform = platform().await;
    let (ann, bob) = (platform.manager("ann").await, platform.manager("bob").await);
    let root = admin(&platform, &ann).await;
    for number in 0..7 {
        let who = if number % 2 == 0 { &ann } else { &bob };
        let made = who
            .post(
                "/agents",
                json!({ "name": format!("A{number}"), "system_prompt": "Help." }),
            )
            .await;
        assert_eq!(made.status, 201);
        platform.world.clock.turn(Duration::seconds(1));
    }
    let all = root.get("/admin/logs?limit=100").await;
    // The admin's own login is the eighth.
    assert_eq!((&all.body["total"], all.column("id").len()), (&json!(8), 8));
    assert!(all.column("at").is_sorted_by(|a, b| a >= b));
    let ids: Vec<String> = all.column("id").into_iter().map(str::to_owned).collect();
    for (filter, expected) in [
        (String::new(), ids.clone()),
        ("&target_type=agent".to_owned(), ids[..7].to_vec()),
        (
            format!("&tenant_id={}", bob.who.tenant),
            vec![ids[1].clone(), ids[3].clone(), ids[5].clone()],
        ),
        ("&date_from=2026-01-05T10:00:05Z".to_owned(), ids[..2].to_vec()),
        (
            "&date_to=2026-01-05T10:00:01Z&target_type=agent".to_owned(),
            ids[5..7].to_vec(),
        ),
    ] {
        for limit in [1, 2, 3, 100] {
            let (mut seen, mut cursor) = (Vec::new(), String::new());
            loop {
                let page = root
                    .get(&format!("/admin/logs?limit={limit}&cursor={cursor}{filter}"))
                    .await;
                assert_eq!(page.status, 200, "{page:?}");
                seen.extend(page.column("id").into_iter().map(str::to_owned));
                match page.body["next_cursor"].as_str() {
                    Some(next) => cursor = next.to_owned(),
                    None => break,
                }
            }
            assert_eq!(seen, expected, "{filter}, {limit} at a time");
        }
        let skipped = root.get(&format!("/admin/logs?skip=1&limit=1{filter}")).await;
        assert_eq!(skipped.column("id"), expected[1..2], "{filter}");
    }
}
