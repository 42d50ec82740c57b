//! Launch, pause, resume, stop.

use axum::extract::State;
use schemars::JsonSchema;
use serde::Serialize;
use trunkline_domain::CampaignId;
use trunkline_http::{Member, PathId, Reply, Result, Seconds, example};
use trunkline_service::{Ctx, dialing};
use uuid::Uuid;

macro_rules! moves {
    ($($(#[$doc:meta])* $name:ident $body:ident $status:literal { $at:ident: $when:expr }),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Serialize, JsonSchema)]
        pub(super) struct $body {
            #[schemars(example = example::id("campaign_id"))]
            id: Uuid,
            /// Where it stands now.
            #[schemars(example = &$status)]
            status: &'static str,
            $at: Seconds,
        }

        pub(super) async fn $name(
            State(ctx): State<Ctx>,
            Member(by): Member,
            PathId(id): PathId<CampaignId>,
        ) -> Result<Reply<$body>> {
            let campaign = dialing::$name(&ctx, &by, id).await?;
            let when: fn(&trunkline_domain::Campaign) -> trunkline_domain::Instant = $when;
            let body = $body { id: campaign.id.0, status: campaign.state.as_str(), $at: when(&campaign).into() };
            Ok(Reply::new(body).etag(campaign.version))
        }
    )*};
}

moves! {
    /// A campaign that was launched.
    launch Launched "active" { launched_at: |campaign| campaign.launched_at.unwrap_or(campaign.updated_at) },
    /// A campaign that was paused.
    pause Paused "paused" { paused_at: |campaign| campaign.updated_at },
    /// A campaign that goes on.
    resume Resumed "active" { resumed_at: |campaign| campaign.updated_at },
    /// A campaign that was stopped.
    stop Stopped "cancelled" { stopped_at: |campaign| campaign.ended_at.unwrap_or(campaign.updated_at) },
}
