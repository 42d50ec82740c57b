//! VoiceERA's call log.

use schemars::JsonSchema;
use serde::Serialize;
use trunkline_domain::{AnsweredBy, Direction};
use trunkline_http::{Seconds, example};
use trunkline_service::calls::CallView;
use uuid::Uuid;

/// A call.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct CallBody {
    id: Uuid,
    campaign_id: Option<Uuid>,
    /// The AI agent that talked.
    agent_id: Option<Uuid>,
    lead_id: Option<Uuid>,
    /// The called number.
    #[schemars(example = &"+1234567890")]
    phone_number: String,
    /// The calling number.
    #[schemars(example = &"+14155551234")]
    from_number: String,
    /// `outbound`, `inbound` or `web`.
    #[schemars(example = &"outbound")]
    direction: &'static str,
    /// `scheduled`, `queued`, `ringing`, `in_progress`, `completed`, `no_answer`, `busy`, `failed` or `cancelled`.
    #[schemars(example = &"completed")]
    status: &'static str,
    /// How it ended: `answered`, `voicemail`, `no_answer`, `busy`, `failed`, `cancelled` or `unknown`; null before.
    #[schemars(example = &"answered")]
    disposition: Option<&'static str>,
    /// `human`, `machine`, `fax` or `unknown`.
    #[schemars(example = &"human")]
    answered_by: Option<&'static str>,
    /// Which try at the number.
    #[schemars(example = 1)]
    attempt: u32,
    /// Null before the end.
    #[schemars(example = 120)]
    duration_seconds: Option<u32>,
    /// `Agent: … User: …`; empty when nothing was said, null while the call lasts and nothing was yet.
    #[schemars(example = &"Agent: Hi, this is Support. User: Hello, I have a question about my bill.")]
    transcript: Option<String>,
    #[schemars(example = &"Customer called about a billing issue, which was resolved.")]
    summary: Option<String>,
    /// `positive`, `neutral` or `negative`.
    #[schemars(example = &"positive")]
    sentiment: Option<String>,
    /// −1 to 1.
    #[schemars(example = 0.8)]
    sentiment_score: Option<f64>,
    #[schemars(example = ["satisfied", "relieved"])]
    emotions: Vec<String>,
    #[schemars(example = ["billing", "resolution"])]
    key_phrases: Vec<String>,
    /// Who found summary, sentiment, emotions and phrases: `builtin`, or a language model such as `openai/gpt-4o-mini`.
    analysed_by: Option<String>,
    /// Works without a token for 15 minutes.
    #[schemars(example = example::link("/call-recordings/{call_id}/download?expires=1706525100&signature=…"))]
    recording_url: Option<String>,
    /// US dollars.
    #[schemars(example = 0.5)]
    cost: f64,
    #[schemars(example = &"Call back next week")]
    notes: Option<String>,
    /// Why it failed.
    error: Option<String>,
    /// When the carrier had it.
    started_at: Option<Seconds>,
    answered_at: Option<Seconds>,
    ended_at: Option<Seconds>,
    created_at: Seconds,
}

impl From<CallView> for CallBody {
    fn from(view: CallView) -> Self {
        let call = view.call;
        let ended = call.status.is_ended();
        let analysis = call.analysis;
        Self {
            id: call.id.0,
            campaign_id: call.campaign.map(|campaign| campaign.0),
            agent_id: call.voice_agent.map(|agent| agent.0),
            lead_id: call.lead.map(|lead| lead.0),
            phone_number: call.to.to_string(),
            from_number: call.from.0.to_string(),
            direction: match call.direction {
                Direction::Outbound => "outbound",
                Direction::Inbound => "inbound",
                Direction::Web => "web",
            },
            status: call.status.word(),
            disposition: call.status.outcome().map(|outcome| outcome.as_str()),
            answered_by: call.answered_by.map(who),
            attempt: call.attempt,
            duration_seconds: ended.then_some(call.duration_s),
            transcript: view.text.or_else(|| ended.then(String::new)),
            summary: analysis.as_ref().map(|found| found.summary.clone()),
            sentiment: analysis.as_ref().map(|found| found.sentiment.clone()),
            sentiment_score: analysis.as_ref().map(|found| found.sentiment_score),
            emotions: analysis
                .as_ref()
                .map(|found| found.emotions.clone())
                .unwrap_or_default(),
            analysed_by: analysis.as_ref().and_then(|found| found.analysed_by.clone()),
            key_phrases: analysis.map(|found| found.key_phrases).unwrap_or_default(),
            recording_url: view.recording_url,
            cost: call.cost.dollars(),
            notes: call.notes,
            error: call.failure,
            started_at: call.placed_at.map(Seconds),
            answered_at: call.answered_at.map(Seconds),
            ended_at: call.ended_at.map(Seconds),
            created_at: call.created_at.into(),
        }
    }
}

const fn who(by: AnsweredBy) -> &'static str {
    match by {
        AnsweredBy::Human => "human",
        AnsweredBy::MachineStart
        | AnsweredBy::MachineEndBeep
        | AnsweredBy::MachineEndSilence
        | AnsweredBy::MachineEndOther => "machine",
        AnsweredBy::Fax => "fax",
        AnsweredBy::Unknown => "unknown",
    }
}
