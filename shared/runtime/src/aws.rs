//! Clients of the AWS SDK: by its standard chain, or of the embedded parts.

use std::time::Duration;

use aws_config::{
    BehaviorVersion, Region, SdkConfig, meta::region::RegionProviderChain, timeout::TimeoutConfig,
};
use aws_sdk_dynamodb::config::{Credentials, SharedCredentialsProvider};

use crate::config::AwsConfig;

/// Where the embedded parts are, and this start's key to them. None of a service that is not embedded.
#[derive(Debug, Clone)]
pub struct Embedded {
    /// DynamoDB, with streams.
    pub dynamodb: Option<String>,
    /// SQS.
    pub sqs: Option<String>,
    /// S3.
    pub s3: Option<String>,
    /// Made at each start.
    pub access_key: String,
    /// Made at each start.
    pub secret_key: String,
}

/// A client a service. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Clients {
    /// Tables.
    pub dynamodb: aws_sdk_dynamodb::Client,
    /// What changed in them.
    pub streams: aws_sdk_dynamodbstreams::Client,
    /// Queues.
    pub sqs: aws_sdk_sqs::Client,
    /// The bucket.
    pub s3: aws_sdk_s3::Client,
}

impl Clients {
    /// Clients by the SDK's standard chain, for each service that is not embedded, and of the embedded ones.
    pub async fn new(config: &AwsConfig, embedded: Option<&Embedded>) -> Self {
        let of = |pick: fn(&Embedded) -> &Option<String>| embedded.and_then(|e| pick(e).clone());
        let (dynamodb, sqs, s3) = (of(|e| &e.dynamodb), of(|e| &e.sqs), of(|e| &e.s3));
        let all_embedded = dynamodb.is_some() && sqs.is_some() && s3.is_some();
        // The chain may ask the network who we are: not when nothing needs to know.
        let chain = if all_embedded {
            None
        } else {
            Some(by_chain().await)
        };
        let local = embedded.map(of_embedded);
        let base = |service: &Option<String>| match (service, &local, &chain) {
            (Some(_), Some(local), _) | (_, Some(local), None) => local.clone(),
            (_, _, Some(chain)) => chain.clone(),
            (_, None, None) => SdkConfig::builder()
                .behavior_version(BehaviorVersion::latest())
                .build(),
        };
        let streams_url = dynamodb.clone().or_else(|| config.streams.clone());
        let (at_dynamodb, at_sqs, at_s3) = (base(&dynamodb), base(&sqs), base(&s3));
        let dynamodb_url = dynamodb.or_else(|| config.dynamodb.clone());
        let sqs_url = sqs.or_else(|| config.sqs.clone());
        let s3_url = s3.or_else(|| config.s3.clone());
        let dynamodb = aws_sdk_dynamodb::config::Builder::from(&at_dynamodb).timeout_config(within(5));
        let streams = aws_sdk_dynamodbstreams::config::Builder::from(&at_dynamodb).timeout_config(within(10));
        // Longer than the longest poll.
        let sqs = aws_sdk_sqs::config::Builder::from(&at_sqs).timeout_config(within(25));
        // Only AWS itself resolves a bucket's own host name.
        let by_path = s3_url
            .as_deref()
            .is_some_and(|url| !url.contains("amazonaws.com"));
        let s3 = aws_sdk_s3::config::Builder::from(&at_s3)
            .timeout_config(within(60))
            .force_path_style(by_path);
        Self {
            dynamodb: aws_sdk_dynamodb::Client::from_conf(at(dynamodb, dynamodb_url).build()),
            streams: aws_sdk_dynamodbstreams::Client::from_conf(at(streams, streams_url).build()),
            sqs: aws_sdk_sqs::Client::from_conf(at(sqs, sqs_url).build()),
            s3: aws_sdk_s3::Client::from_conf(at(s3, s3_url).build()),
        }
    }
}

/// The key service, by the SDK's standard chain.
pub(crate) async fn kms() -> aws_sdk_kms::Client {
    let config = aws_sdk_kms::config::Builder::from(&by_chain().await).timeout_config(within(5));
    aws_sdk_kms::Client::from_conf(config.build())
}

/// A service's configuration with its endpoint, where it has one.
trait AtUrl {
    fn set_url(&mut self, url: Option<String>);
}

fn at<B: AtUrl>(mut config: B, url: Option<String>) -> B {
    config.set_url(url);
    config
}

macro_rules! at_url {
    ($($builder:path),*) => {$(
        impl AtUrl for $builder {
            fn set_url(&mut self, url: Option<String>) {
                self.set_endpoint_url(url);
            }
        }
    )*};
}

at_url!(
    aws_sdk_dynamodb::config::Builder,
    aws_sdk_dynamodbstreams::config::Builder,
    aws_sdk_sqs::config::Builder,
    aws_sdk_s3::config::Builder
);

/// Without a bound an attempt whose connection died silently would hang for minutes.
fn within(attempt_s: u64) -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(3))
        .operation_attempt_timeout(Duration::from_secs(attempt_s))
        .build()
}

async fn by_chain() -> SdkConfig {
    let region = RegionProviderChain::default_provider().or_else("us-east-1");
    aws_config::defaults(BehaviorVersion::latest())
        .region(region)
        .load()
        .await
}

fn of_embedded(embedded: &Embedded) -> SdkConfig {
    let key = Credentials::new(&embedded.access_key, &embedded.secret_key, None, None, "embedded");
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::from_static("us-east-1"))
        .credentials_provider(SharedCredentialsProvider::new(key))
        .build()
}
