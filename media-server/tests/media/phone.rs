//! A scripted Twilio: a stream's client with a phone's ear and mouth.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::time::{Instant, interval, sleep_until};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};
use trunkline_media::audio::mulaw;
use trunkline_media::{MediaOptions, MediaServer};

use crate::doubles::{Platform, Script, parts};

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// A server on a free port, and all that stands behind it.
pub(crate) struct Stage {
    pub(crate) server: MediaServer,
    pub(crate) address: SocketAddr,
    pub(crate) platform: Arc<Platform>,
    pub(crate) script: Arc<Script>,
}

impl Stage {
    pub(crate) async fn new(options: MediaOptions, platform: Arc<Platform>) -> Self {
        let script = Arc::new(Script::default());
        let server = MediaServer::new(options, parts(&script), platform.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = server.router();
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self {
            server,
            address,
            platform,
            script,
        }
    }

    pub(crate) fn hears(&self, texts: &[&str]) {
        self.script
            .words
            .lock()
            .unwrap()
            .extend(texts.iter().map(|text| (*text).to_owned()));
    }

    pub(crate) async fn connect(&self) -> Phone {
        self.try_connect().await.unwrap()
    }

    pub(crate) async fn try_connect(&self) -> Result<Phone, tokio_tungstenite::tungstenite::Error> {
        let (socket, _) = connect_async(format!("ws://{}/media-stream", self.address)).await?;
        Ok(Phone {
            socket,
            heard: Vec::new(),
            messages: Vec::new(),
            marks: Vec::new(),
            clears: Vec::new(),
            ahead: Duration::ZERO,
            closed: None,
            end: Instant::now(),
            stamp: 0,
        })
    }

    /// A call that is admitted.
    pub(crate) async fn call(&self, call_id: &str, token: &str) -> Phone {
        let mut phone = self.connect().await;
        phone
            .start(json!({"callId": call_id, "token": token, "e": "1", "gen": "0"}))
            .await;
        phone
    }
}

/// One stream, as its carrier sees it.
pub(crate) struct Phone {
    pub(crate) socket: Socket,
    /// When each voiced frame came.
    pub(crate) heard: Vec<Instant>,
    pub(crate) messages: Vec<Value>,
    /// Marks not yet reached, and when they will be.
    marks: Vec<(Instant, Value)>,
    pub(crate) clears: Vec<Instant>,
    /// The most that was unplayed, as far as the phone was listening.
    pub(crate) ahead: Duration,
    pub(crate) closed: Option<(u16, String)>,
    /// When all that came will have been played.
    end: Instant,
    stamp: u64,
}

impl Phone {
    pub(crate) async fn start(&mut self, parameters: Value) {
        self.send(json!({"event": "connected", "protocol": "Call", "version": "1.0.0"}))
            .await;
        self.send(json!({
            "event": "start", "sequenceNumber": "1", "streamSid": "MZ1",
            "start": {
                "accountSid": "AC1", "streamSid": "MZ1", "callSid": "CA1", "tracks": ["inbound"],
                "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
                "customParameters": parameters,
            },
        }))
        .await;
    }

    pub(crate) async fn send(&mut self, message: Value) {
        self.send_text(message.to_string()).await;
    }

    /// Sends what may be no message at all; a closed socket is noticed by reading.
    pub(crate) async fn send_text(&mut self, text: String) {
        drop(self.socket.send(Message::Text(text.into())).await);
    }

    pub(crate) async fn silence(&mut self, ms: u64) {
        self.line(ms, [0xff; 8], |_| false).await;
    }

    pub(crate) async fn speak(&mut self, ms: u64) {
        self.line(ms, [0x90; 8], |_| false).await;
    }

    /// A machine's beep: 1 kHz.
    pub(crate) async fn beep(&mut self, ms: u64) {
        let wave = [0, 5_657, 8_000, 5_657, 0, -5_657, -8_000, -5_657];
        self.line(ms, wave.map(mulaw::encode), |_| false).await;
    }

    /// Stays silent on the line until something is so; panics if it never is.
    pub(crate) async fn until(&mut self, what: &str, mut so: impl FnMut(&Self) -> bool) {
        self.line(10_000, [0xff; 8], &mut so).await;
        assert!(so(self), "never: {what}; got {:?}", self.messages.len());
    }

    /// Waits for the close frame, or the end of the connection.
    pub(crate) async fn until_closed(&mut self) -> (u16, String) {
        self.until("closed", |phone| phone.closed.is_some()).await;
        self.closed.clone().unwrap()
    }

    /// Sends frames of this sound in real time and takes what comes.
    async fn line(&mut self, ms: u64, sound: [u8; 8], mut enough: impl FnMut(&Self) -> bool) {
        let until = Instant::now() + Duration::from_millis(ms);
        let mut tick = interval(Duration::from_millis(20));
        while Instant::now() < until && self.closed.is_none() && !enough(self) {
            let mark = self.marks.first().map_or(until, |(at, _)| *at);
            tokio::select! {
                _ = tick.tick() => self.frame(sound).await,
                () = sleep_until(mark) => self.play_marks().await,
                message = self.socket.next() => self.take(message),
            }
        }
    }

    async fn frame(&mut self, sound: [u8; 8]) {
        let payload = STANDARD.encode(sound.repeat(20));
        self.send(json!({
            "event": "media", "sequenceNumber": "4", "streamSid": "MZ1",
            "media": {"track": "inbound", "chunk": "2", "timestamp": self.stamp.to_string(), "payload": payload},
        }))
        .await;
        self.stamp += 20;
    }

    async fn play_marks(&mut self) {
        while self.marks.first().is_some_and(|(at, _)| *at <= Instant::now()) {
            let (_, mark) = self.marks.remove(0);
            self.send(json!({"event": "mark", "streamSid": "MZ1", "mark": mark}))
                .await;
        }
    }

    fn take(&mut self, message: Option<Result<Message, tokio_tungstenite::tungstenite::Error>>) {
        let now = Instant::now();
        let text = match message {
            Some(Ok(Message::Text(text))) => text,
            Some(Ok(Message::Close(frame))) => {
                let frame = frame.map(|frame| (frame.code.into(), frame.reason.to_string()));
                self.closed = Some(frame.unwrap_or((1005, String::new())));
                return;
            }
            Some(Ok(_)) => return,
            Some(Err(_)) | None => {
                self.closed.get_or_insert((1006, String::new()));
                return;
            }
        };
        let message: Value = serde_json::from_str(text.as_str()).unwrap();
        assert_eq!(message["streamSid"], "MZ1");
        match message["event"].as_str().unwrap() {
            "media" => {
                let audio = STANDARD
                    .decode(message["media"]["payload"].as_str().unwrap())
                    .unwrap();
                assert_eq!(audio.len(), 160);
                self.end = self.end.max(now) + Duration::from_millis(20);
                self.ahead = self.ahead.max(self.end - now);
                if audio.iter().any(|byte| *byte != 0xff) {
                    self.heard.push(now);
                }
            }
            "mark" => self.marks.push((self.end, message["mark"].clone())),
            "clear" => {
                self.clears.push(now);
                self.end = now;
                for (at, _) in &mut self.marks {
                    *at = now;
                }
            }
            other => panic!("the carrier knows no {other}"),
        }
        self.messages.push(message);
    }
}
