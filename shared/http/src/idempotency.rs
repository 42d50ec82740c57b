//! `Idempotency-Key`: the same key gives the first answer again for 24 hours.

use axum::{
    body::Body,
    extract::Request,
    middleware::Next,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, StatusCode, header};
use http_body_util::BodyExt;
use sha2::{Digest, Sha256};
use trunkline_auth::{Principal, fingerprint};
use trunkline_domain::Error;
use trunkline_service::Ctx;
use trunkline_store::ephemeral::{Begun, StoredAnswer};

use crate::{
    Failure,
    extract::{collect, key_of},
    render::{Facts, render},
    trail,
};

/// The largest answer that is kept; an item of the store has 400 KB.
const KEPT_BYTES: usize = 262_144;
/// Which headers are given again.
const REPEATED: [HeaderName; 3] = [header::CONTENT_TYPE, header::ETAG, header::LOCATION];

/// Runs a request once a key. Without a key, or for another method, it just runs.
pub(crate) async fn once(ctx: &Ctx, by: &Principal, facts: &Facts, request: Request, next: Next) -> Response {
    if request.method() != Method::POST {
        return trail::run(ctx, by, request, next).await;
    }
    let key = match key_of(request.headers()) {
        Ok(Some(key)) => key.to_owned(),
        Ok(None) => return trail::run(ctx, by, request, next).await,
        Err(error) => return Failure::from(error).into_response(),
    };
    match run(ctx, by, facts, &key, request, next).await {
        Ok(response) => response,
        Err(failure) => failure.into_response(),
    }
}

async fn run(
    ctx: &Ctx,
    by: &Principal,
    facts: &Facts,
    key: &str,
    request: Request,
    next: Next,
) -> Result<Response, Failure> {
    let (request, body_hash) = hashed(request).await?;
    let scope = format!("{} {} {} {key}", by.user, request.method(), request.uri().path());
    let scope = fingerprint(&scope);
    let run = ctx.ids.uuid().to_string();
    let now = ctx.now();
    match ctx
        .store
        .begin_idempotent(&scope, &body_hash, &run, now)
        .await
        .map_err(Error::from)?
    {
        Begun::First => {}
        Begun::OtherBody => return Err(Failure::KeyReused),
        Begun::Running { until } => {
            let left = (until - now).num_seconds().clamp(1, 60);
            return Err(Failure::KeyBusy {
                retry_after_s: u32::try_from(left).unwrap_or(1),
            });
        }
        Begun::Answered(answer) => return replayed(answer),
    }
    let response = render(trail::run(ctx, by, request, next).await, facts);
    let (response, kept) = kept(response).await?;
    let noted = match kept {
        Some(answer) => ctx.store.keep_answer(&scope, &run, &answer).await,
        None => ctx.store.forget_run(&scope, &run).await,
    };
    if let Err(error) = noted {
        // The work is done and its answer goes out; only a repetition would wait for the record to end.
        tracing::warn!(%error, "the answer to an idempotency key was not kept");
    }
    Ok(response)
}

/// The request with its body read, and the body's hash. A form with files is streamed: its hash is that of its kind.
async fn hashed(request: Request) -> Result<(Request, String), Error> {
    let kind = request
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    if kind.trim_start().to_ascii_lowercase().starts_with("multipart/") {
        return Ok((request, "multipart".to_owned()));
    }
    let (parts, body) = request.into_parts();
    let bytes = collect(&parts.headers, body).await?;
    let hash = hex::encode(Sha256::digest(&bytes));
    Ok((Request::from_parts(parts, Body::from(bytes)), hash))
}

/// The response, and what is kept of it: nothing of a fault of ours, nor of what is too large or no text.
async fn kept(response: Response) -> Result<(Response, Option<StoredAnswer>), Failure> {
    let status = response.status();
    if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS {
        return Ok((response, None));
    }
    let (parts, body) = response.into_parts();
    let bytes: Bytes = body.collect().await.map_err(Error::internal)?.to_bytes();
    let text = (bytes.len() <= KEPT_BYTES)
        .then(|| String::from_utf8(bytes.to_vec()).ok())
        .flatten();
    let headers = REPEATED
        .iter()
        .filter_map(|name| {
            Some((
                name.to_string(),
                parts.headers.get(name)?.to_str().ok()?.to_owned(),
            ))
        })
        .collect();
    let answer = text.map(|body| StoredAnswer {
        status: status.as_u16(),
        headers,
        body,
    });
    Ok((Response::from_parts(parts, Body::from(bytes)), answer))
}

fn replayed(answer: StoredAnswer) -> Result<Response, Failure> {
    let mut response = Response::new(Body::from(answer.body));
    *response.status_mut() = StatusCode::from_u16(answer.status).map_err(Error::internal)?;
    for (name, value) in &answer.headers {
        let name = HeaderName::try_from(name.as_str()).map_err(Error::internal)?;
        response.headers_mut().insert(
            name,
            HeaderValue::try_from(value.as_str()).map_err(Error::internal)?,
        );
    }
    response
        .headers_mut()
        .insert("idempotent-replayed", HeaderValue::from_static("true"));
    Ok(response)
}
