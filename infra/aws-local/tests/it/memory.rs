//! The in-process DynamoDB: faults where a network has them, and no time of its own.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::config::timeout::TimeoutConfig;
use aws_sdk_dynamodb::config::{Config, Credentials, Region};
use aws_sdk_dynamodb::error::SdkError;
use trunkline_aws_local::{
    TableSet,
    dynamo_memory::{self, Fault, Hook, Memory},
};

use crate::common::{make_table, s};

fn client(memory: &Memory, hook: Hook, retries: RetryConfig) -> Client {
    let config = Config::builder()
        .region(Region::new("us-east-1"))
        .endpoint_url("http://in-process")
        .credentials_provider(Credentials::new("any", "any", None, None, "test"))
        .retry_config(retries)
        .http_client(memory.http_client(hook));
    Client::from_conf(config.build())
}

async fn put(client: &Client, pk: &str) -> bool {
    client
        .put_item()
        .table_name("things")
        .item("pk", s(pk))
        .item("sk", s("x"))
        .send()
        .await
        .is_ok()
}

async fn is_there(client: &Client, pk: &str) -> bool {
    client
        .get_item()
        .table_name("things")
        .key("pk", s(pk))
        .key("sk", s("x"))
        .send()
        .await
        .unwrap()
        .item
        .is_some()
}

fn on_put(fault: Fault) -> Hook {
    Box::new(move |operation, _body| {
        if operation == "PutItem" {
            fault
        } else {
            Fault::None
        }
    })
}

#[tokio::test(start_paused = true)]
async fn a_lost_request_changes_nothing_and_a_lost_answer_changes_what_it_says_it_did_not() {
    let memory = Memory::open().unwrap();
    make_table(
        &client(&memory, on_put(Fault::None), RetryConfig::disabled()),
        "things",
    )
    .await;
    for (pk, fault, answered, applied) in [
        ("none", Fault::None, true, true),
        ("before", Fault::Before, false, false),
        ("after", Fault::AfterLost, false, true),
    ] {
        let client = client(&memory, on_put(fault), RetryConfig::disabled());
        assert_eq!(put(&client, pk).await, answered, "{pk}");
        assert_eq!(is_there(&client, pk).await, applied, "{pk}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_hanging_request_is_carried_out_and_answered_by_the_clients_own_timeout_alone() {
    let memory = Memory::open().unwrap();
    let client = client(&memory, on_put(Fault::Hang), RetryConfig::disabled());
    make_table(&client, "things").await;
    let before = tokio::time::Instant::now();
    let put = client
        .put_item()
        .table_name("things")
        .item("pk", s("hang"))
        .item("sk", s("x"));
    let patience = TimeoutConfig::builder()
        .operation_timeout(Duration::from_secs(10))
        .build();
    let put = put
        .customize()
        .config_override(Config::builder().timeout_config(patience));
    assert!(matches!(put.send().await, Err(SdkError::TimeoutError(_))));
    assert_eq!(before.elapsed(), Duration::from_secs(10));
    assert!(is_there(&client, "hang").await);
}

#[tokio::test(start_paused = true)]
async fn the_sdk_repeats_a_lost_transaction_under_one_token_so_that_it_runs_once() {
    use aws_sdk_dynamodb::types::{TransactWriteItem, Update};
    static TRIES: AtomicUsize = AtomicUsize::new(0);
    let memory = Memory::open().unwrap();
    let first_answer_lost: Hook = Box::new(|operation, _body| match operation {
        "TransactWriteItems" if TRIES.fetch_add(1, Ordering::SeqCst) == 0 => Fault::AfterLost,
        _ => Fault::None,
    });
    let client = client(&memory, first_answer_lost, RetryConfig::standard());
    make_table(&client, "things").await;
    let update = Update::builder()
        .table_name("things")
        .key("pk", s("counter"))
        .key("sk", s("x"))
        .update_expression("ADD hits :one")
        .expression_attribute_values(":one", crate::common::n(1));
    let update = TransactWriteItem::builder()
        .update(update.build().unwrap())
        .build();
    client
        .transact_write_items()
        .transact_items(update)
        .send()
        .await
        .unwrap();
    let counter = client
        .get_item()
        .table_name("things")
        .key("pk", s("counter"))
        .key("sk", s("x"))
        .send()
        .await
        .unwrap();
    assert_eq!(counter.item.unwrap()["hits"], crate::common::n(1));
    assert_eq!(TRIES.load(Ordering::SeqCst), 2);
}

#[tokio::test(start_paused = true)]
async fn a_call_takes_no_time_on_a_paused_clock() {
    let memory = Memory::open().unwrap();
    let client = client(&memory, on_put(Fault::None), RetryConfig::standard());
    make_table(&client, "things").await;
    let before = tokio::time::Instant::now();
    for number in 0..50 {
        assert!(put(&client, &number.to_string()).await);
    }
    assert_eq!(before.elapsed(), Duration::ZERO);
}

/// A table and its index, as they stand in a template.
const TEMPLATE: &str = r#"
Resources:
  Role: { Type: AWS::IAM::Role, Properties: { Name: !GetAtt Other.Name } }
  Things:
    Type: AWS::DynamoDB::Table
    DeletionPolicy: Retain
    Properties:
      TableName: !Sub "${StackPrefix}-things"
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions:
        - { AttributeName: pk, AttributeType: S }
        - { AttributeName: sk, AttributeType: S }
        - { AttributeName: due_pk, AttributeType: S }
      KeySchema: [{ AttributeName: pk, KeyType: HASH }, { AttributeName: sk, KeyType: RANGE }]
      GlobalSecondaryIndexes:
        - IndexName: due
          KeySchema: [{ AttributeName: due_pk, KeyType: HASH }]
          Projection: { ProjectionType: INCLUDE, NonKeyAttributes: [f] }
      StreamSpecification: { StreamViewType: NEW_AND_OLD_IMAGES }
      TimeToLiveSpecification: { AttributeName: expires_at, Enabled: true }
"#;

#[tokio::test]
async fn a_templates_tables_have_its_keys_indexes_and_projections() {
    let tables = TableSet::of_template(TEMPLATE, "test").unwrap();
    let db = dynamo_memory::client(Memory::with_tables(&tables).unwrap().faultless());
    let put = db.put_item().table_name("test-things");
    let put = put.item("pk", s("a")).item("sk", s("x")).item("due_pk", s("now"));
    put.item("f", s("shown"))
        .item("g", s("hidden"))
        .send()
        .await
        .unwrap();
    let query = db.query().table_name("test-things").index_name("due");
    let query = query
        .key_condition_expression("due_pk = :now")
        .expression_attribute_values(":now", s("now"));
    let found = query.send().await.unwrap().items.unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].get("f"), found[0].get("g")), (Some(&s("shown")), None));
}

#[tokio::test]
async fn what_is_no_template_makes_no_tables() {
    for (text, why) in [
        ("Resources: {}", "declares no AWS::DynamoDB::Table"),
        ("[", "cannot be read"),
        (
            &TEMPLATE.replace(
                "KeySchema: [{ AttributeName: pk,",
                "KeySchema: [{ AttributeName: qk,",
            ),
            "test-things: ",
        ),
        (&TEMPLATE.replace("BillingMode", "Mode"), "BillingMode"),
    ] {
        let tables = TableSet::of_template(text, "test").and_then(|tables| Memory::with_tables(&tables));
        let error = tables.unwrap_err().to_string();
        assert!(error.contains(why), "{why} in: {error}");
    }
}
