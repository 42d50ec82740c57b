//! SQS: batches, and many consumers.

use aws_sdk_sqs::error::ProvideErrorMetadata;
use aws_sdk_sqs::types::ChangeMessageVisibilityBatchRequestEntry;
use aws_sdk_sqs::types::DeleteMessageBatchRequestEntry;
use aws_sdk_sqs::types::SendMessageBatchRequestEntry;

use crate::sqs_messages::{queue, receive};

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
