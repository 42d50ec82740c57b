//! Speech over HTTP: OpenAI's and ElevenLabs'.

use std::sync::Arc;
use std::time::Duration;

use trunkline_providers::ProviderError;
use trunkline_providers::cloud::{Limits, Vendor, text_to_speech_within};
use trunkline_providers::tts::{TextToSpeech, TtsPart, Voice};

use crate::web::{Answer, KEY, Piece, Web, account, limits};

const BOTH: [Vendor; 2] = [Vendor::Openai, Vendor::Elevenlabs];

fn voice(vendor: Vendor, web: &Web, limits: Limits) -> Arc<dyn TextToSpeech> {
    text_to_speech_within(&account(vendor, &web.url), limits).unwrap()
}

fn pcm(samples: usize) -> Vec<u8> {
    std::iter::repeat_n(2_000_i16.to_le_bytes(), samples)
        .flatten()
        .collect()
}

fn audio(pieces: Vec<Piece>) -> Answer {
    Answer::of("audio/pcm", pieces)
}

/// The samples, and what came last.
async fn all(voice: &dyn TextToSpeech, how: &Voice) -> Result<(Vec<i16>, TtsPart), ProviderError> {
    let mut parts = voice.speak("Good morning.", how).await?;
    let mut samples = Vec::new();
    loop {
        match parts.recv().await.expect("a last part") {
            TtsPart::Audio(more) => samples.extend(more),
            last @ (TtsPart::Done | TtsPart::Failed(_)) => {
                assert_eq!(parts.recv().await, None);
                return Ok((samples, last));
            }
        }
    }
}

fn reason(last: &TtsPart) -> String {
    match last {
        TtsPart::Failed(error) => error.to_string(),
        TtsPart::Audio(_) | TtsPart::Done => panic!("{last:?}"),
    }
}

#[tokio::test]
async fn openai_speaks_at_the_telephones_rate() {
    let bytes = pcm(24_000);
    // Cut inside a sample.
    let (first, rest) = bytes.split_at(10_001);
    let mut web = Web::start([audio(vec![Piece::Bytes(first.into()), Piece::Bytes(rest.into())])]).await;
    let how = Voice {
        id: "coral".to_owned(),
        speed: 1.5,
        language: "en".to_owned(),
    };
    let (samples, last) = all(&*voice(Vendor::Openai, &web, limits()), &how).await.unwrap();
    assert_eq!((samples.len(), last), (8_000, TtsPart::Done));
    assert!(
        samples[100..7_900]
            .iter()
            .all(|sample| (sample - 2_000).abs() < 10)
    );
    let seen = web.seen();
    assert_eq!(seen.path, "/audio/speech");
    assert_eq!(seen.headers["authorization"], format!("Bearer {KEY}"));
    let wanted = serde_json::json!({
        "model": "gpt-4o-mini-tts", "input": "Good morning.", "voice": "coral", "response_format": "pcm", "speed": 1.5,
    });
    assert_eq!(seen.body, wanted);
}

#[tokio::test]
async fn elevenlabs_speaks_with_the_voice_that_is_named_and_no_other_path() {
    let mut web = Web::start([
        audio(vec![Piece::Bytes(pcm(500))]),
        audio(vec![Piece::Bytes(pcm(1))]),
    ])
    .await;
    let how = Voice {
        language: "pt-BR".to_owned(),
        ..Voice::default()
    };
    let speaker = voice(Vendor::Elevenlabs, &web, limits());
    let (samples, last) = all(&*speaker, &how).await.unwrap();
    assert_eq!((samples, last), (vec![2_000; 500], TtsPart::Done));
    let seen = web.seen();
    assert_eq!(
        seen.path,
        "/v1/text-to-speech/JBFqnCBsd6RMkjVDRZzb/stream?output_format=pcm_8000"
    );
    assert_eq!(seen.headers["xi-api-key"], KEY);
    assert_eq!(seen.body["language_code"], "pt");
    let sly = Voice {
        id: "../user?x=1".to_owned(),
        speed: 3.0,
        ..Voice::default()
    };
    all(&*speaker, &sly).await.unwrap();
    let seen = web.seen();
    assert_eq!(
        seen.path,
        "/v1/text-to-speech/..%2Fuser%3Fx=1/stream?output_format=pcm_8000"
    );
    assert!((seen.body["voice_settings"]["speed"].as_f64().unwrap() - 1.2).abs() < 0.001);
}

#[tokio::test]
async fn what_goes_wrong_is_told_in_the_vendors_words() {
    for vendor in BOTH {
        let short = Limits {
            answer: Duration::from_millis(300),
            quiet: Duration::from_millis(80),
            ..limits()
        };
        let refusal = |status, body: &str| Answer::refusal(status, None, body);
        let web = Web::start([
            refusal(422, r#"{"detail":[{"msg":"no such voice"}]}"#),
            refusal(401, &format!(r#"{{"detail":{{"message":"bad key {KEY}"}}}}"#)),
            Answer::of("text/html; charset=utf-8", vec![Piece::Bytes(b"<html>".into())]),
            Answer::Silence,
        ])
        .await;
        let speaker = voice(vendor, &web, short);
        for part in [
            "422: no such voice",
            "bad key …",
            "`text/html` instead of audio",
            "did not answer",
        ] {
            let error = all(&*speaker, &Voice::default()).await.unwrap_err().to_string();
            assert!(
                error.starts_with(vendor.as_str()) && error.contains(part),
                "{error}"
            );
            assert!(!error.contains("0123456789"), "{error}");
        }
    }
}

#[tokio::test]
async fn speech_that_breaks_off_is_a_failure_after_what_came() {
    for vendor in BOTH {
        let short = Limits {
            quiet: Duration::from_millis(80),
            ..limits()
        };
        let some = || Piece::Bytes(pcm(3_000));
        let web = Web::start([
            audio(vec![some(), Piece::Cut]),
            audio(vec![some(), Piece::Hang]),
            audio(Vec::new()),
        ])
        .await;
        let speaker = voice(vendor, &web, short);
        for (part, any) in [
            ("the connection broke", true),
            ("stopped for more than", true),
            ("no audio", false),
        ] {
            let (samples, last) = all(&*speaker, &Voice::default()).await.unwrap();
            assert!(reason(&last).contains(part), "{last:?}");
            assert_eq!(!samples.is_empty(), any);
        }
    }
}

#[tokio::test]
async fn a_busy_vendor_is_asked_again() {
    for vendor in BOTH {
        let mut web = Web::start([
            Answer::refusal(429, Some("0.02"), "{}"),
            Answer::refusal(503, None, "{}"),
            audio(vec![Piece::Bytes(pcm(3_000))]),
        ])
        .await;
        let (_, last) = all(&*voice(vendor, &web, limits()), &Voice::default())
            .await
            .unwrap();
        assert_eq!(last, TtsPart::Done);
        for _ in 0..3 {
            web.seen();
        }
    }
}

#[tokio::test]
async fn who_is_interrupted_costs_nothing_more_and_silence_nothing_at_all() {
    for vendor in BOTH {
        let mut web = Web::start([audio(vec![Piece::Bytes(pcm(3_000)), Piece::Hang])]).await;
        let speaker = voice(vendor, &web, limits());
        let mut parts = speaker.speak(" ", &Voice::default()).await.unwrap();
        assert_eq!(parts.recv().await, Some(TtsPart::Done));
        assert!(web.nothing_more_seen());
        let mut parts = speaker.speak("One, two", &Voice::default()).await.unwrap();
        assert!(matches!(parts.recv().await, Some(TtsPart::Audio(_))));
        drop(parts);
        web.let_go().await;
    }
}
