//! Actions on queues as such.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::Sqs;
use crate::clock::now_ms;
use crate::sqs::error::SqsError;
use crate::sqs::handle::{arn, queue_name, queue_url};
use crate::sqs::store::Queue;
use crate::sqs::wire::{
    CreateQueue, GetQueueAttributes, ListQueues, QueueName, QueueUrl, SetQueueAttributes,
};

const LIST_MAX: usize = 1000;

impl Sqs {
    pub(super) fn create_queue(&self, request: CreateQueue) -> Result<Value, SqsError> {
        let name = &request.queue_name;
        let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        if name.is_empty() || name.len() > 80 || !name.chars().all(allowed) {
            return Err(SqsError::bad_parameter(format!(
                "The name of a queue can only include alphanumeric characters, hyphens and underscores, 1 to 80 in \
                 length: {name:?}. (The embedded SQS has no FIFO queues.)"
            )));
        }
        if !request.tags.is_empty() {
            return Err(SqsError::unsupported(
                "The embedded SQS keeps no tags; create the queue without them.".to_owned(),
            ));
        }
        self.store.create(name, &pairs(request.attributes), now_ms())?;
        Ok(self.url_of(name))
    }

    pub(super) fn get_queue_url(&self, request: QueueName) -> Result<Value, SqsError> {
        Ok(self.url_of(&self.store.queue(&request.queue_name)?.name))
    }

    pub(super) fn list_queues(&self, request: &ListQueues) -> Result<Value, SqsError> {
        let limit = request.max_results.unwrap_or(LIST_MAX);
        if !(1..=LIST_MAX).contains(&limit) {
            return Err(SqsError::bad_parameter(format!(
                "MaxResults must be from 1 to {LIST_MAX}, not {limit}."
            )));
        }
        // A page ends with the last name given: the next begins after it.
        let after = request.next_token.as_deref().unwrap_or_default();
        let mut names = self.store.names(&request.queue_name_prefix, after, limit + 1)?;
        // As in SQS, only who asks for pages gets them.
        let more = names.len() > limit && request.max_results.is_some();
        names.truncate(limit);
        let next = names.last().filter(|_| more).cloned();
        let urls: Vec<_> = names.iter().map(|name| queue_url(&self.base_url, name)).collect();
        let mut answer = json!({ "QueueUrls": urls });
        if let (Some(next), Some(members)) = (next, answer.as_object_mut()) {
            members.insert("NextToken".to_owned(), next.into());
        }
        Ok(answer)
    }

    pub(super) fn delete_queue(&self, request: &QueueUrl) -> Result<Value, SqsError> {
        let id = self.store.delete_queue(queue_name(&request.queue_url))?;
        self.bells.remove(id);
        Ok(json!({}))
    }

    pub(super) fn purge_queue(&self, request: &QueueUrl) -> Result<Value, SqsError> {
        self.store.purge(self.queue(&request.queue_url)?.id)?;
        Ok(json!({}))
    }

    pub(super) fn get_queue_attributes(&self, request: &GetQueueAttributes) -> Result<Value, SqsError> {
        let queue = self.queue(&request.queue_url)?;
        let all = self.attributes_of(&queue)?;
        let mut shown = BTreeMap::new();
        for name in &request.attribute_names {
            match (name.as_str(), all.get(name.as_str())) {
                ("All", _) => shown.extend(all.clone()),
                (_, Some(value)) => {
                    shown.insert(name.as_str(), value.clone());
                }
                // One that exists and is not set is left out of the answer.
                (name, None) if OPTIONAL.contains(&name) => {}
                (name, None) => return Err(SqsError::unknown_attribute(name)),
            }
        }
        Ok(json!({ "Attributes": shown }))
    }

    pub(super) fn set_queue_attributes(&self, request: SetQueueAttributes) -> Result<Value, SqsError> {
        let name = queue_name(&request.queue_url);
        self.store.configure(name, &pairs(request.attributes), now_ms())?;
        // Those who wait may have a shorter visibility to wait for now.
        self.bells.ring(self.store.queue(name)?.id);
        Ok(json!({}))
    }

    fn attributes_of<'a>(&self, queue: &'a Queue) -> Result<BTreeMap<&'a str, String>, SqsError> {
        let counts = self.store.counts(queue.id, now_ms())?;
        let mut all = queue.settings.shown();
        all.extend([
            ("QueueArn", arn(&queue.name)),
            ("CreatedTimestamp", queue.created_s.to_string()),
            ("LastModifiedTimestamp", queue.modified_s.to_string()),
            ("ApproximateNumberOfMessages", counts.visible.to_string()),
            (
                "ApproximateNumberOfMessagesNotVisible",
                counts.in_flight.to_string(),
            ),
            ("ApproximateNumberOfMessagesDelayed", counts.delayed.to_string()),
        ]);
        Ok(all)
    }
}

/// Attributes that a queue may be without.
const OPTIONAL: [&str; 6] = [
    "RedrivePolicy",
    "Policy",
    "RedriveAllowPolicy",
    "KmsMasterKeyId",
    "KmsDataKeyReusePeriodSeconds",
    "SqsManagedSseEnabled",
];

fn pairs(attributes: BTreeMap<String, String>) -> Vec<(String, String)> {
    attributes.into_iter().collect()
}
