//! Recordings listed, fetched (as JSON or as sound), deleted.

use std::{io, path::PathBuf};

use axum::{
    Json,
    body::Body,
    extract::{OriginalUri, Path, State},
    http::{
        HeaderMap, StatusCode,
        header::{AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE},
    },
    response::{IntoResponse, Response},
};
use bytes::BytesMut;
use futures::stream;
use serde_json::Value;
use tokio::{fs::File, io::AsyncReadExt};

use super::{Shared, authorised, error::ApiError, json, paging::Paging};
use crate::switch::Switch;

/// Sound is sent in pieces of this many bytes.
const PIECE: usize = 64 * 1024;

pub(super) async fn list(
    State(switch): Shared,
    OriginalUri(uri): OriginalUri,
) -> Result<Json<Value>, ApiError> {
    let form = super::form::Form::read(uri.query().unwrap_or_default().as_bytes());
    let call_sid = form.text("CallSid").map(str::to_owned);
    page(&switch, call_sid, uri.path(), uri.query()).await
}

pub(super) async fn of_call(
    State(switch): Shared,
    Path((_, call)): Path<(String, String)>,
    OriginalUri(uri): OriginalUri,
) -> Result<Json<Value>, ApiError> {
    page(&switch, Some(call), uri.path(), uri.query()).await
}

async fn page(
    switch: &Switch,
    call_sid: Option<String>,
    path: &str,
    query: Option<&str>,
) -> Result<Json<Value>, ApiError> {
    let paging = Paging::read(path, query)?;
    let (recordings, more) = switch
        .ledger
        .recordings(call_sid, paging.size, paging.skip())
        .await?;
    let entries = recordings
        .iter()
        .map(|recording| json::recording(switch, recording))
        .collect();
    Ok(Json(paging.answer("recordings", entries, more)))
}

/// `RE….json` is the resource and needs the account's token; `RE…` and `RE….wav` are the sound.
pub(super) async fn fetch(
    State(switch): Shared,
    Path((account, last)): Path<(String, String)>,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let missing = || ApiError::not_found(uri.path());
    let credentials = headers
        .get(AUTHORIZATION)
        .map(|value| value.to_str().unwrap_or_default());
    let is_json = last.ends_with(".json");
    if (is_json || credentials.is_some()) && !authorised(&switch, credentials) {
        return Err(ApiError::unauthorised());
    }
    let sid = last
        .strip_suffix(".json")
        .or_else(|| last.strip_suffix(".wav"))
        .unwrap_or(&last);
    let recording = switch
        .ledger
        .recording(sid)
        .await?
        .filter(|_| account == switch.options.account_sid);
    let recording = recording.ok_or_else(missing)?;
    if is_json {
        return Ok(Json(json::recording(&switch, &recording)).into_response());
    }
    if recording.status != "completed" {
        return Err(missing());
    }
    sound(switch.recorder.path(sid)).await.map_err(|error| {
        tracing::error!(%error, "a recording's file could not be read");
        ApiError::internal()
    })
}

async fn sound(path: PathBuf) -> io::Result<Response> {
    let file = File::open(path).await?;
    let len = file.metadata().await?.len();
    let pieces = stream::try_unfold(file, |mut file| async move {
        let mut piece = BytesMut::with_capacity(PIECE);
        let read = file.read_buf(&mut piece).await?;
        Ok::<_, io::Error>((read > 0).then(|| (piece.freeze(), file)))
    });
    let headers = [
        (CONTENT_TYPE, "audio/x-wav".to_owned()),
        (CONTENT_LENGTH, len.to_string()),
    ];
    Ok((headers, Body::from_stream(pieces)).into_response())
}

pub(super) async fn remove(
    State(switch): Shared,
    Path((account, last)): Path<(String, String)>,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
) -> Result<StatusCode, ApiError> {
    if !authorised(
        &switch,
        headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()),
    ) {
        return Err(ApiError::unauthorised());
    }
    let sid = last.strip_suffix(".json").unwrap_or(&last);
    if account != switch.options.account_sid || !switch.ledger.delete_recording(sid).await? {
        return Err(ApiError::not_found(uri.path()));
    }
    if let Err(error) = tokio::fs::remove_file(switch.recorder.path(sid)).await {
        tracing::warn!(%error, "the file of a deleted recording remains");
    }
    Ok(StatusCode::NO_CONTENT)
}
