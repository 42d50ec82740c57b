//! SQS.

use std::collections::BTreeMap;

use aws_sdk_sqs::Client;
use aws_sdk_sqs::error::SdkError;
use aws_sdk_sqs::types::QueueAttributeName;
use futures::future::try_join_all;

use super::{ProvisionError, QueueSpec, difference, full_name};

impl QueueSpec {
    /// What the queue is made with, by SQS's names, but for its redrive, which needs another queue's ARN.
    pub(super) fn attributes(&self) -> [(&'static str, String); 3] {
        [
            ("VisibilityTimeout", self.visibility_s.to_string()),
            ("MessageRetentionPeriod", self.retention_s.to_string()),
            ("ReceiveMessageWaitTimeSeconds", self.wait_s.to_string()),
        ]
    }
}

/// Makes the queues that are missing: first the dead ones, all at once, then those that point to them.
///
/// # Errors
/// As [`super::provision`].
pub(super) async fn ensure(
    queues: &[QueueSpec],
    prefix: &str,
    client: &Client,
) -> Result<(), ProvisionError> {
    let (pointing, dead): (Vec<_>, Vec<_>) = queues.iter().partition(|queue| queue.redrive.is_some());
    let made = dead.into_iter().map(|queue| async move {
        let arn = ensure_one(queue, prefix, None, client).await?;
        Ok::<_, ProvisionError>((queue.name.as_str(), arn))
    });
    let arns: BTreeMap<&str, String> = try_join_all(made).await?.into_iter().collect();
    try_join_all(pointing.into_iter().map(|queue| {
        let dead = queue
            .redrive
            .as_ref()
            .and_then(|redrive| arns.get(redrive.queue.as_str()));
        ensure_one(queue, prefix, dead.map(String::as_str), client)
    }))
    .await?;
    Ok(())
}

/// Returns the queue's ARN.
async fn ensure_one(
    queue: &QueueSpec,
    prefix: &str,
    dead: Option<&str>,
    client: &Client,
) -> Result<String, ProvisionError> {
    let name = full_name(prefix, &queue.name);
    let existing = match client.get_queue_url().queue_name(&name).send().await {
        Ok(answer) => answer.queue_url,
        Err(SdkError::ServiceError(error)) if error.err().is_queue_does_not_exist() => None,
        Err(error) => return Err(ProvisionError::service(format!("look for queue {name}"), &error)),
    };
    let url = match existing {
        Some(url) => url,
        None => create(queue, &name, dead, client).await?,
    };
    let attributes = attributes(&name, &url, client).await?;
    let differences = difference::of_queue(queue, dead, &attributes);
    if !differences.is_empty() {
        return Err(ProvisionError::Differs {
            kind: "queue",
            name,
            differences,
        });
    }
    Ok(attributes.get("QueueArn").cloned().unwrap_or_default())
}

async fn create(
    queue: &QueueSpec,
    name: &str,
    dead: Option<&str>,
    client: &Client,
) -> Result<String, ProvisionError> {
    let mut request = client.create_queue().queue_name(name);
    for (attribute, value) in queue.attributes() {
        request = request.attributes(QueueAttributeName::from(attribute), value);
    }
    if let (Some(arn), Some(redrive)) = (dead, &queue.redrive) {
        let policy =
            serde_json::json!({ "deadLetterTargetArn": arn, "maxReceiveCount": redrive.max_receives });
        request = request.attributes(QueueAttributeName::RedrivePolicy, policy.to_string());
    }
    let answer = request.send().await;
    let answer = answer.map_err(|error| ProvisionError::service(format!("create queue {name}"), &error))?;
    answer.queue_url.ok_or_else(|| ProvisionError::Service {
        doing: format!("create queue {name}"),
        problem: "the answer has no QueueUrl".to_owned(),
    })
}

async fn attributes(
    name: &str,
    url: &str,
    client: &Client,
) -> Result<BTreeMap<String, String>, ProvisionError> {
    let answer = client
        .get_queue_attributes()
        .queue_url(url)
        .attribute_names(QueueAttributeName::All)
        .send()
        .await;
    let answer = answer.map_err(|error| ProvisionError::service(format!("look at queue {name}"), &error))?;
    let attributes = answer.attributes.unwrap_or_default();
    Ok(attributes
        .into_iter()
        .map(|(name, value)| (name.as_str().to_owned(), value))
        .collect())
}
