//! Follows what changed: a table's stream hands over each row that was written; those that carry
//! a new event are acted on. Repetition is harmless, content never stops the stream.
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        reason = "a test may stop at the first surprise"
    )
)]

mod change;
mod event;

use std::collections::HashSet;

use serde_json::json;
use trunkline_domain::{Error, id::EventId};
use trunkline_service::{Ctx, fanout};

pub use change::{Change, Image};
pub use event::{Answer, Event as LambdaEvent, handle_event};

/// Follows a batch of one shard, in order; answers the number of the record from which on it must come again.
///
/// An event that comes twice in a batch is followed once. Between batches nothing is remembered: whoever is told
/// takes a message twice as once.
pub async fn handle(ctx: &Ctx, batch: Vec<Change>) -> Option<String> {
    let mut seen = HashSet::new();
    for change in batch {
        if let Err(error) = follow(ctx, &change, &mut seen).await {
            tracing::warn!(
                record = %change.sequence_number,
                cause = std::error::Error::source(&error).map(ToString::to_string),
                "a record could not be followed; it and those after it come again: {error}"
            );
            return Some(change.sequence_number);
        }
    }
    None
}

async fn follow(ctx: &Ctx, change: &Change, seen: &mut HashSet<EventId>) -> Result<(), Error> {
    match change.event() {
        Ok(Some(event)) if seen.insert(event.id) => fanout::follow(ctx, &event).await,
        Ok(_) => Ok(()),
        Err(error) => {
            tracing::error!(record = %change.sequence_number, "an event is of no known shape; it goes to the dead queue: {error}");
            put_aside(ctx, &json!({ "dynamodb": change }).to_string()).await
        }
    }
}

/// To the dead queue, in the form in which it can be put back on `fanout`.
async fn put_aside(ctx: &Ctx, body: &str) -> Result<(), Error> {
    ctx.queues.fanout_dead(body).await.map_err(Error::internal)
}
