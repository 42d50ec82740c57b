//! VoiceERA's campaigns.

mod fields;
mod list;
mod moves;
mod stats;

use aide::axum::{
    ApiRouter,
    routing::{get_with, post_with},
};
use axum::extract::State;
use serde_json::json;
use trunkline_domain::CampaignId;
use trunkline_http::{
    Body, Created, Deleted, IfMatch, Member, NewId, PathId, Reply, Result, says, sends,
    wire::{CampaignBody, NUMBERS_IN_ONE},
};
use trunkline_service::{Ctx, campaigns};

use fields::Fields;

const CREATED: &str = "Campaign created successfully";

pub(crate) fn router() -> ApiRouter<Ctx> {
    ApiRouter::new()
        .api_route(
            "/campaigns",
            get_with(list::list, |op| op.summary("List campaigns"))
                .post_with(create, |op| op.summary("Create campaign").with(says(CREATED))),
        )
        .api_route(
            "/campaigns/{campaign_id}",
            get_with(one, |op| op.summary("Get campaign details"))
                .put_with(update, |op| {
                    op.summary("Update campaign").with(sends(json!({
                        "name": "Q2 Marketing Campaign, larger",
                        "max_concurrent_calls": 100,
                    })))
                })
                .delete_with(delete, |op| op.summary("Delete campaign")),
        )
        .api_route(
            "/campaigns/{campaign_id}/launch",
            post_with(moves::launch, |op| op.summary("Launch campaign")),
        )
        .api_route(
            "/campaigns/{campaign_id}/pause",
            post_with(moves::pause, |op| op.summary("Pause campaign")),
        )
        .api_route(
            "/campaigns/{campaign_id}/resume",
            post_with(moves::resume, |op| op.summary("Resume campaign")),
        )
        .api_route(
            "/campaigns/{campaign_id}/stop",
            post_with(moves::stop, |op| op.summary("Stop campaign")),
        )
        .api_route(
            "/campaigns/{campaign_id}/stats",
            get_with(stats::stats, |op| op.summary("Campaign statistics")),
        )
}

async fn create(
    State(ctx): State<Ctx>,
    Member(by): Member,
    new: NewId,
    Body(fields): Body<Fields>,
) -> Result<Created<CampaignBody>> {
    let campaign = campaigns::create(&ctx, &by, CampaignId(new.id), fields.into_new()?).await?;
    let version = campaign.version;
    let body = CampaignBody::of(campaign, NUMBERS_IN_ONE);
    Ok(Created::new(body).etag(version).message(CREATED))
}

async fn one(
    State(ctx): State<Ctx>,
    Member(by): Member,
    PathId(id): PathId<CampaignId>,
) -> Result<Reply<CampaignBody>> {
    let campaign = campaigns::get(&ctx, &by, id).await?;
    let version = campaign.version;
    Ok(Reply::new(CampaignBody::of(campaign, NUMBERS_IN_ONE)).etag(version))
}

async fn update(
    State(ctx): State<Ctx>,
    Member(by): Member,
    PathId(id): PathId<CampaignId>,
    if_match: IfMatch,
    Body(fields): Body<Fields>,
) -> Result<Reply<CampaignBody>> {
    let patch = fields.patch()?;
    let campaign = campaigns::update(&ctx, &by, id, &patch, |version| if_match.check(version)).await?;
    let version = campaign.version;
    Ok(Reply::new(CampaignBody::of(campaign, NUMBERS_IN_ONE)).etag(version))
}

async fn delete(
    State(ctx): State<Ctx>,
    Member(by): Member,
    PathId(id): PathId<CampaignId>,
    if_match: IfMatch,
) -> Result<Deleted> {
    if if_match.is_given() {
        if_match.check(campaigns::get(&ctx, &by, id).await?.version)?;
    }
    campaigns::delete(&ctx, &by, id).await?;
    Ok(Deleted::new("Campaign deleted successfully"))
}
