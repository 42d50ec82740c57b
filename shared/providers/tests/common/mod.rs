//! The models, loaded once for all tests of a file.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use trunkline_providers::registry::Choice;
use trunkline_providers::stt::{SttEvent, SttInput, SttOptions};
use trunkline_providers::tts::{TtsPart, Voice};
use trunkline_providers::{Providers, Speech, SpeechOptions, SpeechStatus};

/// Where the models are: `TRUNKLINE_MODELS_DIR`, else the user's cache folder.
#[expect(
    clippy::disallowed_methods,
    reason = "a test has no configuration but the environment"
)]
pub(crate) fn models_dir() -> PathBuf {
    let named = |name: &str| {
        std::env::var_os(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    named("TRUNKLINE_MODELS_DIR")
        .or_else(|| Some(named("XDG_CACHE_HOME")?.join("trunkline/models")))
        .or_else(|| Some(named("HOME")?.join(".cache/trunkline/models")))
        .expect("set TRUNKLINE_MODELS_DIR or HOME")
}

/// The built-in parts, loaded. Fails, rather than skips, without the models.
pub(crate) async fn builtin() -> Providers {
    let speech = Speech::new(SpeechOptions {
        models_dir: models_dir(),
        stt: Choice::Builtin,
        llm: Choice::Builtin,
        tts: Choice::Builtin,
        threads: std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN),
    });
    match speech.load().await {
        SpeechStatus::Ready => speech.providers().clone(),
        status @ (SpeechStatus::Loading | SpeechStatus::Missing(_)) => {
            panic!("these tests need the speech models (`cargo run -- models fetch`): {status:?}")
        }
    }
}

pub(crate) async fn speak(providers: &Providers, text: &str) -> Vec<i16> {
    let voice = Voice {
        speed: 1.0,
        ..Voice::default()
    };
    let mut parts = providers.tts.speak(text, &voice).await.unwrap();
    let mut samples = Vec::new();
    loop {
        match parts.recv().await.expect("a last part") {
            TtsPart::Audio(audio) => samples.extend(audio),
            TtsPart::Done => return samples,
            TtsPart::Failed(error) => panic!("{error}"),
        }
    }
}

/// One turn of a new stream, sent as 20 ms frames with silence around it.
#[allow(dead_code, reason = "not every test file recognises")]
pub(crate) async fn understand(providers: &Providers, samples: &[i16]) -> String {
    let mut stream = providers
        .stt
        .open(&SttOptions {
            language: "en-US".into(),
        })
        .await
        .unwrap();
    let padded = [&[0; 2_400][..], samples, &[0; 4_800]].concat();
    for frame in padded.chunks(160) {
        stream.input.send(SttInput::Audio(frame.to_vec())).await.unwrap();
    }
    stream.input.send(SttInput::EndOfTurn { turn: 1 }).await.unwrap();
    match stream.events.recv().await.expect("one final") {
        SttEvent::Final { turn: 1, text, .. } => text,
        other @ (SttEvent::Partial { .. } | SttEvent::Final { .. } | SttEvent::Failed(_)) => {
            panic!("{other:?}")
        }
    }
}
