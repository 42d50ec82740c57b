//! A queue's attributes: how each is read, checked and shown.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};

use super::error::SqsError;
use super::handle::{arn, name_in_arn};

/// The most bytes a message may have, its attributes included.
pub(crate) const MESSAGE_MAX: i64 = 256 * 1024;

/// Kept and shown, and without any effect here: there is one user, and the disk is theirs.
const KEPT_ONLY: [&str; 5] = [
    "Policy",
    "RedriveAllowPolicy",
    "KmsMasterKeyId",
    "KmsDataKeyReusePeriodSeconds",
    "SqsManagedSseEnabled",
];

/// What can be set on a queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Settings {
    pub(crate) delay_s: i64,
    pub(crate) visibility_s: i64,
    pub(crate) retention_s: i64,
    pub(crate) wait_s: i64,
    pub(crate) message_bytes_max: i64,
    pub(crate) redrive: Option<Redrive>,
    pub(crate) kept: BTreeMap<String, String>,
}

/// Where messages go that were received too often.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Redrive {
    pub(crate) queue: String,
    pub(crate) receives_max: i64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            delay_s: 0,
            visibility_s: 30,
            retention_s: 4 * 24 * 3600,
            wait_s: 0,
            message_bytes_max: MESSAGE_MAX,
            redrive: None,
            kept: BTreeMap::new(),
        }
    }
}

impl Settings {
    /// Sets one attribute from AWS's text for it.
    pub(crate) fn set(&mut self, name: &str, value: &str) -> Result<(), SqsError> {
        match name {
            "DelaySeconds" => self.delay_s = number(name, value, DELAY_S)?,
            "VisibilityTimeout" => self.visibility_s = number(name, value, VISIBILITY_S)?,
            "MessageRetentionPeriod" => self.retention_s = number(name, value, 60..=14 * 24 * 3600)?,
            "ReceiveMessageWaitTimeSeconds" => self.wait_s = number(name, value, WAIT_S)?,
            "MaximumMessageSize" => self.message_bytes_max = number(name, value, 1024..=MESSAGE_MAX)?,
            "RedrivePolicy" => self.redrive = redrive(value)?,
            "FifoQueue" => {
                return Err(SqsError::unsupported(
                    "The embedded SQS has standard queues only, no FIFO ones.".to_owned(),
                ));
            }
            _ if KEPT_ONLY.contains(&name) => {
                self.kept.insert(name.to_owned(), value.to_owned());
            }
            _ => return Err(SqsError::unknown_attribute(name)),
        }
        Ok(())
    }

    /// The attributes as AWS shows them; those that are not set are left out.
    pub(crate) fn shown(&self) -> BTreeMap<&str, String> {
        let mut shown = BTreeMap::from([
            ("DelaySeconds", self.delay_s.to_string()),
            ("VisibilityTimeout", self.visibility_s.to_string()),
            ("MessageRetentionPeriod", self.retention_s.to_string()),
            ("ReceiveMessageWaitTimeSeconds", self.wait_s.to_string()),
            ("MaximumMessageSize", self.message_bytes_max.to_string()),
        ]);
        if let Some(redrive) = &self.redrive {
            let policy = serde_json::json!({ "deadLetterTargetArn": arn(&redrive.queue), "maxReceiveCount": redrive.receives_max });
            shown.insert("RedrivePolicy", policy.to_string());
        }
        shown.extend(
            self.kept
                .iter()
                .map(|(name, value)| (name.as_str(), value.clone())),
        );
        shown
    }
}

/// What a delay may be, of a queue or of one message.
pub(crate) const DELAY_S: RangeInclusive<i64> = 0..=900;
/// What a visibility timeout may be.
pub(crate) const VISIBILITY_S: RangeInclusive<i64> = 0..=43_200;
/// What a long poll may wait.
pub(crate) const WAIT_S: RangeInclusive<i64> = 0..=20;

