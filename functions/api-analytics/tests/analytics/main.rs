//! Analytics, asked as a client of the document asks.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    reason = "a test may stop at the first surprise"
)]

mod bad_input;
mod document;
mod export;
mod large_export;
mod parts;
mod periods;
mod read_counts;

#[path = "../../examples/read_counts/lists.rs"]
mod lists;
#[path = "../../examples/read_counts/seed.rs"]
mod seed;

use trunkline_domain::{
    Call, CallStatus, CampaignId, Instant, Outcome, Usd, VoiceAgentId, call::Analysis, id::derived,
};
use trunkline_store::{AfterCall, CallText};
use trunkline_testing::{Client, Platform};

async fn platform() -> Platform {
    Platform::new(api_analytics::router()).await
}

fn at(text: &str) -> Instant {
    text.parse().unwrap()
}

fn agent(name: &str) -> VoiceAgentId {
    VoiceAgentId(derived(name))
}

fn campaign(name: &str) -> CampaignId {
    CampaignId(derived(name))
}

/// A call that ended so, made at this time, of 90 s.
fn call(platform: &Platform, client: &Client, made: &str, outcome: Outcome) -> Call {
    let answered = matches!(outcome, Outcome::Answered | Outcome::Voicemail);
    Call {
        status: CallStatus::Ended(outcome),
        duration_s: if answered { 90 } else { 0 },
        ..trunkline_testing::call(client, &platform.ctx, at(made))
    }
}

/// Puts a call, and works it up as job-post-call does.
async fn analysed(
    platform: &Platform,
    before: &Call,
    mood: &str,
    emotions: &[&str],
    phrases: &[&str],
) -> Call {
    platform.put_call(before).await;
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
    let after = Call {
        cost: Usd::from_micros(450_000),
        analysis: Some(Analysis {
            sentiment: mood.to_owned(),
            emotions: words(emotions),
            key_phrases: words(phrases),
            ..Analysis::default()
        }),
        version: before.version + 1,
        ..before.clone()
    };
    let write = AfterCall {
        before,
        call: &after,
        text: &CallText::default(),
        analyzed: None,
        recorded: None,
    };
    platform.ctx.store.write_after_call(&write).await.unwrap();
    after
}
