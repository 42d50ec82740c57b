//! SQS: making, finding, configuring, emptying and removing queues.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use aws_sdk_sqs::Client;
use aws_sdk_sqs::error::ProvideErrorMetadata;
use aws_sdk_sqs::types::QueueAttributeName as Name;

use crate::common::Stack;

async fn attribute(client: &Client, queue: &str, name: Name) -> Option<String> {
    let answer = client
        .get_queue_attributes()
        .queue_url(queue)
        .attribute_names(Name::All)
        .send()
        .await
        .unwrap();
    answer.attributes?.remove(&name)
}

async fn make(client: &Client, name: &str) -> String {
    client
        .create_queue()
        .queue_name(name)
        .send()
        .await
        .unwrap()
        .queue_url
        .unwrap()
}

#[tokio::test]
async fn making_a_queue_again_is_fine_unless_it_would_be_another_one() {
    let stack = Stack::start().await;
    let client = stack.sqs();
    let make = |visibility: &str| {
        client
            .create_queue()
            .queue_name("dial")
            .attributes(Name::VisibilityTimeout, visibility)
    };
    let url = make("60").send().await.unwrap().queue_url.unwrap();
    assert_eq!(make("60").send().await.unwrap().queue_url.unwrap(), url);
    assert_eq!(
        client
            .create_queue()
            .queue_name("dial")
            .send()
            .await
            .unwrap()
            .queue_url
            .unwrap(),
        url
    );
    let refusal = make("61").send().await.unwrap_err().into_service_error();
    assert!(refusal.is_queue_name_exists(), "{refusal:?}");
    assert_eq!(
        attribute(&client, &url, Name::VisibilityTimeout).await.as_deref(),
        Some("60")
    );
}

#[tokio::test]
async fn a_queue_that_is_not_there_is_named_in_sqs_own_error() {
    let stack = Stack::start().await;
    let client = stack.sqs();
    let url = format!("{}/000000000000/nothing", stack.aws.sqs_url().unwrap());
    let refusal = client
        .send_message()
        .queue_url(&url)
        .message_body("x")
        .send()
        .await
        .unwrap_err();
    let header = refusal
        .raw_response()
        .unwrap()
        .headers()
        .get("x-amzn-query-error")
        .map(str::to_owned);
    assert_eq!(
        header.as_deref(),
        Some("AWS.SimpleQueueService.NonExistentQueue;Sender")
    );
    assert!(refusal.into_service_error().is_queue_does_not_exist());
    let refusal = client
        .get_queue_url()
        .queue_name("nothing")
        .send()
        .await
        .unwrap_err()
        .into_service_error();
    assert!(refusal.is_queue_does_not_exist());
}

#[tokio::test]
async fn attributes_are_set_one_by_one_and_checked() {
    let stack = Stack::start().await;
    let client = stack.sqs();
    let url = make(&client, "q").await;
    let set = |name: Name, value: &str| {
        client
            .set_queue_attributes()
            .queue_url(&url)
            .attributes(name, value)
    };
    set(Name::DelaySeconds, "7").send().await.unwrap();
    assert_eq!(
        attribute(&client, &url, Name::DelaySeconds).await.as_deref(),
        Some("7")
    );
    assert_eq!(
        attribute(&client, &url, Name::VisibilityTimeout).await.as_deref(),
        Some("30")
    );
    let arn = attribute(&client, &url, Name::QueueArn).await.unwrap();
    assert!(
        arn.starts_with("arn:aws:sqs:us-east-1:") && arn.ends_with(":q"),
        "{arn}"
    );

    let refusal = set(Name::DelaySeconds, "901")
        .send()
        .await
        .unwrap_err()
        .into_service_error();
    assert!(refusal.is_invalid_attribute_value(), "{refusal:?}");
    let refusal = set(Name::from("Colour"), "red")
        .send()
        .await
        .unwrap_err()
        .into_service_error();
    assert!(refusal.is_invalid_attribute_name(), "{refusal:?}");
    let policy =
        r#"{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:nothing","maxReceiveCount":3}"#;
    let refusal = set(Name::RedrivePolicy, policy)
        .send()
        .await
        .unwrap_err()
        .into_service_error();
    assert_eq!(refusal.code(), Some("InvalidParameterValue"), "{refusal:?}");
}

