//! DynamoDB: conditions, transactions, indexes, time to live.

use std::collections::HashMap;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::ProvideErrorMetadata;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{
    AttributeValue, ConditionCheck, KeysAndAttributes, Put, PutRequest, ReturnValue,
    ReturnValuesOnConditionCheckFailure, TimeToLiveSpecification, TransactWriteItem, Update, WriteRequest,
};

use crate::common::{Stack, make_table, n, s};

const TABLE: &str = "things";

async fn table() -> (Stack, Client) {
    let stack = Stack::start().await;
    let client = stack.dynamodb();
    make_table(&client, TABLE).await;
    (stack, client)
}

fn key(pk: &str) -> HashMap<String, AttributeValue> {
    HashMap::from([("pk".to_owned(), s(pk)), ("sk".to_owned(), s("x"))])
}

fn new_item(pk: &str) -> TransactWriteItem {
    let put = Put::builder()
        .table_name(TABLE)
        .set_item(Some(key(pk)))
        .condition_expression("attribute_not_exists(pk)")
        .build()
        .unwrap();
    TransactWriteItem::builder().put(put).build()
}

fn add_one(pk: &str) -> TransactWriteItem {
    let update = Update::builder()
        .table_name(TABLE)
        .set_key(Some(key(pk)))
        .update_expression("ADD used :one")
        .condition_expression("attribute_exists(pk)")
        .expression_attribute_values(":one", n(1))
        .build()
        .unwrap();
    TransactWriteItem::builder().update(update).build()
}

fn is_absent(pk: &str) -> TransactWriteItem {
    let check = ConditionCheck::builder()
        .table_name(TABLE)
        .set_key(Some(key(pk)))
        .condition_expression("attribute_not_exists(pk)")
        .build()
        .unwrap();
    TransactWriteItem::builder().condition_check(check).build()
}

async fn get(client: &Client, pk: &str) -> Option<HashMap<String, AttributeValue>> {
    client
        .get_item()
        .table_name(TABLE)
        .set_key(Some(key(pk)))
        .consistent_read(true)
        .send()
        .await
        .unwrap()
        .item
}

#[tokio::test]
async fn a_conditional_put_that_fails_shows_what_is_there() {
    let (_stack, client) = table().await;
    let put = |colour: &str| {
        client
            .put_item()
            .table_name(TABLE)
            .set_item(Some(key("a")))
            .item("colour", s(colour))
            .condition_expression("attribute_not_exists(pk)")
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
    };
    put("red").send().await.unwrap();
    let refusal = put("blue").send().await.unwrap_err().into_service_error();
    let PutItemError::ConditionalCheckFailedException(refusal) = refusal else {
        panic!("{refusal:?}")
    };
    assert_eq!(refusal.item().unwrap()["colour"], s("red"));
    assert_eq!(get(&client, "a").await.unwrap()["colour"], s("red"));
}

#[tokio::test]
async fn a_cancelled_transaction_says_which_condition_failed_and_changes_nothing() {
    let (_stack, client) = table().await;
    client
        .put_item()
        .table_name(TABLE)
        .set_item(Some(key("there")))
        .send()
        .await
        .unwrap();
    let refusal = client
        .transact_write_items()
        .transact_items(new_item("new"))
        .transact_items(new_item("there"))
        .transact_items(is_absent("nobody"))
        .send()
        .await
        .unwrap_err()
        .into_service_error();
    let TransactWriteItemsError::TransactionCanceledException(refusal) = refusal else {
        panic!("{refusal:?}")
    };
    let codes: Vec<_> = refusal
        .cancellation_reasons()
        .iter()
        .map(|reason| reason.code().unwrap())
        .collect();
    assert_eq!(codes, ["None", "ConditionalCheckFailed", "None"]);
    assert_eq!(get(&client, "new").await, None);
    assert_eq!(get(&client, "there").await.unwrap().get("used"), None);
}

#[tokio::test]
async fn a_client_request_token_applies_its_transaction_once() {
    let (_stack, client) = table().await;
    client
        .put_item()
        .table_name(TABLE)
        .set_item(Some(key("slot")))
        .send()
        .await
        .unwrap();
    let claim = |lead: &str| {
        client
            .transact_write_items()
            .client_request_token("claim-1")
            .transact_items(new_item(lead))
            .transact_items(add_one("slot"))
            .transact_items(is_absent("nobody"))
    };
    claim("lead").send().await.unwrap();
    // The repeat would fail its own condition, did it run again.
    claim("lead").send().await.unwrap();
    assert_eq!(get(&client, "slot").await.unwrap()["used"], n(1));

    let refusal = claim("another").send().await.unwrap_err().into_service_error();
    assert!(
        refusal.is_idempotent_parameter_mismatch_exception(),
        "{refusal:?}"
    );
    assert_eq!(get(&client, "another").await, None);
}

#[tokio::test]
async fn a_transaction_that_was_refused_may_run_again_under_its_token() {
    let (_stack, client) = table().await;
    let claim = || {
        client
            .transact_write_items()
            .client_request_token("claim-2")
            .transact_items(new_item("lead"))
            .transact_items(add_one("slot"))
            .send()
    };
    claim().await.unwrap_err();
    client
        .put_item()
        .table_name(TABLE)
        .set_item(Some(key("slot")))
        .send()
        .await
        .unwrap();
    claim().await.unwrap();
    assert!(get(&client, "lead").await.is_some());
}

