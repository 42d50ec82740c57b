//! The recording itself: whole or in part, by a token or by a signed link.

use axum::{body::Body, extract::State};
use http::{HeaderMap, Method};
use schemars::JsonSchema;
use serde::Deserialize;
use trunkline_domain::{CallId, Error};
use trunkline_http::{ByteRange, Failure, File, Member, PathText, Query, Result};
use trunkline_service::{
    Ctx,
    recordings::{self, Recorded},
};

use super::call_id;

/// What a signed link carries.
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct Signed {
    /// When the link ends, in epoch seconds.
    expires: Option<i64>,
    /// Its signature.
    signature: Option<String>,
}

pub(super) async fn download(
    State(ctx): State<Ctx>,
    by: std::result::Result<Member, Failure>,
    PathText(id): PathText,
    Query(signed): Query<Signed>,
    method: Method,
    headers: HeaderMap,
) -> Result<File> {
    let id = call_id(&id);
    let found = match signed {
        Signed {
            expires: Some(expires),
            signature: Some(signature),
        } => by_link(&ctx, id, expires, &signature).await?,
        Signed { .. } => recordings::get(&ctx, &by?.0, id?).await?,
    };
    let total = found.recording.size_bytes;
    // Late pieces may be joined to it: then it is another file.
    let tag = format!("\"{total:x}-{:x}\"", found.recording.ready_at.timestamp_millis());
    let range = ByteRange::asked_of(&headers, total, &tag)?;
    let body = if method == Method::HEAD {
        Body::empty()
    } else {
        let range = range.map(|range| (range.first, range.last));
        Body::from_stream(recordings::open(&ctx, &found.recording, range).await?)
    };
    let file = File::new("audio/wav", body)
        .download(&format!("call-{}.wav", found.call.id))
        .tag(tag);
    Ok(match range {
        Some(range) => file.part(range, total),
        None => file.length(total),
    })
}

async fn by_link(ctx: &Ctx, id: Result<CallId>, expires: i64, signature: &str) -> Result<Recorded> {
    let id = id?;
    ctx.keys
        .verify_path(&recordings::download_path(id), expires, signature, ctx.now())
        .map_err(Error::from)?;
    Ok(recordings::get_signed(ctx, id).await?)
}
