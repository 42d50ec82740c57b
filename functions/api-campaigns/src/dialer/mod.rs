//! The Dialer's campaigns: the same as at `/campaigns`, by this document's names.

mod body;
mod fields;
mod words;

use aide::axum::{
    ApiRouter,
    routing::{get_with, post_with},
};
use axum::extract::State;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use trunkline_auth::Principal;
use trunkline_domain::{Campaign, CampaignId, CampaignState};
use trunkline_http::{
    Body, Created, DialerCount, DialerPaging, IfMatch, Member, NewId, PathId, Query, Reply, Result, choose,
    says, sends,
};
use trunkline_service::{
    Ctx,
    campaigns::{self, CampaignsQuery},
    dialing, voicemail,
};

use body::CampaignBody;
use fields::Fields;
use words::worded;

const CREATED: &str = "Campaign created successfully";
const UPDATED: &str = "Campaign updated successfully";
const STARTED: &str = "Campaign started successfully";
const SCHEDULED: &str = "Campaign scheduled successfully; it starts at its schedule_start";
const PAUSED: &str = "Campaign paused successfully";

pub(crate) fn router() -> ApiRouter<Ctx> {
    ApiRouter::new()
        .api_route(
            "/api/campaigns",
            get_with(list, |op| op.summary("List campaigns"))
                .post_with(create, |op| op.summary("Create campaign").with(says(CREATED))),
        )
        .api_route(
            "/api/campaigns/{campaign_id}",
            get_with(one, |op| op.summary("Get campaign")).put_with(update, |op| {
                op.summary("Update campaign")
                    .with(says(UPDATED))
                    .with(sends(json!({
                        "name": "Q1 2024 Outreach, until later in the day",
                        "calling_hours_start": "09:00:00",
                        "calling_hours_end": "18:30:00",
                    })))
            }),
        )
        .api_route(
            "/api/campaigns/{campaign_id}/start",
            post_with(start, |op| op.summary("Start campaign").with(says(STARTED))),
        )
        .api_route(
            "/api/campaigns/{campaign_id}/pause",
            post_with(pause, |op| op.summary("Pause campaign").with(says(PAUSED))),
        )
}

#[derive(Debug, Deserialize, JsonSchema)]
struct Filters {
    /// `draft`, `scheduled`, `active`, `paused`, `completed` or `cancelled`.
    status: Option<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Campaigns {
    campaigns: Vec<CampaignBody>,
    #[serde(flatten)]
    count: DialerCount,
}

#[derive(Debug, Serialize, JsonSchema)]
struct One {
    campaign: CampaignBody,
}

impl One {
    async fn of(ctx: &Ctx, by: &Principal, campaign: Campaign) -> Result<Self> {
        let progress = campaigns::progress(ctx, by, std::slice::from_ref(&campaign)).await?;
        let progress = progress.first().copied().unwrap_or_default();
        let message = voicemail::standings(ctx, [&campaign]).await?.remove(&campaign.id);
        Ok(Self {
            campaign: CampaignBody::of(campaign, progress, message),
        })
    }
}

async fn list(
    State(ctx): State<Ctx>,
    Member(by): Member,
    Query(filters): Query<Filters>,
    DialerPaging(page): DialerPaging,
) -> Result<Reply<Campaigns>> {
    let states = CampaignState::ALL.map(|state| (state.as_str(), state));
    let asked = CampaignsQuery {
        state: filters
            .status
            .as_deref()
            .map(|word| choose("status", word, &states))
            .transpose()?,
        page,
        ..CampaignsQuery::default()
    };
    let found = campaigns::list(&ctx, &by, &asked).await?;
    let count = DialerCount::of(&found);
    let progress = campaigns::progress(&ctx, &by, &found.items).await?;
    let mut messages = voicemail::standings(&ctx, &found.items).await?;
    let bodies = found.items.into_iter().zip(progress);
    Ok(Reply::new(Campaigns {
        campaigns: bodies
            .map(|(campaign, progress)| {
                let message = messages.remove(&campaign.id);
                CampaignBody::of(campaign, progress, message)
            })
            .collect(),
        count,
    }))
}

async fn create(
    State(ctx): State<Ctx>,
    Member(by): Member,
    new: NewId,
    Body(fields): Body<Fields>,
) -> Result<Created<One>> {
    let made = campaigns::create(&ctx, &by, CampaignId(new.id), fields.into_new()?).await;
    let campaign = made.map_err(worded)?;
    let version = campaign.version;
    Ok(Created::new(One::of(&ctx, &by, campaign).await?)
        .etag(version)
        .message(CREATED))
}

async fn one(
    State(ctx): State<Ctx>,
    Member(by): Member,
    PathId(id): PathId<CampaignId>,
) -> Result<Reply<One>> {
    let campaign = campaigns::get(&ctx, &by, id).await?;
    let version = campaign.version;
    Ok(Reply::new(One::of(&ctx, &by, campaign).await?).etag(version))
}

async fn update(
    State(ctx): State<Ctx>,
    Member(by): Member,
    PathId(id): PathId<CampaignId>,
    if_match: IfMatch,
    Body(fields): Body<Fields>,
) -> Result<Reply<One>> {
    let patch = fields.patch()?;
    let changed = campaigns::update(&ctx, &by, id, &patch, |version| if_match.check(version)).await;
    answered(&ctx, &by, changed.map_err(worded)?, UPDATED).await
}

async fn start(
    State(ctx): State<Ctx>,
    Member(by): Member,
    PathId(id): PathId<CampaignId>,
) -> Result<Reply<One>> {
    let campaign = dialing::launch(&ctx, &by, id).await.map_err(worded)?;
    let says = if campaign.state == CampaignState::Scheduled {
        SCHEDULED
    } else {
        STARTED
    };
    answered(&ctx, &by, campaign, says).await
}

async fn pause(
    State(ctx): State<Ctx>,
    Member(by): Member,
    PathId(id): PathId<CampaignId>,
) -> Result<Reply<One>> {
    let campaign = dialing::pause(&ctx, &by, id).await.map_err(worded)?;
    answered(&ctx, &by, campaign, PAUSED).await
}

/// A campaign that was changed, and the sentence about it.
async fn answered(ctx: &Ctx, by: &Principal, campaign: Campaign, says: &str) -> Result<Reply<One>> {
    let version = campaign.version;
    Ok(Reply::new(One::of(ctx, by, campaign).await?)
        .etag(version)
        .message(says))
}