#[tokio::test]
async fn updates_compute_and_give_what_they_made() {
    let (_stack, client) = table().await;
    let update = |by: i64| {
        client
            .update_item()
            .table_name(TABLE)
            .set_key(Some(key("counter")))
            .update_expression("ADD hits :by SET first_by = if_not_exists(first_by, :by)")
            .expression_attribute_values(":by", n(by))
            .return_values(ReturnValue::UpdatedNew)
            .send()
    };
    update(2).await.unwrap();
    let made = update(3).await.unwrap().attributes.unwrap();
    assert_eq!((&made["hits"], &made["first_by"]), (&n(5), &n(2)));
}

#[tokio::test]
async fn an_index_pages_in_order_over_those_that_have_its_key() {
    let (_stack, client) = table().await;
    for chunk in (0..50_i64).collect::<Vec<_>>().chunks(25) {
        let puts = chunk.iter().map(|at| {
            let mut item = key(&format!("lead{at:02}"));
            // Every second one is not due: the index does not show it.
            if at % 2 == 0 {
                item.extend([("lane".to_owned(), s("W#0")), ("due_at".to_owned(), n(*at))]);
            }
            let put = PutRequest::builder().set_item(Some(item)).build().unwrap();
            WriteRequest::builder().put_request(put).build()
        });
        let answer = client
            .batch_write_item()
            .request_items(TABLE, puts.collect())
            .send()
            .await
            .unwrap();
        assert!(answer.unprocessed_items.unwrap_or_default().is_empty());
    }
    let (mut seen, mut pages, mut from) = (Vec::new(), 0, None);
    loop {
        let page = client
            .query()
            .table_name(TABLE)
            .index_name("due")
            .key_condition_expression("lane = :lane AND due_at <= :now")
            .expression_attribute_values(":lane", s("W#0"))
            .expression_attribute_values(":now", n(40))
            .scan_index_forward(false)
            .limit(8)
            .set_exclusive_start_key(from)
            .send()
            .await
            .unwrap();
        pages += 1;
        seen.extend(
            page.items()
                .iter()
                .map(|item| item["due_at"].as_n().unwrap().parse::<i64>().unwrap()),
        );
        from = page.last_evaluated_key;
        if from.is_none() {
            break;
        }
    }
    assert_eq!(seen, (0..=40).rev().step_by(2).collect::<Vec<_>>());
    assert_eq!(pages, 3);

    let keys = KeysAndAttributes::builder()
        .keys(key("lead07"))
        .keys(key("nobody"))
        .build()
        .unwrap();
    let found = client
        .batch_get_item()
        .request_items(TABLE, keys)
        .send()
        .await
        .unwrap();
    assert_eq!(found.responses().unwrap()[TABLE].len(), 1);
}

#[tokio::test]
async fn a_sweep_removes_what_has_expired_and_the_stream_says_so() {
    let (stack, client) = table().await;
    let spec = TimeToLiveSpecification::builder()
        .attribute_name("expires_at")
        .enabled(true)
        .build()
        .unwrap();
    client
        .update_time_to_live()
        .table_name(TABLE)
        .time_to_live_specification(spec)
        .send()
        .await
        .unwrap();
    for (pk, expires_at) in [("gone", 1), ("stays", 32_503_680_000)] {
        let put = client.put_item().table_name(TABLE).set_item(Some(key(pk)));
        put.item("expires_at", n(expires_at)).send().await.unwrap();
    }
    let swept = stack.aws.sweep().await.unwrap();
    assert_eq!((swept.expired_items, swept.stream_records), (1, 0));
    assert_eq!(get(&client, "gone").await, None);
    assert!(get(&client, "stays").await.is_some());

    let records = crate::streams::all_records(&stack, TABLE).await;
    let removal = records.last().unwrap();
    assert_eq!(removal.event_name().unwrap().as_str(), "REMOVE");
    assert_eq!(
        removal.user_identity().unwrap().principal_id(),
        Some("dynamodb.amazonaws.com")
    );
}

#[tokio::test]
async fn bad_input_gets_dynamodbs_own_errors() {
    let (_stack, client) = table().await;
    let missing = client
        .get_item()
        .table_name("nothing")
        .set_key(Some(key("a")))
        .send()
        .await
        .unwrap_err();
    assert!(missing.into_service_error().is_resource_not_found_exception());

    let twice = client
        .transact_write_items()
        .transact_items(new_item("a"))
        .transact_items(new_item("a"));
    let twice = twice.send().await.unwrap_err().into_service_error();
    assert_eq!(twice.code(), Some("ValidationException"), "{twice:?}");

    let reserved = client
        .update_item()
        .table_name(TABLE)
        .set_key(Some(key("a")))
        .update_expression("SET status = :s")
        .expression_attribute_values(":s", s("x"));
    let reserved = reserved.send().await.unwrap_err().into_service_error();
    assert_eq!(reserved.code(), Some("ValidationException"), "{reserved:?}");
}
