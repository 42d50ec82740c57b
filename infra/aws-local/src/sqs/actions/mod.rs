//! The actions of SQS: from the request's JSON to the answer's.

mod batch;
mod queues;
mod receive;
mod send;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::error::SqsError;
use super::handle::{queue_name, queue_url};
use super::poll::Bells;
use super::store::{Queue, Store};

/// The queues of one data folder.
pub(crate) struct Sqs {
    store: Store,
    bells: Bells,
    base_url: String,
    stop: CancellationToken,
}

impl Sqs {
    /// `base_url` is where this start listens; long polls end when `stop` is cancelled.
    pub(crate) fn new(store: Store, base_url: &str, stop: CancellationToken) -> Self {
        Self {
            store,
            bells: Bells::default(),
            base_url: base_url.to_owned(),
            stop,
        }
    }

    /// Where the messages are kept.
    pub(crate) fn store(&self) -> &Store {
        &self.store
    }

    /// Carries out one action, `SendMessage` for example.
    pub(crate) async fn act(&self, action: &str, body: &[u8]) -> Result<Value, SqsError> {
        match action {
            "CreateQueue" => self.create_queue(read(body)?),
            "GetQueueUrl" => self.get_queue_url(read(body)?),
            "ListQueues" => self.list_queues(&read(body)?),
            "DeleteQueue" => self.delete_queue(&read(body)?),
            "PurgeQueue" => self.purge_queue(&read(body)?),
            "GetQueueAttributes" => self.get_queue_attributes(&read(body)?),
            "SetQueueAttributes" => self.set_queue_attributes(read(body)?),
            "SendMessage" => self.send_message(read(body)?),
            "SendMessageBatch" => self.send_message_batch(read(body)?),
            "ReceiveMessage" => self.receive_message(read(body)?).await,
            "DeleteMessage" => self.delete_message(&read(body)?),
            "DeleteMessageBatch" => self.delete_message_batch(read(body)?),
            "ChangeMessageVisibility" => self.change_visibility(&read(body)?),
            "ChangeMessageVisibilityBatch" => self.change_visibility_batch(read(body)?),
            _ => Err(SqsError::unsupported(format!(
                "The embedded SQS has no action {action:?}."
            ))),
        }
    }

    fn queue(&self, url: &str) -> Result<Queue, SqsError> {
        self.store.queue(queue_name(url))
    }

    fn url_of(&self, name: &str) -> Value {
        json!({ "QueueUrl": queue_url(&self.base_url, name) })
    }
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, SqsError> {
    serde_json::from_slice(body).map_err(|error| {
        // serde's text is the only place that says which member is missing.
        match error
            .to_string()
            .strip_prefix("missing field `")
            .and_then(|rest| rest.split('`').next())
        {
            Some(field) => SqsError::missing(field),
            None => SqsError::unreadable(&error),
        }
    })
}

fn write(answer: impl Serialize) -> Result<Value, SqsError> {
    serde_json::to_value(answer).map_err(|error| SqsError::unreadable(&error))
}
