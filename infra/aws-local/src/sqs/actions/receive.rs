//! Receiving, and what is done with what was received.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::time::Duration;

use serde_json::{Value, json};

use super::{Sqs, batch, write};
use crate::clock::now_ms;
use crate::sqs::attributes::{VISIBILITY_S, WAIT_S};
use crate::sqs::error::SqsError;
use crate::sqs::handle::{ACCOUNT, Handle, arn, queue_name};
use crate::sqs::store::{Received, Take};
use crate::sqs::wire::{
    AttributeValue, Batch, ChangeVisibility, DeleteMessage, Delivered, Receipt, ReceiveMessage, Visibility,
};
use crate::sqs::{digest, poll};

impl Sqs {
    pub(super) async fn receive_message(&self, request: ReceiveMessage) -> Result<Value, SqsError> {
        let name = queue_name(&request.queue_url);
        let queue = self.store.queue(name)?;
        let messages = within("MaxNumberOfMessages", request.max_number_of_messages, 1..=10)?.unwrap_or(1);
        let visibility_s = within("VisibilityTimeout", request.visibility_timeout, VISIBILITY_S)?;
        let wait_s =
            within("WaitTimeSeconds", request.wait_time_seconds, WAIT_S)?.unwrap_or(queue.settings.wait_s);

        let take = |queues_own| Take {
            messages_max: usize::try_from(messages).unwrap_or(1),
            visibility_s: visibility_s.unwrap_or(queues_own),
        };
        let wait = Duration::from_secs(u64::try_from(wait_s).unwrap_or(0));
        let received = poll::receive(&self.store, &self.bells, &self.stop, name, take, wait).await?;

        let system: Vec<_> = request
            .attribute_names
            .iter()
            .chain(&request.message_system_attribute_names)
            .collect();
        let delivered: Vec<_> = received
            .into_iter()
            .map(|message| deliver(message, &system, &request.message_attribute_names))
            .collect::<Result<_, _>>()?;
        if delivered.is_empty() {
            Ok(json!({}))
        } else {
            Ok(json!({ "Messages": write(delivered)? }))
        }
    }

    pub(super) fn delete_message(&self, request: &DeleteMessage) -> Result<Value, SqsError> {
        let queue = self.queue(&request.queue_url)?;
        self.delete(queue.id, &request.receipt)?;
        Ok(json!({}))
    }

    pub(super) fn delete_message_batch(&self, request: Batch<Receipt>) -> Result<Value, SqsError> {
        let queue = self.queue(&request.queue_url)?;
        batch::check(&request.entries)?;
        let mut outcomes = batch::Outcomes::default();
        for entry in request.entries {
            outcomes.noted(&entry.id, self.delete(queue.id, &entry.rest))?;
        }
        Ok(outcomes.answer())
    }

    pub(super) fn change_visibility(&self, request: &ChangeVisibility) -> Result<Value, SqsError> {
        let queue = self.queue(&request.queue_url)?;
        self.hide(queue.id, &request.change)?;
        Ok(json!({}))
    }

    pub(super) fn change_visibility_batch(&self, request: Batch<Visibility>) -> Result<Value, SqsError> {
        let queue = self.queue(&request.queue_url)?;
        batch::check(&request.entries)?;
        let mut outcomes = batch::Outcomes::default();
        for entry in request.entries {
            outcomes.noted(&entry.id, self.hide(queue.id, &entry.rest))?;
        }
        Ok(outcomes.answer())
    }

    fn delete(&self, queue: i64, receipt: &Receipt) -> Result<(), SqsError> {
        self.store.delete(queue, &Handle::parse(&receipt.receipt_handle)?)
    }

    fn hide(&self, queue: i64, change: &Visibility) -> Result<(), SqsError> {
        let visibility_s = within("VisibilityTimeout", change.visibility_timeout, VISIBILITY_S)?
            .ok_or_else(|| SqsError::missing("VisibilityTimeout"))?;
        self.store.hide(
            queue,
            &Handle::parse(&change.receipt_handle)?,
            visibility_s,
            now_ms(),
        )?;
        // It may show sooner than those who wait were told.
        self.bells.ring(queue);
        Ok(())
    }
}

fn within(name: &str, value: Option<i64>, range: RangeInclusive<i64>) -> Result<Option<i64>, SqsError> {
    match value {
        Some(value) if !range.contains(&value) => Err(SqsError::bad_parameter(format!(
            "Value {value} for parameter {name} is invalid. Reason: Must be between {} and {}.",
            range.start(),
            range.end()
        ))),
        _ => Ok(value),
    }
}

/// The message as the client asked to see it.
fn deliver(message: Received, system: &[&String], wanted: &[String]) -> Result<Delivered, SqsError> {
    let mut attributes: BTreeMap<String, AttributeValue> =
        serde_json::from_str(&message.attributes).map_err(|error| SqsError::unreadable(&error))?;
    attributes.retain(|name, _| wanted.iter().any(|pattern| selects(pattern, name)));

    let all = [
        ("ApproximateReceiveCount", Some(message.receives.to_string())),
        (
            "ApproximateFirstReceiveTimestamp",
            Some(message.first_received_ms.to_string()),
        ),
        ("SentTimestamp", Some(message.sent_ms.to_string())),
        ("SenderId", Some(ACCOUNT.to_owned())),
        ("AWSTraceHeader", message.trace),
        ("DeadLetterQueueSourceArn", message.came_from.as_deref().map(arn)),
    ];
    let shown = all
        .into_iter()
        .filter(|(name, _)| system.iter().any(|wanted| *wanted == "All" || wanted == name))
        .filter_map(|(name, value)| Some((name, value?)))
        .collect();

    Ok(Delivered {
        message_id: message.message_id,
        receipt_handle: message.handle.to_text(),
        md5_of_body: digest::of_body(&message.body),
        body: message.body,
        attributes: shown,
        md5_of_message_attributes: digest::of_attributes(&attributes),
        message_attributes: attributes,
    })
}

/// `All` and `.*` select every attribute, `trace.*` those that start with `trace.`, anything else the one of that name.
fn selects(pattern: &str, name: &str) -> bool {
    match pattern.strip_suffix(".*") {
        Some("") => true,
        Some(prefix) => name.starts_with(prefix) && name[prefix.len()..].starts_with('.'),
        None => pattern == "All" || pattern == name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_are_selected_by_name_prefix_or_all() {
        for (pattern, selected) in [
            ("All", true),
            (".*", true),
            ("trace.*", true),
            ("trace.id", true),
            ("tr.*", false),
            ("x", false),
        ] {
            assert_eq!(selects(pattern, "trace.id"), selected, "{pattern}");
        }
    }
}
