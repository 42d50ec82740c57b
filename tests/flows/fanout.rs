//! What fan-out cannot read waits for a person, with its body, and holds nobody up.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Value, json};
use trunkline_runtime::Clients;

use crate::support::platform::Platform;

/// An event of a version that is not known here, in DynamoDB's JSON form.
fn odd(seq: u32) -> Value {
    json!({"M": {"seq": {"N": seq.to_string()}, "type": {"S": "from.the.future"}}})
}

/// The next message on fan-out's dead queue.
async fn put_aside(clients: &Clients) -> String {
    let url = clients.sqs.get_queue_url().queue_name("trunkline-fanout-dead");
    let url = url.send().await.unwrap().queue_url.unwrap();
    let ask = clients
        .sqs
        .receive_message()
        .queue_url(&url)
        .wait_time_seconds(20);
    let message = ask.send().await.unwrap().messages.unwrap_or_default().pop();
    let message = message.expect("a message within 20 s");
    let done = clients.sqs.delete_message().queue_url(&url);
    done.receipt_handle(message.receipt_handle.unwrap())
        .send()
        .await
        .unwrap();
    message.body.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_row_with_an_event_of_an_unknown_shape_waits_on_the_dead_queue() {
    let platform = Platform::start().await;
    let clients = platform.clients().await;
    let text = |text: &str| AttributeValue::S(text.to_owned());
    let event = HashMap::from([
        ("seq".to_owned(), AttributeValue::N("3".to_owned())),
        ("type".to_owned(), text("from.the.future")),
    ]);
    let put = clients.dynamodb.put_item().table_name("trunkline-calls");
    let put = put
        .item("PK", text("C#odd"))
        .item("SK", text("META"))
        .item("to", text("+14155550100"));
    put.item("ev", AttributeValue::M(event)).send().await.unwrap();

    let body: Value = serde_json::from_str(&put_aside(&clients).await).unwrap();
    let record = &body["dynamodb"];
    assert_eq!(
        record["NewImage"],
        json!({"ev": odd(3)}),
        "the event whole, of the row nothing else"
    );
    assert_eq!(record["Keys"], json!({"PK": {"S": "C#odd"}, "SK": {"S": "META"}}));
    platform.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_content_fails_a_lambdas_batch() {
    let platform = Platform::start().await;
    let clients = platform.clients().await;
    let handle = async |records: Value| {
        let event = serde_json::from_value(json!({ "Records": records })).unwrap();
        let answer = job_fanout::handle_event(&platform.stack.ctx, event)
            .await
            .unwrap();
        serde_json::to_value(answer).unwrap()
    };
    let nothing_failed = json!({"batchItemFailures": []});

    let ended = |seq: u32| {
        let id = json!({"S": "6f1c2f0e-5a53-4b7e-9d1c-0f6a3c1b2d4e"});
        let at = json!({"S": "2026-01-05T10:00:00Z"});
        json!({"M": {"id": id, "seq": {"N": seq.to_string()}, "type": {"S": "recording.ready"}, "at": at, "tenant": id, "subject": id}})
    };
    let record = |number: &str, event: Value| json!({"dynamodb": {"SequenceNumber": number, "NewImage": {"ev": event}}});
    let answer = handle(json!([
        record("1", ended(1)),
        record("2", odd(2)),
        record("3", ended(3))
    ]))
    .await;
    assert_eq!(answer, nothing_failed);
    let aside = put_aside(&clients).await;
    assert_eq!(
        serde_json::from_str::<Value>(&aside).unwrap()["dynamodb"]["SequenceNumber"],
        "2"
    );

    // Put back on the queue, it still cannot be read: it returns to the dead queue as it was.
    let again = handle(json!([{"messageId": "m", "body": aside}])).await;
    assert_eq!(again, nothing_failed);
    let second = put_aside(&clients).await;
    assert_eq!(second, aside);

    for body in ["no JSON", r#"{"requestContext":{},"DDBStreamBatchInfo":{}}"#] {
        assert_eq!(
            handle(json!([{"messageId": "m", "body": body}])).await,
            nothing_failed
        );
        assert_eq!(put_aside(&clients).await, body);
    }
    assert_eq!(handle(json!([{"neither": "nor"}])).await, nothing_failed);
    assert_eq!(put_aside(&clients).await, r#"{"neither":"nor"}"#);
    platform.stop().await;
}
