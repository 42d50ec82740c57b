//! The Dialer's call.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value, json};
use trunkline_domain::{CallStatus, Direction, Outcome};
use trunkline_http::{Seconds, example};
use trunkline_service::{analytics::CallSummary, calls::JoinedCall};
use uuid::Uuid;

/// A call, with its lead and the names of its campaign and its human agent.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct CallBody {
    #[schemars(example = example::id("call_id"))]
    id: Uuid,
    tenant_id: Uuid,
    campaign_id: Option<Uuid>,
    lead_id: Option<Uuid>,
    /// The human agent who talked; null where an AI agent did.
    agent_id: Option<Uuid>,
    /// The carrier's id.
    #[schemars(example = &"CA1234567890abcdef")]
    call_sid: Option<String>,
    /// The conference in which a human agent talked.
    conference_sid: Option<String>,
    #[schemars(example = &"+14155551234")]
    from_number: String,
    #[schemars(example = &"+14155552671")]
    to_number: String,
    /// `outbound` or `inbound`.
    #[schemars(example = &"outbound")]
    direction: &'static str,
    /// `queued`, `ringing`, `in-progress`, `completed`, `busy`, `no-answer`, `failed` or `cancelled`.
    #[schemars(example = &"completed")]
    status: &'static str,
    /// `human`, `machine_start`, `machine_end_beep`, …
    #[schemars(example = &"human")]
    answered_by: Option<&'static str>,
    /// When it was dialled.
    start_time: Option<Seconds>,
    answer_time: Option<Seconds>,
    end_time: Option<Seconds>,
    /// Seconds from `start_time` to the end; null before.
    #[schemars(example = 330)]
    duration: Option<u32>,
    /// Seconds from the answer to the end; null before.
    #[schemars(example = 315)]
    talk_time: Option<u32>,
    /// `answered`, `voicemail`, `no_answer`, `busy` or `failed`; null before the end, and for a call that was withdrawn.
    #[schemars(example = &"answered")]
    disposition: Option<&'static str>,
    /// Works without a token for 15 minutes.
    #[schemars(example = example::link("/call-recordings/{call_id}/download?expires=1706525100&signature=…"))]
    recording_url: Option<String>,
    /// The recording's id: the call's own.
    recording_sid: Option<Uuid>,
    /// Seconds.
    #[schemars(example = 315)]
    recording_duration: Option<u32>,
    /// US dollars.
    #[schemars(example = 0.077)]
    cost: f64,
    /// `voice_agent_id` where an AI agent talked; `error` where the call failed.
    #[schemars(example = json!({}))]
    metadata: Map<String, Value>,
    notes: Option<String>,
    created_at: Seconds,
    /// The lead's.
    #[schemars(example = &"Sara")]
    first_name: Option<String>,
    #[schemars(example = &"Ahmed")]
    last_name: Option<String>,
    /// The other side's number.
    #[schemars(example = &"+14155552671")]
    phone: String,
    #[schemars(example = &"Q1 2024 Outreach")]
    campaign_name: Option<String>,
    #[schemars(example = &"John Doe")]
    agent_name: Option<String>,
}

impl From<JoinedCall> for CallBody {
    fn from(joined: JoinedCall) -> Self {
        let (call, lead) = (joined.call, joined.lead);
        let ended = call.status.is_ended();
        let outbound = call.direction == Direction::Outbound;
        let mut metadata = Map::new();
        if let Some(agent) = call.voice_agent {
            metadata.insert("voice_agent_id".to_owned(), json!(agent.0));
        }
        if let Some(failure) = &call.failure {
            metadata.insert("error".to_owned(), json!(failure));
        }
        let (first_name, last_name) = lead.map_or((None, None), |lead| (lead.first_name, lead.last_name));
        let other = if outbound { &call.to } else { &call.from.0 };
        let disposition = call.disposition();
        Self {
            id: call.id.0,
            tenant_id: call.tenant.0,
            campaign_id: call.campaign.map(|campaign| campaign.0),
            lead_id: call.lead.map(|lead| lead.0),
            agent_id: call.operator.map(|operator| operator.0),
            duration: call.elapsed_s(),
            phone: other.to_string(),
            call_sid: call.sid,
            conference_sid: call.conference,
            from_number: call.from.0.to_string(),
            to_number: call.to.to_string(),
            direction: if outbound { "outbound" } else { "inbound" },
            status: status(call.status),
            answered_by: call.answered_by.map(trunkline_domain::AnsweredBy::as_str),
            start_time: call.placed_at.map(Seconds),
            answer_time: call.answered_at.map(Seconds),
            end_time: call.ended_at.map(Seconds),
            talk_time: ended.then_some(call.duration_s),
            disposition,
            recording_url: joined.recording_url,
            recording_sid: call.recording.as_ref().map(|_| call.id.0),
            recording_duration: call.recording.as_ref().map(|recording| recording.duration_s),
            cost: call.cost.dollars(),
            metadata,
            notes: call.notes,
            created_at: call.created_at.into(),
            first_name,
            last_name,
            campaign_name: joined.campaign_name,
            agent_name: joined.operator_name,
        }
    }
}

