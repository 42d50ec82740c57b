//! Conferences listed, fetched, ended.

use std::sync::Arc;

use axum::{
    Json,
    body::Bytes,
    extract::{OriginalUri, Path, State},
};
use serde_json::Value;

use super::{
    Shared,
    error::ApiError,
    form::{BAD_REQUEST, Form, wrong},
    json,
    paging::Paging,
    stem,
};
use crate::{
    clock,
    room::{Phase, Room},
    switch::Switch,
};

pub(super) async fn list(
    State(switch): Shared,
    OriginalUri(uri): OriginalUri,
) -> Result<Json<Value>, ApiError> {
    let paging = Paging::read(uri.path(), uri.query())?;
    let form = Form::read(uri.query().unwrap_or_default().as_bytes());
    let phase = match form.text("Status") {
        None => None,
        Some("init") => Some(Phase::Init),
        Some("in-progress") => Some(Phase::InProgress),
        Some("completed") => Some(Phase::Completed),
        Some(other) => {
            return Err(wrong(
                BAD_REQUEST,
                "Status",
                other,
                "init, in-progress or completed",
            ));
        }
    };
    let fits = |room: &Arc<Room>| {
        form.text("FriendlyName").is_none_or(|name| name == room.name)
            && phase.is_none_or(|phase| phase == room.state().phase)
    };
    let rooms: Vec<Arc<Room>> = switch.rooms.all().into_iter().filter(fits).collect();
    let position = paging
        .after
        .as_ref()
        .and_then(|sid| rooms.iter().position(|room| room.sid == *sid));
    let begin = position.map_or(usize::try_from(paging.skip()).unwrap_or(usize::MAX), |at| at + 1);
    let size = usize::try_from(paging.size).unwrap_or(usize::MAX);
    let entries = rooms
        .iter()
        .skip(begin)
        .take(size)
        .map(|room| json::conference(&switch, room))
        .collect();
    Ok(Json(paging.answer(
        "conferences",
        entries,
        rooms.len() > begin.saturating_add(size),
    )))
}

pub(super) async fn fetch(
    State(switch): Shared,
    Path((_, last)): Path<(String, String)>,
    OriginalUri(uri): OriginalUri,
) -> Result<Json<Value>, ApiError> {
    let room = find(&switch, stem(&last, uri.path())?, uri.path())?;
    Ok(Json(json::conference(&switch, &room)))
}

/// `Status=completed` ends a conference: everybody is out.
pub(super) async fn update(
    State(switch): Shared,
    Path((_, last)): Path<(String, String)>,
    OriginalUri(uri): OriginalUri,
    body: Bytes,
) -> Result<Json<Value>, ApiError> {
    let room = find(&switch, stem(&last, uri.path())?, uri.path())?;
    match Form::read(&body).text("Status") {
        Some("completed") => {
            let outcome = room.state().end(clock::now());
            switch.announce(&room, outcome);
        }
        Some(other) => return Err(wrong(BAD_REQUEST, "Status", other, "completed")),
        None => {}
    }
    Ok(Json(json::conference(&switch, &room)))
}

/// The conference by SID or, while it is open, by name.
pub(super) fn find(switch: &Switch, sid_or_name: &str, path: &str) -> Result<Arc<Room>, ApiError> {
    switch
        .rooms
        .find(sid_or_name)
        .ok_or_else(|| ApiError::not_found(path))
}
