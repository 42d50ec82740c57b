//! Media sockets that nobody sent for.

use std::time::Duration;

use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async, tungstenite::Message};

use crate::support::{
    api::Api,
    carrier::{Callback, RINGS_LONG, Ringing, TOKEN, ring},
    logs,
    platform::Platform,
};

/// A carrier's end of a media stream.
struct Line(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Line {
    async fn open(url: &str) -> Self {
        let url = format!("{}/media-stream", url.replace("http", "ws"));
        let mut line = Self(connect_async(url).await.unwrap().0);
        line.say(json!({"event": "connected", "protocol": "Call", "version": "1.0.0"}))
            .await;
        line
    }

    async fn say(&mut self, message: Value) {
        self.0.send(Message::text(message.to_string())).await.unwrap();
    }

    /// Says which call this is, as the carrier says it.
    async fn start(&mut self, call: &Ringing, parameters: Value) {
        let stream = "MZ00000000000000000000000000000001";
        let start = json!({
            "streamSid": stream, "accountSid": trunkline_carrier_sim::SimOptions::ACCOUNT_SID, "callSid": call.sid,
            "tracks": ["inbound"], "customParameters": parameters,
            "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
        });
        self.say(json!({"event": "start", "sequenceNumber": "1", "streamSid": stream, "start": start}))
            .await;
    }

    /// The next message's event, or the code and reason that it was closed with.
    async fn hears(&mut self) -> Result<String, (u16, String)> {
        let next = tokio::time::timeout(Duration::from_secs(10), self.0.next());
        match next.await.expect("neither a message nor a close within 10 s") {
            Some(Ok(Message::Close(Some(frame)))) => {
                Err((frame.code.into(), frame.reason.as_str().to_owned()))
            }
            Some(Ok(message)) => {
                let message: Value = serde_json::from_str(message.to_text().unwrap()).unwrap();
                Ok(message["event"].as_str().unwrap().to_owned())
            }
            other => panic!("neither a message nor a close: {other:?}"),
        }
    }

    /// Whether there is more before the connection's end.
    async fn hears_more(&mut self) -> bool {
        let next = tokio::time::timeout(Duration::from_secs(10), self.0.next());
        matches!(next.await.expect("it does not end within 10 s"), Some(Ok(_)))
    }
}

/// The parameters of the stream that the platform asks the carrier for.
fn parameters(twiml: &str) -> Value {
    let mut found = json!({});
    for tag in twiml.split("<Parameter ").skip(1) {
        let value = |name: &str| {
            tag.split_once(&format!("{name}=\""))
                .unwrap()
                .1
                .split_once('"')
                .unwrap()
                .0
        };
        found[value("name")] = json!(value("value"));
    }
    found
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_needs_its_calls_token_and_uses_it_up() {
    logs::listen();
    let platform = Platform::with(&[RINGS_LONG]).await;
    let url = platform.url.clone();
    let api = Api::register(&url, "ada").await;
    let ringing = ring(&api, &platform.sim_url, "+14155550201").await;
    let record = format!("/call-logs/{}", ringing.call);
    let before = api.get(&record).await;

    for (parameters, words) in [
        (json!({}), "callId and token"),
        (json!({"callId": ringing.call}), "callId and token"),
        (
            json!({"callId": ringing.call, "e": "1", "gen": "0", "token": "made-up"}),
            "token is not valid",
        ),
        // An access token opens the API, not a call.
        (
            json!({"callId": ringing.call, "e": "1", "gen": "0", "token": api.token}),
            "token is not valid",
        ),
    ] {
        let mut line = Line::open(&url).await;
        line.start(&ringing, parameters.clone()).await;
        let (code, reason) = line.hears().await.unwrap_err();
        assert_eq!(code, 1008, "{parameters}: {reason}");
        assert!(reason.contains(words), "{parameters}: {reason}");
    }
    logs::line_with(&["a media stream was refused", &ringing.call]).await;
    assert_eq!(api.get(&record).await["data"], before["data"]);

    // The carrier asks what to do, and is told to open a stream with a token: good for one.
    let answered = Callback::about(&ringing, "answer", &[("CallStatus", "in-progress")]);
    let (status, twiml) = answered.send(&url, Some(&answered.signature(&url, TOKEN))).await;
    assert_eq!(status, 200, "{twiml}");
    let parameters = parameters(&twiml);
    let mut line = Line::open(&url).await;
    line.start(&ringing, parameters.clone()).await;
    assert_eq!(line.hears().await, Ok("media".to_owned()), "the agent speaks");

    let mut second = Line::open(&url).await;
    second.start(&ringing, parameters.clone()).await;
    let (code, reason) = second.hears().await.unwrap_err();
    assert_eq!((code, reason.contains("already used")), (1008, true), "{reason}");
    assert!(line.hears().await.is_ok(), "the first goes on");

    // Nor when the first is over.
    line.0.close(None).await.unwrap();
    while line.hears_more().await {}
    let mut third = Line::open(&url).await;
    third.start(&ringing, parameters).await;
    let (code, reason) = third.hears().await.unwrap_err();
    assert_eq!((code, reason.contains("token")), (1008, true), "{reason}");
    platform.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_token_does_not_open_the_api() {
    let platform = Platform::with(&[RINGS_LONG]).await;
    let url = platform.url.clone();
    let api = Api::register(&url, "ada").await;
    let ringing = ring(&api, &platform.sim_url, "+14155550301").await;
    let answered = Callback::about(&ringing, "answer", &[("CallStatus", "in-progress")]);
    let (_, twiml) = answered.send(&url, Some(&answered.signature(&url, TOKEN))).await;
    let token = parameters(&twiml)["token"].as_str().unwrap().to_owned();
    let caller = Api { token, ..api };
    let (status, body) = caller.send(reqwest::Method::GET, "/campaigns", None).await;
    assert_eq!(
        (status.as_u16(), &body["error"]["code"]),
        (401, &json!("AUTH_003")),
        "{body}"
    );
    platform.stop().await;
}
