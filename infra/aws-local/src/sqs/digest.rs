//! The MD5 sums that SQS answers with, by which a client sees that what arrived is what it sent.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest, Md5};

use super::wire::AttributeValue;

/// The sum of a message's body, in hexadecimal.
pub(crate) fn of_body(body: &str) -> String {
    hex(&Md5::digest(body.as_bytes()))
}

/// The sum of message attributes, in hexadecimal; `None` when there are none.
///
/// By name: length and bytes of the name, of the data type, a byte for the kind of value (1 text, 2 binary),
/// length and bytes of the value. Lengths are four bytes, big-endian. Source: the SQS developer guide,
/// "Calculating the MD5 message digest for message attributes".
pub(crate) fn of_attributes(attributes: &BTreeMap<String, AttributeValue>) -> Option<String> {
    if attributes.is_empty() {
        return None;
    }
    let mut sum = Md5::new();
    for (name, attribute) in attributes {
        put(&mut sum, name.as_bytes());
        put(&mut sum, attribute.data_type.as_bytes());
        match (&attribute.binary_value, &attribute.string_value) {
            (Some(binary), _) => {
                sum.update([2]);
                // Checked when the message was taken: anything else never got here.
                put(&mut sum, &STANDARD.decode(binary).unwrap_or_default());
            }
            (None, text) => {
                sum.update([1]);
                put(&mut sum, text.as_deref().unwrap_or_default().as_bytes());
            }
        }
    }
    Some(hex(&sum.finalize()))
}

fn put(sum: &mut Md5, bytes: &[u8]) {
    // Nothing in a message of at most 256 KiB comes near the limit.
    sum.update(u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_be_bytes());
    sum.update(bytes);
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(data_type: &str, value: &str) -> AttributeValue {
        AttributeValue {
            data_type: data_type.to_owned(),
            string_value: Some(value.to_owned()),
            binary_value: None,
        }
    }

    #[test]
    fn the_sum_of_a_body_is_plain_md5() {
        assert_eq!(of_body("hello"), "5d41402abc4b2a76b9719d911017c592");
    }

    #[test]
    fn the_sum_of_attributes_is_the_one_that_aws_gives() {
        // The published example of the algorithm in AWS's own clients' tests.
        let attributes = BTreeMap::from([("timestamp".to_owned(), text("Number", "1493147359900"))]);
        assert_eq!(
            of_attributes(&attributes).unwrap(),
            "235c5c510d26fb653d073faed50ae77c"
        );
        assert_eq!(of_attributes(&BTreeMap::new()), None);
    }

    #[test]
    fn text_and_bytes_of_the_same_content_differ() {
        let binary = AttributeValue {
            data_type: "String".to_owned(),
            string_value: None,
            binary_value: Some(STANDARD.encode("x")),
        };
        let of = |value| of_attributes(&BTreeMap::from([("a".to_owned(), value)]));
        assert_ne!(of(binary), of(text("String", "x")));
    }
}
