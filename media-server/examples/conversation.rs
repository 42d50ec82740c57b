//! How long a caller waits for the built-in speech: from the end of the sentence to the first
//! audio of the reply, through the media server, its sockets and the real engines.
//!
//! `cargo run -p trunkline-media --example conversation [CALLS]`
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a tool that measures reads clock and environment, and stops at the first surprise"
)]

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use futures::{SinkExt, StreamExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Instant, MissedTickBehavior, interval};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};
use trunkline_media::audio::{FRAME, mulaw};
use trunkline_media::port::NoPlatform;
use trunkline_media::{CallPlan, MediaOptions, MediaServer, OpenMode, Parts};
use trunkline_providers::llm::Persona;
use trunkline_providers::registry::Choice;
use trunkline_providers::tts::{TtsPart, Voice};
use trunkline_providers::{Providers, Speech, SpeechOptions, SpeechStatus};

const SENTENCES: [&str; 6] = [
    "What are your opening hours on Saturday?",
    "How much does a check-up cost?",
    "Yes, that works for me.",
    "Can you tell me where you are?",
    "No, I do not have any other questions about that.",
    "Okay.",
];

/// The pause between the agent's last word and the caller's next.
const PAUSE: Duration = Duration::from_millis(1_500);

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

#[tokio::main]
async fn main() {
    let rounds: usize = std::env::args()
        .nth(1)
        .map_or(2, |rounds| rounds.parse().unwrap());
    let home = PathBuf::from(std::env::var_os("HOME").unwrap());
    let models = std::env::var_os("TRUNKLINE_MODELS_DIR").map(PathBuf::from);
    let start = Instant::now();
    let speech = Speech::new(SpeechOptions {
        models_dir: models.unwrap_or_else(|| home.join(".cache/trunkline/models")),
        stt: Choice::Builtin,
        llm: Choice::Builtin,
        tts: Choice::Builtin,
        threads: std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN),
    });
    assert_eq!(speech.load().await, SpeechStatus::Ready);
    println!("models loaded in {} ms", start.elapsed().as_millis());
    let providers = speech.providers();
    let mut sentences = Vec::new();
    for text in SENTENCES {
        sentences.push((text, say(providers, text).await));
    }
    let url = serve(providers).await;
    let mut waits = Vec::new();
    for round in 1..=rounds {
        // In later rounds the agent has said its clauses before, and need not make them again.
        println!("call {round}");
        let (mut socket, _) = connect_async(&url).await.unwrap();
        waits.extend(converse(&mut socket, &sentences).await);
    }
    waits.sort_unstable();
    let at = |percent: usize| waits[(waits.len() * percent / 100).min(waits.len() - 1)].as_millis();
    println!(
        "replies: {}; p50 {} ms, worst {} ms",
        waits.len(),
        at(50),
        at(100)
    );
}

/// A server of open streams that talks with the built-in parts; answers its socket's address.
async fn serve(providers: &Providers) -> String {
    let builtin = || vec!["builtin".to_owned()];
    let plan = CallPlan {
        persona: Arc::new(Persona {
            name: "Reception".to_owned(),
            system_prompt:
                "You call customers of Green Street Dental. We are open Monday to Friday from 9 am to 6 pm. \
                            A check-up costs 49 dollars."
                    .to_owned(),
            language: "en".to_owned(),
            ..Persona::default()
        }),
        stt: builtin(),
        llm: builtin(),
        tts: builtin(),
        ..CallPlan::stub()
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let options = MediaOptions {
        open: Some(OpenMode::on(address, plan).unwrap()),
        ..MediaOptions::default()
    };
    let parts = Parts::new(Arc::clone(&providers.vad))
        .with_stt("builtin", Arc::clone(&providers.stt))
        .with_llm("builtin", Arc::clone(&providers.llm))
        .with_tts("builtin", Arc::clone(&providers.tts));
    let router = MediaServer::new(options, parts, Arc::new(NoPlatform)).router();
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    format!("ws://{address}/media-stream")
}

/// A caller's sentence, ended where its sound ends. Spoken a little faster than the agent's,
/// so that the agent's own clauses are not found spoken already.
async fn say(providers: &Providers, text: &str) -> Vec<i16> {
    let voice = Voice {
        speed: 1.05,
        ..Voice::default()
    };
    let mut parts = providers.tts.speak(text, &voice).await.unwrap();
    let mut samples = Vec::new();
    while let Some(TtsPart::Audio(audio)) = parts.recv().await {
        samples.extend(audio);
    }
    let end = samples.iter().rposition(|sample| sample.abs() > 300).unwrap();
    samples.truncate((end + 1).next_multiple_of(FRAME));
    samples.resize(samples.len().next_multiple_of(FRAME), 0);
    samples
}

/// Says each sentence when the agent has been silent for a while, until the agent ends the call;
/// answers each wait.
async fn converse(socket: &mut Socket, sentences: &[(&str, Vec<i16>)]) -> Vec<Duration> {
    let start = r#"{"event":"start","start":{"streamSid":"MZ","callSid":"CA","accountSid":"AC"}}"#;
    socket.send(Message::Text(start.into())).await.unwrap();
    let mut tick = interval(Duration::from_millis(20));
    tick.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let mut turns = sentences.iter();
    let (mut waits, mut saying, mut ended) = (Vec::new(), Vec::new().into_iter(), None);
    let (mut played, mut marks) = (Instant::now(), Vec::<(Instant, String)>::new());
    loop {
        tokio::select! {
            _ = tick.tick() => {
                let now = Instant::now();
                if saying.len() == 0 && ended.is_none() && now > played + PAUSE {
                    let Some((text, samples)) = turns.next() else { return waits };
                    println!("  {text}");
                    saying = samples.clone().into_iter();
                }
                let speaks = saying.len() > 0;
                let frame: Vec<u8> = (0..FRAME).map(|_| mulaw::encode(saying.next().unwrap_or(0))).collect();
                if speaks && saying.len() == 0 {
                    // The frame just sent lasts 20 ms, which are over by the time a phone has it.
                    ended = Some(now);
                }
                let media = format!(r#"{{"event":"media","media":{{"payload":"{}"}}}}"#, STANDARD.encode(frame));
                socket.send(Message::Text(media.into())).await.unwrap();
                while let Some(at) = marks.iter().position(|(at, _)| *at <= now) {
                    let (_, mark) = marks.remove(at);
                    socket.send(Message::Text(mark.into())).await.unwrap();
                }
            }
            message = socket.next() => {
                // The agent said goodbye and hung up.
                let Some(Ok(Message::Text(text))) = message else { return waits };
                let now = Instant::now();
                let message: serde_json::Value = serde_json::from_str(text.as_str()).unwrap();
                match message["event"].as_str() {
                    Some("media") => {
                        if let Some(since) = ended.take() {
                            let wait = now - since;
                            println!("{:>5} ms", wait.as_millis());
                            waits.push(wait);
                        }
                        played = played.max(now) + Duration::from_millis(20);
                    }
                    Some("mark") => marks.push((played, text.to_string())),
                    Some(_) | None => {}
                }
            }
        }
    }
}
