//! Follows what changed: a table's stream hands over each row that was written; those that carry
//! a new event are acted on. Repetition is harmless, content never stops the stream.

mod event;

use std::collections::HashSet;

use serde_json::Value;
use trunkline_events::Event;
use trunkline_service::{Ctx, fanout};

pub use event::{Answer, Event as LambdaEvent, handle_event};

/// One record of a stream, cut down to the rows' events, as plain JSON.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// The record's number in its shard.
    pub sequence: String,
    /// The event that the row carried before.
    pub before: Option<Value>,
    /// The event that it carries now.
    pub after: Option<Value>,
}

/// Follows a batch; answers the numbers of the records that must come again.
pub async fn handle(ctx: &Ctx, batch: Vec<Change>) -> Vec<String> {
    let mut seen = HashSet::new();
    let mut failed = Vec::new();
    for change in batch {
        let Some(event) = new_event(&change) else { continue };
        if !seen.insert(event.id) {
            continue;
        }
        if let Err(error) = fanout::follow(ctx, &event).await {
            tracing::warn!(event.id = %event.id, "an event could not be followed and comes again: {error}");
            failed.push(change.sequence);
        }
    }
    failed
}

/// The record's event, when it is a new one. What cannot be read is logged whole but for its
/// subject's data, which an event does not carry, and passed over.
fn new_event(change: &Change) -> Option<Event> {
    let after = change.after.as_ref()?;
    if change
        .before
        .as_ref()
        .is_some_and(|before| before.get("seq") == after.get("seq"))
    {
        return None;
    }
    match serde_json::from_value(after.clone()) {
        Ok(event) => Some(event),
        Err(error) => {
            tracing::error!(record = %change.sequence, event = %after, "an event of an unknown shape is passed over: {error}");
            None
        }
    }
}

/// A DynamoDB attribute in its JSON form (`{"S": "x"}`) as plain JSON; what no event has is null.
#[must_use]
pub fn plain(attribute: &Value) -> Value {
    let Some((kind, value)) = attribute.as_object().and_then(|map| map.iter().next()) else {
        return Value::Null;
    };
    match kind.as_str() {
        "S" | "BOOL" => value.clone(),
        "N" => value
            .as_str()
            .and_then(|digits| serde_json::from_str(digits).ok())
            .unwrap_or(Value::Null),
        "M" => {
            let entries = value.as_object().into_iter().flatten();
            Value::Object(
                entries
                    .map(|(name, inner)| (name.clone(), plain(inner)))
                    .collect(),
            )
        }
        _ => Value::Null,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn event(seq: u64) -> Value {
        let id = "6f1c2f0e-5a53-4b7e-9d1c-0f6a3c1b2d4e";
        json!({"id": id, "seq": seq, "type": "call.ended", "at": "2026-01-05T10:00:00Z", "tenant": id, "subject": id})
    }

    fn change(before: Option<u64>, after: Option<u64>) -> Change {
        Change {
            sequence: "1".to_owned(),
            before: before.map(event),
            after: after.map(event),
        }
    }

    #[test]
    fn only_a_new_sequence_number_is_an_event() {
        assert!(new_event(&change(None, Some(1))).is_some());
        assert!(new_event(&change(Some(1), Some(2))).is_some());
        assert!(
            new_event(&change(Some(2), Some(2))).is_none(),
            "the row changed, nothing happened"
        );
        assert!(new_event(&change(Some(2), None)).is_none(), "the row was deleted");
    }

    #[test]
    fn what_cannot_be_read_does_not_stop_the_stream() {
        let odd = Change {
            after: Some(json!({"seq": 3, "type": "from.the.future"})),
            ..change(None, None)
        };
        assert!(new_event(&odd).is_none());
    }

    #[test]
    fn a_streams_attributes_become_plain_json() {
        let attribute = json!({"M": {"seq": {"N": "7"}, "type": {"S": "call.ended"}, "odd": {"B": "AA=="}}});
        assert_eq!(
            plain(&attribute),
            json!({"seq": 7, "type": "call.ended", "odd": null})
        );
    }
}
