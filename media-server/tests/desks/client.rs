//! A desk's client, as small as it can be: Engine.IO 4 and Socket.IO 5 over a WebSocket.

use std::collections::VecDeque;
use std::time::Duration;

use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::{Error, Message, http::StatusCode};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

/// Longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(10);

pub(crate) struct Client {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    events: VecDeque<(String, Value)>,
    asked: u64,
}

/// What came from the server.
#[derive(Debug)]
pub(crate) enum Packet {
    Event(String, Value),
    Ack(u64, Value),
    ConnectError(Value),
    Connected,
    Disconnected,
    Closed,
}

impl Client {
    /// Opens the connection, and says nothing yet.
    pub(crate) async fn open(addr: &str, more: &str) -> Result<Self, StatusCode> {
        let url = format!("ws://{addr}/socket.io/?EIO=4&transport=websocket{more}");
        let mut socket = match connect_async(url).await {
            Ok((socket, _)) => socket,
            Err(Error::Http(response)) => return Err(response.status()),
            Err(other) => panic!("{other}"),
        };
        let hello = socket.next().await.unwrap().unwrap().into_text().unwrap();
        assert!(hello.starts_with("0{"), "{hello}");
        Ok(Self {
            socket,
            events: VecDeque::new(),
            asked: 0,
        })
    }

    /// Opens and connects with a token in `auth`.
    pub(crate) async fn connect(addr: &str, token: &str) -> Result<Self, Value> {
        let mut client = Self::open(addr, "").await.unwrap();
        client.send(&format!("40{}", json!({ "token": token }))).await;
        match client.packet().await {
            Packet::Connected => Ok(client),
            Packet::ConnectError(why) => Err(why),
            other @ (Packet::Event(..) | Packet::Ack(..) | Packet::Disconnected | Packet::Closed) => {
                panic!("{other:?}")
            }
        }
    }

    /// Emits an event, and waits for its ack.
    pub(crate) async fn ask(&mut self, event: &str, data: Value) -> Value {
        self.asked += 1;
        let id = self.asked;
        self.send(&format!("42{id}{}", json!([event, data]))).await;
        loop {
            match self.packet().await {
                Packet::Ack(of, answer) if of == id => return answer[0].clone(),
                Packet::Event(name, data) => self.events.push_back((name, data)),
                other @ (Packet::Ack(..)
                | Packet::Connected
                | Packet::ConnectError(_)
                | Packet::Disconnected
                | Packet::Closed) => panic!("{other:?}"),
            }
        }
    }

    /// Joins a desk; the ack must be good.
    pub(crate) async fn join(&mut self, agent: &str) -> Value {
        let asked = json!({ "agentId": agent, "tenantId": "tenant" });
        let answer = self.ask("agent:join", asked).await;
        assert_eq!(answer["success"], true, "{answer}");
        answer
    }

    /// The next event.
    pub(crate) async fn event(&mut self) -> (String, Value) {
        if let Some(event) = self.events.pop_front() {
            return event;
        }
        let packet = self.packet().await;
        let Packet::Event(name, data) = packet else {
            panic!("{packet:?}")
        };
        (name, data)
    }

    pub(crate) async fn send(&mut self, text: &str) {
        self.socket.send(Message::text(text)).await.unwrap();
    }

    /// The next packet; pings are answered.
    pub(crate) async fn packet(&mut self) -> Packet {
        timeout(PATIENCE, self.read())
            .await
            .expect("nothing came in time")
    }

    async fn read(&mut self) -> Packet {
        loop {
            let text = match self.socket.next().await {
                Some(Ok(Message::Text(text))) => text,
                Some(Ok(Message::Close(_)) | Err(_)) | None => return Packet::Closed,
                Some(Ok(other)) => panic!("{other:?}"),
            };
            if text.as_str() == "2" {
                self.send("3").await;
                continue;
            }
            if text.as_str() == "1" {
                return Packet::Closed;
            }
            let (kind, rest) = text.split_at(2);
            let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
            let data = || serde_json::from_str::<Value>(&rest[digits..]).unwrap();
            return match kind {
                "40" => Packet::Connected,
                "41" => Packet::Disconnected,
                "42" => {
                    let data = data();
                    Packet::Event(data[0].as_str().unwrap().to_owned(), data[1].clone())
                }
                "43" => Packet::Ack(rest[..digits].parse().unwrap(), data()),
                "44" => Packet::ConnectError(data()),
                other => panic!("{other}: {text}"),
            };
        }
    }
}
