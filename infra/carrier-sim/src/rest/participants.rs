//! Participants of a conference: added, listed, changed, removed.

use std::sync::Arc;

use axum::{
    Json,
    body::Bytes,
    extract::{ConnectInfo, OriginalUri, Path, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde_json::Value;

use super::{
    Shared,
    conferences::find,
    create::{lose_answer, numbers, place, recording, subscription},
    error::ApiError,
    form::{BAD_REQUEST, Form, wrong},
    json,
    paging::Paging,
    stem, struck,
    update::{Wanted, change},
};
use crate::{
    call::Direction,
    clock,
    leg::{Setup, Source},
    room::{Change, Member, Room},
    server::Cut,
    switch::{Placement, Switch},
    twiml::{Conference, Dial, Noun, Verb, Wait},
};

pub(super) async fn list(
    State(switch): Shared,
    Path((_, name)): Path<(String, String)>,
    OriginalUri(uri): OriginalUri,
) -> Result<Json<Value>, ApiError> {
    let room = find(&switch, &name, uri.path())?;
    let paging = Paging::read(uri.path(), uri.query())?;
    let members: Vec<Member> = room
        .state()
        .members
        .iter()
        .filter(|member| member.joined)
        .cloned()
        .collect();
    let skip = usize::try_from(paging.skip()).unwrap_or(usize::MAX);
    let size = usize::try_from(paging.size).unwrap_or(usize::MAX);
    let page = members.iter().skip(skip).take(size);
    let entries = page
        .map(|member| json::participant(&switch, &room, member, "connected"))
        .collect();
    Ok(Json(paging.answer(
        "participants",
        entries,
        members.len() > skip.saturating_add(size),
    )))
}

/// Rings somebody for a conference, which is made if there is none of the name.
pub(super) async fn create(
    State(switch): Shared,
    ConnectInfo(cut): ConnectInfo<Cut>,
    Path((_, name)): Path<(String, String)>,
    OriginalUri(uri): OriginalUri,
    body: Bytes,
) -> Result<Response, ApiError> {
    let form = Form::read(&body);
    let (to, from) = numbers(&form)?;
    let known = switch.rooms.find(&name);
    let settings = settings(&form, known.as_ref().map_or(name.as_str(), |room| &room.name))?;
    let status = subscription(&form)?;
    let recording = recording(&form)?;
    let ring_timeout_s = form
        .number("Timeout", 5, 600, 21208)?
        .unwrap_or(Setup::RING_TIMEOUT_S);
    let time_limit_s = form
        .number("TimeLimit", 1, 86_400, BAD_REQUEST)?
        .unwrap_or(Setup::TIME_LIMIT_S);
    if let Some(error) = struck(&switch, &to, uri.path(), false) {
        return Err(error);
    }
    let room = switch.rooms.named(&settings.name);
    let dial = Dial {
        action: None,
        timeout_s: ring_timeout_s,
        time_limit_s: None,
        caller_id: None,
        hangup_on_star: false,
        noun: Noun::Conference(settings.clone()),
    };
    let setup = Setup {
        status,
        recording,
        ring_timeout_s,
        time_limit_s,
        operator: true,
        room: Some((Arc::clone(&room), settings)),
        ..Setup::new(Source::verbs(vec![Verb::Dial(dial)]))
    };
    let placement = Placement {
        to,
        from,
        direction: Direction::OutboundApi,
        parent_sid: None,
        setup,
    };
    let call = place(&switch, placement).await?;
    lose_answer(&switch, &call, uri.path(), &cut).await;
    let member = room
        .state()
        .participant(&call.sid)
        .cloned()
        .ok_or_else(ApiError::internal)?;
    Ok((
        StatusCode::CREATED,
        Json(json::participant(&switch, &room, &member, "queued")),
    )
        .into_response())
}

pub(super) async fn fetch(
    State(switch): Shared,
    Path((_, name, last)): Path<(String, String, String)>,
    OriginalUri(uri): OriginalUri,
) -> Result<Json<Value>, ApiError> {
    let (room, member) = member(&switch, &name, stem(&last, uri.path())?, uri.path())?;
    show(&switch, &room, &member).await
}

pub(super) async fn update(
    State(switch): Shared,
    Path((_, name, last)): Path<(String, String, String)>,
    OriginalUri(uri): OriginalUri,
    body: Bytes,
) -> Result<Json<Value>, ApiError> {
    let (room, member) = member(&switch, &name, stem(&last, uri.path())?, uri.path())?;
    let form = Form::read(&body);
    let wanted = Change {
        muted: form.flag("Muted")?,
        hold: form.flag("Hold")?,
        end_on_exit: form.flag("EndConferenceOnExit")?,
        beep_on_exit: form.flag("BeepOnExit")?,
        coaching: form.flag("Coaching")?,
        coach: form.text("CallSidToCoach").map(str::to_owned),
    };
    if wanted.coaching == Some(true) && wanted.coach.is_none() && member.settings.coach.is_none() {
        return Err(ApiError::bad(
            BAD_REQUEST,
            "Coaching is true, but CallSidToCoach does not say whom",
        ));
    }
    if wanted.hold == Some(true) {
        room.state()
            .set_wait(&member.call_sid, switch.sounds.music.clone());
    }
    let outcome = room.state().change(&member.call_sid, wanted, clock::now());
    switch.announce(&room, outcome);
    let changed = room
        .state()
        .participant(&member.call_sid)
        .cloned()
        .unwrap_or(member);
    show(&switch, &room, &changed).await
}

/// Takes a participant out: its call goes on behind the `<Dial>`, or ends. One that still rings is cancelled.
pub(super) async fn remove(
    State(switch): Shared,
    Path((_, name, last)): Path<(String, String, String)>,
    OriginalUri(uri): OriginalUri,
) -> Result<StatusCode, ApiError> {
    let (room, member) = member(&switch, &name, stem(&last, uri.path())?, uri.path())?;
    if member.joined {
        switch.live.leave_room(&member.call_sid, &room.sid);
    } else {
        change(&switch, &member.call_sid, Wanted::Cancel).await?;
    }
    Ok(StatusCode::NO_CONTENT)
}

fn member(
    switch: &Switch,
    conference: &str,
    sid_or_label: &str,
    path: &str,
) -> Result<(Arc<Room>, Member), ApiError> {
    let room = find(switch, conference, path)?;
    let member = room.state().participant(sid_or_label).cloned();
    Ok((room, member.ok_or_else(|| ApiError::not_found(path))?))
}

async fn show(switch: &Switch, room: &Room, member: &Member) -> Result<Json<Value>, ApiError> {
    if member.joined {
        return Ok(Json(json::participant(switch, room, member, "connected")));
    }
    let call = switch.ledger.call(&member.call_sid).await?;
    let status = call.map_or("queued", |call| call.status.name());
    Ok(Json(json::participant(switch, room, member, status)))
}

/// The settings of a new participant. Its conference's events are named in full here.
fn settings(form: &Form, name: &str) -> Result<Conference, ApiError> {
    let beep = form.text("Beep").unwrap_or("true");
    if !["true", "false", "onEnter", "onExit"].contains(&beep) {
        return Err(wrong(BAD_REQUEST, "Beep", beep, "true, false, onEnter or onExit"));
    }
    let coach = form.text("CallSidToCoach").map(str::to_owned);
    let coaching = form.flag("Coaching")?.unwrap_or(coach.is_some());
    if coaching && coach.is_none() {
        return Err(ApiError::bad(
            BAD_REQUEST,
            "Coaching is true, but CallSidToCoach does not say whom",
        ));
    }
    let wait = match form.target("WaitUrl", 21205)? {
        Some(target) => Wait::From(target),
        None if form.has("WaitUrl") => Wait::Silence,
        None => Wait::Music,
    };
    let mut events = Vec::new();
    for event in form.words("ConferenceStatusCallbackEvent") {
        if ![
            "start",
            "end",
            "join",
            "leave",
            "mute",
            "hold",
            "modify",
            "speaker",
            "announcement",
        ]
        .contains(&event)
        {
            let right = "start, end, join, leave, mute, hold, modify, speaker or announcement";
            return Err(wrong(BAD_REQUEST, "ConferenceStatusCallbackEvent", event, right));
        }
        events.push(event.to_owned());
    }
    Ok(Conference {
        start_on_enter: form.flag("StartConferenceOnEnter")?.unwrap_or(true),
        end_on_exit: form.flag("EndConferenceOnExit")?.unwrap_or(false),
        beep_on_enter: matches!(beep, "true" | "onEnter"),
        beep_on_exit: matches!(beep, "true" | "onExit"),
        muted: form.flag("Muted")?.unwrap_or(false),
        coaching,
        coach: coach.filter(|_| coaching),
        label: form.text("Label").map(str::to_owned),
        wait,
        callback: form.target("ConferenceStatusCallback", 21609)?,
        callback_events: events,
        ..Conference::named(name)
    })
}
