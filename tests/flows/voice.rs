//! A call from a browser to an agent: talked, recorded, logged, and ended with its login.

use std::time::{Duration, Instant};

use base64::{Engine, engine::general_purpose::STANDARD};
use futures::{SinkExt, StreamExt};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{Error, Message},
};

use crate::support::{api::Api, platform::Platform, wav::listen};

pub(super) type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

pub(super) async fn open(platform: &Platform, query: &str) -> Result<Socket, Error> {
    let url = format!("{}/voice{query}", platform.url.replace("http://", "ws://"));
    connect_async(url).await.map(|(socket, _)| socket)
}

pub(super) async fn send(socket: &mut Socket, message: Value) {
    socket
        .send(Message::Text(message.to_string().into()))
        .await
        .unwrap();
}

/// The next message of this type.
pub(super) async fn next(socket: &mut Socket, kind: &str) -> Value {
    let read = async {
        loop {
            let message = socket.next().await.unwrap().unwrap();
            let Message::Text(text) = message else { continue };
            let message: Value = serde_json::from_str(text.as_str()).unwrap();
            if message["type"] == kind {
                return message;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(20), read)
        .await
        .unwrap_or_else(|_| panic!("no message {kind}"))
}

/// A buzz that swells as syllables do, or silence, in pieces of 100 ms.
pub(super) async fn speak(socket: &mut Socket, ms: u32, loud: bool) {
    let mut tick = tokio::time::interval(Duration::from_millis(100));
    for piece in 0..ms / 100 {
        tick.tick().await;
        let bytes: Vec<u8> = (0..1_600_u32)
            .flat_map(|i| {
                let at = piece * 1_600 + i;
                let swell = (at / 2_000 % 2 + 1) * 3_000;
                let size = i16::try_from(swell).unwrap() * i16::from(loud);
                (if at / 40 % 2 == 0 { size } else { -size }).to_le_bytes()
            })
            .collect();
        send(
            socket,
            json!({"type": "audio", "sequence": piece, "format": "pcm_16k", "data": STANDARD.encode(bytes)}),
        )
        .await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_from_a_browser_is_logged_recorded_and_analysed_like_any_other() {
    let platform = Platform::start().await;
    let api = Api::register(&platform.url, "ada").await;
    let stranger = Api::register(&platform.url, "eve").await;
    let agent = api.agent("Reception").await;

    let mut theirs = open(&platform, &format!("?token={}", stranger.token))
        .await
        .unwrap();
    send(&mut theirs, json!({"type": "auth", "agent_id": agent})).await;
    assert_eq!(next(&mut theirs, "auth_response").await["status"], "error");

    let mut socket = open(&platform, "").await.unwrap();
    send(
        &mut socket,
        json!({"type": "auth", "token": api.token, "agent_id": agent}),
    )
    .await;
    let answer = next(&mut socket, "auth_response").await;
    assert_eq!(answer["status"], "success", "{answer}");
    next(&mut socket, "ready").await;
    next(&mut socket, "audio").await;
    speak(&mut socket, 1_500, false).await;
    speak(&mut socket, 1_000, true).await;
    speak(&mut socket, 1_500, false).await;
    let words = next(&mut socket, "transcript").await;
    assert!(words["complete"].is_string(), "{words}");
    speak(&mut socket, 500, false).await;
    let id = answer["session_id"].as_str().unwrap();
    let path = format!("/call-logs/{id}");
    assert_eq!(api.get(&path).await["status"], "in_progress");
    send(&mut socket, json!({"type": "control", "action": "end"})).await;
    let call = api
        .until("the call's analysis", Duration::from_secs(60), async |api| {
            let call = api.get(&path).await;
            (call["sentiment"].is_string() && call["recording_url"].is_string()).then_some(call)
        })
        .await;
    assert_eq!(
        (&call["direction"], &call["status"]),
        (&json!("web"), &json!("completed"))
    );
    assert_eq!(call["agent_id"], agent.as_str());
    assert!(call["duration_seconds"].as_u64().unwrap() >= 4, "{call}");
    let text = call["transcript"].as_str().unwrap();
    assert!(text.contains("Agent:") && text.contains("User:"), "{text}");
    let wav = api
        .http
        .get(format!(
            "{}{}",
            platform.url,
            call["recording_url"]
                .as_str()
                .unwrap()
                .trim_start_matches(&platform.url)
        ))
        .send()
        .await
        .unwrap();
    assert_eq!(wav.status(), StatusCode::OK);
    let (caller, agent, seconds) = listen(&wav.bytes().await.unwrap());
    assert!(
        caller > 300.0 && agent > 300.0 && seconds > 3.5,
        "{caller} {agent} {seconds}"
    );
    platform.stop().await;
}

/// Opens a call as soon as readiness says that speech is there, and gives the answer.
async fn called_once_ready(platform: &Platform) -> Value {
    let api = Api::register(&platform.url, "ada").await;
    let query = format!("?token={}&agent_id={}", api.token, api.agent("Reception").await);
    let began = Instant::now();
    loop {
        let (_, readiness) = api.send(Method::GET, "/readiness", None).await;
        if readiness["speech"] == "ok" {
            break;
        }
        assert!(began.elapsed() < Duration::from_secs(60), "{readiness}");
    }
    let mut socket = open(platform, &query).await.unwrap();
    next(&mut socket, "auth_response").await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_reads_that_speech_is_ready_may_call_at_once() {
    let platform = Platform::start().await;
    let answer = called_once_ready(&platform).await;
    assert_eq!(answer["status"], "success", "{answer}");
    platform.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs the speech models; run it alone with --ignored"]
async fn so_it_is_when_the_models_are_loaded_after_the_start() {
    let spoken = ["TRUNKLINE_STT", "TRUNKLINE_LLM", "TRUNKLINE_TTS"].map(|name| (name, "builtin"));
    let platform = Box::pin(Platform::with(&spoken)).await;
    let answer = called_once_ready(&platform).await;
    assert_eq!(answer["status"], "success", "{answer}");
    platform.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn under_maintenance_nobody_but_the_admin_begins_and_who_talks_goes_on() {
    const ADMIN: (&str, &str) = ("root@example.com", "correct horse battery");
    let platform = Platform::with(&[
        ("TRUNKLINE_ADMIN_EMAIL", ADMIN.0),
        ("TRUNKLINE_ADMIN_PASSWORD", ADMIN.1),
    ])
    .await;
    let ada = Api::register(&platform.url, "ada").await;
    let login = json!({"email": ADMIN.0, "password": ADMIN.1});
    let login = ada.post("/auth/login", login).await;
    let admin = Api {
        token: login["token"].as_str().unwrap().to_owned(),
        ..ada.clone()
    };
    let hers = format!("?token={}&agent_id={}", ada.token, ada.agent("Reception").await);
    let theirs = format!(
        "?token={}&agent_id={}",
        admin.token,
        admin.agent("Switchboard").await
    );
    let mut talking = open(&platform, &hers).await.unwrap();
    next(&mut talking, "ready").await;
    let closed = json!({"enabled": true, "message": "Back at noon"});
    admin.post("/admin/system/maintenance", closed).await;

    let mut refused = open(&platform, &hers).await.unwrap();
    let answer = next(&mut refused, "auth_response").await;
    assert_eq!(
        (&answer["status"], &answer["message"]),
        (&json!("error"), &json!("Back at noon"))
    );
    let code = match refused.next().await {
        Some(Ok(Message::Close(Some(frame)))) => u16::from(frame.code),
        other => panic!("not closed: {other:?}"),
    };
    assert_eq!(code, 1013);
    let mut let_in = open(&platform, &theirs).await.unwrap();
    assert_eq!(next(&mut let_in, "auth_response").await["status"], "success");
    // Past two looks at her token.
    speak(&mut talking, 1_500, false).await;
    send(&mut talking, json!({"type": "control", "action": "end"})).await;
    let ended = async { while let Some(Ok(_)) = talking.next().await {} };
    tokio::time::timeout(Duration::from_secs(20), ended)
        .await
        .expect("her call ends when she ends it");

    admin
        .post("/admin/system/maintenance", json!({"enabled": false}))
        .await;
    let log = ada.get("/call-logs").await;
    assert_eq!(log["total"], 1, "no call was made of the refused one: {log}");
    let seconds = log["items"][0]["duration_seconds"].as_u64();
    assert!(seconds >= Some(1), "{log}");
    platform.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_logout_closes_the_users_call_and_a_bad_token_opens_none() {
    let platform = Platform::start().await;
    let api = Api::register(&platform.url, "ada").await;
    let agent = api.agent("Reception").await;
    let Err(Error::Http(refused)) = open(&platform, "?token=forged").await else {
        panic!("a socket for a forged token")
    };
    assert_eq!(refused.status(), StatusCode::UNAUTHORIZED);

    let query = format!("?token={}&agent_id={agent}", api.token);
    let mut socket = open(&platform, &query).await.unwrap();
    next(&mut socket, "audio").await;
    let (status, body) = api.send(Method::POST, "/auth/logout", None).await;
    assert!(status.is_success(), "{body}");
    let since = Instant::now();
    let code = loop {
        match socket.next().await {
            Some(Ok(Message::Close(frame))) => break frame.map(|frame| u16::from(frame.code)),
            Some(Ok(_)) => {}
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(code, Some(4401));
    assert!(since.elapsed() < Duration::from_secs(1), "{:?}", since.elapsed());
    platform.stop().await;
}
