//! Sending again.

use axum::extract::State;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use trunkline_domain::{
    Error,
    id::{EventId, SubscriptionId},
};
use trunkline_http::{Accepted, Body, Member, PathId, Result, read_time};
use trunkline_service::{
    Ctx,
    webhooks::{self, Replay},
};
use uuid::Uuid;

/// One of the two.
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct Wish {
    /// One event, as the log names it.
    event_id: Option<Uuid>,
    /// All events from this instant on, of the last 30 days, those that were delivered too: receivers know them by their `webhook-id`.
    #[schemars(example = &"2024-01-29T10:30:00Z")]
    since: Option<String>,
}

/// That it will be done.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Queued {
    webhook_id: Uuid,
    /// `queued`.
    #[schemars(example = &"queued")]
    status: &'static str,
}

pub(super) async fn replay(
    State(ctx): State<Ctx>,
    Member(by): Member,
    PathId(id): PathId<SubscriptionId>,
    Body(wish): Body<Wish>,
) -> Result<Accepted<Queued>> {
    let what = match (wish.event_id, wish.since) {
        (Some(event), None) => Replay::Event(EventId(event)),
        (None, Some(since)) => Replay::Since(read_time("since", &since, chrono_tz::UTC)?),
        (Some(_), Some(_)) => {
            return Err(Error::invalid("since", "give either event_id or since, not both").into());
        }
        (None, None) => {
            return Err(Error::invalid("event_id", "is required, or since: what is to be sent again").into());
        }
    };
    webhooks::replay(&ctx, &by, id, what).await?;
    Ok(Accepted::new(Queued {
        webhook_id: id.0,
        status: "queued",
    }))
}
