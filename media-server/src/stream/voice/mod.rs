//! Calls from a browser or an app at `/voice`: no carrier between, JSON messages both ways.
//!
//! In: `auth`, `metadata`, `audio`, `control`. Out: `auth_response`, `ready`, `status`, `transcript`,
//! `response`, `audio`, `error`. Audio is base64 of 16-bit little-endian mono PCM at 16 kHz.

mod codec;
mod handshake;
mod incoming;
mod pcm;
mod serve;

pub(crate) use codec::{Codec, Status};

use std::time::Duration;

use axum::extract::ws::{WebSocketUpgrade, rejection::WebSocketUpgradeRejection};
use axum::extract::{RawQuery, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::json;

use crate::port::VoiceRefused;
use crate::server::MediaServer;
use handshake::Query;

/// A frame, and a message, may be this large: a second and a half of audio.
const MAX_FRAME: usize = 64 * 1024;

/// Messages are of about 4.5 kB.
const BUFFER: usize = 8 * 1024;

/// What may wait for a browser that does not read, before the send times out.
const MAX_UNSENT: usize = 256 * 1024;

/// A browser that takes no message for this long is gone.
const SEND: Duration = Duration::from_secs(5);

/// Opens a call's socket, unless its token is bad or too many wait already.
pub(crate) async fn upgrade(
    State(server): State<MediaServer>,
    RawQuery(query): RawQuery,
    socket: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Response {
    let query = Query::read(query.as_deref().unwrap_or_default());
    if let Some(token) = &query.token {
        match server.voice_token(token).await {
            // That the platform is closed is said on the socket: a browser shows no refused handshake's words.
            Ok(()) | Err(VoiceRefused::Closed(_)) => {}
            Err(refused) => return no(&refused),
        }
    }
    let socket = match socket {
        Ok(socket) => socket,
        Err(other) => {
            let status = other.into_response().status();
            return refusal(
                status,
                "REQUEST_001",
                "this is a WebSocket: ask for an upgrade to it",
            );
        }
    };
    let Some(pending) = server.enter_pending() else {
        return no(&VoiceRefused::Full);
    };
    socket
        .max_frame_size(MAX_FRAME)
        .max_message_size(MAX_FRAME)
        .read_buffer_size(BUFFER)
        .write_buffer_size(BUFFER)
        .max_write_buffer_size(MAX_UNSENT)
        .on_upgrade(move |socket| serve::serve(server, socket, query, pending))
}

/// A refused handshake.
fn no(refused: &VoiceRefused) -> Response {
    let (status, code) = match refused {
        VoiceRefused::Token(_) => (StatusCode::UNAUTHORIZED, "AUTH_003"),
        VoiceRefused::Expired => (StatusCode::UNAUTHORIZED, "AUTH_002"),
        VoiceRefused::Request(_) => (StatusCode::FORBIDDEN, "AUTH_004"),
        VoiceRefused::Full | VoiceRefused::Closed(_) | VoiceRefused::Unavailable(_) => {
            (StatusCode::SERVICE_UNAVAILABLE, "SERVER_002")
        }
    };
    refusal(status, code, &refused.to_string())
}

/// An error in the envelope of VoiceERA's API.
fn refusal(status: StatusCode, code: &str, message: &str) -> Response {
    let body = json!({
        "success": false, "data": null,
        "error": {"code": code, "message": message, "details": message},
        "timestamp": now().to_rfc3339_opts(SecondsFormat::Secs, true),
    });
    let kind = [(header::CONTENT_TYPE, "application/json")];
    (status, kind, body.to_string()).into_response()
}

#[expect(
    clippy::disallowed_methods,
    reason = "messages carry the time of day, by which nothing is decided"
)]
fn now() -> DateTime<Utc> {
    Utc::now()
}
