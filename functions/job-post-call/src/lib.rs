//! Work after a call: its recording is joined, what was said is analysed, its price is reckoned. And what else is about files: large
//! exports, and the copies of voicemail messages.
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        reason = "a test may stop at the first surprise"
    )
)]

use trunkline_domain::{CallId, Error};
use trunkline_queue::{BatchItem, PostCallJob};
use trunkline_service::{
    Ctx, exports, post_call,
    recordings::{self, Recogniser},
    voicemail,
};

/// Handles a batch; answers the ids of the messages that failed, which come again. Without a recogniser for
/// recordings, transcribing again works up the words that were heard during the call.
pub async fn handle(ctx: &Ctx, recogniser: Option<&Recogniser>, batch: Vec<BatchItem>) -> Vec<String> {
    let mut failed = Vec::new();
    for item in batch {
        if !done(ctx, recogniser, &item).await {
            failed.push(item.id);
        }
    }
    failed
}

async fn done(ctx: &Ctx, recogniser: Option<&Recogniser>, item: &BatchItem) -> bool {
    let job = match item.read::<PostCallJob>() {
        Ok(job) => job,
        Err(error) => {
            // It comes again until the queue puts it aside, with its body, for a person.
            tracing::error!(message.id = %item.id, "a message cannot be read: {error}");
            return false;
        }
    };
    match job {
        PostCallJob::Finish { tenant, call } => {
            let finished = post_call::finish(ctx, tenant, call).await;
            is_done(item, call, "worked up", finished)
        }
        PostCallJob::Export { tenant, export } => match exports::work(ctx, tenant, export).await {
            Ok(()) => true,
            Err(error) => {
                tracing::warn!(export.id = %export, attempt = item.receive_count, "an export stopped; it goes on later: {error}");
                false
            }
        },
        PostCallJob::Recording {
            tenant,
            call,
            recording,
            duration_s,
        } => {
            let fetched = recordings::fetch(ctx, tenant, call, &recording, duration_s).await;
            is_done(item, call, "given the carrier's recording", fetched)
        }
        PostCallJob::Voicemail { tenant, campaign } => match voicemail::keep(ctx, tenant, campaign).await {
            Ok(()) => true,
            Err(error) => {
                tracing::warn!(campaign.id = %campaign, attempt = item.receive_count, "a voicemail message could not be kept; it is tried again: {error}");
                false
            }
        },
        PostCallJob::Transcribe { tenant, call, job } => {
            let transcribed = recordings::run_transcription(ctx, recogniser, tenant, call, job).await;
            is_done(item, call, "transcribed again", transcribed)
        }
    }
}

fn is_done(item: &BatchItem, call: CallId, what: &str, result: Result<(), Error>) -> bool {
    let Err(error) = result else { return true };
    let cause = std::error::Error::source(&error)
        .map(ToString::to_string)
        .unwrap_or_default();
    tracing::warn!(
        call.id = %call,
        attempt = item.receive_count,
        cause,
        "a call could not be {what}; it is tried again: {error}"
    );
    false
}
