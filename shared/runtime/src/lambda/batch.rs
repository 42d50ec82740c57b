//! Batches of queue messages: those that failed are named in the answer and come again alone.

use serde::{Deserialize, Serialize};
use trunkline_queue::BatchItem;
use trunkline_service::Ctx;

use super::{Error, on_event};

/// Handles batches of a queue's messages; `handle` answers the ids of those that failed.
///
/// # Errors
/// When it cannot begin.
pub async fn consume<F, Fut>(handle: F) -> Result<(), Error>
where
    F: Fn(Ctx, Vec<BatchItem>) -> Fut,
    Fut: Future<Output = Vec<String>>,
{
    let handle = &handle;
    on_event(move |ctx, event: SqsEvent| async move {
        let items = event.records.into_iter().map(BatchItem::from).collect();
        Ok(failed(handle(ctx, items).await))
    })
    .await
}

/// The answer that names these ids as failed.
#[must_use]
pub fn failed(ids: Vec<String>) -> BatchAnswer {
    BatchAnswer {
        failures: ids.into_iter().map(|id| Failure { id }).collect(),
    }
}

/// Which messages failed.
#[derive(Debug, Serialize)]
pub struct BatchAnswer {
    #[serde(rename = "batchItemFailures")]
    failures: Vec<Failure>,
}

#[derive(Debug, Serialize)]
struct Failure {
    #[serde(rename = "itemIdentifier")]
    id: String,
}

#[derive(Debug, Deserialize)]
struct SqsEvent {
    #[serde(rename = "Records")]
    records: Vec<SqsRecord>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct SqsRecord {
    message_id: String,
    body: String,
    #[serde(default)]
    attributes: Attributes,
}

#[derive(Debug, Default, Deserialize)]
struct Attributes {
    #[serde(default, rename = "ApproximateReceiveCount")]
    receive_count: String,
}

impl From<SqsRecord> for BatchItem {
    fn from(record: SqsRecord) -> Self {
        let receive_count = record.attributes.receive_count.parse().unwrap_or(1);
        Self {
            id: record.message_id,
            body: record.body,
            receive_count,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_event_and_its_answer_are_as_documented() {
        let event = r#"{"Records":[{"messageId":"m1","receiptHandle":"x","body":"{}","eventSource":"aws:sqs",
            "attributes":{"ApproximateReceiveCount":"3","SentTimestamp":"1"}}]}"#;
        let event: SqsEvent = serde_json::from_str(event).unwrap();
        let items: Vec<BatchItem> = event.records.into_iter().map(BatchItem::from).collect();
        assert_eq!(
            items,
            [BatchItem {
                id: "m1".into(),
                body: "{}".into(),
                receive_count: 3
            }]
        );
        let answer = serde_json::to_string(&failed(vec!["m1".into()])).unwrap();
        assert_eq!(answer, r#"{"batchItemFailures":[{"itemIdentifier":"m1"}]}"#);
        assert_eq!(
            serde_json::to_string(&failed(vec![])).unwrap(),
            r#"{"batchItemFailures":[]}"#
        );
    }
}
