//! Twilio Media Streams at `/media-stream`.
//!
//! In: `connected`, `start`, `media`, `dtmf`, `mark`, `stop`. Out: `media`,
//! `mark`, `clear`. Audio is base64 of 8 kHz mu-law without a header.
//! Source: Twilio's documentation, "Media Streams - WebSocket Messages".

mod codec;
mod handshake;
mod incoming;

pub(crate) use codec::{Codec, Event};
pub(crate) use handshake::{ClosePolicy, Handshake, close_with, read_start};
pub use incoming::Malformed;

use axum::extract::ws::WebSocketUpgrade;
use axum::extract::{OriginalUri, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};

use crate::server::MediaServer;

/// A frame, and a message, may be this large.
const MAX_FRAME: usize = 64 * 1024;

/// A media frame is about 400 bytes; buffers of the default 128 KiB a socket
/// would be most of a stream's memory.
const BUFFER: usize = 4 * 1024;

/// What may wait for a carrier that does not read, before the send times out.
const MAX_UNSENT: usize = 128 * 1024;

/// Opens a stream's socket, unless its handshake is signed by a stranger or too many wait for
/// their `start` already.
pub(crate) async fn upgrade(
    State(server): State<MediaServer>,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    socket: WebSocketUpgrade,
) -> Response {
    if let Some(signature) = headers.get("x-twilio-signature") {
        let path = uri.path_and_query().map_or(uri.path(), |path| path.as_str());
        let ours = signature
            .to_str()
            .is_ok_and(|signature| server.inner.port.handshake_signed(path, signature));
        if !ours {
            tracing::warn!("a media stream was refused: its handshake is signed by another account");
            return (StatusCode::FORBIDDEN, "the signature does not match").into_response();
        }
    }
    let Some(pending) = server.enter_pending() else {
        return (StatusCode::SERVICE_UNAVAILABLE, "no new streams here now").into_response();
    };
    socket
        .max_frame_size(MAX_FRAME)
        .max_message_size(MAX_FRAME)
        .read_buffer_size(BUFFER)
        .write_buffer_size(BUFFER)
        .max_write_buffer_size(MAX_UNSENT)
        .on_upgrade(move |socket| server.stream(socket, pending))
}
