//! SQS: messages on their way.

use crate::common::Stack;
use aws_sdk_sqs::Client;
use aws_sdk_sqs::primitives::Blob;
use aws_sdk_sqs::types::Message;
use aws_sdk_sqs::types::MessageAttributeValue;
use aws_sdk_sqs::types::MessageSystemAttributeName as System;
use aws_sdk_sqs::types::QueueAttributeName as Name;
use std::time::Duration;
use std::time::Instant;

pub(crate) async fn queue() -> (Stack, Client, String) {
    let stack = Stack::start().await;
    let client = stack.sqs();
    let url = client
        .create_queue()
        .queue_name("q")
        .send()
        .await
        .unwrap()
        .queue_url
        .unwrap();
    (stack, client, url)
}

pub(crate) async fn receive(client: &Client, url: &str, visibility_s: i32, wait_s: i32) -> Vec<Message> {
    let answer = client
        .receive_message()
        .queue_url(url)
        .max_number_of_messages(10)
        .visibility_timeout(visibility_s)
        .wait_time_seconds(wait_s)
        .message_system_attribute_names(System::All)
        .message_attribute_names("All")
        .send()
        .await
        .unwrap();
    answer.messages.unwrap_or_default()
}

pub(crate) fn text(value: &str) -> MessageAttributeValue {
    MessageAttributeValue::builder()
        .data_type("String")
        .string_value(value)
        .build()
        .unwrap()
}

pub(crate) fn system(message: &Message, name: System) -> Option<&str> {
    message.attributes()?.get(&name).map(String::as_str)
}

#[tokio::test]
async fn what_is_sent_is_received_with_its_attributes_and_sums_until_it_is_deleted() {
    let (_stack, client, url) = queue().await;
    let binary = MessageAttributeValue::builder()
        .data_type("Binary")
        .binary_value(Blob::new([0, 255]))
        .build()
        .unwrap();
    let sent = client
        .send_message()
        .queue_url(&url)
        .message_body("{\"refill\":\"å\"}")
        .message_attributes("kind", text("refill"))
        .message_attributes("bytes", binary.clone())
        .send()
        .await
        .unwrap();
    let received = receive(&client, &url, 30, 0).await;
    let [message] = received.as_slice() else {
        panic!("{received:?}")
    };
    assert_eq!(message.body(), Some("{\"refill\":\"å\"}"));
    assert_eq!(message.message_id(), sent.message_id());
    assert_eq!(message.md5_of_body(), sent.md5_of_message_body());
    assert_eq!(
        message.md5_of_message_attributes(),
        sent.md5_of_message_attributes()
    );
    assert!(sent.md5_of_message_attributes().is_some());
    assert_eq!(message.message_attributes().unwrap()["kind"], text("refill"));
    assert_eq!(message.message_attributes().unwrap()["bytes"], binary);
    assert_eq!(system(message, System::ApproximateReceiveCount), Some("1"));
    assert!(
        system(message, System::SentTimestamp)
            .unwrap()
            .parse::<i64>()
            .unwrap()
            > 1_600_000_000_000
    );

    client
        .delete_message()
        .queue_url(&url)
        .receipt_handle(message.receipt_handle().unwrap())
        .send()
        .await
        .unwrap();
    let counts = client
        .get_queue_attributes()
        .queue_url(&url)
        .attribute_names(Name::All)
        .send()
        .await
        .unwrap();
    let counts = counts.attributes().unwrap();
    assert_eq!(counts[&Name::ApproximateNumberOfMessages], "0");
    assert_eq!(counts[&Name::ApproximateNumberOfMessagesNotVisible], "0");
}

#[tokio::test]
async fn a_long_poll_gives_a_delayed_message_when_its_delay_is_over() {
    let (_stack, client, url) = queue().await;
    let began = Instant::now();
    client
        .send_message()
        .queue_url(&url)
        .message_body("later")
        .delay_seconds(1)
        .send()
        .await
        .unwrap();
    assert!(receive(&client, &url, 30, 0).await.is_empty());
    let received = receive(&client, &url, 30, 20).await;
    assert_eq!(received[0].body(), Some("later"));
    let waited = began.elapsed();
    assert!(
        waited > Duration::from_millis(990) && waited < Duration::from_secs(10),
        "{waited:?}"
    );
}

