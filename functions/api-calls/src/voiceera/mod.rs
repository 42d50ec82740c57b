//! VoiceERA's call logs.

mod body;
mod list;

use aide::axum::{
    ApiRouter,
    routing::{get_with, put_with},
};
use axum::extract::State;
use schemars::JsonSchema;
use serde::Deserialize;
use trunkline_domain::CallId;
use trunkline_http::{
    Body, Deleted, Failure, IfMatch, Member, Patch, PathId, Reply, Result, wire::TranscriptBody,
};
use trunkline_service::{Ctx, calls};

use body::CallBody;

pub(crate) fn router() -> ApiRouter<Ctx> {
    ApiRouter::new()
        .api_route(
            "/call-logs",
            get_with(list::all, |op| op.summary("List call logs")),
        )
        .api_route(
            "/call-logs/{call_id}",
            get_with(one, |op| op.summary("Get call details"))
                .delete_with(delete, |op| op.summary("Delete call log")),
        )
        .api_route(
            "/call-logs/campaign/{campaign_id}",
            get_with(list::of_campaign, |op| op.summary("Get campaign's calls")),
        )
        .api_route(
            "/call-logs/agent/{agent_id}",
            get_with(list::of_agent, |op| op.summary("Get agent's calls")),
        )
        .api_route(
            "/call-logs/date/{date}",
            get_with(list::of_date, |op| op.summary("Get calls by date")),
        )
        .api_route(
            "/call-logs/{call_id}/notes",
            put_with(notes, |op| op.summary("Add notes to call")),
        )
        .api_route(
            "/call-logs/{call_id}/transcript",
            get_with(transcript, |op| op.summary("Get call transcript")),
        )
}

async fn one(
    State(ctx): State<Ctx>,
    Member(by): Member,
    PathId(id): PathId<CallId>,
) -> Result<Reply<CallBody>> {
    let view = calls::view(&ctx, &by, id).await?;
    let version = view.call.version;
    Ok(Reply::new(view.into()).etag(version))
}

async fn delete(State(ctx): State<Ctx>, Member(by): Member, PathId(id): PathId<CallId>) -> Result<Deleted> {
    calls::delete(&ctx, &by, id).await?;
    Ok(Deleted::new("Call log deleted successfully"))
}

#[derive(Debug, Deserialize, JsonSchema)]
struct Notes {
    /// Replaces the notes; null or empty clears them. At most 10,000 characters.
    #[serde(default)]
    #[schemars(example = &"Call back next week")]
    notes: Patch<String>,
}

async fn notes(
    State(ctx): State<Ctx>,
    Member(by): Member,
    PathId(id): PathId<CallId>,
    if_match: IfMatch,
    Body(body): Body<Notes>,
) -> Result<Reply<CallBody>> {
    let notes = body
        .notes
        .change()
        .ok_or_else(|| Failure::invalid("notes", "is required; null clears the notes"))?;
    let view = calls::set_notes(&ctx, &by, id, notes.as_deref(), |version| if_match.check(version)).await?;
    let version = view.call.version;
    Ok(Reply::new(view.into()).etag(version))
}

async fn transcript(
    State(ctx): State<Ctx>,
    Member(by): Member,
    PathId(id): PathId<CallId>,
) -> Result<Reply<TranscriptBody>> {
    Ok(Reply::new(calls::transcript(&ctx, &by, id).await?.into()))
}