/// The Dialer's word for where a call stands.
const fn status(status: CallStatus) -> &'static str {
    match status {
        CallStatus::Scheduled | CallStatus::Claimed | CallStatus::Unsent | CallStatus::Placed => "queued",
        CallStatus::Ringing => "ringing",
        CallStatus::Talking => "in-progress",
        CallStatus::Ended(Outcome::Answered | Outcome::Voicemail) => "completed",
        CallStatus::Ended(Outcome::NoAnswer) => "no-answer",
        CallStatus::Ended(Outcome::Busy) => "busy",
        CallStatus::Ended(Outcome::Failed | Outcome::Unknown) => "failed",
        CallStatus::Ended(Outcome::Cancelled) => "cancelled",
    }
}

/// Figures of calls that are over.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct SummaryBody {
    #[schemars(example = 1_000)]
    total_calls: i64,
    #[schemars(example = 450)]
    answered_calls: i64,
    #[schemars(example = 300)]
    voicemail_calls: i64,
    #[schemars(example = 150)]
    no_answer_calls: i64,
    #[schemars(example = 75)]
    busy_calls: i64,
    #[schemars(example = 25)]
    failed_calls: i64,
    #[schemars(example = 450)]
    human_answered: i64,
    #[schemars(example = 300)]
    machine_answered: i64,
    /// Seconds from the dialling to the end.
    #[schemars(example = 185.5)]
    avg_duration: f64,
    /// Seconds from the answer to the end, of answered calls.
    #[schemars(example = 165.2)]
    avg_talk_time: f64,
    /// US dollars.
    #[schemars(example = 140.5)]
    total_cost: f64,
    /// Answered calls in which no human agent came in time.
    #[schemars(example = 4)]
    abandoned_calls: i64,
    /// Their share of `human_answered`, in percent.
    #[schemars(example = 0.89)]
    abandonment_rate: f64,
}

impl From<CallSummary> for SummaryBody {
    fn from(of: CallSummary) -> Self {
        let (human, machine) = (of.ended(Outcome::Answered), of.ended(Outcome::Voicemail));
        Self {
            total_calls: of.total,
            answered_calls: human,
            voicemail_calls: machine,
            no_answer_calls: of.ended(Outcome::NoAnswer),
            busy_calls: of.ended(Outcome::Busy),
            failed_calls: of.ended(Outcome::Failed) + of.ended(Outcome::Unknown),
            human_answered: human,
            machine_answered: machine,
            avg_duration: of.avg_elapsed_s,
            avg_talk_time: of.avg_talk_s,
            total_cost: of.total_cost.dollars(),
            abandoned_calls: of.abandoned,
            abandonment_rate: of.abandoned_percent,
        }
    }
}

/// How many calls ended in one way.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct DispositionBody {
    /// As in a call; `cancelled` for those that were withdrawn.
    #[schemars(example = &"answered")]
    disposition: &'static str,
    #[schemars(example = 450)]
    count: i64,
}

impl From<(&'static str, i64)> for DispositionBody {
    fn from((disposition, count): (&'static str, i64)) -> Self {
        Self { disposition, count }
    }
}
