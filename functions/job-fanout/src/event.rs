//! The events that Lambda brings: records of a table's stream, or records that were put aside, by way of a queue.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use trunkline_domain::Error;
use trunkline_service::Ctx;

use crate::{Change, handle, put_aside};

/// What Lambda brings. Each record is read by itself, so that one of an odd shape does not fail its neighbours.
#[derive(Debug, Deserialize)]
pub struct Event {
    #[serde(rename = "Records")]
    records: Vec<Value>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Record {
    Stream {
        dynamodb: Change,
    },
    #[serde(rename_all = "camelCase")]
    Queue {
        message_id: String,
        body: String,
    },
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

/// Follows an event's records; a stream's go on from the first that failed, a queue's each for itself.
///
/// # Errors
/// A record without a number or an id could not be put aside: the whole event comes again.
pub async fn handle_event(ctx: &Ctx, event: Event) -> Result<Answer, Error> {
    let mut changes = Vec::new();
    let mut failed = Vec::new();
    for record in event.records {
        match Record::deserialize(&record) {
            Ok(Record::Stream { dynamodb }) => changes.push(dynamodb),
            Ok(Record::Queue { message_id, body }) => {
                if !again(ctx, &message_id, &body).await {
                    failed.push(message_id);
                }
            }
            Err(_) => {
                tracing::error!("what came is neither of a stream nor of a queue; it goes to the dead queue");
                put_aside(ctx, &record.to_string()).await?;
            }
        }
    }
    failed.extend(handle(ctx, changes).await);
    Ok(Answer {
        failures: failed.into_iter().map(|id| Failure { id }).collect(),
    })
}

/// Follows what somebody put on the queue; whether it is done.
async fn again(ctx: &Ctx, message: &str, body: &str) -> bool {
    if let Ok(Record::Stream { dynamodb }) = serde_json::from_str(body) {
        return handle(ctx, vec![dynamodb]).await.is_none();
    }
    tracing::error!(message.id = %message, "a message is no stream record; it goes to the dead queue");
    match put_aside(ctx, body).await {
        Ok(()) => true,
        Err(error) => {
            tracing::warn!(message.id = %message, "it could not be put there, and comes again: {error}");
            false
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_streams_record_is_read_as_documented_and_of_a_row_only_its_event_is_kept() {
        let record = json!({
            "eventID": "1", "eventName": "MODIFY", "eventSource": "aws:dynamodb", "eventVersion": "1.1",
            "dynamodb": {"Keys": {"PK": {"S": "C#1"}}, "SequenceNumber": "42", "StreamViewType": "NEW_AND_OLD_IMAGES",
                "NewImage": {"PK": {"S": "C#1"}, "to": {"S": "+14155550100"}, "ev": {"M": {"seq": {"N": "7"}}}}}});
        let Record::Stream { dynamodb } = Record::deserialize(&record).unwrap() else {
            panic!("not of a stream")
        };
        let expected = json!({"SequenceNumber": "42", "Keys": {"PK": {"S": "C#1"}}, "OldImage": {},
            "NewImage": {"ev": {"M": {"seq": {"N": "7"}}}}});
        assert_eq!(serde_json::to_value(dynamodb).unwrap(), expected);
    }

    #[test]
    fn a_queues_record_is_read_as_documented() {
        let record = json!({"messageId": "m1", "body": "x", "eventSource": "aws:sqs"});
        let read = Record::deserialize(&record).unwrap();
        assert!(matches!(read, Record::Queue { message_id, .. } if message_id == "m1"));
    }
}
