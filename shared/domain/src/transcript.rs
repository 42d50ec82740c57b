//! What was said, line by line.

mod again;

use serde::{Deserialize, Serialize};

pub use again::{TranscriptSource, Transcription, TranscriptionStatus};

/// Who said it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Speaker {
    /// The AI agent or operator.
    Agent,
    /// The person on the other end.
    User,
}

/// A line, as it is stored: keyed by stream generation, start and speaker, so
/// that writing it again changes nothing and the order is that of speech.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TranscriptLine {
    /// Which media stream of the call, from 0.
    #[serde(rename = "g")]
    pub generation: u32,
    /// Milliseconds from the start of the stream.
    pub start_ms: u64,
    /// Milliseconds from the start of the stream.
    pub end_ms: u64,
    /// Who.
    pub speaker: Speaker,
    /// What: for the agent, what was really heard.
    pub text: String,
    /// 0 to 1, where the recogniser knows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confidence: Option<f32>,
    /// When the stream began plus `start_ms`.
    pub at: crate::Instant,
}

/// The lines as one text: `Agent: … User: …`.
#[must_use]
pub fn as_text(lines: &[TranscriptLine]) -> String {
    let mut text = String::new();
    for line in lines {
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(match line.speaker {
            Speaker::Agent => "Agent: ",
            Speaker::User => "User: ",
        });
        text.push_str(line.text.trim());
    }
    text
}
