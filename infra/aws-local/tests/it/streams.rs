//! DynamoDB Streams over the same URL.

use aws_sdk_dynamodbstreams::types::{AttributeValue, Record, ShardIteratorType};

use crate::common::{Stack, make_table, n, s};

/// Everything in the table's stream, oldest first.
pub(crate) async fn all_records(stack: &Stack, table: &str) -> Vec<Record> {
    records_from(stack, table, ShardIteratorType::TrimHorizon, None).await
}

async fn records_from(
    stack: &Stack,
    table: &str,
    kind: ShardIteratorType,
    sequence_number: Option<String>,
) -> Vec<Record> {
    let client = stack.streams();
    let described = stack
        .dynamodb()
        .describe_table()
        .table_name(table)
        .send()
        .await
        .unwrap();
    let arn = described.table().unwrap().latest_stream_arn().unwrap().to_owned();
    let stream = client
        .describe_stream()
        .stream_arn(&arn)
        .send()
        .await
        .unwrap()
        .stream_description
        .unwrap();
    let mut records = Vec::new();
    for shard in stream.shards() {
        let mut iterator = client
            .get_shard_iterator()
            .stream_arn(&arn)
            .shard_id(shard.shard_id().unwrap())
            .shard_iterator_type(kind.clone())
            .set_sequence_number(sequence_number.clone())
            .send()
            .await
            .unwrap()
            .shard_iterator;
        while let Some(at) = iterator {
            let page = client
                .get_records()
                .shard_iterator(at)
                .limit(3)
                .send()
                .await
                .unwrap();
            // An open shard always has a next iterator: an empty page is its end for now.
            iterator = page
                .next_shard_iterator
                .filter(|_| !page.records.as_ref().unwrap().is_empty());
            records.extend(page.records.unwrap());
        }
    }
    records
}

#[tokio::test]
async fn each_change_is_a_record_with_both_images_in_order() {
    let stack = Stack::start().await;
    let client = stack.dynamodb();
    make_table(&client, "calls").await;
    let call = |state: &str| {
        client
            .put_item()
            .table_name("calls")
            .item("pk", s("C#1"))
            .item("sk", s("META"))
            .item("state", s(state))
    };
    call("claimed").send().await.unwrap();
    call("placed").send().await.unwrap();
    client
        .delete_item()
        .table_name("calls")
        .key("pk", s("C#1"))
        .key("sk", s("META"))
        .send()
        .await
        .unwrap();

    let records = all_records(&stack, "calls").await;
    let state = |image: Option<&std::collections::HashMap<String, AttributeValue>>| {
        image.map(|image| image["state"].as_s().unwrap().clone())
    };
    let seen: Vec<_> = records
        .iter()
        .map(|record| {
            let change = record.dynamodb().unwrap();
            (
                record.event_name().unwrap().as_str(),
                state(change.old_image()),
                state(change.new_image()),
            )
        })
        .collect();
    let (claimed, placed) = (Some("claimed".to_owned()), Some("placed".to_owned()));
    assert_eq!(
        seen,
        [
            ("INSERT", None, claimed.clone()),
            ("MODIFY", claimed, placed.clone()),
            ("REMOVE", placed, None)
        ]
    );

    // A consumer that goes on from where it was gets what came after, and nothing twice.
    let first = records[0]
        .dynamodb()
        .unwrap()
        .sequence_number()
        .unwrap()
        .to_owned();
    let rest = records_from(
        &stack,
        "calls",
        ShardIteratorType::AfterSequenceNumber,
        Some(first),
    )
    .await;
    assert_eq!(rest.len(), 2);
    assert_eq!(rest[0].event_id(), records[1].event_id());
}

#[tokio::test]
async fn a_transaction_is_in_the_stream_whole_and_a_refused_one_not_at_all() {
    use aws_sdk_dynamodb::types::{Put, TransactWriteItem};
    let stack = Stack::start().await;
    let client = stack.dynamodb();
    make_table(&client, "calls").await;
    let put = |pk: &str| {
        let put = Put::builder()
            .table_name("calls")
            .item("pk", s(pk))
            .item("sk", s("x"))
            .item("at", n(1))
            .condition_expression("attribute_not_exists(pk)");
        TransactWriteItem::builder().put(put.build().unwrap()).build()
    };
    client
        .transact_write_items()
        .transact_items(put("a"))
        .transact_items(put("b"))
        .send()
        .await
        .unwrap();
    client
        .transact_write_items()
        .transact_items(put("c"))
        .transact_items(put("a"))
        .send()
        .await
        .unwrap_err();
    assert_eq!(all_records(&stack, "calls").await.len(), 2);

    // After a restart a consumer finds the same records.
    let stack = stack.restart().await;
    assert_eq!(all_records(&stack, "calls").await.len(), 2);
}
