//! What the carrier tells of a bridge: of a human agent's telephone, of the room, of the caller.

use trunkline_domain::{
    Call, CallId,
    bridge::{Bridge, Event, Stage},
    call_status::Report,
};
use trunkline_store::StoreError;
use trunkline_telephony::form::{ConferenceForm, RoomEvent};

use super::{hint, hint_at, observe};
use crate::{Ctx, dialing::fold};

/// Where somebody who asks belongs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Room {
    /// A key is to be pressed first.
    Asked,
    /// Into the room.
    In,
    /// Nowhere any more: the caller is gone, or somebody else came.
    Gone,
}

/// A human agent's telephone was answered, or a key was pressed on it.
///
/// # Errors
/// When the store does not answer; the carrier asks again.
pub async fn agent_answered(
    ctx: &Ctx,
    call: CallId,
    n: u32,
    sid: &str,
    key: bool,
) -> Result<Room, StoreError> {
    let Some(bridge) = observe(ctx, call, &Event::Placed(n, sid.to_owned())).await? else {
        return Ok(Room::Gone);
    };
    let event = if key {
        Event::Accepted(n)
    } else {
        Event::Answered(n)
    };
    let bridge = observe(ctx, call, &event).await?.unwrap_or(bridge);
    hint(ctx, &bridge).await;
    let mine = |leg: &trunkline_domain::bridge::Leg| leg.n == n;
    Ok(match &bridge.stage {
        Stage::Ringing(leg) if mine(leg) => {
            hint_at(ctx, call, leg.until).await;
            Room::Asked
        }
        Stage::Accepted(leg) if mine(leg) => {
            hint_at(ctx, call, leg.until).await;
            Room::In
        }
        Stage::Talking { leg, .. } if mine(leg) => Room::In,
        Stage::Seeking | Stage::Ringing(_) | Stage::Accepted(_) | Stage::Talking { .. } | Stage::Over(_) => {
            Room::Gone
        }
    })
}

/// How a human agent's telephone stands.
///
/// # Errors
/// When the store does not answer; the carrier tells again.
pub async fn leg_status(
    ctx: &Ctx,
    call: CallId,
    n: u32,
    sid: &str,
    report: Report,
) -> Result<(), StoreError> {
    let event = if report.outcome().is_some() {
        Event::Left(n)
    } else {
        Event::Placed(n, sid.to_owned())
    };
    if let Some(bridge) = observe(ctx, call, &event).await? {
        hint(ctx, &bridge).await;
    }
    Ok(())
}

/// Somebody came to the room or left it. Of a call that is over nothing changes.
///
/// # Errors
/// When the store does not answer; the carrier tells again.
pub async fn in_room(ctx: &Ctx, call: &Call, form: &ConferenceForm) -> Result<(), StoreError> {
    if call.status.is_ended() {
        return Ok(());
    }
    // What is told late of an earlier conference must not pass for the one they are in.
    if form.event == RoomEvent::Join {
        fold::change(ctx, call.id, |call| {
            (call.conference.as_deref() != Some(&form.conference) && !call.status.is_ended()).then(|| Call {
                conference: Some(form.conference.clone()),
                ..call.clone()
            })
        })
        .await?;
    }
    let Some(bridge) = ctx.store.bridge(call.id).await? else {
        return Ok(());
    };
    let mut now = None;
    for event in events(call, &bridge, form) {
        now = observe(ctx, call.id, &event).await?;
    }
    if let Some(bridge) = now {
        hint(ctx, &bridge).await;
    }
    Ok(())
}

/// What it means. Who leaves has been there, in whatever order it is told.
fn events(call: &Call, bridge: &Bridge, form: &ConferenceForm) -> Vec<Event> {
    let sid = form.sid.as_deref();
    if sid.is_some() && sid == call.sid.as_deref() {
        // A caller who leaves may be on the way to something else; the call's own end tells of its end.
        return match form.event {
            RoomEvent::Join => vec![Event::CallerIn],
            RoomEvent::Leave | RoomEvent::End | RoomEvent::Other => Vec::new(),
        };
    }
    let labelled = form
        .label
        .as_deref()
        .and_then(|label| label.strip_prefix("leg-")?.parse().ok());
    let by_sid = bridge
        .leg()
        .filter(|leg| leg.sid.is_some() && leg.sid.as_deref() == sid)
        .map(|leg| leg.n);
    let Some(n) = labelled.or(by_sid) else {
        return Vec::new();
    };
    match form.event {
        RoomEvent::Join => {
            let placed = sid.map(|sid| Event::Placed(n, sid.to_owned()));
            // First the id: whoever does not count any more is hung up.
            placed.into_iter().chain([Event::Joined(n)]).collect()
        }
        RoomEvent::Leave => vec![Event::Joined(n), Event::Left(n)],
        RoomEvent::End | RoomEvent::Other => Vec::new(),
    }
}

/// The carrier asks what follows for a caller who goes to the room.
///
/// # Errors
/// When the store does not answer; the carrier asks again.
pub async fn caller_comes(ctx: &Ctx, call: CallId) -> Result<Option<Bridge>, StoreError> {
    observe(ctx, call, &Event::CallerIn).await
}

/// A machine answered: whoever was rung for it is let go. Answers the bridge as it is then.
///
/// # Errors
/// When the store does not answer.
pub async fn machine(ctx: &Ctx, call: CallId) -> Result<Option<Bridge>, StoreError> {
    let bridge = observe(ctx, call, &Event::Machine).await?;
    if let Some(bridge) = &bridge {
        hint(ctx, bridge).await;
    }
    Ok(bridge)
}

/// The call is over: so is its bridge, if it has one.
///
/// # Errors
/// When the store does not answer.
pub async fn caller_left(ctx: &Ctx, call: CallId) -> Result<(), StoreError> {
    if let Some(bridge) = observe(ctx, call, &Event::CallerLeft).await? {
        hint(ctx, &bridge).await;
    }
    Ok(())
}