#[tokio::test]
async fn names_are_checked_and_fifo_is_refused_aloud() {
    let stack = Stack::start().await;
    let client = stack.sqs();
    for name in ["a b", "ü", "calls.fifo", ""] {
        let refusal = client
            .create_queue()
            .queue_name(name)
            .send()
            .await
            .unwrap_err()
            .into_service_error();
        assert_eq!(refusal.code(), Some("InvalidParameterValue"), "{name}");
    }
}

#[tokio::test]
async fn queues_are_listed_by_prefix_in_pages() {
    let stack = Stack::start().await;
    let client = stack.sqs();
    for name in ["dial", "dial-dead", "fanout", "dial-later"] {
        make(&client, name).await;
    }
    let first = client
        .list_queues()
        .queue_name_prefix("dial")
        .max_results(2)
        .send()
        .await
        .unwrap();
    assert_eq!(first.queue_urls().len(), 2);
    let second = client.list_queues().queue_name_prefix("dial").max_results(2);
    let second = second
        .next_token(first.next_token().unwrap())
        .send()
        .await
        .unwrap();
    assert_eq!((second.queue_urls().len(), second.next_token()), (1, None));
    assert_eq!(client.list_queues().send().await.unwrap().queue_urls().len(), 4);
}

#[tokio::test]
async fn purging_empties_and_deleting_ends_those_who_wait() {
    let stack = Stack::start().await;
    let client = stack.sqs();
    let url = make(&client, "q").await;
    client
        .send_message()
        .queue_url(&url)
        .message_body("x")
        .delay_seconds(60)
        .send()
        .await
        .unwrap();
    assert_eq!(
        attribute(&client, &url, Name::ApproximateNumberOfMessagesDelayed)
            .await
            .as_deref(),
        Some("1")
    );
    client.purge_queue().queue_url(&url).send().await.unwrap();
    assert_eq!(
        attribute(&client, &url, Name::ApproximateNumberOfMessagesDelayed)
            .await
            .as_deref(),
        Some("0")
    );

    let began = Instant::now();
    let (waited, deleted) = tokio::join!(
        client
            .receive_message()
            .queue_url(&url)
            .wait_time_seconds(20)
            .send(),
        client.delete_queue().queue_url(&url).send(),
    );
    deleted.unwrap();
    assert!(waited.unwrap_err().into_service_error().is_queue_does_not_exist());
    assert!(began.elapsed() < Duration::from_secs(15));

    // A queue of the same name is a new one.
    assert_eq!(make(&client, "q").await, url);
    let counts: HashMap<_, _> = client
        .get_queue_attributes()
        .queue_url(&url)
        .attribute_names(Name::ApproximateNumberOfMessages)
        .send()
        .await
        .unwrap()
        .attributes
        .unwrap();
    assert_eq!(counts[&Name::ApproximateNumberOfMessages], "0");
}

#[tokio::test]
async fn stopping_ends_long_polls_at_once() {
    let stack = Stack::start().await;
    let client = stack.sqs();
    let url = make(&client, "q").await;
    let poll = tokio::spawn({
        let (client, url) = (client.clone(), url.clone());
        async move {
            client
                .receive_message()
                .queue_url(url)
                .wait_time_seconds(20)
                .send()
                .await
        }
    });
    // An answered request on the same service: by then the poll, sent before, is there or refused.
    attribute(&client, &url, Name::QueueArn).await;
    let began = Instant::now();
    stack.aws.shutdown().await;
    assert!(began.elapsed() < Duration::from_secs(4), "{:?}", began.elapsed());
    if let Ok(answer) = poll.await.unwrap() {
        assert!(answer.messages().is_empty());
    }
}
