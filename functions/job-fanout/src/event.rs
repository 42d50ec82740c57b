//! The events that Lambda brings: records of a table's stream, or records that were put aside, by way of a queue.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use trunkline_service::Ctx;

use crate::{Change, handle, plain};

/// What Lambda brings.
#[derive(Debug, Deserialize)]
pub struct Event {
    #[serde(rename = "Records")]
    records: Vec<Record>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Record {
    Stream {
        dynamodb: Data,
    },
    #[serde(rename_all = "camelCase")]
    Queue {
        message_id: String,
        body: String,
    },
}

#[derive(Debug, Deserialize)]
struct Data {
    #[serde(rename = "SequenceNumber")]
    sequence: String,
    #[serde(default, rename = "OldImage")]
    before: Value,
    #[serde(default, rename = "NewImage")]
    after: Value,
}

/// Which of them must come again, as Lambda is told.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Answer {
    #[serde(rename = "batchItemFailures")]
    failures: Vec<Failure>,
}

#[derive(Debug, PartialEq, Eq, Serialize)]
struct Failure {
    #[serde(rename = "itemIdentifier")]
    id: String,
}

/// Follows an event's records; a stream's go on after the first that failed, a queue's each for itself.
pub async fn handle_event(ctx: &Ctx, event: Event) -> Answer {
    let mut changes = Vec::new();
    let mut failed = Vec::new();
    for record in event.records {
        match record {
            Record::Stream { dynamodb } => changes.push(change(dynamodb)),
            Record::Queue { message_id, body } => {
                if !again(ctx, &message_id, &body).await {
                    failed.push(message_id);
                }
            }
        }
    }
    failed.extend(handle(ctx, changes).await);
    Answer {
        failures: failed.into_iter().map(|id| Failure { id }).collect(),
    }
}

/// Follows what somebody put on the queue; whether it is done.
async fn again(ctx: &Ctx, message: &str, body: &str) -> bool {
    match put_aside(body) {
        Some(change) => handle(ctx, vec![change]).await.is_empty(),
        None => {
            tracing::error!(message.id = %message, "a message is no stream record; it goes to the dead queue");
            false
        }
    }
}

/// A record as somebody put it on the queue: as the stream had it.
fn put_aside(body: &str) -> Option<Change> {
    match serde_json::from_str(body).ok()? {
        Record::Stream { dynamodb } => Some(change(dynamodb)),
        Record::Queue { .. } => None,
    }
}

fn change(data: Data) -> Change {
    let event = |image: &Value| image.get("ev").map(plain);
    Change {
        before: event(&data.before),
        after: event(&data.after),
        sequence: data.sequence,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_streams_record_is_read_as_documented() {
        let event = json!({"Records": [{
            "eventID": "1", "eventName": "MODIFY", "eventSource": "aws:dynamodb", "eventVersion": "1.1",
            "dynamodb": {"Keys": {"PK": {"S": "C#1"}}, "SequenceNumber": "42", "StreamViewType": "NEW_AND_OLD_IMAGES",
                "NewImage": {"PK": {"S": "C#1"}, "ev": {"M": {"seq": {"N": "7"}}}}}}]});
        let mut event: Event = serde_json::from_value(event).unwrap();
        let Record::Stream { dynamodb } = event.records.remove(0) else {
            panic!("not of a stream")
        };
        let expected = Change {
            sequence: "42".into(),
            before: None,
            after: Some(json!({"seq": 7})),
        };
        assert_eq!(change(dynamodb), expected);
    }

    #[test]
    fn a_record_that_was_put_aside_is_read_and_nothing_else_is_taken_for_one() {
        let body =
            r#"{"eventID":"1","dynamodb":{"SequenceNumber":"42","OldImage":{"ev":{"M":{"seq":{"N":"6"}}}}}}"#;
        assert_eq!(put_aside(body).unwrap().before, Some(json!({"seq": 6})));
        assert_eq!(
            put_aside(r#"{"requestContext":{},"DDBStreamBatchInfo":{}}"#),
            None
        );
        let event = r#"{"Records":[{"messageId":"m1","body":"x","eventSource":"aws:sqs"}]}"#;
        let event: Event = serde_json::from_str(event).unwrap();
        assert!(matches!(&event.records[0], Record::Queue { message_id, .. } if message_id == "m1"));
    }
}
