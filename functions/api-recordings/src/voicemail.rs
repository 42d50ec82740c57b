//! The voicemail messages that carriers play, fetched by signed link alone.

use aide::{
    axum::{ApiRouter, routing::get_with},
    transform::TransformOperation,
};
use axum::{body::Body, extract::State};
use http::{HeaderMap, Method};
use schemars::JsonSchema;
use serde::Deserialize;
use trunkline_domain::{CampaignId, Error, error::Kind};
use trunkline_http::{ByteRange, File, PathText, Query, Result};
use trunkline_service::{Ctx, voicemail};

pub(crate) fn router() -> ApiRouter<Ctx> {
    ApiRouter::new().api_route(
        "/voicemail-messages/{campaign_id}",
        get_with(download, |op| {
            by_carrier(op.summary("Fetch a voicemail message").description(
                "Our copy of the file at a campaign's `voicemail_message_url`, as the carrier plays it. The link is \
                 made for each call and works for 15 minutes; nothing else opens it.",
            ))
        }),
    )
}

/// It has a signature in place of a token.
fn by_carrier(mut op: TransformOperation<'_>) -> TransformOperation<'_> {
    op.inner_mut()
        .extensions
        .insert("x-by-carrier".to_owned(), true.into());
    op
}

/// What the link carries.
#[derive(Debug, Deserialize, JsonSchema)]
struct Signed {
    /// When the link ends, in epoch seconds.
    expires: Option<i64>,
    /// Its signature.
    signature: Option<String>,
}

async fn download(
    State(ctx): State<Ctx>,
    PathText(id): PathText,
    Query(signed): Query<Signed>,
    method: Method,
    headers: HeaderMap,
) -> Result<File> {
    let id: CampaignId = id.parse().map_err(|_| Error::NotFound(Kind::Recording))?;
    let (Some(expires), Some(signature)) = (signed.expires, signed.signature) else {
        let what = "this file is fetched by a signed link, with `expires` and `signature`";
        return Err(Error::TokenInvalid(what.to_owned()).into());
    };
    ctx.keys
        .verify_path(&voicemail::path(id), expires, &signature, ctx.now())
        .map_err(Error::from)?;
    let file = voicemail::get_signed(&ctx, id).await?;
    let total = file.size_bytes;
    // Each copy has a key of its own.
    let name = file.key.rsplit('/').next().unwrap_or_default();
    let tag = format!("\"{name}\"");
    let range = ByteRange::asked_of(&headers, total, &tag)?;
    let body = if method == Method::HEAD {
        Body::empty()
    } else {
        let range = range.map(|range| (range.first, range.last));
        Body::from_stream(voicemail::open(&ctx, &file, range).await?)
    };
    let answer = File::new(file.format.content_type(), body).tag(tag);
    Ok(match range {
        Some(range) => answer.part(range, total),
        None => answer.length(total),
    })
}
