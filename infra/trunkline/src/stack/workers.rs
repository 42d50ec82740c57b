//! Queue workers: what Lambda's event source mappings do, here with the real SDK in this process.

use std::{sync::Arc, time::Duration};

use aws_sdk_sqs::types::{Message, MessageSystemAttributeName};
use futures::future::BoxFuture;
use tokio::sync::Semaphore;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use trunkline_queue::BatchItem;
use trunkline_service::Ctx;

/// A function's `handle`: answers the ids of the messages that must come again.
pub(super) type Handle = Arc<dyn Fn(Ctx, Vec<BatchItem>) -> BoxFuture<'static, Vec<String>> + Send + Sync>;

/// One queue and who works it.
#[derive(Clone)]
pub(super) struct Worker {
    pub(super) name: &'static str,
    pub(super) url: String,
    /// Messages that are worked at once.
    pub(super) at_once: usize,
    pub(super) handle: Handle,
}

impl Worker {
    /// Works the queue until `stop`; what is under way then is finished by its tracked task.
    pub(super) async fn run(
        self,
        ctx: Ctx,
        sqs: aws_sdk_sqs::Client,
        stop: CancellationToken,
        tasks: TaskTracker,
    ) {
        let room = Arc::new(Semaphore::new(self.at_once));
        loop {
            let permit = tokio::select! {
                permit = room.clone().acquire_owned() => permit,
                () = stop.cancelled() => return,
            };
            // The semaphore is never closed.
            let Ok(permit) = permit else { return };
            let received = tokio::select! {
                received = self.receive(&sqs) => received,
                () = stop.cancelled() => return,
            };
            let Some(message) = received else { continue };
            let (worker, ctx, sqs) = (self.clone(), ctx.clone(), sqs.clone());
            tasks.spawn(async move {
                worker.work(ctx, &sqs, message).await;
                drop(permit);
            });
        }
    }

    /// The next message, when one comes within the long poll.
    async fn receive(&self, sqs: &aws_sdk_sqs::Client) -> Option<Message> {
        let ask = sqs
            .receive_message()
            .queue_url(&self.url)
            .max_number_of_messages(1)
            .wait_time_seconds(20);
        let ask = ask.message_system_attribute_names(MessageSystemAttributeName::ApproximateReceiveCount);
        match ask.send().await {
            Ok(received) => received.messages.unwrap_or_default().into_iter().next(),
            Err(error) => {
                let error = aws_sdk_sqs::error::DisplayErrorContext(&error);
                tracing::warn!(queue = self.name, "no messages from the queue now: {error}");
                tokio::time::sleep(Duration::from_secs(1)).await;
                None
            }
        }
    }

    async fn work(&self, ctx: Ctx, sqs: &aws_sdk_sqs::Client, message: Message) {
        let Some(receipt) = message.receipt_handle else {
            return;
        };
        let count = message.attributes.and_then(|all| {
            all.get(&MessageSystemAttributeName::ApproximateReceiveCount)?
                .parse()
                .ok()
        });
        let item = BatchItem {
            id: message.message_id.unwrap_or_default(),
            body: message.body.unwrap_or_default(),
            receive_count: count.unwrap_or(1),
        };
        // Its own task, so that a panic leaves the message to come again instead of ending the worker.
        let failed = tokio::spawn((self.handle)(ctx, vec![item])).await;
        if failed.is_ok_and(|failed| failed.is_empty()) {
            let done = sqs
                .delete_message()
                .queue_url(&self.url)
                .receipt_handle(&receipt)
                .send()
                .await;
            if let Err(error) = done {
                let error = aws_sdk_sqs::error::DisplayErrorContext(&error);
                tracing::warn!(
                    queue = self.name,
                    "a finished message could not be deleted and comes again: {error}"
                );
            }
        } else {
            // Sooner than its visibility would bring it back, which is meant for a worker that died.
            let back = sqs
                .change_message_visibility()
                .queue_url(&self.url)
                .receipt_handle(&receipt)
                .visibility_timeout(5)
                .send()
                .await;
            if let Err(error) = back {
                let error = aws_sdk_sqs::error::DisplayErrorContext(&error);
                tracing::warn!(
                    queue = self.name,
                    "a failed message comes again later than meant: {error}"
                );
            }
        }
    }
}
