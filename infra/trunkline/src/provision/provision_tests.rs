use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType, TimeToLiveStatus,
};
use trunkline_aws_local::{AwsLocal, Options};

use super::*;

/// The embedded endpoints in a folder of their own, and clients of them.
struct Endpoints {
    dynamodb: aws_sdk_dynamodb::Client,
    sqs: aws_sdk_sqs::Client,
    s3: aws_sdk_s3::Client,
    _running: AwsLocal,
    _folder: tempfile::TempDir,
}

impl Endpoints {
    async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let options = Options {
            data_dir: folder.path().join("data"),
            dynamodb: true,
            sqs: true,
            s3: true,
        };
        let running = AwsLocal::start(options).await.unwrap();
        macro_rules! config {
            ($sdk:ident, $url:expr) => {
                $sdk::Config::builder()
                    .behavior_version($sdk::config::BehaviorVersion::latest())
                    .region($sdk::config::Region::from_static(AwsLocal::REGION))
                    .endpoint_url($url.unwrap())
                    .credentials_provider($sdk::config::Credentials::new(
                        running.access_key(),
                        running.secret_key(),
                        None,
                        None,
                        "test",
                    ))
            };
        }
        Self {
            dynamodb: aws_sdk_dynamodb::Client::from_conf(
                config!(aws_sdk_dynamodb, running.dynamodb_url()).build(),
            ),
            sqs: aws_sdk_sqs::Client::from_conf(config!(aws_sdk_sqs, running.sqs_url()).build()),
            s3: aws_sdk_s3::Client::from_conf(
                config!(aws_sdk_s3, running.s3_url())
                    .force_path_style(true)
                    .build(),
            ),
            _running: running,
            _folder: folder,
        }
    }

    async fn provision(&self) -> Result<(), ProvisionError> {
        let declared = Resources::declared().unwrap();
        provision(&declared, "test", &self.dynamodb, &self.sqs, &self.s3).await
    }
}

#[tokio::test]
async fn everything_is_made_once_and_found_as_it_is_afterwards() {
    let endpoints = Endpoints::start().await;
    endpoints.provision().await.unwrap();

    let mut tables = endpoints
        .dynamodb
        .list_tables()
        .send()
        .await
        .unwrap()
        .table_names
        .unwrap();
    let mut expected = table_names("test").unwrap();
    tables.sort();
    expected.sort();
    assert_eq!(tables, expected);
    let expiry = endpoints
        .dynamodb
        .describe_time_to_live()
        .table_name("test-ephemeral")
        .send()
        .await
        .unwrap();
    let expiry = expiry.time_to_live_description.unwrap();
    assert_eq!(expiry.attribute_name(), Some("expires_at"));
    assert_eq!(expiry.time_to_live_status(), Some(&TimeToLiveStatus::Enabled));
    for name in queue_names("test").unwrap() {
        endpoints
            .sqs
            .get_queue_url()
            .queue_name(&name)
            .send()
            .await
            .unwrap_or_else(|_| panic!("queue {name}"));
    }
    endpoints
        .s3
        .head_bucket()
        .bucket(bucket_name("test").unwrap())
        .send()
        .await
        .unwrap();

    // Nothing is changed by what was put in, nor by a second run.
    endpoints.provision().await.unwrap();
}

#[tokio::test]
async fn instances_that_start_at_once_do_not_disturb_each_other() {
    let endpoints = Endpoints::start().await;
    let starts = (0..4).map(|_| endpoints.provision());
    futures::future::try_join_all(starts).await.unwrap();
}

#[tokio::test]
async fn a_table_of_another_shape_is_left_alone_and_said() {
    let endpoints = Endpoints::start().await;
    let attribute = AttributeDefinition::builder()
        .attribute_name("PK")
        .attribute_type(ScalarAttributeType::S);
    let key = KeySchemaElement::builder()
        .attribute_name("PK")
        .key_type(KeyType::Hash);
    let made = endpoints
        .dynamodb
        .create_table()
        .table_name("test-calls")
        .billing_mode(BillingMode::PayPerRequest);
    let made = made
        .attribute_definitions(attribute.build().unwrap())
        .key_schema(key.build().unwrap());
    made.send().await.unwrap();

    let error = endpoints.provision().await.unwrap_err().to_string();
    assert!(
        error.starts_with("table test-calls exists, but not as template.yaml declares it: "),
        "{error}"
    );
    assert!(error.contains("its key is `PK`, declared `PK / SK`"), "{error}");
    assert!(error.contains("its index tenant is missing"), "{error}");
}

#[tokio::test]
async fn a_queue_of_another_shape_is_left_alone_and_said() {
    let endpoints = Endpoints::start().await;
    endpoints
        .sqs
        .create_queue()
        .queue_name("test-dial")
        .send()
        .await
        .unwrap();
    let error = endpoints.provision().await.unwrap_err().to_string();
    assert!(error.starts_with("queue test-dial exists"), "{error}");
    assert!(
        error.contains("VisibilityTimeout is `30`, declared `270`"),
        "{error}"
    );
}

#[tokio::test]
async fn an_endpoint_that_is_not_there_is_named_with_its_cause() {
    let endpoints = Endpoints::start().await;
    let config = endpoints
        .dynamodb
        .config()
        .to_builder()
        .endpoint_url("http://127.0.0.1:1");
    let gone = aws_sdk_dynamodb::Client::from_conf(config.build());
    let declared = Resources::declared().unwrap();
    let error = provision(&declared, "test", &gone, &endpoints.sqs, &endpoints.s3)
        .await
        .unwrap_err()
        .to_string();
    assert!(error.starts_with("could not look at table test-"), "{error}");
    assert!(error.contains("refused"), "{error}");
}
