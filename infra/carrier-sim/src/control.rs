//! Steering the simulator over HTTP: faults, operators' phones, inbound calls, what a party said and heard, and who heard whom.

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
use serde_json::{Map, Value, json};
use url::Url;

use crate::{
    call::Direction,
    faults::{Kind, Match},
    leg::{CallEvent, Setup, Source, Subscription},
    manners::Manner,
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
        .route(
            "/sim/operators",
            post(set_manner).get(list_manners).delete(clear_manners),
        )
        .route("/sim/rooms/{sid_or_name}", get(room))
        .route("/sim/inbound", post(inbound))
        .route("/sim/calls/{sid}", get(call))
        .route("/sim/calls/{sid}/keys", post(press))
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

/// From now on a human agent's phone behaves so.
async fn set_manner(State(switch): Shared, body: Bytes) -> Response {
    let (phone, manner) = match manner_of(&body) {
        Ok(wanted) => wanted,
        Err(why) => return refusal(StatusCode::BAD_REQUEST, &why),
    };
    if !switch.manners.set(&phone, manner.clone()) {
        return refusal(
            StatusCode::CONFLICT,
            "1000 phones are steered already: DELETE /sim/operators first",
        );
    }
    (StatusCode::CREATED, Json(shown(&phone, &manner))).into_response()
}

async fn list_manners(State(switch): Shared) -> Response {
    let all = switch.manners.list();
    let all: Vec<Value> = all.iter().map(|(phone, manner)| shown(phone, manner)).collect();
    Json(json!({"operators": all})).into_response()
}

async fn clear_manners(State(switch): Shared) -> Response {
    Json(json!({"deleted": switch.manners.clear()})).into_response()
}

/// The phone, and what it is to do.
fn manner_of(body: &[u8]) -> Result<(String, Manner), String> {
    let right = |error: serde_json::Error| {
        format!(
            "the body must be {{phone, does?: accepts|declines|ignores|no_answer|busy, after_ms?, hang_up_after_ms?, says?, \
             every_ms?, count?}}: {error}"
        )
    };
    let mut fields: Map<String, Value> = serde_json::from_slice(body).map_err(right)?;
    let phone = fields.remove("phone").unwrap_or_default();
    let phone = phone.as_str().unwrap_or_default();
    if !is_e164(phone) {
        return Err(format!(
            "phone must be an E.164 number such as +15550000001; it is {phone:?}"
        ));
    }
    let manner: Manner = serde_json::from_value(Value::Object(fields)).map_err(right)?;
    if manner.count == Some(0) {
        return Err(
            "count is 0, so the phone would never do that; leave it out for \"until deleted\"".to_owned(),
        );
    }
    if manner.every_ms.is_some_and(|ms| ms < 1000) {
        return Err("every_ms must be at least 1000: a sentence takes so long".to_owned());
    }
    Ok((phone.to_owned(), manner))
}

fn shown(phone: &str, manner: &Manner) -> Value {
    let mut shown = json!(manner);
    if let Some(fields) = shown.as_object_mut() {
        fields.insert("phone".to_owned(), json!(phone));
    }
    shown
}

/// Who is in a conference and how, and who has heard whom there so far. The youngest of a name, ended ones too.
async fn room(State(switch): Shared, Path(sid_or_name): Path<String>) -> Response {
    let Some(room) = switch.rooms.find_ever(&sid_or_name) else {
        let why = format!("there never was a conference {sid_or_name}, or a thousand have ended since");
        return refusal(StatusCode::NOT_FOUND, &why);
    };
    let state = room.state();
    let members: Vec<Value> = state.members.iter().map(|member| {
        json!({
            "call_sid": member.call_sid, "to": member.call_to, "label": member.settings.label, "joined": member.joined,
            "muted": member.settings.muted, "hold": member.hold, "coaching": member.settings.coaching,
            "coach": member.settings.coach,
        })
    }).collect();
    let heard = state
        .heard
        .all()
        .map(|(by, from, ms)| json!({"by": by, "from": from, "ms": ms}));
    let waited = state
        .heard
        .all_waiting()
        .map(|(by, ms)| json!({"by": by, "ms": ms}));
    Json(json!({
        "sid": room.sid, "name": room.name, "status": state.phase.name(), "members": members,
        "heard": heard.collect::<Vec<_>>(), "waited": waited.collect::<Vec<_>>(),
    }))
    .into_response()
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

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct KeysBody {
    keys: String,
}

/// The party presses keys.
async fn press(State(switch): Shared, Path(sid): Path<String>, body: Bytes) -> Response {
    let keys = match serde_json::from_slice::<KeysBody>(&body) {
        Ok(KeysBody { keys }) if is_keys(&keys) => keys,
        Ok(_) => {
            let why = "keys must be one to 32 of 0-9, * and #";
            return refusal(StatusCode::BAD_REQUEST, why);
        }
        Err(error) => {
            return refusal(
                StatusCode::BAD_REQUEST,
                &format!("the body must be {{keys}}: {error}"),
            );
        }
    };
    match switch.live.get(&sid) {
        Some(handle) if handle.press(&keys) => {
            (StatusCode::ACCEPTED, Json(json!({"keys": keys}))).into_response()
        }
        Some(_) => refusal(StatusCode::CONFLICT, "32 keys wait to be pressed already"),
        None => refusal(StatusCode::NOT_FOUND, &format!("no call {sid} is under way")),
    }
}

fn is_keys(text: &str) -> bool {
    (1..=32).contains(&text.len()) && text.chars().all(|key| "0123456789*#".contains(key))
}

fn refusal(status: StatusCode, why: &str) -> Response {
    (status, Json(json!({"error": why}))).into_response()
}