fn number(name: &str, value: &str, range: RangeInclusive<i64>) -> Result<i64, SqsError> {
    value
        .trim()
        .parse()
        .ok()
        .filter(|number| range.contains(number))
        .ok_or_else(|| {
            let (from, to) = (range.start(), range.end());
            SqsError::bad_attribute(
                name,
                &format!("it must be an integer from {from} to {to}, not {value:?}."),
            )
        })
}

fn redrive(value: &str) -> Result<Option<Redrive>, SqsError> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Policy {
        dead_letter_target_arn: String,
        max_receive_count: Count,
    }
    // AWS takes both 3 and "3".
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Count {
        Number(i64),
        Text(String),
    }

    // An empty policy takes the redrive away.
    if value.trim().is_empty() {
        return Ok(None);
    }
    let refuse = |why: String| {
        SqsError::bad_parameter(format!(
            "Value {value} for parameter RedrivePolicy is invalid. Reason: {why}"
        ))
    };
    let policy: Policy = serde_json::from_str(value).map_err(|error| refuse(format!("{error}.")))?;
    let receives_max = match policy.max_receive_count {
        Count::Number(count) => Some(count),
        Count::Text(text) => text.trim().parse().ok(),
    }
    .filter(|count| (1..=1000).contains(count))
    .ok_or_else(|| refuse("maxReceiveCount must be an integer from 1 to 1000.".to_owned()))?;
    let queue = name_in_arn(&policy.dead_letter_target_arn)
        .ok_or_else(|| refuse("deadLetterTargetArn must be the ARN of an SQS queue.".to_owned()))?;
    Ok(Some(Redrive {
        queue: queue.to_owned(),
        receives_max,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_set_is_shown() {
        let mut settings = Settings::default();
        let policy = r#"{"deadLetterTargetArn":"arn:aws:sqs:eu-west-1:1:dead","maxReceiveCount":"3"}"#;
        for (name, value) in [
            ("DelaySeconds", "5"),
            ("VisibilityTimeout", "0"),
            ("RedrivePolicy", policy),
            ("Policy", "{}"),
        ] {
            settings.set(name, value).unwrap();
        }
        assert_eq!(
            settings.redrive,
            Some(Redrive {
                queue: "dead".to_owned(),
                receives_max: 3
            })
        );
        let shown = settings.shown();
        assert_eq!(
            (
                shown["DelaySeconds"].as_str(),
                shown["VisibilityTimeout"].as_str()
            ),
            ("5", "0")
        );
        assert_eq!(shown["Policy"], "{}");
        assert!(shown["RedrivePolicy"].contains(r#""maxReceiveCount":3"#));
        settings.set("RedrivePolicy", "").unwrap();
        assert!(!settings.shown().contains_key("RedrivePolicy"));
    }

    #[test]
    fn what_aws_refuses_is_refused_by_its_name() {
        let mut settings = Settings::default();
        for (name, value, code) in [
            ("DelaySeconds", "901", "InvalidAttributeValue"),
            ("VisibilityTimeout", "-1", "InvalidAttributeValue"),
            ("MessageRetentionPeriod", "59", "InvalidAttributeValue"),
            ("ReceiveMessageWaitTimeSeconds", "21", "InvalidAttributeValue"),
            ("MaximumMessageSize", "262145", "InvalidAttributeValue"),
            ("DelaySeconds", "soon", "InvalidAttributeValue"),
            ("RedrivePolicy", "{}", "InvalidParameterValue"),
            (
                "RedrivePolicy",
                r#"{"deadLetterTargetArn":"x","maxReceiveCount":3}"#,
                "InvalidParameterValue",
            ),
            ("FifoQueue", "true", "AWS.SimpleQueueService.UnsupportedOperation"),
            ("Colour", "red", "InvalidAttributeName"),
        ] {
            assert_eq!(
                settings.set(name, value).unwrap_err().code,
                code,
                "{name}={value}"
            );
        }
        assert_eq!(settings, Settings::default());
    }
}
