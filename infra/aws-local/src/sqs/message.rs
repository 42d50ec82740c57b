//! A message on its way in: what SQS checks before it takes one.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::attributes::DELAY_S;
use super::error::SqsError;
use super::wire::{AttributeValue, Outgoing};

const ATTRIBUTES_MAX: usize = 10;
const NAME_MAX: usize = 256;

/// Bytes that count towards the limits: the body and the attributes' names, types and values.
pub(crate) fn size(message: &Outgoing) -> usize {
    let attributes: usize = message
        .message_attributes
        .iter()
        .map(|(name, attribute)| {
            let text = attribute.string_value.as_ref().map_or(0, String::len);
            // Base64 has four characters for three bytes.
            let binary = attribute
                .binary_value
                .as_ref()
                .map_or(0, |base64| base64.trim_end_matches('=').len() * 3 / 4);
            let value = text + binary;
            name.len() + attribute.data_type.len() + value
        })
        .sum();
    message.message_body.len() + attributes
}

/// Checks what AWS checks of a single message, but for its size.
pub(crate) fn check(message: &Outgoing) -> Result<(), SqsError> {
    if message.message_body.is_empty() {
        return Err(SqsError::missing("MessageBody"));
    }
    if !message.message_body.chars().all(is_allowed) {
        return Err(SqsError::bad_contents());
    }
    if let Some(delay) = message.delay_seconds.filter(|delay| !DELAY_S.contains(delay)) {
        return Err(SqsError::bad_parameter(format!(
            "Value {delay} for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 and <= 900."
        )));
    }
    check_attributes(&message.message_attributes)?;
    if let Some(name) = message
        .message_system_attributes
        .keys()
        .find(|name| *name != "AWSTraceHeader")
    {
        return Err(SqsError::bad_parameter(format!(
            "Message system attribute name {name:?} is invalid. Only AWSTraceHeader can be sent."
        )));
    }
    Ok(())
}

fn check_attributes(attributes: &BTreeMap<String, AttributeValue>) -> Result<(), SqsError> {
    if attributes.len() > ATTRIBUTES_MAX {
        return Err(SqsError::bad_parameter(format!(
            "Number of message attributes [{}] exceeds the allowed maximum [{ATTRIBUTES_MAX}].",
            attributes.len()
        )));
    }
    for (name, attribute) in attributes {
        if !is_name(name) {
            return Err(SqsError::bad_parameter(format!(
                "Message attribute name {name:?} is invalid: letters, digits, '_', '-' and single inner '.' are \
                 allowed, at most {NAME_MAX}, not beginning with 'AWS.' or 'Amazon.'."
            )));
        }
        if !has_value(attribute) {
            return Err(SqsError::bad_parameter(format!(
                "The message attribute {name:?} with type {:?} must have one value, not empty, that fits its type: \
                 String, Number or Binary, optionally followed by a label of yours after a '.'.",
                attribute.data_type
            )));
        }
    }
    Ok(())
}

fn is_name(name: &str) -> bool {
    let reserved = name.to_ascii_lowercase();
    !name.is_empty()
        && name.len() <= NAME_MAX
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'))
        && !name.starts_with('.')
        && !name.ends_with('.')
        && !name.contains("..")
        && !reserved.starts_with("aws.")
        && !reserved.starts_with("amazon.")
}

fn has_value(attribute: &AttributeValue) -> bool {
    let kind = attribute.data_type.split('.').next().unwrap_or_default();
    match (kind, &attribute.string_value, &attribute.binary_value) {
        ("String", Some(text), None) => !text.is_empty() && text.chars().all(is_allowed),
        ("Number", Some(text), None) => text.parse::<f64>().is_ok_and(f64::is_finite),
        ("Binary", None, Some(base64)) => STANDARD.decode(base64).is_ok_and(|bytes| !bytes.is_empty()),
        _ => false,
    }
}

/// SQS takes XML's characters: messages may be read through its older XML protocol.
fn is_allowed(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..='\u{10FFFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(body: &str) -> Outgoing {
        serde_json::from_value(serde_json::json!({ "MessageBody": body })).unwrap()
    }

    fn with_attribute(name: &str, attribute: serde_json::Value) -> Outgoing {
        serde_json::from_value(
            serde_json::json!({ "MessageBody": "x", "MessageAttributes": { name: attribute } }),
        )
        .unwrap()
    }

    #[test]
    fn bodies_are_xml_text_and_not_empty() {
        check(&message("tab\t, newline\n, é, 😀")).unwrap();
        assert_eq!(check(&message("")).unwrap_err().code, "MissingParameter");
        assert_eq!(
            check(&message("bell \u{7}")).unwrap_err().code,
            "InvalidMessageContents"
        );
    }

    #[test]
    fn attributes_have_a_proper_name_and_a_value_of_their_type() {
        let text =
            |data_type: &str, value: &str| serde_json::json!({ "DataType": data_type, "StringValue": value });
        check(&with_attribute("trace.id", text("String", "a"))).unwrap();
        check(&with_attribute("n", text("Number.int", "-1.5e3"))).unwrap();
        check(&with_attribute(
            "b",
            serde_json::json!({ "DataType": "Binary", "BinaryValue": "AAE=" }),
        ))
        .unwrap();
        for (name, attribute) in [
            ("AWS.x", text("String", "a")),
            (".x", text("String", "a")),
            ("a b", text("String", "a")),
            ("x", text("String", "")),
            ("x", text("Number", "many")),
            ("x", text("Binary", "a")),
            ("x", text("Boolean", "true")),
            (
                "x",
                serde_json::json!({ "DataType": "Binary", "BinaryValue": "no base64!" }),
            ),
        ] {
            assert_eq!(
                check(&with_attribute(name, attribute)).unwrap_err().code,
                "InvalidParameterValue",
                "{name}"
            );
        }
    }

    #[test]
    fn the_size_counts_names_and_types_too() {
        assert_eq!(size(&message("four")), 4);
        let attribute = serde_json::json!({ "DataType": "String", "StringValue": "12345" });
        assert_eq!(size(&with_attribute("abc", attribute)), 1 + 3 + 6 + 5);
    }
}
