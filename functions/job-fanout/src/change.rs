//! A record of a table's stream, cut down to the events that the row carried.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use trunkline_events::Event;

/// One record, in the form in which Lambda brings it (`dynamodb`); of a row's images only the event is kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Change {
    /// The record's number in its shard.
    pub sequence_number: String,
    /// The row's key.
    #[serde(default)]
    pub keys: Value,
    /// The row before.
    #[serde(default)]
    pub old_image: Image,
    /// The row now.
    #[serde(default)]
    pub new_image: Image,
}

/// What of a row is looked at: its event, in DynamoDB's JSON form (`{"M": {…}}`).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Image {
    /// The event that the row carries.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ev: Option<Value>,
}

impl Change {
    /// The record's event, when it is a new one.
    ///
    /// # Errors
    /// It has an event that is of no known shape.
    pub(crate) fn event(&self) -> Result<Option<Event>, serde_json::Error> {
        let Some(now) = self.new_image.ev.as_ref().map(plain) else {
            return Ok(None);
        };
        let before = self.old_image.ev.as_ref().map(plain);
        if before.is_some_and(|before| before.get("seq") == now.get("seq")) {
            return Ok(None);
        }
        serde_json::from_value(now).map(Some)
    }
}

/// A DynamoDB attribute in its JSON form (`{"S": "x"}`) as plain JSON; what no event has is null.
fn plain(attribute: &Value) -> Value {
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
            entries
                .map(|(name, inner)| (name.clone(), plain(inner)))
                .collect()
        }
        _ => Value::Null,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn image(seq: u64) -> Image {
        let id = json!({"S": "6f1c2f0e-5a53-4b7e-9d1c-0f6a3c1b2d4e"});
        let at = json!({"S": "2026-01-05T10:00:00Z"});
        let event = json!({"id": id, "seq": {"N": seq.to_string()}, "type": {"S": "call.ended"}, "at": at, "tenant": id, "subject": id});
        Image {
            ev: Some(json!({"M": event})),
        }
    }

    fn change(before: Option<u64>, after: Option<u64>) -> Change {
        Change {
            sequence_number: "1".to_owned(),
            keys: json!({}),
            old_image: before.map(image).unwrap_or_default(),
            new_image: after.map(image).unwrap_or_default(),
        }
    }

    #[test]
    fn only_a_new_sequence_number_is_an_event() {
        assert!(change(None, Some(1)).event().unwrap().is_some());
        assert_eq!(change(Some(1), Some(2)).event().unwrap().unwrap().seq, 2);
        assert_eq!(
            change(Some(2), Some(2)).event().unwrap(),
            None,
            "the row changed, nothing happened"
        );
        assert_eq!(
            change(Some(2), None).event().unwrap(),
            None,
            "the row was deleted"
        );
    }

    #[test]
    fn an_event_of_an_unknown_shape_is_said_to_be_one() {
        let mut odd = change(None, None);
        odd.new_image.ev = Some(json!({"M": {"seq": {"N": "3"}, "type": {"S": "from.the.future"}}}));
        assert!(odd.event().is_err());
    }

    #[test]
    fn an_attribute_becomes_plain_json() {
        let attribute = json!({"M": {"seq": {"N": "7"}, "type": {"S": "call.ended"}, "odd": {"B": "AA=="}}});
        assert_eq!(
            plain(&attribute),
            json!({"seq": 7, "type": "call.ended", "odd": null})
        );
    }
}
