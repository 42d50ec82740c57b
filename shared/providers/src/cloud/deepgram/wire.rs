//! Deepgram's messages.

use serde::Deserialize;
use serde_json::Value;
use url::Url;

use crate::RATE_HZ;
use crate::cloud::endpoint::Endpoint;
use crate::cloud::words;

pub(super) const FINALIZE: &str = r#"{"type":"Finalize"}"#;
pub(super) const KEEP_ALIVE: &str = r#"{"type":"KeepAlive"}"#;
pub(super) const CLOSE_STREAM: &str = r#"{"type":"CloseStream"}"#;

const MODEL: &str = "nova-3";
/// Silence after which a text is fixed, ms. Shorter than the media server's own
/// wait (240 ms), so that most of a turn is fixed before its end is announced.
const ENDPOINTING_MS: &str = "150";

/// What the model tells apart by region. Sources: "Models & Languages Overview",
/// and the changelog to March 2026.
const REGIONAL: [&str; 20] = [
    "da-DK", "de-CH", "en-AU", "en-GB", "en-IN", "en-NZ", "en-US", "es-419", "fr-CA", "ko-KR", "nl-BE",
    "pt-BR", "pt-PT", "sv-SE", "th-TH", "zh-CN", "zh-HK", "zh-Hans", "zh-Hant", "zh-TW",
];

/// Where a stream is opened, for speech in the language of a BCP 47 tag.
pub(super) fn url(endpoint: &Endpoint, language: &str) -> Url {
    let mut url = endpoint.socket("/v1/listen");
    url.query_pairs_mut().extend_pairs([
        ("model", MODEL),
        ("language", &model_language(language)),
        ("encoding", "linear16"),
        ("sample_rate", &RATE_HZ.to_string()),
        ("channels", "1"),
        ("interim_results", "true"),
        ("punctuate", "true"),
        ("endpointing", ENDPOINTING_MS),
    ]);
    url
}

/// The model's word for the language of a BCP 47 tag: the tag where it knows
/// the region, else the language alone, which it knows or refuses.
fn model_language(tag: &str) -> String {
    let tag = tag.trim().replace('_', "-");
    if let Some(known) = REGIONAL.iter().find(|known| known.eq_ignore_ascii_case(&tag)) {
        return (*known).to_owned();
    }
    match tag.split('-').next().unwrap_or_default() {
        "" => "en".to_owned(),
        // All that the model tells apart by itself.
        "auto" => "multi".to_owned(),
        language => language.to_ascii_lowercase(),
    }
}

/// A text for a stretch of the audio.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Heard {
    /// The stretch, in samples from the first one of the connection.
    pub(super) from: u64,
    pub(super) until: u64,
    pub(super) text: String,
    pub(super) confidence: Option<f32>,
    /// It will not change any more.
    pub(super) fixed: bool,
    /// It answers a `Finalize`.
    pub(super) flushed: bool,
}

#[derive(Deserialize)]
#[serde(tag = "type")]
enum Message {
    Results(Results),
    Error(Value),
    /// Metadata, and what is not asked for.
    #[serde(other)]
    Other,
}

#[derive(Deserialize)]
struct Results {
    start: f64,
    duration: f64,
    #[serde(default)]
    is_final: bool,
    #[serde(default)]
    from_finalize: bool,
    channel: Channel,
}

#[derive(Deserialize)]
struct Channel {
    #[serde(default)]
    alternatives: Vec<Alternative>,
}

#[derive(Deserialize)]
struct Alternative {
    #[serde(default)]
    transcript: String,
    confidence: Option<f32>,
}

/// Reads a message; none for those that carry no text. The error is in words.
pub(super) fn read(text: &str) -> Result<Option<Heard>, String> {
    let message: Message = serde_json::from_str(text)
        .map_err(|error| format!("a message of it cannot be read: {}", words::unreadable(&error)))?;
    match message {
        Message::Results(results) => Ok(Some(heard(results))),
        Message::Error(error) => {
            let said = words::of_value(&error).unwrap_or_else(|| "it does not say why".to_owned());
            Err(format!("it reports an error: {said}"))
        }
        Message::Other => Ok(None),
    }
}

fn heard(results: Results) -> Heard {
    let best = results.channel.alternatives.into_iter().next();
    let (text, confidence) = best.map_or((String::new(), None), |best| (best.transcript, best.confidence));
    Heard {
        from: samples(results.start),
        until: samples(results.start + results.duration),
        confidence: confidence.filter(|_| !text.is_empty()),
        text,
        fixed: results.is_final,
        flushed: results.from_finalize,
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a day of audio at most, not negative, and a cast saturates"
)]
fn samples(seconds: f64) -> u64 {
    (seconds.clamp(0.0, 86_400.0) * f64::from(RATE_HZ)).round() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_read_as_they_are_documented() {
        let text = r#"{"type":"Results","channel_index":[0,1],"duration":1.5,"start":0.25,"is_final":true,
            "speech_final":true,"from_finalize":true,"metadata":{},
            "channel":{"alternatives":[{"transcript":"hello there","confidence":0.98,"words":[]}]}}"#;
        let wanted = Heard {
            from: 2_000,
            until: 14_000,
            text: "hello there".to_owned(),
            confidence: Some(0.98),
            fixed: true,
            flushed: true,
        };
        assert_eq!(read(text), Ok(Some(wanted)));
        for other in [
            r#"{"type":"Metadata","request_id":"a"}"#,
            r#"{"type":"SpeechStarted","timestamp":1}"#,
        ] {
            assert_eq!(read(other), Ok(None), "{other}");
        }
    }

    #[test]
    fn errors_and_noise_are_told_in_words() {
        let error = read(r#"{"type":"Error","description":"no such model","variant":"x"}"#).unwrap_err();
        assert_eq!(error, "it reports an error: no such model");
        for noise in ["", "{", "[]", r#"{"type":"Results"}"#] {
            assert!(read(noise).unwrap_err().contains("cannot be read"), "{noise}");
        }
    }

    #[test]
    fn languages_are_named_as_the_model_knows_them() {
        for (tag, known) in [
            ("", "en"),
            ("auto", "multi"),
            ("en-us", "en-US"),
            ("pt_BR", "pt-BR"),
            ("hi-IN", "hi"),
            ("es-ES", "es"),
            ("ZH-hant", "zh-Hant"),
            ("multi", "multi"),
        ] {
            assert_eq!(model_language(tag), known, "{tag}");
        }
    }

    #[test]
    fn strange_times_stay_within_a_day() {
        assert_eq!(samples(-1.0), 0);
        assert_eq!(samples(f64::MAX), 86_400 * 8_000);
    }
}
