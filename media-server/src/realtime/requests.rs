//! What a desk asks for: `agent:join` and `agent:status`, each answered by an ack `{success, error?}`.

use futures::{StreamExt, stream};
use serde_json::{Value, json};
use socketioxide::extract::{AckSender, SocketRef};
use tokio::time::{Duration, timeout};

use super::port::{Desk, DeskRefused, Message, News, Opening};
use super::{ADMIT, DeskServer};

/// How many missed events are put into words at once.
const AT_ONCE: usize = 8;
/// How long a request waits for the socket's earlier ones.
const TURN: Duration = Duration::from_secs(30);

/// `agent:join {agentId, tenantId, since?}`: into the rooms of the tenant and of the agent; then what was missed since, and what rings now.
pub(super) async fn join(desks: DeskServer, socket: SocketRef, asked: Value, ack: AckSender) {
    let done = answered(&desks, &socket, async |token: &str| {
        let agent = text(&asked, "agentId")?;
        let tenant = text(&asked, "tenantId")?;
        let since = match asked.get("since") {
            None | Some(Value::Null) => None,
            Some(_) => Some(text(&asked, "since")?),
        };
        let desk = in_time(desks.inner.port.may_join(token, agent, tenant)).await?;
        // First in, then what was before: nothing falls in between.
        let hub = &desks.inner.hub;
        let new = hub.join(socket.id, &desk).map_err(DeskRefused::Request)?;
        let opened = in_time(opened(&desks, &desk, since)).await;
        if opened.is_err() {
            hub.unjoin(socket.id, &desk, &new);
        }
        opened
    })
    .await;
    match done {
        Ok((messages, cut)) => {
            send(
                ack,
                &json!({ "success": true, "replayed": messages.len(), "cut": cut }),
            );
            for (news, mut message) in messages {
                message.data["replayed"] = Value::Bool(true);
                tell(&desks, &socket, &news, &message);
            }
        }
        Err(refused) => refuse(ack, &refused),
    }
}

/// `agent:status {agentId, status}`.
pub(super) async fn status(desks: DeskServer, socket: SocketRef, asked: Value, ack: AckSender) {
    let done = answered(&desks, &socket, async |token: &str| {
        let (agent, status) = (text(&asked, "agentId")?, text(&asked, "status")?);
        in_time(desks.inner.port.set_status(token, agent, status)).await
    })
    .await;
    match done {
        Ok(()) => send(ack, &json!({ "success": true })),
        Err(refused) => refuse(ack, &refused),
    }
}

/// Anything else.
pub(super) async fn unknown(ack: AckSender) {
    let what = "there is no such event; this server knows agent:join and agent:status";
    refuse(ack, &DeskRefused::Request(what.to_owned()));
}

/// What a desk is told when it opens, in words; and whether there was more.
async fn opened(
    desks: &DeskServer,
    desk: &Desk,
    since: Option<&str>,
) -> Result<(Vec<(News, Message)>, bool), DeskRefused> {
    let port = &desks.inner.port;
    let Opening { news, cut } = port.opening(desk, since).await?;
    let told = stream::iter(news)
        .map(async |news| (port.message(&news).await, news))
        .buffered(AT_ONCE);
    let told: Vec<_> = told.collect().await;
    let mut messages = Vec::with_capacity(told.len());
    for (message, news) in told {
        messages.extend(message?.map(|message| (news, message)));
    }
    Ok((messages, cut))
}

/// A socket's requests one after another, so many a minute; each then answers in its own time.
async fn answered<T>(
    desks: &DeskServer,
    socket: &SocketRef,
    work: impl AsyncFnOnce(&str) -> Result<T, DeskRefused>,
) -> Result<T, DeskRefused> {
    let (token, turn) = desks.inner.hub.ask(socket.id).map_err(DeskRefused::Request)?;
    // It is never closed.
    let Ok(_turn) = timeout(TURN, turn.acquire()).await else {
        let why = "this socket's earlier requests are not answered yet";
        return Err(DeskRefused::Unavailable(why.to_owned()));
    };
    work(&token).await
}

async fn in_time<T>(work: impl Future<Output = Result<T, DeskRefused>>) -> Result<T, DeskRefused> {
    timeout(ADMIT, work)
        .await
        .unwrap_or_else(|_| Err(DeskRefused::Unavailable("no answer in time".to_owned())))
}

fn text<'a>(asked: &'a Value, field: &str) -> Result<&'a str, DeskRefused> {
    let given = asked.get(field).and_then(Value::as_str);
    given.ok_or_else(|| DeskRefused::Request(format!("{field} is missing, or is no text")))
}

fn tell(desks: &DeskServer, socket: &SocketRef, news: &News, message: &Message) {
    desks.inner.hub.tell_one(socket.id, news, message);
}

fn refuse(ack: AckSender, refused: &DeskRefused) {
    send(ack, &json!({ "success": false, "error": refused.to_string() }));
}

fn send(ack: AckSender, answer: &Value) {
    if let Err(error) = ack.send(answer) {
        tracing::debug!(%error, "a desk's request could not be answered");
    }
}
