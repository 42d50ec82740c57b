//! VoiceERA's recordings.

mod body;
mod download;
mod transcript;

use aide::axum::{
    ApiRouter,
    routing::{get_with, post_with},
};
use axum::extract::State;
use schemars::JsonSchema;
use serde::Serialize;
use trunkline_domain::{CallId, Error, error::Kind};
use trunkline_http::{
    Accepted, DateRange, Deleted, List, Member, Paging, PathText, Query, Reply, Result, Seconds,
    wire::CallFilters,
};
use trunkline_service::{Ctx, recordings};
use uuid::Uuid;

use body::RecordingBody;

pub(crate) fn router() -> ApiRouter<Ctx> {
    ApiRouter::new()
        .api_route(
            "/call-recordings",
            get_with(list, |op| op.summary("List recordings")),
        )
        .api_route(
            "/call-recordings/{call_id}",
            get_with(one, |op| op.summary("Get recording metadata"))
                .delete_with(delete, |op| op.summary("Delete recording")),
        )
        .api_route(
            "/call-recordings/{call_id}/download",
            get_with(download::download, |op| op.summary("Download recording")),
        )
        .api_route(
            "/call-recordings/{call_id}/transcript",
            get_with(transcript::get, |op| op.summary("Get transcript")),
        )
        .api_route(
            "/call-recordings/{call_id}/transcribe",
            post_with(transcribe, |op| op.summary("Request transcription")),
        )
        .api_route(
            "/call-recordings/{call_id}/transcript/download",
            get_with(transcript::download, |op| op.summary("Download transcript")),
        )
}

/// A recording is named by its call; what is no id names none.
fn call_id(text: &str) -> Result<CallId> {
    let id = text.parse().map_err(|_| Error::NotFound(Kind::Recording))?;
    Ok(id)
}

async fn list(
    State(ctx): State<Ctx>,
    Member(by): Member,
    Query(filters): Query<CallFilters>,
    dates: DateRange,
    Paging(page): Paging,
) -> Result<Reply<List<RecordingBody>>> {
    let found = recordings::list(&ctx, &by, filters.query(&dates, &page)?).await?;
    Ok(Reply::new(List::of(found.map(RecordingBody::from), &page)))
}

async fn one(
    State(ctx): State<Ctx>,
    Member(by): Member,
    PathText(id): PathText,
) -> Result<Reply<RecordingBody>> {
    Ok(Reply::new(
        recordings::view(&ctx, &by, call_id(&id)?).await?.into(),
    ))
}

async fn delete(State(ctx): State<Ctx>, Member(by): Member, PathText(id): PathText) -> Result<Deleted> {
    recordings::delete(&ctx, &by, call_id(&id)?).await?;
    Ok(Deleted::new("Recording deleted successfully"))
}

/// A transcription that was asked for; `/transcript` says how far it is.
#[derive(Debug, Serialize, JsonSchema)]
struct Queued {
    call_id: Uuid,
    /// `queued`; `processing` when one is under way already.
    #[schemars(example = &"queued")]
    status: &'static str,
    requested_at: Seconds,
}

async fn transcribe(
    State(ctx): State<Ctx>,
    Member(by): Member,
    PathText(id): PathText,
) -> Result<Accepted<Queued>> {
    let id = call_id(&id)?;
    let wish = recordings::transcribe(&ctx, &by, id).await?;
    Ok(Accepted::new(Queued {
        call_id: id.0,
        status: wish.status.as_str(),
        requested_at: wish.requested_at.into(),
    }))
}
