//! Who opens which desk.

use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::{
    flows::bridging::scene::Scene,
    support::{
        api::Api,
        desk::{Browser, agent_user, tenant_of},
        platform::Platform,
    },
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_desk_opens_to_its_agent_and_to_managers_of_its_tenant_and_to_nobody_else() {
    let scene = Box::pin(Scene::with(&[], &[json!({}), json!({})])).await;
    let url = &scene.platform.url;
    let tenant = tenant_of(&scene.api).await;
    let (own, other) = (&scene.humans[0].id, &scene.humans[1].id);
    let agent = agent_user(&scene.api, "human0@example.com").await;
    let mut desk = Browser::connected(url, &agent.token, "websocket").await;
    desk.join(&tenant, own).await;
    let strangers = Api::register(url, "stranger").await;
    let theirs = tenant_of(&strangers).await;
    for (agent, tenant, error) in [
        (
            json!(other),
            json!(tenant),
            "this desk is another agent's; it is open to that agent and to managers",
        ),
        (
            json!(own),
            json!(theirs),
            "this is another tenant's; join with your own tenant's id",
        ),
        (json!("7"), json!(tenant), "agentId: this is no id of an agent"),
        (json!(own), json!(""), "tenantId: this is no id of a tenant"),
        (json!(null), json!(tenant), "agentId is missing, or is no text"),
    ] {
        let asked = json!({ "agentId": agent, "tenantId": tenant });
        let answer = desk.ask("agent:join", asked).await;
        assert_eq!(answer, json!({ "success": false, "error": error }));
    }
    let unknown = json!({ "agentId": tenant, "tenantId": tenant });
    let answer = desk.ask("agent:join", unknown).await;
    assert_eq!(answer["error"], "no agent with this id");
    let since = json!({ "agentId": own, "tenantId": tenant, "since": "yesterday" });
    let answer = desk.ask("agent:join", since).await;
    assert_eq!(answer["success"], false, "{answer}");
    let mut manager = Browser::connected(url, &scene.api.token, "polling").await;
    manager.join(&tenant, other).await;
    let mut stranger = Browser::connected(url, &strangers.token, "websocket").await;
    let asked = json!({ "agentId": own, "tenantId": theirs });
    let answer = stranger.ask("agent:join", asked).await;
    assert_eq!(
        answer,
        json!({ "success": false, "error": "no agent with this id" })
    );
    scene.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_status_is_set_by_its_agent_and_heard_by_all_desks_of_the_tenant() {
    let scene = Box::pin(Scene::with(&[], &[json!({}), json!({})])).await;
    let url = &scene.platform.url;
    let tenant = tenant_of(&scene.api).await;
    let (own, other) = (&scene.humans[0].id, &scene.humans[1].id);
    let agent = agent_user(&scene.api, "human0@example.com").await;
    let mut desk = Browser::connected(url, &agent.token, "websocket").await;
    let mut manager = Browser::connected(url, &scene.api.token, "polling").await;
    desk.join(&tenant, own).await;
    manager.join(&tenant, other).await;
    let set = json!({ "agentId": own, "status": "break" });
    assert_eq!(desk.ask("agent:status", set).await, json!({ "success": true }));
    for browser in [&mut desk, &mut manager] {
        let told = browser.hears_of("agent:status:updated").await;
        assert_eq!(
            (&told["agentId"], &told["status"]),
            (&json!(own), &json!("break"))
        );
    }
    assert_eq!(scene.human(0).await["status"], "break");
    // By the API too.
    let path = format!("/api/agents/{own}/status");
    let set = json!({ "status": "offline" });
    let (status, _) = scene.api.send(Method::PUT, &path, Some(set)).await;
    assert_eq!(status, StatusCode::OK);
    let told = manager.hears_of("agent:status:updated").await;
    assert_eq!(told["status"], "offline");
    for (asked, error) in [
        (
            json!({ "agentId": own, "status": "asleep" }),
            "status is one of available, busy, offline, break",
        ),
        (
            json!({ "agentId": other, "status": "busy" }),
            "no agent with this id",
        ),
        (json!({ "agentId": own }), "status is missing, or is no text"),
    ] {
        let answer = desk.ask("agent:status", asked).await;
        assert_eq!(answer, json!({ "success": false, "error": error }));
    }
    scene.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bad_token_opens_nothing_and_one_that_ends_closes_its_desk() {
    let scene = Box::pin(Scene::with(&[], &[json!({})])).await;
    let url = &scene.platform.url;
    let mut desk = Browser::open(
        url,
        json!({ "auth": { "token": "bad" }, "transports": ["websocket"] }),
    )
    .await;
    let refused = desk.says("refused").await;
    assert_eq!(refused["message"], "the token is not one of this platform");
    let mut desk = Browser::open(
        url,
        json!({ "extraHeaders": { "Authorization": "Bearer bad" }, "transports": ["polling"], "reconnection": false }),
    )
    .await;
    let refused = desk.says("refused").await;
    assert_eq!(refused["status"], 401, "{refused}");
    assert!(
        refused["body"]
            .as_str()
            .unwrap()
            .contains("the token is not one of this platform"),
        "{refused}"
    );
    // By default: first polling, then a WebSocket; the token in the query.
    let options = json!({ "query": { "token": scene.api.token } });
    let mut desk = Browser::open(url, options).await;
    desk.says("connected").await;
    let tenant = tenant_of(&scene.api).await;
    desk.join(&tenant, &scene.humans[0].id).await;
    let (status, _) = scene.api.send(Method::POST, "/auth/logout", None).await;
    assert_eq!(status, StatusCode::OK);
    let ended = desk.hears_of("session:ended").await;
    assert_eq!(
        ended,
        json!({ "code": 4401, "message": "the login has ended; log in again" })
    );
    assert_eq!(desk.says("gone").await["reason"], "io server disconnect");
    scene.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn browsers_of_the_allowed_origins_may_connect_by_polling() {
    let origin = "https://console.example.com";
    let platform = Box::pin(Platform::with(&[("TRUNKLINE_CORS_ORIGINS", origin)])).await;
    let http = reqwest::Client::new();
    let ask = async |method: Method, path: &str, origin: &str| {
        let url = format!("{}{path}", platform.url);
        http.request(method, url)
            .header("origin", origin)
            .send()
            .await
            .unwrap()
    };
    for path in ["/socket.io", "/socket.io/"] {
        let preflight = ask(Method::OPTIONS, path, origin).await;
        assert_eq!(preflight.status(), StatusCode::NO_CONTENT, "{path}");
        assert_eq!(preflight.headers()["access-control-allow-origin"], origin);
        let hello = ask(Method::GET, &format!("{path}?EIO=4&transport=polling"), origin).await;
        assert_eq!(hello.status(), StatusCode::OK, "{path}");
        assert_eq!(hello.headers()["access-control-allow-origin"], origin);
    }
    let refused = ask(
        Method::GET,
        "/socket.io/?EIO=4&transport=polling&token=bad",
        origin,
    )
    .await;
    assert_eq!(refused.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(refused.headers()["access-control-allow-origin"], origin);
    let elsewhere = ask(
        Method::GET,
        "/socket.io/?EIO=4&transport=polling",
        "https://evil.example",
    )
    .await;
    assert!(!elsewhere.headers().contains_key("access-control-allow-origin"));
    platform.stop().await;
}
