//! A mail server for tests: as much of SMTP as a client needs, on loopback.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    sync::Notify,
    task::JoinHandle,
};

/// How it answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    Takes,
    RefusesRecipient,
    RefusesAccount,
    Busy,
    /// It accepts connections, and then says nothing.
    Hangs,
}

#[derive(Debug, Default)]
struct Seen {
    visits: usize,
    recipients: Vec<String>,
    taken: Vec<String>,
}

/// Runs until it is dropped.
pub struct StandIn {
    addr: SocketAddr,
    seen: Arc<Mutex<Seen>>,
    news: Arc<Notify>,
    task: JoinHandle<()>,
}

impl StandIn {
    pub async fn start(manner: Manner) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        let seen = Arc::new(Mutex::new(Seen::default()));
        let news = Arc::new(Notify::new());
        let (all, tell) = (seen.clone(), news.clone());
        let task = tokio::spawn(async move {
            // Held, so that a client that is to wait is not told that the connection ended.
            let mut held = Vec::new();
            while let Ok((stream, _)) = listener.accept().await {
                all.lock().unwrap().visits += 1;
                if manner == Manner::Hangs {
                    held.push(stream);
                } else {
                    // A client that goes away early ends its own conversation alone.
                    let (seen, tell) = (all.clone(), tell.clone());
                    tokio::spawn(async move { drop(converse(stream, manner, &seen, &tell).await) });
                }
            }
        });
        Self {
            addr,
            seen,
            news,
            task,
        }
    }

    pub fn url(&self) -> String {
        format!("smtp://{}", self.addr)
    }

    pub fn visits(&self) -> usize {
        self.seen.lock().unwrap().visits
    }

    pub fn recipients(&self) -> Vec<String> {
        self.seen.lock().unwrap().recipients.clone()
    }

    /// The first mail that it takes, once there is one.
    pub async fn first(&self) -> String {
        loop {
            let told = self.news.notified();
            if let Some(mail) = self.seen.lock().unwrap().taken.first() {
                return mail.clone();
            }
            told.await;
        }
    }

    pub fn taken(&self) -> Vec<String> {
        self.seen.lock().unwrap().taken.clone()
    }
}

impl Drop for StandIn {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn converse(
    stream: TcpStream,
    manner: Manner,
    seen: &Mutex<Seen>,
    news: &Notify,
) -> std::io::Result<()> {
    let (reader, mut writer) = stream.into_split();
    let mut lines = BufReader::new(reader).lines();
    writer.write_all(b"220 stand-in ready\r\n").await?;
    while let Some(line) = lines.next_line().await? {
        let upper = line.to_ascii_uppercase();
        let answer = match upper.split([' ', ':']).next().unwrap_or_default() {
            "EHLO" => "250-stand-in\r\n250 AUTH PLAIN LOGIN\r\n",
            "AUTH" if manner == Manner::RefusesAccount => "535 5.7.8 account not known\r\n",
            "AUTH" => "235 welcome\r\n",
            "MAIL" if manner == Manner::Busy => "451 4.3.2 busy, come back later\r\n",
            "MAIL" => "250 ok\r\n",
            "RCPT" if manner == Manner::RefusesRecipient => "550 5.1.1 no such user here\r\n",
            "RCPT" => {
                let address = line.split(['<', '>']).nth(1).unwrap_or_default();
                seen.lock().unwrap().recipients.push(address.to_owned());
                "250 ok\r\n"
            }
            "DATA" => {
                writer.write_all(b"354 go on\r\n").await?;
                let mut text = String::new();
                while let Some(line) = lines.next_line().await? {
                    if line == "." {
                        break;
                    }
                    text.push_str(&line);
                    text.push('\n');
                }
                seen.lock().unwrap().taken.push(text);
                news.notify_one();
                "250 taken\r\n"
            }
            "QUIT" => {
                writer.write_all(b"221 bye\r\n").await?;
                return Ok(());
            }
            _ => "250 ok\r\n",
        };
        writer.write_all(answer.as_bytes()).await?;
    }
    Ok(())
}
