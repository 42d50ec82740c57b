//! Browsers that may not call, or do not speak the protocol.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Error;

use crate::browser::Browser;
use crate::doubles::{Platform, options, plan};
use crate::phone::Stage;

async fn stage() -> Stage {
    let mut options = options();
    options.start_timeout = Duration::from_millis(300);
    Stage::new(options, Platform::new(plan(), &["t1", "t2"])).await
}

async fn refused(stage: &Stage, first: Value) -> (Browser, u16) {
    let mut browser = Browser::connect(stage.address, "").await.unwrap();
    browser.send(first).await;
    let code = browser.until_closed().await;
    (browser, code)
}

#[tokio::test]
async fn a_bad_token_in_the_query_is_no_socket_at_all() {
    let stage = stage().await;
    let Err(Error::Http(answer)) = Browser::connect(stage.address, "?token=forged&agent_id=anna").await
    else {
        panic!("a socket for a forged token")
    };
    assert_eq!(answer.status(), 401);
    let body: Value = serde_json::from_slice(answer.body().as_deref().unwrap()).unwrap();
    assert_eq!(
        (&body["success"], &body["error"]["code"]),
        (&json!(false), &json!("AUTH_003"))
    );
    assert!(!body.to_string().contains("forged"));
}

#[tokio::test]
async fn what_asks_for_no_socket_is_told_so_in_json() {
    let stage = stage().await;
    for query in ["", "?token=t1&agent_id=anna"] {
        let mut line = TcpStream::connect(stage.address).await.unwrap();
        let asked = format!("GET /voice{query} HTTP/1.1\r\nHost: media\r\nConnection: close\r\n\r\n");
        line.write_all(asked.as_bytes()).await.unwrap();
        let mut answer = String::new();
        line.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 4"), "{answer}");
        let (_, body) = answer.split_once("\r\n\r\n").unwrap();
        let body: Value = serde_json::from_str(body).unwrap();
        assert_eq!(body["error"]["code"], "REQUEST_001", "{body}");
    }
}

#[tokio::test]
async fn a_closed_platform_says_why_on_the_socket_and_lets_go_on_who_talks() {
    let stage = stage().await;
    let mut talking = Browser::connect(stage.address, "?token=t1&agent_id=anna")
        .await
        .unwrap();
    talking
        .until("ready", |browser| !browser.of("ready").is_empty())
        .await;
    stage.platform.closed.set("Back at noon".to_owned()).unwrap();
    for (query, first) in [
        ("?token=t2&agent_id=anna", None),
        ("?token=t2", Some(json!({"type": "auth", "agent_id": "anna"}))),
        (
            "",
            Some(json!({"type": "auth", "token": "t2", "agent_id": "anna"})),
        ),
    ] {
        let mut browser = Browser::connect(stage.address, query).await.unwrap();
        if let Some(first) = first {
            browser.send(first).await;
        }
        assert_eq!(browser.until_closed().await, 1013, "{query}");
        let answer = &browser.messages[0];
        assert_eq!(
            (&answer["type"], &answer["status"], &answer["message"]),
            (&json!("auth_response"), &json!("error"), &json!("Back at noon"))
        );
    }
    // Longer than two looks at its token.
    talking.silence(1_500).await;
    assert!(talking.closed.is_none(), "a call that has begun goes on");
    assert_eq!(stage.server.active(), 1);
}

#[tokio::test]
async fn the_query_alone_may_say_who_calls_whom() {
    let stage = stage().await;
    let mut browser = Browser::connect(stage.address, "?token=t1&agent_id=anna&campaign_id=c")
        .await
        .unwrap();
    browser
        .until("ready", |browser| !browser.of("ready").is_empty())
        .await;
    // With a token only, the agent comes in `auth`.
    let mut other = Browser::connect(stage.address, "?token=t2").await.unwrap();
    other.send(json!({"type": "auth", "agent_id": "anna"})).await;
    other
        .until("ready", |browser| !browser.of("ready").is_empty())
        .await;
}

