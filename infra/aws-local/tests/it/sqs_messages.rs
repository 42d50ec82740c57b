//! SQS: messages on their way.

use std::time::{Duration, Instant};

use aws_sdk_sqs::Client;
use aws_sdk_sqs::error::ProvideErrorMetadata;
use aws_sdk_sqs::primitives::Blob;
use aws_sdk_sqs::types::{
    ChangeMessageVisibilityBatchRequestEntry, DeleteMessageBatchRequestEntry, Message, MessageAttributeValue,
    MessageSystemAttributeName as System, QueueAttributeName as Name, SendMessageBatchRequestEntry,
};

use crate::common::Stack;

async fn queue() -> (Stack, Client, String) {
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

async fn receive(client: &Client, url: &str, visibility_s: i32, wait_s: i32) -> Vec<Message> {
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

fn text(value: &str) -> MessageAttributeValue {
    MessageAttributeValue::builder()
        .data_type("String")
        .string_value(value)
        .build()
        .unwrap()
}

fn system(message: &Message, name: System) -> Option<&str> {
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

#[tokio::test]
async fn a_batch_succeeds_entry_by_entry() {
    let (_stack, client, url) = queue().await;
    let entry = |id: &str, body: &str| SendMessageBatchRequestEntry::builder().id(id).message_body(body);
    let answer = client
        .send_message_batch()
        .queue_url(&url)
        .entries(entry("a", "one").build().unwrap())
        .entries(entry("b", "two").delay_seconds(901).build().unwrap())
        .entries(entry("c", "\u{1}").build().unwrap())
        .entries(entry("d", "four").build().unwrap())
        .send()
        .await
        .unwrap();
    let successful: Vec<_> = answer.successful().iter().map(|entry| entry.id()).collect();
    let failed: Vec<_> = answer
        .failed()
        .iter()
        .map(|entry| (entry.id(), entry.code(), entry.sender_fault()))
        .collect();
    assert_eq!(successful, ["a", "d"]);
    assert_eq!(
        failed,
        [
            ("b", "InvalidParameterValue", true),
            ("c", "InvalidMessageContents", true)
        ]
    );

    let received = receive(&client, &url, 600, 0).await;
    assert_eq!(
        received
            .iter()
            .map(|message| message.body().unwrap())
            .collect::<Vec<_>>(),
        ["one", "four"]
    );
    let handle = |at: usize| received[at].receipt_handle().unwrap();
    let hide = |id: &str, handle: &str, seconds| {
        let entry = ChangeMessageVisibilityBatchRequestEntry::builder()
            .id(id)
            .receipt_handle(handle);
        entry.visibility_timeout(seconds).build().unwrap()
    };
    let answer = client
        .change_message_visibility_batch()
        .queue_url(&url)
        .entries(hide("a", handle(0), 0))
        .entries(hide("b", "not a handle", 0))
        .send()
        .await
        .unwrap();
    assert_eq!(
        (answer.successful().len(), answer.failed()[0].code()),
        (1, "ReceiptHandleIsInvalid")
    );
    assert_eq!(receive(&client, &url, 600, 0).await.len(), 1);

    let delete = |id: &str, handle: &str| {
        DeleteMessageBatchRequestEntry::builder()
            .id(id)
            .receipt_handle(handle)
            .build()
            .unwrap()
    };
    let answer = client
        .delete_message_batch()
        .queue_url(&url)
        .entries(delete("d", handle(1)))
        .entries(delete("x", "not a handle"))
        .send()
        .await
        .unwrap();
    assert_eq!((answer.successful()[0].id(), answer.failed()[0].id()), ("d", "x"));
}

#[tokio::test]
async fn batches_have_sqs_limits() {
    let (_stack, client, url) = queue().await;
    let send = |entries: Vec<(String, String)>| {
        let entries = entries.into_iter().map(|(id, body)| {
            SendMessageBatchRequestEntry::builder()
                .id(id)
                .message_body(body)
                .build()
                .unwrap()
        });
        client
            .send_message_batch()
            .queue_url(&url)
            .set_entries(Some(entries.collect()))
            .send()
    };
    let numbered =
        |count: usize, bytes: usize| (0..count).map(|n| (n.to_string(), "x".repeat(bytes))).collect();
    let refusal = |result: Result<_, aws_sdk_sqs::error::SdkError<_, _>>| match result {
        Ok(answer) => panic!("accepted: {answer:?}"),
        Err(error) => error.into_service_error(),
    };
    assert!(refusal(send(vec![]).await).is_empty_batch_request());
    assert!(refusal(send(numbered(11, 1)).await).is_too_many_entries_in_batch_request());
    let twice = vec![("a".to_owned(), "x".to_owned()), ("a".to_owned(), "y".to_owned())];
    assert!(refusal(send(twice).await).is_batch_entry_ids_not_distinct());
    assert!(refusal(send(numbered(10, 26_215)).await).is_batch_request_too_long());
    send(numbered(10, 26_214)).await.unwrap();

    let one = |bytes: usize| {
        client
            .send_message()
            .queue_url(&url)
            .message_body("x".repeat(bytes))
            .send()
    };
    one(256 * 1024).await.unwrap();
    let refusal = one(256 * 1024 + 1).await.unwrap_err().into_service_error();
    assert_eq!(refusal.code(), Some("InvalidParameterValue"));
    let refusal = client
        .receive_message()
        .queue_url(&url)
        .max_number_of_messages(11)
        .send()
        .await
        .unwrap_err();
    assert_eq!(refusal.into_service_error().code(), Some("InvalidParameterValue"));
}

#[tokio::test]
async fn many_consumers_share_the_messages_without_seeing_one_twice() {
    let (_stack, client, url) = queue().await;
    let consumers: Vec<_> = (0..4)
        .map(|_| {
            let (client, url) = (client.clone(), url.clone());
            tokio::spawn(async move {
                let mut got = Vec::new();
                loop {
                    let received = receive(&client, &url, 600, 2).await;
                    if received.is_empty() {
                        return got;
                    }
                    got.extend(received.into_iter().map(|message| message.body.unwrap()));
                }
            })
        })
        .collect();
    for number in 0..60 {
        client
            .send_message()
            .queue_url(&url)
            .message_body(number.to_string())
            .send()
            .await
            .unwrap();
    }
    let mut all = Vec::new();
    for consumer in consumers {
        all.extend(
            consumer
                .await
                .unwrap()
                .into_iter()
                .map(|body| body.parse::<usize>().unwrap()),
        );
    }
    all.sort_unstable();
    assert_eq!(all, (0..60).collect::<Vec<_>>());
}
