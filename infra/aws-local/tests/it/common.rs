//! A started stack in a folder of its own, and its clients.

use std::path::Path;

use aws_sdk_dynamodb::types as ddb;
use tempfile::TempDir;
use trunkline_aws_local::{AwsLocal, Options};

pub(crate) struct Stack {
    pub(crate) aws: AwsLocal,
    pub(crate) folder: TempDir,
}

impl Stack {
    /// All three services.
    pub(crate) async fn start() -> Self {
        Self::start_in(TempDir::new().unwrap()).await
    }

    pub(crate) async fn start_in(folder: TempDir) -> Self {
        let aws = AwsLocal::start(all_in(folder.path())).await.unwrap();
        Self { aws, folder }
    }

    /// Stops, and starts again on the same files.
    pub(crate) async fn restart(self) -> Self {
        self.aws.shutdown().await;
        Self::start_in(self.folder).await
    }

    pub(crate) fn dynamodb(&self) -> aws_sdk_dynamodb::Client {
        dynamodb(&self.aws, self.aws.access_key())
    }

    pub(crate) fn streams(&self) -> aws_sdk_dynamodbstreams::Client {
        use aws_sdk_dynamodbstreams::config::{Config, Credentials, Region};
        let credentials = Credentials::new(self.aws.access_key(), self.aws.secret_key(), None, None, "test");
        let config = Config::builder()
            .region(Region::new(AwsLocal::REGION))
            .endpoint_url(self.aws.dynamodb_url().unwrap())
            .credentials_provider(credentials);
        aws_sdk_dynamodbstreams::Client::from_conf(config.build())
    }

    pub(crate) fn sqs(&self) -> aws_sdk_sqs::Client {
        sqs(&self.aws, self.aws.access_key())
    }

    pub(crate) fn s3(&self) -> aws_sdk_s3::Client {
        s3(&self.aws, self.aws.access_key(), self.aws.secret_key())
    }
}

pub(crate) fn all_in(folder: &Path) -> Options {
    Options {
        data_dir: folder.join("data"),
        dynamodb: true,
        sqs: true,
        s3: true,
    }
}

pub(crate) fn dynamodb(aws: &AwsLocal, access_key: &str) -> aws_sdk_dynamodb::Client {
    use aws_sdk_dynamodb::config::{Config, Credentials, Region};
    let config = Config::builder()
        .region(Region::new(AwsLocal::REGION))
        .endpoint_url(aws.dynamodb_url().unwrap())
        .credentials_provider(Credentials::new(access_key, aws.secret_key(), None, None, "test"));
    aws_sdk_dynamodb::Client::from_conf(config.build())
}

pub(crate) fn sqs(aws: &AwsLocal, access_key: &str) -> aws_sdk_sqs::Client {
    use aws_sdk_sqs::config::{Config, Credentials, Region};
    let config = Config::builder()
        .region(Region::new(AwsLocal::REGION))
        .endpoint_url(aws.sqs_url().unwrap())
        .credentials_provider(Credentials::new(access_key, aws.secret_key(), None, None, "test"));
    aws_sdk_sqs::Client::from_conf(config.build())
}

pub(crate) fn s3(aws: &AwsLocal, access_key: &str, secret_key: &str) -> aws_sdk_s3::Client {
    use aws_sdk_s3::config::{Config, Credentials, Region};
    let config = Config::builder()
        .region(Region::new(AwsLocal::REGION))
        .endpoint_url(aws.s3_url().unwrap())
        .force_path_style(true)
        .credentials_provider(Credentials::new(access_key, secret_key, None, None, "test"));
    aws_sdk_s3::Client::from_conf(config.build())
}

pub(crate) fn s(value: impl Into<String>) -> ddb::AttributeValue {
    ddb::AttributeValue::S(value.into())
}

pub(crate) fn n(value: i64) -> ddb::AttributeValue {
    ddb::AttributeValue::N(value.to_string())
}

/// A table as ours are: `pk` and `sk`, a sparse index `due` over `lane` and `due_at`, and a stream.
pub(crate) async fn make_table(client: &aws_sdk_dynamodb::Client, name: &str) {
    use ddb::ScalarAttributeType::{N, S};
    let attribute = |name: &str, kind| {
        ddb::AttributeDefinition::builder()
            .attribute_name(name)
            .attribute_type(kind)
            .build()
            .unwrap()
    };
    let key = |name: &str, kind| {
        ddb::KeySchemaElement::builder()
            .attribute_name(name)
            .key_type(kind)
            .build()
            .unwrap()
    };
    let due = ddb::GlobalSecondaryIndex::builder()
        .index_name("due")
        .key_schema(key("lane", ddb::KeyType::Hash))
        .key_schema(key("due_at", ddb::KeyType::Range))
        .projection(
            ddb::Projection::builder()
                .projection_type(ddb::ProjectionType::KeysOnly)
                .build(),
        )
        .build()
        .unwrap();
    let stream = ddb::StreamSpecification::builder()
        .stream_enabled(true)
        .stream_view_type(ddb::StreamViewType::NewAndOldImages)
        .build()
        .unwrap();
    client
        .create_table()
        .table_name(name)
        .set_attribute_definitions(Some(vec![
            attribute("pk", S),
            attribute("sk", S),
            attribute("lane", S),
            attribute("due_at", N),
        ]))
        .key_schema(key("pk", ddb::KeyType::Hash))
        .key_schema(key("sk", ddb::KeyType::Range))
        .global_secondary_indexes(due)
        .stream_specification(stream)
        .billing_mode(ddb::BillingMode::PayPerRequest)
        .send()
        .await
        .unwrap();
}
