//! Bodies that more than one function answers with; those of one function are its own.

mod agent;
mod calls;
mod campaign;
mod transcript;
mod user;

pub use agent::AgentBody;
pub use calls::CallFilters;
pub use campaign::{CampaignBody, NUMBERS_IN_LIST, NUMBERS_IN_ONE, RetryPolicyBody};
pub use transcript::{SegmentBody, TranscriptBody, TranscriptionBody, srt, txt};
pub use user::{UserBody, UserFilters, shown_role};
