//! What was said, as JSON and as files.

use axum::extract::State;
use schemars::JsonSchema;
use serde::Deserialize;
use trunkline_domain::{Error, error::Kind};
use trunkline_http::{
    File, Member, PathText, Query, Reply, Result, choose,
    wire::{TranscriptBody, srt, txt},
};
use trunkline_service::{Ctx, recordings};

use super::call_id;

pub(super) async fn get(
    State(ctx): State<Ctx>,
    Member(by): Member,
    PathText(id): PathText,
) -> Result<Reply<TranscriptBody>> {
    Ok(Reply::new(
        recordings::transcript(&ctx, &by, call_id(&id)?).await?.into(),
    ))
}

#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct Format {
    /// `txt`, `srt` or `json`; `txt` unless given.
    format: Option<String>,
}

#[derive(Debug, Clone, Copy)]
enum Kinds {
    Txt,
    Srt,
    Json,
}

pub(super) async fn download(
    State(ctx): State<Ctx>,
    Member(by): Member,
    PathText(id): PathText,
    Query(asked): Query<Format>,
) -> Result<File> {
    let known = [("txt", Kinds::Txt), ("srt", Kinds::Srt), ("json", Kinds::Json)];
    let kind = asked
        .format
        .as_deref()
        .map_or(Ok(Kinds::Txt), |word| choose("format", word, &known))?;
    let said = recordings::transcript(&ctx, &by, call_id(&id)?).await?;
    if said.lines.is_empty() {
        return Err(Error::NotFound(Kind::Recording).into());
    }
    let name = format!("call-{}", said.call.id);
    Ok(match kind {
        Kinds::Txt => {
            File::new("text/plain; charset=utf-8", txt(&said.lines)).download(&format!("{name}.txt"))
        }
        Kinds::Srt => File::new("application/x-subrip; charset=utf-8", srt(&said.lines))
            .download(&format!("{name}.srt")),
        Kinds::Json => {
            let json = serde_json::to_vec(&TranscriptBody::from(said)).map_err(Error::internal)?;
            File::new("application/json", json).download(&format!("{name}.json"))
        }
    })
}
