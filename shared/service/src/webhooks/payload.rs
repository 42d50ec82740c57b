//! What receivers are sent: `{id, type, timestamp, data, seq}`. `data` is the record as it is when it is told of; `seq` counts the
//! record's events, since messages may overtake one another.

use chrono::SecondsFormat;
use serde_json::{Value, json};
use trunkline_domain::{Call, CallId, Campaign, CampaignId, Direction, Error, ImportId, Instant};
use trunkline_events::{Event, EventKind, Topic};
use trunkline_store::imports::Import;

use crate::Ctx;

/// Characters of a transcript in a message; the API has all of it.
const TRANSCRIPT_MAX: usize = 100_000;

/// The message of an event; none when there is nothing to tell: a call that was worked up, and in which nobody said anything, has no
/// sentiment.
pub(super) async fn of(ctx: &Ctx, event: &Event) -> Result<Option<String>, Error> {
    let data = match event.kind {
        EventKind::CallCreated
        | EventKind::CallUpdated
        | EventKind::CallEnded
        | EventKind::CallAnalyzed
        | EventKind::RecordingReady
        | EventKind::TranscriptReady => about_call(ctx, event).await?,
        EventKind::CampaignStarted
        | EventKind::CampaignPaused
        | EventKind::CampaignResumed
        | EventKind::CampaignCompleted
        | EventKind::CampaignCancelled => about_campaign(ctx, event).await?,
        EventKind::ImportCompleted => about_import(ctx, event).await?,
        EventKind::LeadDnc => json!({ "phone_number": event.phone }),
        EventKind::OperatorRung | EventKind::OperatorReleased | EventKind::OperatorStatus => return Ok(None),
    };
    if event.kind == EventKind::CallAnalyzed && data["sentiment"].is_null() {
        return Ok(None);
    }
    Ok(Some(envelope(event, &data).to_string()))
}

fn envelope(event: &Event, data: &Value) -> Value {
    json!({
        "id": event.id,
        "type": Topic::of(event.kind),
        "timestamp": event.at.to_rfc3339_opts(SecondsFormat::Millis, true),
        "data": data,
        "seq": event.seq,
    })
}

async fn about_call(ctx: &Ctx, event: &Event) -> Result<Value, Error> {
    let id = CallId(event.subject);
    let Some(call) = ctx.store.call(event.tenant, id).await? else {
        // Deleted since: what happened is told all the same.
        return Ok(json!({ "call_id": id, "call": null }));
    };
    let mut data = json!({ "call_id": id, "call": call_body(&call) });
    if event.kind == EventKind::CallAnalyzed {
        let found = call.analysis.as_ref();
        data["sentiment"] = found.map_or(
            Value::Null,
            |found| json!({ "label": found.sentiment, "score": found.sentiment_score }),
        );
    }
    if event.kind == EventKind::RecordingReady {
        let recording = call.recording.as_ref();
        data["recording"] = recording.map_or(Value::Null, |recording| {
            json!({
                "duration_seconds": recording.duration_s,
                "size_bytes": recording.size_bytes,
                "format": "wav",
                "download_path": crate::recordings::download_path(id),
            })
        });
    }
    if event.kind == EventKind::TranscriptReady {
        let text = ctx
            .store
            .call_texts(&[id])
            .await?
            .pop()
            .map(|(_, text)| text.text);
        let text = text.unwrap_or_default();
        data["transcript_is_cut"] = json!(text.chars().count() > TRANSCRIPT_MAX);
        data["transcript"] = json!(text.chars().take(TRANSCRIPT_MAX).collect::<String>());
    }
    Ok(data)
}

fn call_body(call: &Call) -> Value {
    let ended = call.status.is_ended();
    let found = call.analysis.as_ref();
    json!({
        "id": call.id,
        "campaign_id": call.campaign,
        "agent_id": call.voice_agent,
        "lead_id": call.lead,
        "phone_number": call.to,
        "from_number": call.from.0,
        "direction": match call.direction {
            Direction::Outbound => "outbound",
            Direction::Inbound => "inbound",
            Direction::Web => "web",
        },
        "status": call.status.word(),
        "disposition": call.status.outcome().map(|outcome| outcome.as_str()),
        "attempt": call.attempt,
        "duration_seconds": ended.then_some(call.duration_s),
        "summary": found.map(|found| &found.summary),
        "sentiment": found.map(|found| &found.sentiment),
        "emotions": found.map(|found| found.emotions.clone()).unwrap_or_default(),
        "key_phrases": found.map(|found| found.key_phrases.clone()).unwrap_or_default(),
        "cost": call.cost.dollars(),
        "notes": call.notes,
        "error": call.failure,
        "started_at": call.placed_at.map(seconds),
        "answered_at": call.answered_at.map(seconds),
        "ended_at": call.ended_at.map(seconds),
        "created_at": seconds(call.created_at),
    })
}

async fn about_campaign(ctx: &Ctx, event: &Event) -> Result<Value, Error> {
    let id = CampaignId(event.subject);
    let campaign = ctx.store.campaign(event.tenant, id).await?;
    Ok(json!({ "campaign_id": id, "campaign": campaign.as_ref().map(campaign_body) }))
}

fn campaign_body(campaign: &Campaign) -> Value {
    json!({
        "id": campaign.id,
        "name": campaign.name,
        "agent_id": campaign.voice_agent,
        "status": campaign.state.as_str(),
        "start_time": campaign.start_time.map(seconds),
        "end_time": campaign.end_time.map(seconds),
        "max_concurrent_calls": campaign.max_concurrent_calls,
        "created_at": seconds(campaign.created_at),
        "updated_at": seconds(campaign.updated_at),
    })
}

async fn about_import(ctx: &Ctx, event: &Event) -> Result<Value, Error> {
    let id = ImportId(event.subject);
    let import = ctx.store.import(event.tenant, id).await?;
    Ok(json!({ "import_id": id, "import": import.as_ref().map(import_body) }))
}

fn import_body(import: &Import) -> Value {
    json!({
        "id": import.id,
        "campaign_id": import.campaign,
        "status": import.state.as_str(),
        "reason": import.reason,
        "results": {
            "total": import.counts.total,
            "valid": import.counts.valid(),
            "invalid": import.counts.invalid,
            "duplicates": import.counts.duplicates,
            "dnc": import.counts.dnc,
            "inserted": import.counts.inserted,
        },
        "created_at": seconds(import.created_at),
        "finished_at": import.finished_at.map(seconds),
    })
}

fn seconds(at: Instant) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}
