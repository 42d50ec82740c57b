//! What a session costs for each 20 ms, without sockets: `cargo bench -p trunkline-media`.
#![allow(
    missing_docs,
    clippy::expect_used,
    reason = "criterion's macros make undocumented items"
)]

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use trunkline_media::audio::{FRAME, mulaw};
use trunkline_media::recorder::Recorder;
use trunkline_media::session::{Direction, Input, Output, Session, SessionConfig};
use trunkline_providers::tts::TtsPart;

/// A session whose greeting has no end.
fn speaking() -> (Session, u32) {
    let mut session = Session::new(SessionConfig {
        direction: Direction::Inbound,
        greeting: "Hello.".to_owned(),
        timings: endless(),
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

fn endless() -> trunkline_media::session::Timings {
    trunkline_media::session::Timings {
        max_duration_ms: u64::MAX / 4,
        ..Default::default()
    }
}

fn frames(criterion: &mut Criterion) {
    let silence = [0_i16; FRAME];
    let voice = [4_000_i16; FRAME];

    criterion.bench_function("listening to silence, a frame", |bencher| {
        let mut session = Session::new(SessionConfig {
            timings: endless(),
            silence: trunkline_media::session::SilenceSettings {
                prompt_after_ms: u64::MAX / 4,
                prompts: 0,
            },
            ..SessionConfig::default()
        });
        session.handle(0, Input::Start);
        let mut now = 0_u64;
        bencher.iter(|| {
            now += 20;
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
    });

    criterion.bench_function("listening to speech, a frame", |bencher| {
        let (mut session, _) = speaking();
        let mut now = 0_u64;
        bencher.iter(|| {
            now += 20;
            session.handle(
                now,
                Input::Media {
                    frame: &voice,
                    speech: 0.9,
                },
            );
            while let Some(output) = session.poll_output() {
                black_box(output);
            }
            black_box(session.next_timeout());
        });
    });

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

criterion_group!(benches, frames, audio);
criterion_main!(benches);
