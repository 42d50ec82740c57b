//! `POST Calls/{sid}.json`: ending a call, or giving it other instructions.

use std::{sync::Arc, time::Duration};

use axum::{
    Json,
    body::Bytes,
    extract::{OriginalUri, Path, State},
};
use serde_json::Value;
use tokio::{sync::oneshot, time::timeout};

use super::{
    Shared,
    create::source,
    error::ApiError,
    form::{BAD_REQUEST, Form, wrong},
    json, stem,
};
use crate::{
    live::{Handle, Order},
    switch::Switch,
};

/// A call obeys within a beat; one that does not is ending.
const OBEY_MAX: Duration = Duration::from_secs(5);

/// What is wanted of a call.
pub(super) enum Wanted {
    Cancel,
    Complete,
    Redirect(crate::leg::Source),
}

pub(super) async fn update(
    State(switch): Shared,
    Path((_, last)): Path<(String, String)>,
    OriginalUri(uri): OriginalUri,
    body: Bytes,
) -> Result<Json<Value>, ApiError> {
    let sid = stem(&last, uri.path())?;
    let form = Form::read(&body);
    let wanted = match form.text("Status") {
        Some("canceled") => Some(Wanted::Cancel),
        Some("completed") => Some(Wanted::Complete),
        Some(other) => return Err(wrong(BAD_REQUEST, "Status", other, "canceled or completed")),
        None => source(&form)?.map(Wanted::Redirect),
    };
    if let Some(wanted) = wanted {
        if switch.ledger.call(sid).await?.is_none() {
            return Err(ApiError::not_found(uri.path()));
        }
        change(&switch, sid, wanted).await?;
    }
    let call = switch
        .ledger
        .call(sid)
        .await?
        .ok_or_else(|| ApiError::not_found(uri.path()))?;
    Ok(Json(json::call(&switch, &call, false)))
}

/// Gives the order, and waits until it is carried out.
pub(super) async fn change(switch: &Arc<Switch>, sid: &str, wanted: Wanted) -> Result<(), ApiError> {
    let impossible = match &wanted {
        Wanted::Cancel => "Call is not in the queued or ringing state. Cannot cancel.",
        Wanted::Complete => "Call is not in-progress. Cannot complete.",
        Wanted::Redirect(_) => "Call is not in-progress. Cannot redirect.",
    };
    let refused = || ApiError::bad(21220, impossible);
    let handle = switch.live.get(sid).ok_or_else(refused)?;
    let (done, obeyed) = oneshot::channel();
    let (order, ends) = match wanted {
        Wanted::Cancel => (Order::End { cancel: true, done }, true),
        Wanted::Complete => (Order::End { cancel: false, done }, true),
        Wanted::Redirect(source) => (Order::Redirect { source, done }, false),
    };
    if handle.orders.send(order).await.is_err() || !obeys(obeyed).await {
        return Err(refused());
    }
    if ends {
        wait_for_end(&handle).await;
    }
    Ok(())
}

async fn obeys(obeyed: oneshot::Receiver<bool>) -> bool {
    matches!(timeout(OBEY_MAX, obeyed).await, Ok(Ok(true)))
}

async fn wait_for_end(handle: &Handle) {
    if timeout(OBEY_MAX, handle.over.cancelled()).await.is_err() {
        tracing::warn!("a call takes long to end; its row will show the end later");
    }
}