#[tokio::test]
async fn who_does_not_say_who_it_is_in_time_or_at_all_is_shown_out() {
    let stage = stage().await;
    let mut silent = Browser::connect(stage.address, "").await.unwrap();
    assert_eq!(silent.until_closed().await, 4401);
    for (first, why) in [
        (
            json!({"type": "auth", "token": "forged", "agent_id": "anna"}),
            "the login has ended",
        ),
        (
            json!({"type": "auth", "agent_id": "anna"}),
            "an access token is needed",
        ),
        (json!({"type": "auth", "token": "t1"}), "an agent_id is needed"),
        (json!({"type": "auth", "token": 7}), "are texts"),
        (json!({"type": "audio", "data": ""}), "must be `auth`"),
        (json!("auth"), "must be `auth`"),
    ] {
        let (browser, code) = refused(&stage, first.clone()).await;
        let answer = &browser.messages[0];
        assert_eq!((code, &answer["status"]), (4401, &json!("error")), "{first}");
        assert!(
            answer["message"].as_str().unwrap().contains(why),
            "{first}: {answer}"
        );
    }
    let (browser, code) = refused(
        &stage,
        json!({"type": "auth", "token": "t1", "agent_id": "other"}),
    )
    .await;
    assert_eq!((code, &browser.messages[0]["status"]), (1008, &json!("error")));
    assert_eq!(stage.server.active(), 0);
}

#[tokio::test]
async fn a_full_server_turns_browsers_away() {
    let mut options = options();
    options.max_conversations = 1;
    let stage = Stage::new(options, Platform::new(plan(), &["t1", "t2"])).await;
    let mut first = Browser::connect(stage.address, "?token=t1&agent_id=anna")
        .await
        .unwrap();
    first
        .until("ready", |browser| !browser.of("ready").is_empty())
        .await;
    let mut second = Browser::connect(stage.address, "?token=t2&agent_id=anna")
        .await
        .unwrap();
    assert_eq!(second.until_closed().await, 1013);
}

#[tokio::test]
async fn bad_messages_are_complained_of_and_too_many_end_the_call() {
    let stage = stage().await;
    let mut browser = Browser::connect(stage.address, "?token=t1&agent_id=anna")
        .await
        .unwrap();
    let bad = [
        "",
        "{",
        "[]",
        "{}",
        r#"{"type":"audio"}"#,
        r#"{"type":"audio","data":7}"#,
        r#"{"type":"audio","data":"%%%"}"#,
        r#"{"type":"audio","data":"AAAA"}"#,
        r#"{"type":"audio","format":"opus","data":"AAAA"}"#,
        r#"{"type":"control","action":"dance"}"#,
    ];
    for message in bad {
        browser.send_text(message.to_owned()).await;
    }
    browser
        .send_text(r#"{"type":"novelty","x":[1]}"#.to_owned())
        .await;
    browser
        .until("the complaints", |browser| browser.of("error").len() == bad.len())
        .await;
    assert!(
        browser
            .of("error")
            .iter()
            .all(|error| error["error_code"] == "INVALID_MESSAGE"
                && error["message"].is_string()
                && error["details"].is_string())
    );
    assert!(!browser.samples.is_empty(), "it goes on");
    for _ in 0..20 {
        browser.send_text("rubbish".to_owned()).await;
    }
    browser.until("the end", |browser| browser.closed.is_some()).await;
    stage.platform.wait_until(|told| !told.finished.is_empty()).await;
}

#[tokio::test]
async fn an_oversized_message_and_a_flood_of_audio_do_no_harm() {
    let stage = stage().await;
    let mut browser = Browser::connect(stage.address, "?token=t1&agent_id=anna")
        .await
        .unwrap();
    browser
        .until("ready", |browser| !browser.of("ready").is_empty())
        .await;
    // A minute of speech within a moment: only what can be a voice's is heard.
    let voice = vec![6_000; 20_000];
    for _ in 0..48 {
        browser.audio(&voice).await;
    }
    browser.silence(300).await;
    assert!(browser.closed.is_none());
    let heard = stage.script.heard.load(std::sync::atomic::Ordering::Relaxed);
    assert!(heard <= 8_000 * 8, "{heard} samples were heard");
    browser.send_text("x".repeat(65 * 1024)).await;
    browser.until("the end", |browser| browser.closed.is_some()).await;
    stage.platform.wait_until(|told| !told.finished.is_empty()).await;
}
