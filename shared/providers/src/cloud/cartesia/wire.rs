//! Cartesia's messages.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::RATE_HZ;
use crate::cloud::{spoken, words};
use crate::tts::Voice;

const MODEL: &str = "sonic-3.5";
/// The voice of the reference's examples.
const DEFAULT_VOICE: &str = "a0e99841-438c-4a64-b679-ae501e7d6091";

/// A sentence to be said whole, without the context's name.
pub(super) fn request(text: &str, voice: &Voice) -> Value {
    let mut request = json!({
        "model_id": MODEL,
        "transcript": text,
        "voice": {"mode": "id", "id": spoken::id(voice, DEFAULT_VOICE)},
        "output_format": {"container": "raw", "encoding": "pcm_s16le", "sample_rate": RATE_HZ},
        "continue": false,
    });
    if let Some(language) = spoken::language(&voice.language) {
        request["language"] = json!(language);
    }
    if let Some(speed) = spoken::speed(voice, 0.6, 1.5) {
        request["generation_config"] = json!({ "speed": speed });
    }
    request
}

/// What the vendor says about one context.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Said {
    /// Audio, as bytes.
    Audio(Vec<u8>),
    Done,
    /// A status as of HTTP; the message itself tells more.
    Error(u16),
    /// Of another context, or nothing that is needed.
    Nothing,
}

#[derive(Deserialize)]
struct Message {
    #[serde(rename = "type")]
    kind: String,
    context_id: Option<String>,
    data: Option<String>,
    status_code: Option<u16>,
}

/// Reads a message for a context. The error is in words.
pub(super) fn read(text: &str, context: &str) -> Result<Said, String> {
    let message: Message = serde_json::from_str(text)
        .map_err(|error| format!("a message of it cannot be read: {}", words::unreadable(&error)))?;
    // An error may be about the socket as a whole.
    if message.context_id.is_some_and(|id| id != context) {
        return Ok(Said::Nothing);
    }
    match message.kind.as_str() {
        "chunk" => {
            let bytes = STANDARD.decode(message.data.unwrap_or_default());
            Ok(Said::Audio(
                bytes.map_err(|error| format!("its audio is not base64: {error}"))?,
            ))
        }
        "done" => Ok(Said::Done),
        "error" => Ok(Said::Error(message.status_code.unwrap_or(500))),
        _ => Ok(Said::Nothing),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_of_other_contexts_are_nobodys() {
        let chunk = r#"{"type":"chunk","data":"AQI=","done":false,"status_code":206,"context_id":"1"}"#;
        assert_eq!(read(chunk, "1"), Ok(Said::Audio(vec![1, 2])));
        assert_eq!(read(chunk, "2"), Ok(Said::Nothing));
        assert_eq!(
            read(r#"{"type":"done","done":true,"context_id":"1"}"#, "1"),
            Ok(Said::Done)
        );
        assert_eq!(
            read(r#"{"type":"error","status_code":429,"title":"Too many"}"#, "1"),
            Ok(Said::Error(429))
        );
        assert_eq!(
            read(r#"{"type":"timestamps","context_id":"1"}"#, "1"),
            Ok(Said::Nothing)
        );
    }

    #[test]
    fn noise_is_told_in_words() {
        for noise in ["", "{}", r#"{"type":"chunk","data":"?","context_id":"1"}"#] {
            assert!(read(noise, "1").is_err(), "{noise}");
        }
    }
}
