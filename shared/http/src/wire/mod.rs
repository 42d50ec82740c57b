//! Bodies that more than one function answers with; those of one function are its own.

mod agent;
mod campaign;
mod transcript;

pub use agent::AgentBody;
pub use campaign::{CampaignBody, NUMBERS_IN_LIST, NUMBERS_IN_ONE, RetryPolicyBody};
pub use transcript::{SegmentBody, TranscriptBody, srt, txt};
