//! Trunkline's rules: values, state machines and policies.
//!
//! Pure: no async, AWS, HTTP, clock or randomness of its own. `now` and new ids are arguments.
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        reason = "a test may stop at the first surprise"
    )
)]

pub mod bridge;
pub mod call;
pub mod call_status;
pub mod campaign;
pub mod counters;
pub mod dial;
pub mod error;
pub mod hours;
pub mod id;
pub mod integration;
pub mod law;
pub mod lead;
pub mod money;
pub mod operator;
pub mod outcome;
pub mod pacing;
pub mod page;
pub mod phone;
pub mod places;
pub mod prices;
pub mod recording;
pub mod regions;
pub mod retry;
pub mod shares;
pub mod tenant;
pub mod transcript;
pub mod user;
pub mod voice_agent;
pub mod voicemail;
pub mod working_hours;
pub mod zones;

pub use call::{Call, Direction};
pub use call_status::{CallStatus, Step};
pub use campaign::{Campaign, CampaignState};
pub use error::{Error, FieldError};
pub use id::{CallId, CampaignId, ImportId, LeadId, OperatorId, SessionId, TenantId, UserId, VoiceAgentId};
pub use lead::{Lead, LeadStatus, Priority};
pub use money::Usd;
pub use outcome::{AnsweredBy, Outcome};
pub use phone::{CallerId, E164};
pub use retry::RetryPolicy;
pub use user::{Role, User};
pub use voice_agent::VoiceAgent;

/// An instant in UTC, as everywhere in the platform.
pub type Instant = chrono::DateTime<chrono::Utc>;
