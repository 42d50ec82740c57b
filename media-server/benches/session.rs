//! What a session costs for each 20 ms, without sockets: `cargo bench -p trunkline-media`.
#![allow(
    missing_docs,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "criterion's macros make undocumented items, and a bench says where it looks for a model"
)]

use std::hint::black_box;
use std::path::PathBuf;

use criterion::{Criterion, criterion_group, criterion_main};
use trunkline_media::audio::{FRAME, mulaw};
use trunkline_media::recorder::Recorder;
use trunkline_media::session::{Direction, Input, Output, Session, SessionConfig, SilenceSettings, Timings};
use trunkline_providers::builtin::vad::{Energy, Silero};
use trunkline_providers::tts::TtsPart;
use trunkline_providers::vad::{VoiceActivity, VoiceActivityFactory};

/// A session whose greeting has no end.
fn speaking() -> (Session, u32) {
    let mut session = Session::new(SessionConfig {
        direction: Direction::Inbound,
        greeting: "Hello.".to_owned(),
        timings: endless(),
        silence: SilenceSettings {
            prompt_after_ms: u64::MAX / 4,
            prompts: 0,
        },
        ..SessionConfig::default()
    });
    session.handle(0, Input::Start);
    let mut id = 0;
    while let Some(output) = session.poll_output() {
        if let Output::Speak { id: speech, .. } = output {
            id = speech;
        }
    }
    (session, id)
}

/// A session that has greeted and waits for the caller for ever.
fn listening() -> (Session, u64) {
    let (mut session, id) = speaking();
    let mut now = 20;
    let parts = [TtsPart::Audio(vec![1_000; 800]), TtsPart::Done];
    for part in parts {
        session.handle(now, Input::Speech { id, part });
    }
    // Until the greeting is over and its marks have come back.
    for _ in 0..100 {
        now += 20;
        session.handle(
            now,
            Input::Media {
                frame: &[0; FRAME],
                speech: 0.0,
            },
        );
        while let Some(output) = session.poll_output() {
            if let Output::Mark { id } = output {
                session.handle(now, Input::Mark { id });
            }
        }
    }
    (session, now)
}

/// No limit ends a session that is measured for days of its own time.
fn endless() -> Timings {
    const NEVER: u64 = u64::MAX / 4;
    Timings {
        max_duration_ms: NEVER,
        provider_ms: NEVER,
        ..Timings::default()
    }
}

fn frames(criterion: &mut Criterion) {
    let silence = [0_i16; FRAME];
    let voice = [4_000_i16; FRAME];

    for (name, frame, speech) in [
        ("listening to silence, a frame", &silence, 0.0),
        ("listening to speech, a frame", &voice, 0.9),
    ] {
        criterion.bench_function(name, |bencher| {
            let (mut session, mut now) = listening();
            bencher.iter(|| {
                now += 20;
                session.handle(now, Input::Media { frame, speech });
                while let Some(output) = session.poll_output() {
                    black_box(output);
                }
                black_box(session.next_timeout());
            });
            assert!(!session.is_finished(), "it measured a call that is over");
        });
    }

    criterion.bench_function("speaking, a frame", |bencher| {
        let (mut session, id) = speaking();
        let mut now = 0_u64;
        bencher.iter(|| {
            now += 20;
            if now.is_multiple_of(1_000) {
                session.handle(
                    now,
                    Input::Speech {
                        id,
                        part: TtsPart::Audio(vec![1_000; 8_000]),
                    },
                );
            }
            session.handle(
                now,
                Input::Media {
                    frame: &silence,
                    speech: 0.0,
                },
            );
            while let Some(output) = session.poll_output() {
                black_box(output);
            }
            black_box(session.next_timeout());
        });
        assert!(!session.is_finished(), "it measured a call that is over");
    });
}

fn audio(criterion: &mut Criterion) {
    let ulaw = [0x55_u8; FRAME];
    let samples = [1_234_i16; FRAME];
    criterion.bench_function("mu-law decode, a frame", |bencher| {
        bencher.iter(|| mulaw::decode_frame(black_box(&ulaw)))
    });
    criterion.bench_function("mu-law encode, a frame", |bencher| {
        let mut out = Vec::with_capacity(FRAME);
        bencher.iter(|| {
            out.clear();
            mulaw::encode_into(black_box(&samples), &mut out);
        });
    });
    criterion.bench_function("record both sides, a frame", |bencher| {
        let mut recorder = Recorder::default();
        let mut now = 0_u64;
        bencher.iter(|| {
            now += 20;
            recorder.caller(now, None, black_box(&ulaw));
            recorder.agent(now, black_box(&ulaw));
            black_box(recorder.due(now));
        });
    });
}

/// Whether somebody speaks: by the level, and by Silero's network where its model is.
fn detectors(criterion: &mut Criterion) {
    let voice: [i16; FRAME] = std::array::from_fn(|i| if i / 20 % 2 == 0 { 4_000 } else { -4_000 });
    let mut measure = |name: &str, mut detector: Box<dyn VoiceActivity>| {
        criterion.bench_function(name, |bencher| bencher.iter(|| detector.push(black_box(&voice))));
    };
    measure("voice activity by level, a frame", Energy.open());
    let Some(model) = silero() else {
        println!("no Silero here: set TRUNKLINE_MODELS_DIR, or fetch the models");
        return;
    };
    match Silero::load(&model) {
        Ok(silero) => measure("voice activity by Silero, a frame", silero.open()),
        Err(error) => println!("Silero cannot be measured: {error}"),
    }
}

fn silero() -> Option<PathBuf> {
    let named = |name: &str| std::env::var_os(name).map(PathBuf::from);
    let folder =
        named("TRUNKLINE_MODELS_DIR").or_else(|| Some(named("HOME")?.join(".cache/trunkline/models")))?;
    Some(folder.join("silero_vad_16k.safetensors")).filter(|path| path.exists())
}

criterion_group!(benches, frames, audio, detectors);
criterion_main!(benches);
