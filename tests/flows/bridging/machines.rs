//! A machine answers: whoever was rung for it is let go, and it gets the message after its beep, or nothing.

use std::f32::consts::TAU;

use axum::{Router, http::header::CONTENT_TYPE, routing::get};
use serde_json::json;
use tokio::{net::TcpListener, task::JoinHandle};
use trunkline_domain::bridge::{Ending, Stage};

use super::scene::{PATIENT, Scene};
use crate::support::humans::party;

const MACHINE: &str = "+14155550172";

/// How long the message is.
pub(super) const MESSAGE_MS: u64 = 3000;

/// A customer's web server, with a message.
pub(super) struct Message {
    pub(super) url: String,
    serving: JoinHandle<()>,
}

impl Drop for Message {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

/// Serves three seconds of a tone.
pub(super) async fn message() -> Message {
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: 8000,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut wav = std::io::Cursor::new(Vec::new());
    let mut writer = hound::WavWriter::new(&mut wav, spec).unwrap();
    for n in 0..24_000_u16 {
        let swing = (f32::from(n) * 440.0 * TAU / 8000.0).sin();
        #[expect(clippy::cast_possible_truncation, reason = "at most 8000")]
        writer.write_sample((swing * 8000.0) as i16).unwrap();
    }
    writer.finalize().unwrap();
    let wav = wav.into_inner();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/message.wav", listener.local_addr().unwrap());
    let play = get(async move || ([(CONTENT_TYPE, "audio/wav")], wav));
    let app = Router::new().route("/message.wav", play);
    let serving = tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    Message { url, serving }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_message_is_heard_after_the_beep_and_the_agent_is_let_go() {
    let message = message().await;
    let private = ("TRUNKLINE_ALLOW_PRIVATE_URLS", "true");
    let scene = Scene::with(&[PATIENT, private], &[json!({"does": "no_answer"})]).await;
    let more = json!({"voicemail_message_url": message.url, "max_wait_seconds": 60});
    let campaign = scene.dial(&[MACHINE], more).await;
    let call = scene.over(&campaign, MACHINE).await;
    scene.clean(&[&call]).await;
    let sid = call["call_sid"].as_str().unwrap();
    let heard = party(&scene.sim, sid).await["heard_ms"].as_u64().unwrap();
    let waited = scene.waited(&call, sid).await;
    assert!(
        heard - waited >= MESSAGE_MS - 200,
        "heard {heard} ms, of which {waited} ms waiting"
    );
    let (row, bridge) = scene.stored(&call).await;
    assert_eq!(bridge.unwrap().stage, Stage::Over(Ending::Machine));
    assert!(!row.abandoned, "a machine is nobody");
    assert_eq!(scene.over(&campaign, MACHINE).await["disposition"], "voicemail");
    assert_eq!(scene.human(0).await["total_calls_handled"], 0);
    scene.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_message_it_is_hung_up_before_anybody_talks_to_it() {
    let scene = Scene::with(&[PATIENT], &[json!({"does": "no_answer"})]).await;
    let campaign = scene.dial(&[MACHINE], json!({"max_wait_seconds": 60})).await;
    let call = scene.over(&campaign, MACHINE).await;
    scene.clean(&[&call]).await;
    let (row, bridge) = scene.stored(&call).await;
    assert_eq!(bridge.unwrap().stage, Stage::Over(Ending::Machine));
    assert!(!row.abandoned && row.operator.is_none());
    scene.stop().await;
}
