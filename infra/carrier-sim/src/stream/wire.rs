//! The messages of a stream, as text.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::audio::{Frame, mulaw};

/// What the platform may send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Incoming {
    /// Mu-law to be played.
    Media(Vec<u8>),
    /// To be sent back when all before it has been played.
    Mark(String),
    /// Forget what has not been played.
    Clear,
}

#[derive(Deserialize)]
struct Envelope {
    event: String,
    #[serde(rename = "streamSid")]
    stream_sid: String,
    media: Option<MediaBody>,
    mark: Option<MarkBody>,
}

#[derive(Deserialize)]
struct MediaBody {
    payload: String,
}

#[derive(Deserialize)]
struct MarkBody {
    name: String,
}

/// Reads a message, strictly.
///
/// # Errors
/// What is wrong with it, for the log.
pub(super) fn read(text: &str, stream_sid: &str) -> Result<Incoming, String> {
    let message: Envelope =
        serde_json::from_str(text).map_err(|error| format!("{error} in {}", head(text)))?;
    if message.stream_sid != stream_sid {
        return Err(format!(
            "its streamSid is {}, this stream is {stream_sid}",
            message.stream_sid
        ));
    }
    match (message.event.as_str(), message.media, message.mark) {
        ("media", Some(media), _) => {
            let sound = STANDARD
                .decode(&media.payload)
                .map_err(|error| format!("media.payload is not base64: {error}"))?;
            Ok(Incoming::Media(sound))
        }
        ("mark", _, Some(mark)) => Ok(Incoming::Mark(mark.name)),
        ("clear", _, _) => Ok(Incoming::Clear),
        ("media" | "mark", _, _) => Err(format!("event {} lacks its body: {}", message.event, head(text))),
        (other, _, _) => Err(format!("event {other} is none of media, mark, clear")),
    }
}

fn head(text: &str) -> String {
    text.chars().take(80).collect()
}

/// What a stream is about.
pub(super) struct Start<'a> {
    pub(super) account_sid: &'a str,
    pub(super) call_sid: &'a str,
    pub(super) stream_sid: &'a str,
    pub(super) tracks: &'a [&'static str],
    pub(super) params: &'a [(String, String)],
}

pub(super) fn connected() -> String {
    json!({"event": "connected", "protocol": "Call", "version": "1.0.0"}).to_string()
}

pub(super) fn start(start: &Start<'_>) -> String {
    let params: serde_json::Map<String, Value> = start
        .params
        .iter()
        .map(|(name, value)| (name.clone(), Value::from(value.as_str())))
        .collect();
    json!({
        "event": "start",
        "sequenceNumber": "1",
        "start": {
            "accountSid": start.account_sid,
            "streamSid": start.stream_sid,
            "callSid": start.call_sid,
            "tracks": start.tracks,
            "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
            "customParameters": params,
        },
        "streamSid": start.stream_sid,
    })
    .to_string()
}

/// Twenty milliseconds of sound; built by hand, as it is 50 a second for each call.
pub(super) fn media(
    stream_sid: &str,
    sequence: u64,
    track: &str,
    chunk: u64,
    frame: Option<&Frame>,
) -> String {
    let bytes = frame.map_or([mulaw::SILENT_BYTE; 160], mulaw::encode_frame);
    let timestamp = (chunk - 1) * 20;
    let mut text = String::with_capacity(460);
    text.push_str("{\"event\":\"media\",\"sequenceNumber\":\"");
    text.push_str(&sequence.to_string());
    text.push_str("\",\"media\":{\"track\":\"");
    text.push_str(track);
    text.push_str("\",\"chunk\":\"");
    text.push_str(&chunk.to_string());
    text.push_str("\",\"timestamp\":\"");
    text.push_str(&timestamp.to_string());
    text.push_str("\",\"payload\":\"");
    STANDARD.encode_string(bytes, &mut text);
    text.push_str("\"},\"streamSid\":\"");
    text.push_str(stream_sid);
    text.push_str("\"}");
    text
}

pub(super) fn mark(stream_sid: &str, sequence: u64, name: &str) -> String {
    json!({"event": "mark", "sequenceNumber": sequence.to_string(), "mark": {"name": name}, "streamSid": stream_sid})
        .to_string()
}

pub(super) fn dtmf(stream_sid: &str, sequence: u64, digit: char) -> String {
    json!({
        "event": "dtmf",
        "sequenceNumber": sequence.to_string(),
        "dtmf": {"track": "inbound_track", "digit": digit.to_string()},
        "streamSid": stream_sid,
    })
    .to_string()
}

pub(super) fn stop(account_sid: &str, call_sid: &str, stream_sid: &str, sequence: u64) -> String {
    json!({
        "event": "stop",
        "sequenceNumber": sequence.to_string(),
        "stop": {"accountSid": account_sid, "callSid": call_sid},
        "streamSid": stream_sid,
    })
    .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_of_the_platform_are_read_strictly() {
        assert_eq!(
            read(
                r#"{"event":"media","streamSid":"MZ1","media":{"payload":"//8="}}"#,
                "MZ1"
            ),
            Ok(Incoming::Media(vec![255, 255]))
        );
        assert_eq!(
            read(r#"{"event":"mark","streamSid":"MZ1","mark":{"name":"a"}}"#, "MZ1"),
            Ok(Incoming::Mark("a".into()))
        );
        assert_eq!(
            read(r#"{"event":"clear","streamSid":"MZ1"}"#, "MZ1"),
            Ok(Incoming::Clear)
        );
        for (text, why) in [
            ("hello", "expected value"),
            (r#"{"event":"media","media":{"payload":""}}"#, "streamSid"),
            (r#"{"event":"clear","streamSid":"MZ2"}"#, "MZ2"),
            (
                r#"{"event":"media","streamSid":"MZ1","media":{"payload":"*"}}"#,
                "base64",
            ),
            (r#"{"event":"mark","streamSid":"MZ1"}"#, "lacks its body"),
            (r#"{"event":"stop","streamSid":"MZ1"}"#, "none of"),
        ] {
            let error = read(text, "MZ1").unwrap_err();
            assert!(error.contains(why), "{text}: {error}");
        }
    }

    #[test]
    fn media_is_json_of_the_documented_shape() {
        let value: Value = serde_json::from_str(&media("MZ1", 4, "inbound", 2, Some(&[1000; 160]))).unwrap();
        assert_eq!(value["event"], "media");
        assert_eq!(value["sequenceNumber"], "4");
        assert_eq!(value["media"]["track"], "inbound");
        assert_eq!(
            (&value["media"]["chunk"], &value["media"]["timestamp"]),
            (&json!("2"), &json!("20"))
        );
        assert_eq!(
            STANDARD
                .decode(value["media"]["payload"].as_str().unwrap())
                .unwrap(),
            vec![0xCE; 160]
        );
    }
}