#[tokio::test]
async fn a_long_poll_gives_a_message_back_when_its_visibility_is_over() {
    let (_stack, client, url) = queue().await;
    client
        .send_message()
        .queue_url(&url)
        .message_body("again")
        .send()
        .await
        .unwrap();
    let first = receive(&client, &url, 1, 0).await;
    let second = receive(&client, &url, 30, 20).await;
    assert_eq!(system(&second[0], System::ApproximateReceiveCount), Some("2"));
    assert_eq!(
        system(&second[0], System::ApproximateFirstReceiveTimestamp),
        system(&first[0], System::ApproximateFirstReceiveTimestamp)
    );
    // The first delivery's handle no longer deletes it, and hides it no longer.
    let stale = first[0].receipt_handle().unwrap();
    client
        .delete_message()
        .queue_url(&url)
        .receipt_handle(stale)
        .send()
        .await
        .unwrap();
    let hide = client
        .change_message_visibility()
        .queue_url(&url)
        .receipt_handle(stale)
        .visibility_timeout(60);
    assert!(
        hide.send()
            .await
            .unwrap_err()
            .into_service_error()
            .is_message_not_inflight()
    );
    let counts = client
        .get_queue_attributes()
        .queue_url(&url)
        .attribute_names(Name::All)
        .send()
        .await
        .unwrap();
    assert_eq!(
        counts.attributes().unwrap()[&Name::ApproximateNumberOfMessagesNotVisible],
        "1"
    );
}

#[tokio::test]
async fn a_long_poll_ends_with_the_message_it_waited_for_or_empty_when_its_time_is_over() {
    let (_stack, client, url) = queue().await;
    let began = Instant::now();
    assert!(receive(&client, &url, 30, 1).await.is_empty());
    assert!(began.elapsed() >= Duration::from_secs(1));

    let began = Instant::now();
    let (received, sent) = tokio::join!(
        receive(&client, &url, 30, 20),
        client.send_message().queue_url(&url).message_body("come").send(),
    );
    sent.unwrap();
    assert_eq!(received.len(), 1);
    assert!(began.elapsed() < Duration::from_secs(10));
}

#[tokio::test]
async fn showing_a_message_again_wakes_those_who_wait() {
    let (_stack, client, url) = queue().await;
    client
        .send_message()
        .queue_url(&url)
        .message_body("x")
        .send()
        .await
        .unwrap();
    let first = receive(&client, &url, 600, 0).await;
    let (second, shown) = tokio::join!(
        receive(&client, &url, 600, 20),
        client
            .change_message_visibility()
            .queue_url(&url)
            .receipt_handle(first[0].receipt_handle().unwrap())
            .visibility_timeout(0)
            .send(),
    );
    shown.unwrap();
    assert_eq!(second.len(), 1);
}

#[tokio::test]
async fn what_is_received_too_often_goes_to_the_dead_letters_and_wakes_their_reader() {
    let (_stack, client, url) = queue().await;
    let dead = client
        .create_queue()
        .queue_name("q-dead")
        .send()
        .await
        .unwrap()
        .queue_url
        .unwrap();
    let arn = client
        .get_queue_attributes()
        .queue_url(&dead)
        .attribute_names(Name::QueueArn)
        .send()
        .await
        .unwrap();
    let arn = &arn.attributes().unwrap()[&Name::QueueArn];
    let policy = format!(r#"{{"deadLetterTargetArn":"{arn}","maxReceiveCount":"2"}}"#);
    client
        .set_queue_attributes()
        .queue_url(&url)
        .attributes(Name::RedrivePolicy, policy)
        .send()
        .await
        .unwrap();
    client
        .send_message()
        .queue_url(&url)
        .message_body("poison")
        .message_attributes("k", text("v"))
        .send()
        .await
        .unwrap();
    for count in ["1", "2"] {
        let received = receive(&client, &url, 0, 0).await;
        assert_eq!(system(&received[0], System::ApproximateReceiveCount), Some(count));
    }
    let (letters, nothing) = tokio::join!(receive(&client, &dead, 30, 20), receive(&client, &url, 0, 0));
    assert!(nothing.is_empty());
    assert_eq!(letters[0].body(), Some("poison"));
    assert_eq!(letters[0].message_attributes().unwrap()["k"], text("v"));
    let source = system(&letters[0], System::DeadLetterQueueSourceArn).unwrap();
    assert!(source.ends_with(":q"), "{source}");
}
