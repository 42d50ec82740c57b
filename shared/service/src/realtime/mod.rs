//! What human agents' desks are told, as it happens.
//!
//! Two ways, one event id: at once, best effort ([`tell`]), to an instance that holds desks' sockets, which hands it to its peers; and surely, by
//! the tenant's feed, which fan-out writes from the table's stream ([`feed`]) and each instance reads again and again. Who gets both drops one.

mod desks;
mod join;
mod message;
mod server;

use std::time::Duration;

use trunkline_domain::{Error, Instant, TenantId};
use trunkline_events::{Event, EventKind};
use trunkline_store::desks::Fed;

use crate::Ctx;

pub use desks::{Desks, PATH, Posted, SIGNATURE};
pub use join::{Missed, may_join, missed, ringing};
pub use message::{Message, message};
pub use server::{accept, forward, keep_session, leave, present, session_at};

/// How long the teller waits in all.
const TELL: Duration = Duration::from_millis(250);

/// How many events of a feed are read at once: more than a busy tenant has in the ten seconds that are looked at.
const FRESH_MOST: usize = 1_000;

/// Tells whoever is at a desk now: best effort, in a quarter of a second, and never a reason to fail. Call it after the commit of the row that
/// carries the event; the row's stream brings the same event, under the same id, to desks that this did not reach.
pub async fn tell(ctx: &Ctx, event: &Event) {
    let told = tokio::time::timeout(TELL, ctx.desks.tell(ctx, event)).await;
    let why = match told {
        Ok(Ok(())) => return,
        Ok(Err(why)) => why,
        Err(_) => "no answer in time".to_owned(),
    };
    ctx.desks.pause(ctx);
    tracing::info!(event.id = %event.id, event.kind = ?event.kind, "the desks hear of it by the feed: {why}");
}

/// Fan-out's part: the event into its tenant's feed, and to the desks. Repeating is harmless.
///
/// # Errors
/// When the store does not answer; the record then comes again.
pub async fn feed(ctx: &Ctx, event: &Event) -> Result<(), Error> {
    ctx.store.feed_desks(event, ctx.now()).await?;
    tell(ctx, event).await;
    Ok(())
}

/// Whether desks are told of it at all.
#[must_use]
pub const fn is_for_desks(kind: EventKind) -> bool {
    matches!(
        kind,
        EventKind::OperatorRung | EventKind::OperatorReleased | EventKind::OperatorStatus
    )
}

/// What was written to a tenant's feed from then on, oldest first; and whether there is more than is read at once.
///
/// # Errors
/// When the store does not answer.
pub async fn fresh(ctx: &Ctx, tenant: TenantId, from: Instant) -> Result<(Vec<Fed>, bool), Error> {
    Ok(ctx.store.desk_feed(tenant, from, FRESH_MOST).await?)
}
