//! The first moments of a stream: its `start`, and who it says it is.

use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, WebSocket};
use tokio::time::{Instant, timeout, timeout_at};

use super::codec::{Codec, Event};
use super::incoming::Start;
use crate::port::{CallRef, StreamStart};

/// Close codes of RFC 6455, section 7.4.1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ClosePolicy {
    /// All was said.
    Normal = 1000,
    /// Not allowed.
    Policy = 1008,
    /// Something is wrong on our side.
    Internal = 1011,
    /// No room.
    TryLater = 1013,
    /// The token is not good, or not any more; ours, after HTTP's 401.
    Unauthorized = 4401,
}

/// Who a stream says it is.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Handshake {
    /// A call of ours, to be checked.
    Call(StreamStart),
    /// No parameters of ours at all.
    Anonymous { stream_sid: String },
    /// Unusable, and why.
    Refused(&'static str),
}

/// Waits for the `start` message until the deadline.
///
/// # Errors
/// Why the socket must be closed, in words for the other side.
pub(crate) async fn read_start(
    socket: &mut WebSocket,
    deadline: Instant,
) -> Result<Box<Start>, &'static str> {
    let mut codec = Codec::new("");
    loop {
        let text = match timeout_at(deadline, socket.recv()).await {
            Err(_) => return Err("no start message came in time"),
            Ok(None | Some(Ok(Message::Close(_)))) => return Err("closed before the start message"),
            Ok(Some(Err(_))) => return Err("a frame was broken or too large"),
            Ok(Some(Ok(Message::Text(text)))) => text,
            Ok(Some(Ok(Message::Binary(_) | Message::Ping(_) | Message::Pong(_)))) => continue,
        };
        match codec.read(text.as_str(), |_, _| {}) {
            Ok(Some(Event::Start(start))) => return Ok(start),
            Ok(Some(Event::Stop)) => return Err("stopped before the start message"),
            Ok(Some(Event::Mark(_) | Event::Dtmf(_)) | None) => {}
            Err(_) => return Err("that is not the Media Streams protocol"),
        }
    }
}

impl Handshake {
    /// Reads the stream's parameters: `callId`, `token`, `e` (or `epoch`), `gen`.
    pub(crate) fn of(start: Start) -> Self {
        let Start {
            stream_sid,
            call_sid,
            account_sid,
            media_format,
            mut custom_parameters,
        } = start;
        if media_format.is_some_and(|format| !format.is_telephone()) {
            return Self::Refused("only audio/x-mulaw at 8000 Hz with one channel is spoken here");
        }
        let mut take = |name: &str| custom_parameters.remove(name).filter(|value| !value.is_empty());
        let (call_id, token) = (take("callId"), take("token"));
        if call_id.is_none() && token.is_none() {
            return Self::Anonymous { stream_sid };
        }
        let epoch = take("e")
            .or_else(|| take("epoch"))
            .map_or(Ok(0), |value| value.parse());
        let generation = take("gen").map_or(Ok(0), |value| value.parse());
        let (Some(call_id), Some(token)) = (call_id, token) else {
            return Self::Refused("the parameters callId and token are both needed");
        };
        let (Ok(epoch), Ok(generation)) = (epoch, generation) else {
            return Self::Refused("the parameters e and gen are whole numbers");
        };
        Self::Call(StreamStart {
            call: CallRef { call_id, generation },
            epoch,
            token,
            call_sid,
            account_sid,
            stream_sid,
        })
    }
}

/// Closes the socket with a reason; the other side may be gone already.
pub(crate) async fn close_with(socket: &mut WebSocket, code: ClosePolicy, reason: &str) {
    let frame = CloseFrame {
        code: code as u16,
        reason: reason.into(),
    };
    // A peer that does not read its close frame is cut off by dropping the socket.
    let sent = timeout(Duration::from_secs(1), socket.send(Message::Close(Some(frame)))).await;
    if !matches!(sent, Ok(Ok(()))) {
        tracing::debug!(reason, "the socket was gone before its close frame");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn start(parameters: &[(&str, &str)]) -> Start {
        Start {
            stream_sid: "MZ1".to_owned(),
            call_sid: "CA1".to_owned(),
            account_sid: "AC1".to_owned(),
            media_format: None,
            custom_parameters: parameters
                .iter()
                .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
                .collect(),
        }
    }

    #[test]
    fn a_call_of_ours_is_read_with_either_name_of_its_epoch() {
        for epoch in ["e", "epoch"] {
            let handshake = Handshake::of(start(&[
                ("callId", "c1"),
                ("token", "t"),
                (epoch, "3"),
                ("gen", "1"),
            ]));
            let Handshake::Call(call) = handshake else {
                panic!("{handshake:?}")
            };
            assert_eq!(
                (call.call.call_id.as_str(), call.epoch, call.call.generation),
                ("c1", 3, 1)
            );
        }
    }

    #[test]
    fn a_stream_without_parameters_is_anonymous_and_half_of_them_is_refused() {
        assert!(matches!(Handshake::of(start(&[])), Handshake::Anonymous { .. }));
        for half in [[("callId", "c1"), ("x", "y")], [("token", "t"), ("callId", "")]] {
            assert!(matches!(Handshake::of(start(&half)), Handshake::Refused(_)));
        }
        let bad = Handshake::of(start(&[("callId", "c"), ("token", "t"), ("gen", "-1")]));
        assert!(matches!(bad, Handshake::Refused(_)));
    }

    #[test]
    fn another_codec_is_refused() {
        let mut other = start(&[]);
        other.media_format =
            serde_json::from_str(r#"{"encoding":"audio/x-l16","sampleRate":16000,"channels":1}"#).unwrap();
        assert!(matches!(Handshake::of(other), Handshake::Refused(_)));
    }
}
