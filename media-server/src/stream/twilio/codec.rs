//! Between Twilio's messages and a session's inputs and outputs. Buffers are
//! reused: nothing is allocated for a frame in the steady state.

use axum::extract::ws::{Message as WsMessage, Utf8Bytes};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::{BufMut, BytesMut};

use super::incoming::{Malformed, Message, Start};
use crate::audio::frames::Framer;
use crate::audio::{FRAME, FRAME_MS, UlawFrame};

/// Letters of base64 for a frame.
const ENCODED: usize = FRAME.div_ceil(3) * 4;

/// Room for some messages, so that one allocation serves many frames.
const OUT_BUFFER: usize = 4 * 1_024;

/// Something that the carrier says, besides the frames of its media.
#[derive(Debug, PartialEq)]
pub(crate) enum Event {
    Start(Box<Start>),
    /// The number of one of our marks.
    Mark(u32),
    Dtmf(char),
    Stop,
}

/// One stream's translator.
#[derive(Debug)]
pub(crate) struct Codec {
    framer: Framer,
    decoded: Vec<u8>,
    out: BytesMut,
    /// Everything before the payload of a media message.
    media: String,
    /// The stream's id, quoted.
    stream_sid: String,
}

impl Codec {
    pub(crate) fn new(stream_sid: &str) -> Self {
        let stream_sid = serde_json::Value::from(stream_sid).to_string();
        Self {
            framer: Framer::default(),
            decoded: Vec::with_capacity(2 * FRAME),
            out: BytesMut::with_capacity(OUT_BUFFER),
            media: format!(r#"{{"event":"media","streamSid":{stream_sid},"media":{{"payload":""#),
            stream_sid,
        }
    }

    /// Reads a message. Each frame of the caller's audio goes to `each` with the
    /// carrier's time of it, in ms; anything else is answered.
    ///
    /// # Errors
    /// [`Malformed`], where the message is not of this protocol.
    pub(crate) fn read(
        &mut self,
        text: &str,
        mut each: impl FnMut(&UlawFrame, Option<u64>),
    ) -> Result<Option<Event>, Malformed> {
        let message = Message::parse(text)?;
        match &*message.event {
            "media" => {
                let media = message.media.ok_or_else(|| without("media"))?;
                // With both tracks, ours comes back as "outbound".
                if media.track.is_empty() || media.track == "inbound" {
                    self.decoded.clear();
                    STANDARD
                        .decode_vec(media.payload.as_bytes(), &mut self.decoded)
                        .map_err(|_| Malformed::Payload)?;
                    let mut at: Option<u64> = media.timestamp.parse().ok();
                    self.framer.push(&self.decoded, |frame| {
                        each(frame, at);
                        at = at.map(|at| at.saturating_add(FRAME_MS));
                    });
                }
                Ok(None)
            }
            "start" => Ok(Some(Event::Start(message.start.ok_or_else(|| without("start"))?))),
            "mark" => {
                let mark = message.mark.ok_or_else(|| without("mark"))?;
                // Marks that are not ours say nothing.
                Ok(mark
                    .name
                    .strip_prefix('m')
                    .and_then(|id| id.parse().ok())
                    .map(Event::Mark))
            }
            "dtmf" => {
                let dtmf = message.dtmf.ok_or_else(|| without("dtmf"))?;
                Ok(dtmf.digit.chars().next().map(Event::Dtmf))
            }
            "stop" => Ok(Some(Event::Stop)),
            // `connected`, and whatever Twilio may add.
            _ => Ok(None),
        }
    }

    pub(crate) fn audio(&mut self, frame: &UlawFrame) -> WsMessage {
        self.out.reserve(self.media.len() + ENCODED + 3);
        self.out.put_slice(self.media.as_bytes());
        let at = self.out.len();
        self.out.put_bytes(0, ENCODED);
        // The space is exactly what a frame needs, so this cannot fail.
        let written = STANDARD.encode_slice(frame, &mut self.out[at..]).unwrap_or(0);
        self.out.truncate(at + written);
        self.out.put_slice(b"\"}}");
        self.message()
    }

    pub(crate) fn mark(&mut self, id: u32) -> WsMessage {
        let text = format!(
            r#"{{"event":"mark","streamSid":{},"mark":{{"name":"m{id}"}}}}"#,
            self.stream_sid
        );
        WsMessage::Text(text.into())
    }

    pub(crate) fn clear(&mut self) -> WsMessage {
        WsMessage::Text(format!(r#"{{"event":"clear","streamSid":{}}}"#, self.stream_sid).into())
    }

    fn message(&mut self) -> WsMessage {
        let bytes = self.out.split().freeze();
        // JSON and base64 are text; the other arm is never taken.
        match Utf8Bytes::try_from(bytes) {
            Ok(text) => WsMessage::Text(text),
            Err(_) => WsMessage::Text(Utf8Bytes::from_static("")),
        }
    }
}

fn without(part: &str) -> Malformed {
    Malformed::Json(format!("an event \"{part}\" without its `{part}` object"))
}

#[cfg(test)]
mod tests {
    use super::*;

    type Heard = (UlawFrame, Option<u64>);

    fn text(message: WsMessage) -> serde_json::Value {
        let WsMessage::Text(text) = message else {
            panic!("{message:?}")
        };
        serde_json::from_str(text.as_str()).unwrap()
    }

    fn read(codec: &mut Codec, text: &str) -> (Vec<Heard>, Result<Option<Event>, Malformed>) {
        let mut frames = Vec::new();
        let event = codec.read(text, |frame, at| frames.push((*frame, at)));
        (frames, event)
    }

    #[test]
    fn what_is_sent_has_the_documented_shape() {
        let mut codec = Codec::new("MZ\"1");
        for _ in 0..50 {
            let media = text(codec.audio(&[0x7f; FRAME]));
            assert_eq!(media["event"], "media");
            assert_eq!(media["streamSid"], "MZ\"1");
            assert_eq!(
                STANDARD
                    .decode(media["media"]["payload"].as_str().unwrap())
                    .unwrap(),
                [0x7f; FRAME]
            );
        }
        assert_eq!(
            text(codec.mark(7)),
            serde_json::json!({"event": "mark", "streamSid": "MZ\"1", "mark": {"name": "m7"}})
        );
        assert_eq!(
            text(codec.clear()),
            serde_json::json!({"event": "clear", "streamSid": "MZ\"1"})
        );
    }

    #[test]
    fn media_is_cut_into_frames_with_their_times() {
        let mut codec = Codec::new("MZ");
        let payload = STANDARD.encode([9; 400]);
        let (frames, event) = read(
            &mut codec,
            &format!(
                r#"{{"event":"media","sequenceNumber":"3","media":{{"track":"inbound","chunk":"1","timestamp":"60","payload":"{payload}"}},"streamSid":"MZ"}}"#
            ),
        );
        assert_eq!(event, Ok(None));
        assert_eq!(frames, [([9; FRAME], Some(60)), ([9; FRAME], Some(80))]);
    }

    #[test]
    fn an_escaped_slash_in_the_payload_is_still_base64() {
        let mut codec = Codec::new("MZ");
        let payload = STANDARD.encode([0xff; FRAME]).replace('/', "\\/");
        assert!(payload.contains("\\/"));
        let (frames, _) = read(
            &mut codec,
            &format!(r#"{{"event":"media","media":{{"payload":"{payload}"}}}}"#),
        );
        assert_eq!(frames, [([0xff; FRAME], None)]);
    }

    #[test]
    fn our_own_voice_is_not_taken_for_the_callers() {
        let payload = STANDARD.encode([1; FRAME]);
        let message = format!(r#"{{"event":"media","media":{{"track":"outbound","payload":"{payload}"}}}}"#);
        assert!(read(&mut Codec::new("MZ"), &message).0.is_empty());
    }

    #[test]
    fn marks_keys_and_the_end_are_told_apart_and_the_unknown_is_ignored() {
        let mut codec = Codec::new("MZ");
        for (message, want) in [
            (r#"{"event":"mark","mark":{"name":"m12"}}"#, Some(Event::Mark(12))),
            (r#"{"event":"mark","mark":{"name":"theirs"}}"#, None),
            (
                r##"{"event":"dtmf","dtmf":{"track":"inbound_track","digit":"#"}}"##,
                Some(Event::Dtmf('#')),
            ),
            (
                r#"{"event":"stop","stop":{"accountSid":"AC","callSid":"CA"}}"#,
                Some(Event::Stop),
            ),
            (
                r#"{"event":"connected","protocol":"Call","version":"1.0.0"}"#,
                None,
            ),
            (r#"{"event":"novelty","novelty":{"x":[1,2]}}"#, None),
        ] {
            assert_eq!(read(&mut codec, message).1, Ok(want), "{message}");
        }
    }

    #[test]
    fn what_is_no_message_is_refused_with_what_is_wrong() {
        let mut codec = Codec::new("MZ");
        for message in [
            "",
            "[]",
            "{}",
            r#"{"event":"media"}"#,
            r#"{"event":"start"}"#,
            r#"{"event":"media","media":{"payload":"%%%"}}"#,
        ] {
            assert!(read(&mut codec, message).1.is_err(), "{message}");
        }
    }
}
