//! The platform's double, and a server over it.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use trunkline_media::realtime::port::{Desk, DeskPort, DeskRefused, From, Message, News, Opening, Written};
use trunkline_media::realtime::{DeskOptions, DeskServer};

/// `good-…` tokens are good until they are ended; the user is what follows.
#[derive(Debug, Default)]
pub(crate) struct Platform {
    pub(crate) ended: Mutex<HashSet<String>>,
    /// Agents whose desks nobody may open any more.
    pub(crate) taken: Mutex<HashSet<String>>,
    pub(crate) written: Mutex<Vec<(News, Instant)>>,
    /// How many of them are read at once; none: all.
    page: Option<usize>,
    /// How often this instance said that it goes.
    pub(crate) left: AtomicUsize,
    /// What a desk is told when it opens, by its agent.
    pub(crate) openings: Mutex<HashMap<String, Vec<News>>>,
    pub(crate) forwarded: Mutex<Vec<News>>,
    pub(crate) statuses: Mutex<Vec<(String, String)>>,
    /// Where which polling session is, over all instances; and this one's own address.
    sessions: Arc<Mutex<HashMap<String, String>>>,
    url: OnceLock<String>,
}

impl Platform {
    /// So much of what was written is read at once.
    pub(crate) fn in_pages_of(page: usize) -> Self {
        Self {
            page: Some(page),
            ..Self::default()
        }
    }
}

#[async_trait::async_trait]
impl DeskPort for Platform {
    async fn admit(&self, token: &str) -> Result<String, DeskRefused> {
        let user = token.strip_prefix("good-");
        let user = user.filter(|_| !self.ended.lock().unwrap().contains(token));
        user.map(str::to_owned)
            .ok_or_else(|| DeskRefused::Token("the token is not one of this platform".to_owned()))
    }

    async fn ended(&self, tokens: &[String]) -> Result<Vec<Option<String>>, DeskRefused> {
        let ended = self.ended.lock().unwrap();
        let why = |token: &String| ended.contains(token).then(|| "the login has ended".to_owned());
        Ok(tokens.iter().map(why).collect())
    }

    async fn may_join(&self, _: &str, agent: &str, tenant: &str) -> Result<Desk, DeskRefused> {
        if self.taken.lock().unwrap().contains(agent) {
            return Err(DeskRefused::Request("this desk is another agent's".to_owned()));
        }
        if tenant != "tenant" {
            return Err(DeskRefused::Request("this is another tenant's".to_owned()));
        }
        Ok(Desk {
            tenant: tenant.to_owned(),
            agent: agent.to_owned(),
        })
    }

    async fn opening(&self, desk: &Desk, since: Option<&str>) -> Result<Opening, DeskRefused> {
        if since == Some("whenever") {
            return Err(DeskRefused::Request("since is a cursor, or a time".to_owned()));
        }
        let news = self.openings.lock().unwrap().get(&desk.agent).cloned();
        Ok(Opening {
            news: news.unwrap_or_default(),
            cut: false,
        })
    }

    async fn set_status(&self, _: &str, agent: &str, status: &str) -> Result<(), DeskRefused> {
        let mut statuses = self.statuses.lock().unwrap();
        statuses.push((agent.to_owned(), status.to_owned()));
        Ok(())
    }

    async fn message(&self, news: &News) -> Result<Option<Message>, DeskRefused> {
        let name = if news.is_card {
            "incoming:call"
        } else {
            "call:ended"
        };
        let notes = "x".repeat(if news.about.starts_with("large") {
            200_000
        } else {
            1
        });
        Ok(Some(Message {
            name: name.to_owned(),
            data: json!({ "callId": news.about, "seq": news.seq, "notes": notes }),
        }))
    }

    async fn written(&self, tenant: &str, within: Duration) -> Result<(Vec<Written>, bool), DeskRefused> {
        let written = self.written.lock().unwrap();
        let written = written.iter().map(|(news, at)| Written {
            news: news.clone(),
            age: at.elapsed(),
        });
        let mut written: Vec<Written> = written
            .filter(|one| one.news.tenant == tenant && one.age <= within)
            .collect();
        let all = written.len();
        written.truncate(self.page.unwrap_or(all));
        let more = written.len() < all;
        Ok((written, more))
    }

    fn posted(&self, body: &[u8], signature: &str) -> Result<(News, From), DeskRefused> {
        if signature != "ours" {
            return Err(DeskRefused::Token("not signed".to_owned()));
        }
        let body: Value = serde_json::from_slice(body).map_err(|e| DeskRefused::Request(e.to_string()))?;
        let text = |field: &str| body[field].as_str().unwrap().to_owned();
        let from = if body["peer"] == true {
            From::Peer
        } else {
            From::Platform
        };
        Ok((
            card(&text("desk"), &text("call"), body["seq"].as_u64().unwrap()),
            from,
        ))
    }

    async fn forward(&self, news: &News) {
        self.forwarded.lock().unwrap().push(news.clone());
    }

    async fn keep_session(&self, session: &str) -> Result<(), DeskRefused> {
        let url = self.url.get().unwrap().clone();
        self.sessions.lock().unwrap().insert(session.to_owned(), url);
        Ok(())
    }

    async fn session_at(&self, session: &str) -> Result<Option<String>, DeskRefused> {
        let at = self.sessions.lock().unwrap().get(session).cloned();
        Ok(at.filter(|url| Some(url) != self.url.get()))
    }

    async fn present(&self) -> Result<(), DeskRefused> {
        Ok(())
    }

    async fn leave(&self) -> Result<(), DeskRefused> {
        self.left.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }
}

pub(crate) fn card(desk: &str, call: &str, seq: u64) -> News {
    News {
        tenant: "tenant".to_owned(),
        desk: Some(desk.to_owned()),
        about: call.to_owned(),
        seq,
        is_card: true,
        event: json!("x"),
    }
}

pub(crate) fn ended(desk: &str, call: &str, seq: u64) -> News {
    News {
        is_card: false,
        ..card(desk, call, seq)
    }
}

/// A server; it stops with what holds it.
pub(crate) struct Server {
    pub(crate) addr: String,
    pub(crate) platform: Arc<Platform>,
    pub(crate) desks: DeskServer,
    _stop: tokio_util::sync::DropGuard,
}

impl Server {
    pub(crate) async fn start(options: DeskOptions) -> Self {
        Self::over(options, Platform::default()).await
    }

    /// Another instance of the same platform.
    pub(crate) async fn beside(&self, options: DeskOptions) -> Self {
        let platform = Platform {
            sessions: self.platform.sessions.clone(),
            ..Platform::default()
        };
        Self::over(options, platform).await
    }

    pub(crate) async fn over(options: DeskOptions, platform: Platform) -> Self {
        let platform = Arc::new(platform);
        let desks = DeskServer::new(options, platform.clone());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap().to_string();
        platform.url.set(format!("http://{addr}")).unwrap();
        let router = desks.router().merge(desks.internal_router());
        let stop = CancellationToken::new();
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        let (looked_after, stopped) = (desks.clone(), stop.clone());
        tokio::spawn(async move { looked_after.run(stopped).await });
        Self {
            addr,
            platform,
            desks,
            _stop: stop.drop_guard(),
        }
    }

    /// As the platform posts; the status of the answer.
    pub(crate) async fn post(&self, signature: &str, body: &Value) -> u16 {
        let post = reqwest::Client::new().post(format!("http://{}/internal/desk", self.addr));
        let post = post
            .header("x-trunkline-signature", signature)
            .body(body.to_string());
        post.send().await.unwrap().status().as_u16()
    }
}
