//! What human agents' desks are told, as it happens.

use trunkline_events::Event;

use crate::Ctx;

/// Tells whoever is at a desk now: best effort, in bounded time, and never a reason to fail. Call it after the commit of the row that
/// carries the event; the row's stream brings the same event, under the same id, to desks that this did not reach.
pub async fn tell(_ctx: &Ctx, event: &Event) {
    tracing::debug!(event.id = %event.id, event.kind = ?event.kind, "the desks hear of it by the stream");
}
