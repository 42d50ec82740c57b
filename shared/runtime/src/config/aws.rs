//! Tables, queues and bucket: their names, and where they are.

use super::{
    net::is_loopback_url,
    vars::{Result, Vars},
};

/// Tables, queues and bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AwsConfig {
    /// Starts the name of every table, queue and bucket.
    pub prefix: String,
    /// The bucket.
    pub bucket: String,
    /// The queues, where their URLs are given rather than asked for.
    pub queues: QueueUrls,
    /// Where DynamoDB is, when a variable says so.
    pub dynamodb: Option<String>,
    /// Where DynamoDB Streams is, when a variable says so.
    pub streams: Option<String>,
    /// Where SQS is, when a variable says so.
    pub sqs: Option<String>,
    /// Where S3 is, when a variable says so.
    pub s3: Option<String>,
    /// The key of KMS that encrypts the data key; none: a file in the data folder.
    pub kms_key: Option<String>,
}

/// The queues' URLs, where they are given.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct QueueUrls {
    /// For job-dialer.
    pub dial: Option<String>,
    /// For job-post-call.
    pub post_call: Option<String>,
    /// For job-webhooks.
    pub webhooks: Option<String>,
    /// For job-mail.
    pub mail: Option<String>,
    /// For job-importer.
    pub import: Option<String>,
    /// For job-bridge.
    pub bridge: Option<String>,
    /// For what job-fanout cannot read.
    pub fanout_dead: Option<String>,
}

impl AwsConfig {
    pub(super) fn read(vars: &Vars<'_>) -> Result<Self> {
        let all = vars.web_url("AWS_ENDPOINT_URL")?;
        let of = |service: &str| -> Result<Option<String>> {
            Ok(vars
                .web_url(&format!("AWS_ENDPOINT_URL_{service}"))?
                .or_else(|| all.clone()))
        };
        let prefix = vars.text_or("TRUNKLINE_STACK_PREFIX", "trunkline")?;
        let dynamodb = of("DYNAMODB")?;
        // An emulator has both at one address; of AWS's own, the SDK knows the other.
        let beside = dynamodb.clone().filter(|url| !url.contains("amazonaws.com"));
        Ok(Self {
            bucket: vars.text_or("TRUNKLINE_BUCKET", &format!("{prefix}-blobs"))?,
            queues: QueueUrls {
                dial: vars.web_url("TRUNKLINE_DIAL_QUEUE_URL")?,
                post_call: vars.web_url("TRUNKLINE_POST_CALL_QUEUE_URL")?,
                webhooks: vars.web_url("TRUNKLINE_WEBHOOKS_QUEUE_URL")?,
                mail: vars.web_url("TRUNKLINE_MAIL_QUEUE_URL")?,
                import: vars.web_url("TRUNKLINE_IMPORT_QUEUE_URL")?,
                bridge: vars.web_url("TRUNKLINE_BRIDGE_QUEUE_URL")?,
                fanout_dead: vars.web_url("TRUNKLINE_FANOUT_DEAD_QUEUE_URL")?,
            },
            streams: of("DYNAMODB_STREAMS")?.or(beside),
            sqs: of("SQS")?,
            s3: of("S3")?,
            kms_key: vars.text("TRUNKLINE_KMS_KEY")?,
            dynamodb,
            prefix,
        })
    }

    /// Whether everything that is not embedded is an emulator on this machine, which may be provisioned at will.
    #[must_use]
    pub fn is_local(&self) -> bool {
        [&self.dynamodb, &self.sqs, &self.s3]
            .into_iter()
            .flatten()
            .all(|url| is_loopback_url(url))
    }
}
