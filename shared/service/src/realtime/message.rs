//! An event in the desk's words: the Dialer document's names and payloads, and beside them `eventId`, `seq` and `cursor`.

use chrono::SecondsFormat;
use serde_json::{Value, json};
use trunkline_domain::{Call, CallId, CallStatus, Direction, Error, Lead};
use trunkline_events::{Event, EventKind};

use crate::Ctx;

/// What a desk is sent.
#[derive(Debug, Clone, PartialEq)]
pub struct Message {
    /// The event's name.
    pub name: &'static str,
    /// Its payload.
    pub data: Value,
}

/// The message of an event; none when there is nothing to tell: the call was deleted, or desks are told of no such thing.
///
/// # Errors
/// When the store does not answer.
pub async fn message(ctx: &Ctx, event: &Event) -> Result<Option<Message>, Error> {
    let told = match event.kind {
        EventKind::OperatorRung => {
            let call = ctx.store.call(event.tenant, CallId(event.subject)).await?;
            let Some(call) = call else { return Ok(None) };
            let lead = lead(ctx, &call).await?;
            ("incoming:call", rung(&call, lead.as_ref()))
        }
        EventKind::OperatorReleased => {
            let call = ctx.store.call(event.tenant, CallId(event.subject)).await?;
            let Some(call) = call else { return Ok(None) };
            ("call:ended", released(&call, event))
        }
        EventKind::OperatorStatus => {
            let data = json!({ "agentId": event.operator, "status": event.status });
            ("agent:status:updated", data)
        }
        EventKind::CallCreated
        | EventKind::CallUpdated
        | EventKind::CallEnded
        | EventKind::CallAnalyzed
        | EventKind::RecordingReady
        | EventKind::TranscriptReady
        | EventKind::CampaignStarted
        | EventKind::CampaignPaused
        | EventKind::CampaignResumed
        | EventKind::CampaignCompleted
        | EventKind::CampaignCancelled
        | EventKind::ImportCompleted
        | EventKind::LeadDnc => return Ok(None),
    };
    let (name, mut data) = told;
    data["eventId"] = json!(event.id);
    data["seq"] = json!(event.seq);
    data["cursor"] = json!(event.at.to_rfc3339_opts(SecondsFormat::Millis, true));
    Ok(Some(Message { name, data }))
}

async fn lead(ctx: &Ctx, call: &Call) -> Result<Option<Lead>, Error> {
    if let Some(campaign) = call.campaign {
        // Consistently, and without an index: the row's key is the number.
        let found = ctx.store.lead_by_number(call.tenant, campaign, &call.to).await?;
        return Ok(found.filter(|lead| Some(lead.id) == call.lead));
    }
    match call.lead {
        Some(lead) => Ok(ctx.store.lead(call.tenant, lead).await?),
        None => Ok(None),
    }
}

fn rung(call: &Call, lead: Option<&Lead>) -> Value {
    let other = match call.direction {
        Direction::Outbound | Direction::Web => &call.to,
        Direction::Inbound => &call.from.0,
    };
    json!({
        "callId": call.id,
        "leadId": call.lead,
        "first_name": lead.and_then(|lead| lead.first_name.as_deref()),
        "last_name": lead.and_then(|lead| lead.last_name.as_deref()),
        "phone": other,
        "notes": lead.and_then(|lead| lead.notes.as_deref()),
    })
}

/// A call that goes on without this human agent has no disposition yet, unless it is the one who has talked.
fn released(call: &Call, event: &Event) -> Value {
    let talked = call.operator.is_some() && call.operator == event.operator;
    let disposition = match call.status {
        CallStatus::Ended(_) => call.disposition(),
        CallStatus::Scheduled
        | CallStatus::Claimed
        | CallStatus::Unsent
        | CallStatus::Placed
        | CallStatus::Ringing
        | CallStatus::Talking => talked.then_some("answered"),
    };
    let began = call.placed_at.unwrap_or(call.created_at);
    let so_far = (event.at - began).num_seconds().max(0);
    json!({
        "callId": call.id,
        "leadId": call.lead,
        "disposition": disposition,
        "duration": call.elapsed_s().map_or(so_far, i64::from),
    })
}
