//! Times the built-in speech parts on this machine.
//!
//! `cargo run -p trunkline-providers --example speech_bench [--release] [MODELS_DIR]`

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a bench prints what it measured by the wall clock"
)]

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Instant;

use trunkline_providers::registry::Choice;
use trunkline_providers::stt::{SttEvent, SttInput, SttOptions};
use trunkline_providers::tts::{TtsPart, Voice};
use trunkline_providers::vad::{FRAME, VoiceActivityFactory};
use trunkline_providers::{Providers, Speech, SpeechOptions, SpeechStatus};

const SENTENCES: [&str; 6] = [
    "Yes, that works for me.",
    "What are your opening hours on Saturday?",
    "I would like to know how much the premium plan costs per month.",
    "Can you please call me back later this afternoon, around four?",
    "My order has not arrived yet and I want a refund.",
    "No, thank you, that is all for today.",
];

#[tokio::main]
async fn main() {
    let home = std::env::var_os("HOME").map(PathBuf::from).unwrap_or_default();
    let named = std::env::args_os()
        .nth(1)
        .or_else(|| std::env::var_os("TRUNKLINE_MODELS_DIR"))
        .map(PathBuf::from);
    println!("memory before loading: {} MB", resident_mb());
    let start = Instant::now();
    let speech = Speech::new(SpeechOptions {
        models_dir: named.unwrap_or_else(|| home.join(".cache/trunkline/models")),
        stt: Choice::Builtin,
        llm: Choice::Builtin,
        tts: Choice::Builtin,
        threads: std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN),
    });
    assert_eq!(speech.load().await, SpeechStatus::Ready);
    println!(
        "loading: {} ms; memory: {} MB",
        start.elapsed().as_millis(),
        resident_mb()
    );
    let providers = speech.providers();
    let mut spoken = Vec::new();
    for round in ["first", "second"] {
        for sentence in SENTENCES {
            spoken.push(time_voice(providers, sentence, round).await);
        }
    }
    println!("memory after speaking: {} MB", resident_mb());
    for (sentence, samples) in SENTENCES.iter().zip(&spoken) {
        time_recogniser(providers, sentence, samples).await;
    }
    println!("memory after understanding: {} MB", resident_mb());
    time_detectors(providers, &spoken[..SENTENCES.len()].concat());
    println!("peak memory: {} MB", status_mb("VmHWM"));
}

async fn time_voice(providers: &Providers, text: &str, round: &str) -> Vec<i16> {
    let start = Instant::now();
    let mut parts = providers.tts.speak(text, &Voice::default()).await.unwrap();
    let (mut samples, mut first) = (Vec::new(), None);
    while let Some(TtsPart::Audio(audio)) = parts.recv().await {
        first.get_or_insert(start.elapsed());
        samples.extend(audio);
    }
    let whole = start.elapsed().as_secs_f64();
    let seconds = samples.len() as f64 / 8_000.0;
    println!(
        "voice ({round} time): first audio {:.0} ms, whole {:.0} ms for {seconds:.1} s of speech ({:.3} of real time)",
        first.unwrap_or_default().as_secs_f64() * 1e3,
        whole * 1e3,
        whole / seconds,
    );
    samples
}

async fn time_recogniser(providers: &Providers, wanted: &str, samples: &[i16]) {
    let mut stream = providers
        .stt
        .open(&SttOptions {
            language: "en".into(),
        })
        .await
        .unwrap();
    for frame in [samples, &[0; 4_000]].concat().chunks(FRAME) {
        stream.input.send(SttInput::Audio(frame.to_vec())).await.unwrap();
    }
    let start = Instant::now();
    stream.input.send(SttInput::EndOfTurn { turn: 1 }).await.unwrap();
    let Some(SttEvent::Final { text, confidence, .. }) = stream.events.recv().await else {
        return;
    };
    println!(
        "recogniser: {:.0} ms for {:.1} s; confidence {:.2}; \"{wanted}\" -> \"{text}\"",
        start.elapsed().as_secs_f64() * 1e3,
        samples.len() as f64 / 8_000.0,
        confidence.unwrap_or_default(),
    );
}

fn time_detectors(providers: &Providers, speech: &[i16]) {
    let energy = trunkline_providers::builtin::vad::Energy;
    for factory in [&*providers.vad, &energy as &dyn VoiceActivityFactory] {
        for (name, samples) in [("speech", speech), ("silence", &vec![0; speech.len()])] {
            let mut detector = factory.open();
            let frames = samples.as_chunks::<FRAME>().0;
            let start = Instant::now();
            let hits = frames.iter().filter(|frame| detector.push(frame) > 0.5).count();
            let each = start.elapsed().as_secs_f64() * 1e6 / frames.len() as f64;
            println!(
                "{} on {name}: {each:.1} us a frame, {hits} of {} are speech",
                factory.name(),
                frames.len()
            );
        }
    }
}

fn resident_mb() -> u64 {
    status_mb("VmRSS")
}

/// A line of Linux's account of this process; 0 elsewhere.
fn status_mb(line: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let found = status.lines().find(|text| text.starts_with(line));
    let kilobytes = found
        .and_then(|text| text.split_whitespace().nth(1))
        .and_then(|text| text.parse::<u64>().ok());
    kilobytes.unwrap_or_default() / 1_024
}
