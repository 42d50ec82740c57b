//! Sending, one message or a batch.

use serde_json::Value;
use uuid::Uuid;

use super::{Sqs, batch, write};
use crate::clock::now_ms;
use crate::sqs::attributes::MESSAGE_MAX;
use crate::sqs::error::SqsError;
use crate::sqs::store::{NewMessage, Queue};
use crate::sqs::wire::{Batch, Outgoing, SendMessage, Sent};
use crate::sqs::{digest, message};

impl Sqs {
    pub(super) fn send_message(&self, request: SendMessage) -> Result<Value, SqsError> {
        let queue = self.queue(&request.queue_url)?;
        let (message, sent) = prepare(request.message, &queue)?;
        self.store.send(&queue, &[message], now_ms())?;
        self.bells.ring(queue.id);
        write(sent)
    }

    pub(super) fn send_message_batch(&self, request: Batch<Outgoing>) -> Result<Value, SqsError> {
        let queue = self.queue(&request.queue_url)?;
        batch::check(&request.entries)?;
        let bytes: usize = request
            .entries
            .iter()
            .map(|entry| message::size(&entry.rest))
            .sum();
        let limit = usize::try_from(MESSAGE_MAX).unwrap_or(usize::MAX);
        if bytes > limit {
            return Err(SqsError::batch_too_long(bytes, limit));
        }
        let mut outcomes = batch::Outcomes::default();
        let mut messages = Vec::new();
        for entry in request.entries {
            match prepare(entry.rest, &queue) {
                Ok((message, sent)) => {
                    messages.push(message);
                    outcomes.succeeded(&entry.id, sent)?;
                }
                Err(error) => outcomes.failed(&entry.id, &error),
            }
        }
        self.store.send(&queue, &messages, now_ms())?;
        self.bells.ring(queue.id);
        Ok(outcomes.answer())
    }
}

/// Checks a message, and makes what is kept of it and what is answered.
fn prepare(outgoing: Outgoing, queue: &Queue) -> Result<(NewMessage, Sent), SqsError> {
    let limit = queue.settings.message_bytes_max;
    if message::size(&outgoing) > usize::try_from(limit).unwrap_or(usize::MAX) {
        return Err(SqsError::bad_parameter(format!(
            "One or more parameters are invalid. Reason: Message must be shorter than {limit} bytes."
        )));
    }
    message::check(&outgoing)?;
    let sent = Sent {
        message_id: Uuid::new_v4().to_string(),
        md5_of_body: digest::of_body(&outgoing.message_body),
        md5_of_attributes: digest::of_attributes(&outgoing.message_attributes),
        md5_of_system_attributes: digest::of_attributes(&outgoing.message_system_attributes),
    };
    let message = NewMessage {
        message_id: sent.message_id.clone(),
        body: outgoing.message_body,
        attributes: write(outgoing.message_attributes)?.to_string(),
        trace: outgoing
            .message_system_attributes
            .into_values()
            .next()
            .and_then(|header| header.string_value),
        delay_s: outgoing.delay_seconds.unwrap_or(queue.settings.delay_s),
    };
    Ok((message, sent))
}
