//! Mail: what was written to people is handed to the mail server, apart from the requests that wrote it.
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        reason = "a test may stop at the first surprise"
    )
)]

mod smtp;

pub use smtp::{NotAMailServer, Smtp};

use trunkline_queue::{BatchItem, MailJob};
use trunkline_service::{
    Ctx,
    mail::{self, Post},
};

/// Handles a batch; answers the ids of the messages that failed, which come again. Without a mail server mails stay in the
/// mailbox that the admin reads.
pub async fn handle(ctx: &Ctx, post: Option<&dyn Post>, batch: Vec<BatchItem>) -> Vec<String> {
    let mut failed = Vec::new();
    for item in batch {
        if !done(ctx, post, &item).await {
            failed.push(item.id);
        }
    }
    failed
}

async fn done(ctx: &Ctx, post: Option<&dyn Post>, item: &BatchItem) -> bool {
    let MailJob::Send { at, id } = match item.read::<MailJob>() {
        Ok(job) => job,
        Err(error) => {
            // It comes again until the queue puts it aside, with its body, for a person.
            tracing::error!(message.id = %item.id, "a message cannot be read: {error}");
            return false;
        }
    };
    match mail::deliver(ctx, post, at, id).await {
        Ok(()) => true,
        Err(error) => {
            tracing::warn!(mail.id = %id, attempt = item.receive_count, "a mail could not be looked after; it is tried again: {error}");
            false
        }
    }
}
