//! Sending.

use aws_sdk_sqs::{Client, error::ProvideErrorMetadata};
use serde::Serialize;

use crate::{BridgeJob, DialJob, ImportJob, MailJob, PostCallJob, Versioned, WebhookJob};

/// A message could not be put on its queue.
#[derive(Debug, thiserror::Error)]
#[error("queue {queue}: {what}")]
pub struct QueueError {
    /// Which queue.
    pub queue: &'static str,
    /// What happened.
    pub what: String,
}

/// The queues' URLs in this deployment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueueNames {
    /// For job-dialer.
    pub dial: String,
    /// For job-post-call.
    pub post_call: String,
}

/// The queues, behind the AWS SDK.
#[derive(Debug, Clone)]
pub struct Queues {
    sqs: Client,
    urls: std::sync::Arc<QueueNames>,
    fanout_dead: Option<std::sync::Arc<str>>,
    webhooks: Option<std::sync::Arc<str>>,
    mail: Option<std::sync::Arc<str>>,
    import: Option<std::sync::Arc<str>>,
    bridge: Option<std::sync::Arc<str>>,
}

impl Queues {
    /// Over a client; opens nothing.
    #[must_use]
    pub fn new(sqs: Client, urls: QueueNames) -> Self {
        Self {
            sqs,
            urls: std::sync::Arc::new(urls),
            fanout_dead: None,
            webhooks: None,
            mail: None,
            import: None,
            bridge: None,
        }
    }

    /// The same, and where fan-out's dead queue is: only who follows streams needs it.
    #[must_use]
    pub fn with_fanout_dead(self, url: &str) -> Self {
        Self {
            fanout_dead: Some(url.into()),
            ..self
        }
    }

    /// The same, and where job-webhooks' queue is.
    #[must_use]
    pub fn with_webhooks(self, url: &str) -> Self {
        Self {
            webhooks: Some(url.into()),
            ..self
        }
    }

    /// The same, and where job-mail's queue is.
    #[must_use]
    pub fn with_mail(self, url: &str) -> Self {
        Self {
            mail: Some(url.into()),
            ..self
        }
    }

    /// The same, and where job-importer's queue is.
    #[must_use]
    pub fn with_import(self, url: &str) -> Self {
        Self {
            import: Some(url.into()),
            ..self
        }
    }

    /// The same, and where job-bridge's queue is.
    #[must_use]
    pub fn with_bridge(self, url: &str) -> Self {
        Self {
            bridge: Some(url.into()),
            ..self
        }
    }

    /// Asks for a queue: what readiness wants to know.
    ///
    /// # Errors
    /// When it is missing or does not answer.
    pub async fn ping(&self) -> Result<(), QueueError> {
        let ask = self.sqs.get_queue_attributes().queue_url(&self.urls.dial);
        ask.send().await.map_err(|e| fault("dial", &e))?;
        Ok(())
    }

    /// Wakes job-dialer, after `delay_s` seconds (at most 900).
    ///
    /// # Errors
    /// When the queue does not take it.
    pub async fn dial(&self, job: &DialJob, delay_s: u16) -> Result<(), QueueError> {
        self.send("dial", &self.urls.dial, job, delay_s).await
    }

    /// Hands an ended call to job-post-call.
    ///
    /// # Errors
    /// When the queue does not take it.
    pub async fn post_call(&self, job: &PostCallJob, delay_s: u16) -> Result<(), QueueError> {
        self.send("post-call", &self.urls.post_call, job, delay_s).await
    }

    /// Wakes job-webhooks, after `delay_s` seconds (at most 900).
    ///
    /// # Errors
    /// When the queue does not take it.
    pub async fn webhook(&self, job: &WebhookJob, delay_s: u16) -> Result<(), QueueError> {
        let queue = "webhooks";
        let url = self.webhooks.as_deref().ok_or_else(|| QueueError {
            queue,
            what: "its URL was not given to this process".to_owned(),
        })?;
        self.send(queue, url, job, delay_s).await
    }

    /// Has job-mail send a mail, after `delay_s` seconds (at most 900).
    ///
    /// # Errors
    /// When the queue does not take it.
    pub async fn mail(&self, job: &MailJob, delay_s: u16) -> Result<(), QueueError> {
        let queue = "mail";
        let url = self.mail.as_deref().ok_or_else(|| QueueError {
            queue,
            what: "its URL was not given to this process".to_owned(),
        })?;
        self.send(queue, url, job, delay_s).await
    }

    /// Has job-importer work at an import, after `delay_s` seconds (at most 900).
    ///
    /// # Errors
    /// When the queue does not take it.
    pub async fn import(&self, job: &ImportJob, delay_s: u16) -> Result<(), QueueError> {
        let queue = "import";
        let url = self.import.as_deref().ok_or_else(|| QueueError {
            queue,
            what: "its URL was not given to this process".to_owned(),
        })?;
        self.send(queue, url, job, delay_s).await
    }

    /// Has job-bridge look after a caller and a human agent, after `delay_s` seconds (at most 900).
    ///
    /// # Errors
    /// When the queue does not take it.
    pub async fn bridge(&self, job: &BridgeJob, delay_s: u16) -> Result<(), QueueError> {
        let queue = "bridge";
        let url = self.bridge.as_deref().ok_or_else(|| QueueError {
            queue,
            what: "its URL was not given to this process".to_owned(),
        })?;
        self.send(queue, url, job, delay_s).await
    }

    /// Puts what fan-out cannot read on its dead queue, as it came: a person may put it on `fanout` once it can be read.
    ///
    /// # Errors
    /// When the queue does not take it.
    pub async fn fanout_dead(&self, body: &str) -> Result<(), QueueError> {
        let queue = "fanout-dead";
        let url = self.fanout_dead.as_deref().ok_or_else(|| QueueError {
            queue,
            what: "its URL was not given to this process".to_owned(),
        })?;
        let send = self.sqs.send_message().queue_url(url).message_body(body);
        send.send().await.map_err(|e| fault(queue, &e))?;
        Ok(())
    }

    async fn send<T: Serialize + Clone>(
        &self,
        queue: &'static str,
        url: &str,
        message: &T,
        delay_s: u16,
    ) -> Result<(), QueueError> {
        let body = serde_json::to_string(&Versioned::V1(message.clone())).map_err(|e| QueueError {
            queue,
            what: e.to_string(),
        })?;
        let send = self
            .sqs
            .send_message()
            .queue_url(url)
            .message_body(body)
            .delay_seconds(i32::from(delay_s.min(900)));
        send.send().await.map_err(|e| fault(queue, &e))?;
        Ok(())
    }
}

fn fault<E: ProvideErrorMetadata, R>(
    queue: &'static str,
    error: &aws_sdk_sqs::error::SdkError<E, R>,
) -> QueueError {
    QueueError {
        queue,
        what: error.code().unwrap_or("no answer").to_owned(),
    }
}
