//! Resources as the carrier's JSON shows them.

use serde_json::{Value, json};

use crate::{
    call::{Call, Direction},
    clock::{self, Moment},
    ledger::Recording,
    room::{Member, Room},
    switch::Switch,
};

fn base(switch: &Switch) -> String {
    format!("/2010-04-01/Accounts/{}", switch.options.account_sid)
}

fn date(moment: Option<Moment>) -> Value {
    moment.map_or(Value::Null, |at| Value::from(clock::rfc2822(at)))
}

/// A call. `fresh`: in answer to its POST, where the carrier gives no dates yet.
pub(super) fn call(switch: &Switch, call: &Call, fresh: bool) -> Value {
    let uri = format!("{}/Calls/{}", base(switch), call.sid);
    let sub = |name: &str| format!("{uri}/{name}.json");
    let seconds = call.duration_s();
    // 1.4 cents a minute begun: the list price of an outbound call in the United States.
    let price = seconds.filter(|s| *s > 0).map(|s| {
        format!(
            "-{:.5}",
            f64::from(i32::try_from((s + 59) / 60).unwrap_or(1)) * 0.014
        )
    });
    json!({
        "sid": call.sid,
        "account_sid": switch.options.account_sid,
        "parent_call_sid": call.parent_sid,
        "to": call.to,
        "to_formatted": formatted(&call.to),
        "from": call.from,
        "from_formatted": formatted(&call.from),
        "phone_number_sid": null,
        "status": call.status.name(),
        "direction": call.direction.name(),
        "date_created": date(Some(call.created).filter(|_| !fresh)),
        "date_updated": date(Some(call.updated).filter(|_| !fresh)),
        "start_time": date(call.started),
        "end_time": date(call.ended),
        "duration": seconds.map(|s| s.to_string()),
        "answered_by": call.answered_by,
        "price": price,
        "price_unit": "USD",
        "queue_time": if call.direction == Direction::Inbound { Value::Null } else { Value::from("0") },
        "annotation": null,
        "api_version": "2010-04-01",
        "caller_name": null,
        "forwarded_from": null,
        "group_sid": null,
        "trunk_sid": null,
        "uri": format!("{uri}.json"),
        "subresource_uris": {
            "recordings": sub("Recordings"),
            "notifications": sub("Notifications"),
            "streams": sub("Streams"),
            "events": sub("Events"),
        },
    })
}

/// `(415) 867-5308` for numbers of North America; others as they are.
fn formatted(number: &str) -> String {
    match number.strip_prefix("+1") {
        Some(rest) if rest.len() == 10 && rest.is_ascii() => {
            format!("({}) {}-{}", &rest[..3], &rest[3..6], &rest[6..])
        }
        Some(_) | None => number.to_owned(),
    }
}

/// A conference.
pub(super) fn conference(switch: &Switch, room: &Room) -> Value {
    let uri = format!("{}/Conferences/{}", base(switch), room.sid);
    let state = room.state();
    json!({
        "sid": room.sid,
        "account_sid": switch.options.account_sid,
        "friendly_name": room.name,
        "status": state.phase.name(),
        "region": "us1",
        "api_version": "2010-04-01",
        "date_created": date(Some(room.created)),
        "date_updated": date(Some(state.updated)),
        "reason_conference_ended": state.reason,
        "call_sid_ending_conference": state.ended_by,
        "uri": format!("{uri}.json"),
        "subresource_uris": {
            "participants": format!("{uri}/Participants.json"),
            "recordings": format!("{uri}/Recordings.json"),
        },
    })
}

/// A participant of a conference; `status` is `connected`, or how far its call is.
pub(super) fn participant(switch: &Switch, room: &Room, member: &Member, status: &str) -> Value {
    let settings = &member.settings;
    json!({
        "account_sid": switch.options.account_sid,
        "call_sid": member.call_sid,
        "conference_sid": room.sid,
        "label": settings.label,
        "muted": settings.muted,
        "hold": member.hold,
        "coaching": settings.coaching,
        "call_sid_to_coach": settings.coach,
        "start_conference_on_enter": settings.start_on_enter,
        "end_conference_on_exit": settings.end_on_exit,
        "status": status,
        "queue_time": null,
        "date_created": date(Some(member.since)),
        "date_updated": date(Some(member.updated)),
        "api_version": "2010-04-01",
        "uri": format!("{}/Conferences/{}/Participants/{}.json", base(switch), room.sid, member.call_sid),
    })
}

/// A recording.
pub(super) fn recording(switch: &Switch, recording: &Recording) -> Value {
    let uri = format!("{}/Recordings/{}", base(switch), recording.sid);
    json!({
        "sid": recording.sid,
        "account_sid": switch.options.account_sid,
        "call_sid": recording.call_sid,
        "conference_sid": null,
        "status": recording.status,
        "source": recording.source,
        "channels": recording.channels,
        "track": "both",
        "duration": recording.duration_ms.map(|ms| ((ms + 500) / 1000).to_string()),
        "start_time": date(Some(recording.started)),
        "date_created": date(Some(recording.started)),
        "date_updated": date(Some(recording.started)),
        "price": null,
        "price_unit": "USD",
        "error_code": null,
        "encryption_details": null,
        "api_version": "2010-04-01",
        "media_url": format!("{}{uri}", switch.url),
        "uri": format!("{uri}.json"),
        "subresource_uris": {},
    })
}

/// The account. Its token is not shown.
pub(super) fn account(switch: &Switch) -> Value {
    let uri = base(switch);
    let sid = &switch.options.account_sid;
    json!({
        "sid": sid,
        "owner_account_sid": sid,
        "friendly_name": "Simulated carrier",
        "status": "active",
        "type": "Full",
        "auth_token": "",
        "date_created": "Thu, 01 Jan 2026 00:00:00 +0000",
        "date_updated": "Thu, 01 Jan 2026 00:00:00 +0000",
        "uri": format!("{uri}.json"),
        "subresource_uris": {
            "calls": format!("{uri}/Calls.json"),
            "conferences": format!("{uri}/Conferences.json"),
            "recordings": format!("{uri}/Recordings.json"),
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_formatted_as_people_write_them() {
        assert_eq!(formatted("+14158675308"), "(415) 867-5308");
        assert_eq!(formatted("+911234567890"), "+911234567890");
    }
}
