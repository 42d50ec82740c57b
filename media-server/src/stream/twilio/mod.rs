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

use axum::extract::State;
use axum::extract::ws::WebSocketUpgrade;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use crate::server::MediaServer;

/// A frame, and a message, may be this large.
const MAX_FRAME: usize = 64 * 1024;

/// A media frame is about 400 bytes; buffers of the default 128 KiB a socket
/// would be most of a stream's memory.
const BUFFER: usize = 4 * 1024;

/// What may wait for a carrier that does not read, before the send times out.
const MAX_UNSENT: usize = 128 * 1024;

/// Opens a stream's socket, unless too many wait for their `start` already.
pub(crate) async fn upgrade(State(server): State<MediaServer>, socket: WebSocketUpgrade) -> Response {
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
