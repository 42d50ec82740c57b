//! Measures the embedded DynamoDB on disk through the real SDK: puts, and transactions as a dial and the end
//! of a call make them.
//!
//! `cargo run [--release] -p trunkline-aws-local --example dynamodb_bench [seconds per figure, default 3]`

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    missing_docs,
    reason = "a measuring tool: it has a clock, prints, and may stop at the first surprise"
)]

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::{Config, Credentials, Region};
use aws_sdk_dynamodb::types::{
    AttributeDefinition, AttributeValue, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType,
    Projection, ProjectionType, Put, ScalarAttributeType, StreamSpecification, StreamViewType,
    TransactWriteItem, Update,
};
use trunkline_aws_local::{AwsLocal, Options};

const TABLE: &str = "dialing";
const COUNTERS: usize = 8;

#[tokio::main]
async fn main() {
    let seconds = std::env::args().nth(1).map_or(3, |text| text.parse().unwrap());
    let span = Duration::from_secs(seconds);
    let folder = tempfile::tempdir().unwrap();
    let began = Instant::now();
    let options = Options {
        data_dir: folder.path().join("data"),
        dynamodb: true,
        sqs: true,
        s3: true,
    };
    let aws = AwsLocal::start(options).await.unwrap();
    println!(
        "all three services ready after {:?}, {} MB resident",
        began.elapsed(),
        resident_mb()
    );
    let client = client(&aws);
    create_table(&client).await;

    for clients in [1, 32] {
        report("put, 1 item", clients, span, &client, |n| {
            vec![call(n, "claimed")]
        })
        .await;
        report("claim, 4 items", clients, span, &client, claim).await;
        report("end, 8 items", clients, span, &client, end).await;
    }
    let began = Instant::now();
    let swept = aws.sweep().await.unwrap();
    println!(
        "a sweep took {:?} ({swept:?}); {} MB resident",
        began.elapsed(),
        resident_mb()
    );
    aws.shutdown().await;
}

/// A dial as `dial-once` claims it: the slot, the lead with its index key, the number, the call.
fn claim(n: usize) -> Vec<TransactWriteItem> {
    vec![
        add(&format!("SLOT#{}", n % 4), "used", 1),
        set(&format!("L#{n}"), "lead", "calling"),
        set(&format!("N#{n}"), "in_flight", "yes"),
        call(n, "claimed"),
    ]
}

/// The end of a call: row, slot, lead, number, and four counters.
fn end(n: usize) -> Vec<TransactWriteItem> {
    let mut items = vec![
        set(&format!("C#{n}"), "state", "ended"),
        add(&format!("SLOT#{}", n % 4), "used", -1),
        set(&format!("L#{n}"), "lead", "done"),
        set(&format!("N#{n}"), "in_flight", "no"),
    ];
    items.extend((0..4).map(|scope| add(&format!("K#{scope}#{}", n % COUNTERS), "calls", 1)));
    items
}

fn key(pk: &str) -> HashMap<String, AttributeValue> {
    HashMap::from([("pk".to_owned(), s(pk)), ("sk".to_owned(), s("META"))])
}

fn call(n: usize, state: &str) -> TransactWriteItem {
    let put = Put::builder()
        .table_name(TABLE)
        .set_item(Some(key(&format!("C#{}", uuid_like(n)))))
        .item("state", s(state))
        .item("lane", s(format!("CHK#{}", n % 8)))
        .item("due_at", AttributeValue::N(n.to_string()))
        .item("rest", s("x".repeat(400)))
        .condition_expression("attribute_not_exists(pk)");
    TransactWriteItem::builder().put(put.build().unwrap()).build()
}

/// A call id that no earlier figure has used.
fn uuid_like(n: usize) -> String {
    static ROUND: AtomicUsize = AtomicUsize::new(0);
    format!("{n}-{}", ROUND.fetch_add(1, Ordering::Relaxed))
}

fn set(pk: &str, name: &str, value: &str) -> TransactWriteItem {
    let update = Update::builder()
        .table_name(TABLE)
        .set_key(Some(key(pk)))
        .update_expression("SET #name = :value, lane = :lane, due_at = :at, rest = :rest")
        .condition_expression("attribute_not_exists(locked)")
        .expression_attribute_names("#name", name)
        .expression_attribute_values(":value", s(value))
        .expression_attribute_values(":lane", s("W#0"))
        .expression_attribute_values(":at", AttributeValue::N("7".to_owned()))
        .expression_attribute_values(":rest", s("x".repeat(200)));
    TransactWriteItem::builder()
        .update(update.build().unwrap())
        .build()
}

fn add(pk: &str, name: &str, by: i64) -> TransactWriteItem {
    let update = Update::builder()
        .table_name(TABLE)
        .set_key(Some(key(pk)))
        .update_expression("ADD #name :by, ver :one")
        .expression_attribute_names("#name", name)
        .expression_attribute_values(":by", AttributeValue::N(by.to_string()))
        .expression_attribute_values(":one", AttributeValue::N("1".to_owned()));
    TransactWriteItem::builder()
        .update(update.build().unwrap())
        .build()
}

