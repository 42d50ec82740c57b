//! Every use case, once: takes a [`Ctx`] and, where a person asks, a principal; answers domain
//! values. Only services write; only they decide.
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        reason = "a test may stop at the first surprise"
    )
)]

pub mod analytics;
pub mod audit;
pub mod bridging;
pub mod calls;
pub mod campaigns;
pub mod ctx;
pub mod dialing;
pub mod dnc;
pub mod exports;
pub mod fanout;
mod free_form;
pub mod identity;
pub mod imports;
pub mod integrations;
pub mod leads;
pub mod listing;
pub mod mail;
pub mod operators;
pub mod parts;
pub mod platform;
pub mod post_call;
pub mod prices;
pub mod public_url;
mod ratios;
pub mod readiness;
pub mod realtime;
pub mod recordings;
pub mod settings;
pub mod tenants;
pub mod voice_agents;
pub mod voicemail;
pub mod webhooks;

pub use ctx::{Clock, Ctx, Ids};
pub use settings::Settings;
