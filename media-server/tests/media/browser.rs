//! A scripted browser: a client of `/voice` that knows only its documents.

use std::net::SocketAddr;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::time::{Instant, interval, sleep_until};
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

/// 100 ms at 16 kHz.
const PIECE: usize = 1_600;

pub(crate) struct Browser {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    /// All messages but audio.
    pub(crate) messages: Vec<Value>,
    /// The agent's audio, and when each message of it came.
    pub(crate) samples: Vec<i16>,
    pub(crate) heard: Vec<Instant>,
    pub(crate) closed: Option<u16>,
    sequence: u64,
}

impl Browser {
    pub(crate) async fn connect(server: SocketAddr, query: &str) -> Result<Self, Error> {
        let (socket, _) = connect_async(format!("ws://{server}/voice{query}")).await?;
        Ok(Self {
            socket,
            messages: Vec::new(),
            samples: Vec::new(),
            heard: Vec::new(),
            closed: None,
            sequence: 0,
        })
    }

    pub(crate) async fn send(&mut self, message: Value) {
        self.send_text(message.to_string()).await;
    }

    pub(crate) async fn send_text(&mut self, text: String) {
        // A socket that the server has closed meanwhile shows itself in `closed`.
        drop(self.socket.send(Message::Text(text.into())).await);
    }

    pub(crate) async fn audio(&mut self, samples: &[i16]) {
        self.sequence += 1;
        let bytes: Vec<u8> = samples.iter().flat_map(|sample| sample.to_le_bytes()).collect();
        let data = STANDARD.encode(bytes);
        self.send(json!({"type": "audio", "sequence": self.sequence, "format": "pcm_16k", "data": data}))
            .await;
    }

    pub(crate) async fn speak(&mut self, ms: usize) {
        let voice: Vec<i16> = (0..PIECE)
            .map(|i| if i / 20 % 2 == 0 { 6_000 } else { -6_000 })
            .collect();
        self.pieces(ms / 100, &voice).await;
    }

    pub(crate) async fn silence(&mut self, ms: usize) {
        self.pieces(ms / 100, &[0; PIECE]).await;
    }

    async fn pieces(&mut self, count: usize, piece: &[i16]) {
        let mut tick = interval(Duration::from_millis(100));
        tick.tick().await;
        for _ in 0..count {
            self.audio(piece).await;
            let until = tick.tick();
            tokio::pin!(until);
            loop {
                tokio::select! {
                    _ = &mut until => break,
                    message = self.socket.next(), if self.closed.is_none() => take(
                        message, &mut self.messages, &mut self.samples, &mut self.heard, &mut self.closed),
                }
            }
        }
    }

    /// Sends silence in real time until it is so.
    pub(crate) async fn until(&mut self, what: &str, mut done: impl FnMut(&Self) -> bool) {
        let deadline = Instant::now() + Duration::from_secs(15);
        while !done(self) {
            assert!(
                Instant::now() < deadline,
                "no {what}: {:?}, closed {:?}",
                self.messages,
                self.closed
            );
            if self.closed.is_some() {
                sleep_until(Instant::now() + Duration::from_millis(10)).await;
            } else {
                self.silence(100).await;
            }
        }
    }

    /// Waits for the close frame, saying nothing.
    pub(crate) async fn until_closed(&mut self) -> u16 {
        let read = async {
            while self.closed.is_none() {
                let message = self.socket.next().await;
                take(
                    message,
                    &mut self.messages,
                    &mut self.samples,
                    &mut self.heard,
                    &mut self.closed,
                );
            }
        };
        tokio::time::timeout(Duration::from_secs(15), read).await.unwrap();
        self.closed.unwrap()
    }

    pub(crate) fn of(&self, kind: &str) -> Vec<&Value> {
        self.messages
            .iter()
            .filter(|message| message["type"] == kind)
            .collect()
    }
}

fn take(
    message: Option<Result<Message, Error>>,
    messages: &mut Vec<Value>,
    samples: &mut Vec<i16>,
    heard: &mut Vec<Instant>,
    closed: &mut Option<u16>,
) {
    match message {
        Some(Ok(Message::Text(text))) => {
            let message: Value = serde_json::from_str(text.as_str()).unwrap();
            assert!(message["timestamp"].as_i64().unwrap() > 1_700_000_000_000);
            if message["type"] == "audio" {
                assert_eq!(message["format"], "pcm_16k");
                let bytes = STANDARD.decode(message["data"].as_str().unwrap()).unwrap();
                samples.extend(bytes.as_chunks().0.iter().map(|&pair| i16::from_le_bytes(pair)));
                heard.push(Instant::now());
            } else {
                messages.push(message);
            }
        }
        Some(Ok(Message::Close(frame))) => {
            closed.get_or_insert(frame.map_or(1005, |frame| frame.code.into()));
        }
        Some(Ok(_)) => {}
        Some(Err(_)) | None => {
            closed.get_or_insert(1006);
        }
    }
}