async fn report(
    what: &str,
    clients: usize,
    span: Duration,
    client: &Client,
    items: impl Fn(usize) -> Vec<TransactWriteItem> + Copy + Send + Sync + 'static,
) {
    let next = Arc::new(AtomicUsize::new(0));
    let (began, cpu) = (Instant::now(), server_cpu());
    let workers: Vec<_> = (0..clients)
        .map(|_| {
            let (client, next) = (client.clone(), Arc::clone(&next));
            tokio::spawn(async move {
                let mut took = Vec::new();
                while began.elapsed() < span {
                    let mut items = items(next.fetch_add(1, Ordering::Relaxed));
                    let start = Instant::now();
                    if items.len() == 1 {
                        let put = items.remove(0).put.unwrap();
                        client
                            .put_item()
                            .table_name(TABLE)
                            .set_item(Some(put.item))
                            .send()
                            .await
                            .unwrap();
                    } else {
                        client
                            .transact_write_items()
                            .set_transact_items(Some(items))
                            .send()
                            .await
                            .unwrap();
                    }
                    took.push(start.elapsed());
                }
                took
            })
        })
        .collect();
    let mut took = Vec::new();
    for worker in workers {
        took.extend(worker.await.unwrap());
    }
    let (elapsed, cpu) = (began.elapsed(), server_cpu().saturating_sub(cpu));
    let each = cpu / u32::try_from(took.len()).unwrap();
    took.sort();
    let at = |percent: usize| took[took.len() * percent / 100];
    let rate = f64::from(u32::try_from(took.len()).unwrap()) / elapsed.as_secs_f64();
    println!(
        "{what:15} {clients:2} clients: {rate:6.0}/s, p50 {:.1?}, p99 {:.1?}; {each:.0?} of the server's thread each",
        at(50),
        at(99)
    );
}

fn client(aws: &AwsLocal) -> Client {
    let config = Config::builder()
        .region(Region::new(AwsLocal::REGION))
        .endpoint_url(aws.dynamodb_url().unwrap())
        .credentials_provider(Credentials::new(
            aws.access_key(),
            aws.secret_key(),
            None,
            None,
            "bench",
        ));
    Client::from_conf(config.build())
}

fn s(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

async fn create_table(client: &Client) {
    let attribute = |name: &str, kind| {
        AttributeDefinition::builder()
            .attribute_name(name)
            .attribute_type(kind)
            .build()
            .unwrap()
    };
    let key = |name: &str, kind| {
        KeySchemaElement::builder()
            .attribute_name(name)
            .key_type(kind)
            .build()
            .unwrap()
    };
    let due = GlobalSecondaryIndex::builder()
        .index_name("due")
        .key_schema(key("lane", KeyType::Hash))
        .key_schema(key("due_at", KeyType::Range))
        .projection(
            Projection::builder()
                .projection_type(ProjectionType::KeysOnly)
                .build(),
        )
        .build()
        .unwrap();
    let stream = StreamSpecification::builder()
        .stream_enabled(true)
        .stream_view_type(StreamViewType::NewAndOldImages)
        .build()
        .unwrap();
    client
        .create_table()
        .table_name(TABLE)
        .attribute_definitions(attribute("pk", ScalarAttributeType::S))
        .attribute_definitions(attribute("sk", ScalarAttributeType::S))
        .attribute_definitions(attribute("lane", ScalarAttributeType::S))
        .attribute_definitions(attribute("due_at", ScalarAttributeType::N))
        .key_schema(key("pk", KeyType::Hash))
        .key_schema(key("sk", KeyType::Range))
        .global_secondary_indexes(due)
        .stream_specification(stream)
        .billing_mode(BillingMode::PayPerRequest)
        .send()
        .await
        .unwrap();
}

/// Processor time of DynamoDB's thread so far: unlike the rate, it says little about what else the machine
/// does.
fn server_cpu() -> Duration {
    let tasks = std::fs::read_dir("/proc/self/task")
        .into_iter()
        .flatten()
        .flatten();
    let read = |task: &std::fs::DirEntry, name: &str| {
        std::fs::read_to_string(task.path().join(name)).unwrap_or_default()
    };
    let server = tasks.filter(|task| read(task, "comm").trim() == "aws-dynamodb");
    let nanoseconds = |task| read(&task, "schedstat").split(' ').next()?.parse::<u64>().ok();
    Duration::from_nanos(server.filter_map(nanoseconds).sum())
}

fn resident_mb() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))
        .unwrap_or("0 kB");
    line.trim().trim_end_matches(" kB").parse::<usize>().unwrap_or(0) / 1024
}
