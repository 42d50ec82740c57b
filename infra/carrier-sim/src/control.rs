//! Steering the simulator over HTTP: faults, inbound calls, and what a party said and heard.

use std::sync::Arc;

use axum::{
    Json, Router,
    body::Bytes,
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde::Deserialize;
use serde_json::json;
use url::Url;

use crate::{
    call::Direction,
    faults::{Kind, Match},
    leg::{CallEvent, Setup, Source, Subscription},
    number::is_e164,
    switch::{Placement, Switch},
    twiml::{Method, Target},
};

type Shared = State<Arc<Switch>>;

/// The routes under `/sim`.
pub(crate) fn router(switch: Arc<Switch>) -> Router {
    Router::new()
        .route(
            "/sim/faults",
            post(add_fault).get(list_faults).delete(clear_faults),
        )
        .route("/sim/inbound", post(inbound))
        .route("/sim/calls/{sid}", get(call))
        .with_state(switch)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FaultBody {
    kind: String,
    #[serde(default, rename = "match")]
    matching: Option<Match>,
    count: Option<u32>,
    ms: Option<u64>,
}

async fn add_fault(State(switch): Shared, body: Bytes) -> Response {
    let allowed = Kind::names();
    let fault: FaultBody = match serde_json::from_slice(&body) {
        Ok(fault) => fault,
        Err(error) => {
            let why = format!("the body must be {{kind, match?: {{to?, path?}}, count?, ms?}}: {error}");
            return (
                StatusCode::BAD_REQUEST,
                Json(json!({"error": why, "allowed": allowed})),
            )
                .into_response();
        }
    };
    let Some(kind) = Kind::parse(&fault.kind) else {
        let why = format!("there is no fault {:?}", fault.kind);
        return (
            StatusCode::BAD_REQUEST,
            Json(json!({"error": why, "allowed": allowed})),
        )
            .into_response();
    };
    if fault.count == Some(0) {
        return refusal(
            StatusCode::BAD_REQUEST,
            "count is 0, so the fault would never strike; leave it out for \"until deleted\"",
        );
    }
    match switch
        .faults
        .add(kind, fault.matching.unwrap_or_default(), fault.count, fault.ms)
    {
        Some(fault) => (StatusCode::CREATED, Json(fault)).into_response(),
        None => refusal(
            StatusCode::CONFLICT,
            "1000 faults stand already: DELETE /sim/faults first",
        ),
    }
}

async fn list_faults(State(switch): Shared) -> Response {
    Json(json!({"faults": switch.faults.list()})).into_response()
}

async fn clear_faults(State(switch): Shared) -> Response {
    Json(json!({"deleted": switch.faults.clear()})).into_response()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct InboundBody {
    from: String,
    to: String,
}

/// Somebody rings the platform.
async fn inbound(State(switch): Shared, body: Bytes) -> Response {
    let wanted: InboundBody = match serde_json::from_slice(&body) {
        Ok(wanted) => wanted,
        Err(error) => {
            return refusal(
                StatusCode::BAD_REQUEST,
                &format!("the body must be {{from, to}}: {error}"),
            );
        }
    };
    for (name, number) in [("from", &wanted.from), ("to", &wanted.to)] {
        if !is_e164(number) {
            let why = format!("{name} must be an E.164 number such as +15550000001; it is {number:?}");
            return refusal(StatusCode::BAD_REQUEST, &why);
        }
    }
    let Some(voice) = switch
        .options
        .inbound_url
        .as_deref()
        .and_then(|url| Url::parse(url).ok())
    else {
        let why = "no platform is known to ring: start the simulator with an inbound voice URL (SimOptions::inbound_url; \
                   the platform's own start sets it)";
        return refusal(StatusCode::CONFLICT, why);
    };
    let told = switch
        .options
        .inbound_status_url
        .as_deref()
        .and_then(|url| Url::parse(url).ok());
    let setup = Setup {
        status: told.map(|url| Subscription {
            target: Target {
                url,
                method: Method::Post,
            },
            events: vec![CallEvent::Completed],
        }),
        ..Setup::new(Source::of(Target {
            url: voice,
            method: Method::Post,
        }))
    };
    let placement = Placement {
        to: wanted.to,
        from: wanted.from,
        direction: Direction::Inbound,
        parent_sid: None,
        setup,
    };
    match switch.place(placement).await {
        Ok(call) => (
            StatusCode::CREATED,
            Json(json!({"sid": call.sid, "from": call.from, "to": call.to})),
        )
            .into_response(),
        Err(error) => refusal(StatusCode::INTERNAL_SERVER_ERROR, &error.to_string()),
    }
}

/// What the party at the other end does, has said, and has heard.
async fn call(State(switch): Shared, Path(sid): Path<String>) -> Response {
    let live = switch.live.get(&sid);
    match switch.ledger.call(&sid).await {
        Ok(Some(call)) => {
            let (said, heard_ms) = match live.filter(|_| !call.status.is_final()) {
                Some(handle) => (handle.said(), handle.heard_ms()),
                None => (call.said, call.heard_ms),
            };
            Json(json!({
                "sid": call.sid, "to": call.to, "fate": call.fate, "said": said, "heard_ms": heard_ms,
                "status": call.status.name(),
            }))
            .into_response()
        }
        Ok(None) => refusal(
            StatusCode::NOT_FOUND,
            &format!("no call {sid} was ever placed here"),
        ),
        Err(error) => refusal(StatusCode::INTERNAL_SERVER_ERROR, &error.to_string()),
    }
}

fn refusal(status: StatusCode, why: &str) -> Response {
    (status, Json(json!({"error": why}))).into_response()
}
