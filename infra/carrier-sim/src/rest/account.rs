//! `GET /Accounts/{sid}.json`: for a platform that wants to know whether its credentials work.

use axum::{
    Json,
    extract::{OriginalUri, Path, State},
};
use serde_json::Value;

use super::{Shared, error::ApiError, json, stem};

pub(super) async fn fetch(
    State(switch): Shared,
    Path(last): Path<String>,
    OriginalUri(uri): OriginalUri,
) -> Result<Json<Value>, ApiError> {
    // That it is the account's own SID was checked at the gate.
    stem(&last, uri.path())?;
    Ok(Json(json::account(&switch)))
}
