//! What an instance that holds desks' sockets does beside them: it is there, takes events, and hands them to its peers.

use std::time::Duration;

use futures::{StreamExt, stream};
use trunkline_auth::ACCESS_TTL_S;
use trunkline_domain::Error;
use trunkline_events::Event;
use trunkline_store::desks::DeskServer;

use super::{Posted, is_for_desks};
use crate::Ctx;

/// How long an instance that has said nothing counts as there.
const LEASE: chrono::Duration = chrono::Duration::seconds(10);
/// The purpose of the rows that say where a polling session is.
const SESSION: &str = "desk";
/// How long a peer may take.
const FORWARD: Duration = Duration::from_secs(1);
/// How many peers are told at once.
const AT_ONCE: usize = 16;

/// Says where this instance is reached (`http://address:port`), and learns who else is there. To be repeated every few seconds.
///
/// # Errors
/// When the store does not answer.
pub async fn present(ctx: &Ctx, url: &str) -> Result<(), Error> {
    let server = DeskServer {
        instance: ctx.settings.instance.clone(),
        url: url.to_owned(),
    };
    ctx.store.publish_desk_server(&server, ctx.now() + LEASE).await?;
    ctx.desks.look(ctx).await.map_err(Error::internal)?;
    Ok(())
}

/// This instance holds no sockets any more.
///
/// # Errors
/// When the store does not answer: then it counts as there for some seconds more.
pub async fn leave(ctx: &Ctx) -> Result<(), Error> {
    Ok(ctx.store.remove_desk_server(&ctx.settings.instance).await?)
}

/// Notes where a polling session is, as long as a token may be good.
///
/// # Errors
/// When the store does not answer.
pub async fn keep_session(ctx: &Ctx, session: &str, url: &str) -> Result<(), Error> {
    let until = ctx.now() + chrono::Duration::seconds(i64::from(ACCESS_TTL_S));
    Ok(ctx.store.put_token(SESSION, session, url, until).await?)
}

/// Where a polling session is.
///
/// # Errors
/// When the store does not answer.
pub async fn session_at(ctx: &Ctx, session: &str) -> Result<Option<String>, Error> {
    Ok(ctx.store.peek_token(SESSION, session, ctx.now()).await?)
}

/// Reads what was posted, if it is one of ours.
///
/// # Errors
/// [`Error::TokenInvalid`] without our signature; [`Error::Malformed`] when it is no event of desks.
pub fn accept(ctx: &Ctx, body: &[u8], signature: &str) -> Result<Posted, Error> {
    ctx.keys.verify_desk(body, signature, ctx.now())?;
    let posted: Posted = serde_json::from_slice(body).map_err(|error| Error::Malformed(error.to_string()))?;
    if is_for_desks(posted.event.kind) {
        Ok(posted)
    } else {
        Err(Error::Malformed("desks are not told of such an event".to_owned()))
    }
}

/// Hands an event to every peer. Whoever is not reached has it from the feed.
pub async fn forward(ctx: &Ctx, event: &Event) {
    let peers = match ctx.desks.servers(ctx).await {
        Ok(servers) => servers,
        Err(why) => return tracing::warn!(event.id = %event.id, "its peers were not told: {why}"),
    };
    let posted = Posted {
        event: event.clone(),
        forwarded: true,
    };
    let peers = peers
        .into_iter()
        .filter(|peer| peer.instance != ctx.settings.instance);
    let posted = &posted;
    stream::iter(peers)
        .for_each_concurrent(AT_ONCE, async |peer| {
            if let Err(why) = ctx.desks.post(ctx, &peer.url, posted, FORWARD).await {
                tracing::warn!(event.id = %posted.event.id, peer = %peer.instance, "a peer was not told: {why}");
            }
        })
        .await;
}
