//! What desks' sockets need of the platform.

use std::time::Duration;

use serde_json::Value;

/// Something that happened, for one desk or for all of a tenant.
#[derive(Debug, Clone, PartialEq)]
pub struct News {
    /// Whose tenant.
    pub tenant: String,
    /// For the desk of this human agent; none: for all desks of the tenant.
    pub desk: Option<String>,
    /// What it is about: a call's id, or a human agent's. With [`News::desk`] it says which news follow one another.
    pub about: String,
    /// Rises with the news about one thing: what comes later and is lower is old.
    pub seq: u64,
    /// It brings a card, which a desk shows once.
    pub is_card: bool,
    /// As the platform has it.
    pub event: Value,
}

/// News as they were written down.
#[derive(Debug, Clone, PartialEq)]
pub struct Written {
    /// The news.
    pub news: News,
    /// How long ago.
    pub age: Duration,
}

/// What a socket is sent.
#[derive(Debug, Clone, PartialEq)]
pub struct Message {
    /// The event's name.
    pub name: String,
    /// Its payload, an object.
    pub data: Value,
}

/// A desk that somebody may open.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Desk {
    /// The tenant's id.
    pub tenant: String,
    /// The human agent's.
    pub agent: String,
}

/// What a desk is told when it opens.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Opening {
    /// What it has missed, and then what rings now; oldest first.
    pub news: Vec<News>,
    /// More was missed than is told.
    pub cut: bool,
}

/// Why somebody is not let in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DeskRefused {
    /// The token is not good; why, in words for whoever has it.
    #[error("{0}")]
    Token(String),
    /// What is asked for is not the asker's, or not there.
    #[error("{0}")]
    Request(String),
    /// The platform takes nobody now: maintenance.
    #[error("{0}")]
    Closed(String),
    /// The platform cannot say now.
    #[error("not available now, try again: {0}")]
    Unavailable(String),
}

/// Who posts news here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum From {
    /// The platform: the peers are still to be told.
    Platform,
    /// A peer.
    Peer,
}

/// The platform, as desks' sockets see it.
#[async_trait::async_trait]
pub trait DeskPort: Send + Sync + std::fmt::Debug {
    /// Whose access token it is: the user's id.
    async fn admit(&self, token: &str) -> Result<String, DeskRefused>;

    /// Why some of these tokens are no longer good; none for those that are, in the same order.
    async fn ended(&self, tokens: &[String]) -> Result<Vec<Option<String>>, DeskRefused>;

    /// The desk that somebody asks for, if they may open it. The ids are as they were sent.
    async fn may_join(&self, token: &str, agent: &str, tenant: &str) -> Result<Desk, DeskRefused>;

    /// What a desk is told when it opens; with `since`, a cursor or a time as it was sent, what it has missed.
    async fn opening(&self, desk: &Desk, since: Option<&str>) -> Result<Opening, DeskRefused>;

    /// A human agent says where it is.
    async fn set_status(&self, token: &str, agent: &str, status: &str) -> Result<(), DeskRefused>;

    /// News in the desk's words; none when there is nothing to tell any more.
    async fn message(&self, news: &News) -> Result<Option<Message>, DeskRefused>;

    /// What was written down for a tenant's desks so recently, oldest first; and whether there is more after it.
    async fn written(&self, tenant: &str, within: Duration) -> Result<(Vec<Written>, bool), DeskRefused>;

    /// Reads what was posted here, if its signature is ours.
    fn posted(&self, body: &[u8], signature: &str) -> Result<(News, From), DeskRefused>;

    /// Tells the peers.
    async fn forward(&self, news: &News);

    /// Notes that a polling session is on this instance.
    async fn keep_session(&self, session: &str) -> Result<(), DeskRefused>;

    /// At which peer (`http://address:port`) a polling session is; none: at none.
    async fn session_at(&self, session: &str) -> Result<Option<String>, DeskRefused>;

    /// Says that this instance is there, and learns who else is.
    async fn present(&self) -> Result<(), DeskRefused>;

    /// Says that this instance goes.
    async fn leave(&self) -> Result<(), DeskRefused>;
}
