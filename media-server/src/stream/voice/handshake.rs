//! The first moments of a browser's call: who it is, and whom it wants.

use axum::extract::ws::{Message as WsMessage, WebSocket};
use serde_json::json;
use tokio::time::{Instant, timeout, timeout_at};

use super::SEND;
use super::incoming::{self, Message};
use crate::port::VoiceStart;

/// What the handshake's query says.
#[derive(Clone, Default)]
pub(crate) struct Query {
    pub(crate) token: Option<String>,
    agent_id: Option<String>,
    campaign_id: Option<String>,
}

impl Query {
    pub(crate) fn read(query: &str) -> Self {
        let mut read = Self::default();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            let place = match &*name {
                "token" => &mut read.token,
                "agent_id" => &mut read.agent_id,
                "campaign_id" => &mut read.campaign_id,
                _ => continue,
            };
            *place = Some(value.into_owned()).filter(|value| !value.is_empty());
        }
        read
    }

    fn complete(&self) -> Option<VoiceStart> {
        Some(VoiceStart {
            token: self.token.clone()?,
            agent_id: self.agent_id.clone()?,
            campaign_id: self.campaign_id.clone(),
        })
    }
}

/// Waits until it is known who calls whom: from the query alone, or with an `auth` message.
///
/// # Errors
/// Why the socket must be closed, in words for the other side.
pub(crate) async fn read_auth(
    socket: &mut WebSocket,
    mut query: Query,
    deadline: Instant,
) -> Result<VoiceStart, &'static str> {
    loop {
        if let Some(start) = query.complete() {
            return Ok(start);
        }
        let text = match timeout_at(deadline, socket.recv()).await {
            Err(_) => return Err("no auth message came in time"),
            Ok(None | Some(Ok(WsMessage::Close(_)))) => return Err("closed before the auth message"),
            Ok(Some(Err(_))) => return Err("a frame was broken or too large"),
            Ok(Some(Ok(WsMessage::Text(text)))) => text,
            Ok(Some(Ok(WsMessage::Binary(_) | WsMessage::Ping(_) | WsMessage::Pong(_)))) => continue,
        };
        let kind = Message::parse(text.as_str()).map(|message| message.kind.into_owned());
        if kind.as_deref() != Ok("auth") {
            return Err("the first message must be `auth` with token and agent_id");
        }
        let Ok(auth) = incoming::auth(text.as_str()) else {
            return Err("token, agent_id and campaign_id are texts");
        };
        query.token = auth.token.or(query.token);
        query.agent_id = auth.agent_id.or(query.agent_id);
        query.campaign_id = auth.campaign_id.or(query.campaign_id);
        if query.token.is_none() {
            return Err("an access token is needed, in the query or in `auth`");
        }
        if query.agent_id.is_none() {
            return Err("an agent_id is needed, in the query or in `auth`");
        }
    }
}

/// Answers whether the call may begin; a socket that takes no answer shows itself soon.
pub(crate) async fn respond(socket: &mut WebSocket, session_id: Option<&str>, message: &str) {
    let status = if session_id.is_some() { "success" } else { "error" };
    let body = json!({
        "type": "auth_response", "status": status, "session_id": session_id,
        "timestamp": super::now().timestamp_millis(), "message": message,
    });
    let sent = timeout(SEND, socket.send(WsMessage::Text(body.to_string().into()))).await;
    if !matches!(sent, Ok(Ok(()))) {
        tracing::debug!("a browser went before it was answered");
    }
}
