//! Media sockets, driven by the test.

use axum::extract::ws::{Message, WebSocket};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use tokio::{sync::mpsc, time::timeout};

use crate::platform::PATIENCE;

/// Moves messages between the connection and the test.
pub async fn pump(
    mut socket: WebSocket,
    to_test: mpsc::UnboundedSender<Value>,
    mut to_send: mpsc::UnboundedReceiver<String>,
) {
    loop {
        tokio::select! {
            message = socket.recv() => match message {
                Some(Ok(Message::Text(text))) => {
                    if to_test.send(serde_json::from_str(&text).unwrap()).is_err() { return; }
                }
                Some(Ok(Message::Close(_))) => { to_test.send(json!({"event": "closed"})).ok(); }
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return,
            },
            text = to_send.recv() => match text {
                Some(text) if socket.send(Message::Text(text.clone().into())).await.is_ok() => {}
                Some(_) => return,
                None => { socket.send(Message::Close(None)).await.ok(); return; }
            }
        }
    }
}

/// A media socket, seen from the platform.
pub struct Socket {
    pub events: mpsc::UnboundedReceiver<Value>,
    pub send: mpsc::UnboundedSender<String>,
    pub sid: String,
}

impl Socket {
    /// The next message; none when the connection is gone.
    pub async fn next(&mut self) -> Option<Value> {
        timeout(PATIENCE, self.events.recv())
            .await
            .expect("the socket fell silent")
    }

    /// Waits for a message of this event.
    pub async fn event(&mut self, name: &str) -> Value {
        loop {
            let message = self
                .next()
                .await
                .unwrap_or_else(|| panic!("the socket closed before {name}"));
            if message["event"] == name {
                return message;
            }
        }
    }

    /// Reads `connected` and `start`; returns the latter.
    pub async fn begin(&mut self) -> Value {
        assert_eq!(
            self.next().await.unwrap(),
            json!({"event": "connected", "protocol": "Call", "version": "1.0.0"})
        );
        let start = self.next().await.unwrap();
        assert_eq!(start["event"], "start");
        self.sid = start["streamSid"].as_str().unwrap().to_owned();
        start
    }

    pub fn say(&self, message: Value) {
        self.send.send(message.to_string()).ok();
    }

    /// Sends so much loud sound.
    pub fn play(&self, ms: usize) {
        // Alternating full-scale codes: as loud as can be.
        let sound: Vec<u8> = (0..ms * 8)
            .map(|n| if n / 8 % 2 == 0 { 0x90 } else { 0x10 })
            .collect();
        self.say(
            json!({"event": "media", "streamSid": self.sid, "media": {"payload": STANDARD.encode(sound)}}),
        );
    }

    pub fn mark(&self, name: &str) {
        self.say(json!({"event": "mark", "streamSid": self.sid, "mark": {"name": name}}));
    }

    pub fn clear(&self) {
        self.say(json!({"event": "clear", "streamSid": self.sid}));
    }

    /// An agent that greets, then answers each time the other side has finished speaking, until the stream is over.
    /// Returns how often it spoke.
    pub async fn converse(mut self) -> usize {
        let (mut spoken, mut quiet, mut heard) = (1, 0, false);
        self.play(300);
        while let Some(message) = self.next().await {
            if message["event"] != "media" {
                if message["event"] == "stop" {
                    return spoken;
                }
                continue;
            }
            if loud(&message) {
                (heard, quiet) = (true, 0);
            } else {
                quiet += 1;
            }
            if heard && quiet > 20 {
                self.play(300);
                (spoken, heard) = (spoken + 1, false);
            }
        }
        spoken
    }
}

/// Whether a `media` message holds anything but silence.
pub fn loud(message: &Value) -> bool {
    let payload = STANDARD
        .decode(message["media"]["payload"].as_str().unwrap())
        .unwrap();
    assert_eq!(payload.len(), 160);
    payload.iter().any(|byte| byte & 0x7F < 0x60)
}
