//! VoiceERA's recording.

use schemars::JsonSchema;
use serde::Serialize;
use trunkline_http::{Seconds, example};
use trunkline_service::calls::CallView;
use uuid::Uuid;

/// A call's recording.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct RecordingBody {
    call_id: Uuid,
    #[schemars(example = 120)]
    duration_seconds: u32,
    /// `wav`: stereo, the person left, the agent right.
    #[schemars(example = &"wav")]
    format: &'static str,
    #[schemars(example = 960_000)]
    size_bytes: u64,
    /// Works without a token for 15 minutes.
    #[schemars(example = example::link("/call-recordings/{call_id}/download?expires=1706525100&signature=…"))]
    download_url: Option<String>,
    /// `Agent: … User: …`.
    #[schemars(example = &"Agent: Hi, this is Support. User: Hello, I have a question about my bill.")]
    transcript: String,
    metadata: Metadata,
    /// When it could first be fetched.
    created_at: Option<Seconds>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Metadata {
    agent_id: Option<Uuid>,
    campaign_id: Option<Uuid>,
    #[schemars(example = &"+1234567890")]
    phone_number: String,
}

impl From<CallView> for RecordingBody {
    fn from(view: CallView) -> Self {
        let call = view.call;
        let recording = call.recording;
        Self {
            call_id: call.id.0,
            duration_seconds: recording.as_ref().map_or(0, |recording| recording.duration_s),
            format: "wav",
            size_bytes: recording.as_ref().map_or(0, |recording| recording.size_bytes),
            download_url: view.recording_url,
            transcript: view.text.unwrap_or_default(),
            metadata: Metadata {
                agent_id: call.voice_agent.map(|agent| agent.0),
                campaign_id: call.campaign.map(|campaign| campaign.0),
                phone_number: call.to.to_string(),
            },
            created_at: recording.map(|recording| recording.ready_at.into()),
        }
    }
}
