//! S3: multipart uploads.

use aws_sdk_s3::Client;
use aws_sdk_s3::error::ProvideErrorMetadata;
use aws_sdk_s3::types::{CompletedMultipartUpload, CompletedPart};

use crate::common::Stack;

const BUCKET: &str = "recordings";
const MIB: usize = 1024 * 1024;

async fn begin(client: &Client, key: &str) -> String {
    let upload = client
        .create_multipart_upload()
        .bucket(BUCKET)
        .key(key)
        .content_type("audio/wav");
    upload.send().await.unwrap().upload_id.unwrap()
}

async fn part(client: &Client, key: &str, upload: &str, number: i32, bytes: Vec<u8>) -> CompletedPart {
    let sent = client
        .upload_part()
        .bucket(BUCKET)
        .key(key)
        .upload_id(upload)
        .part_number(number);
    let sent = sent.body(bytes.into()).send().await.unwrap();
    CompletedPart::builder()
        .part_number(number)
        .set_e_tag(sent.e_tag)
        .build()
}

fn of(parts: Vec<CompletedPart>) -> CompletedMultipartUpload {
    CompletedMultipartUpload::builder().set_parts(Some(parts)).build()
}

async fn bucket() -> (Stack, Client) {
    let stack = Stack::start().await;
    let client = stack.s3();
    client.create_bucket().bucket(BUCKET).send().await.unwrap();
    (stack, client)
}

#[tokio::test]
async fn parts_become_one_object_even_after_a_restart_in_between() {
    let (stack, client) = bucket().await;
    let upload = begin(&client, "long.wav").await;
    let first = part(&client, "long.wav", &upload, 1, vec![1; 5 * MIB]).await;
    part(&client, "long.wav", &upload, 2, vec![9; 10]).await;
    assert!(
        client
            .get_object()
            .bucket(BUCKET)
            .key("long.wav")
            .send()
            .await
            .is_err()
    );

    let stack = stack.restart().await;
    let client = stack.s3();
    // A part that is sent again replaces the earlier one.
    let second = part(&client, "long.wav", &upload, 2, vec![2; 100]).await;
    let parts = client
        .list_parts()
        .bucket(BUCKET)
        .key("long.wav")
        .upload_id(&upload)
        .send()
        .await
        .unwrap();
    assert_eq!(
        parts
            .parts()
            .iter()
            .map(|part| part.size().unwrap())
            .collect::<Vec<_>>(),
        [5_242_880, 100]
    );
    let complete = client
        .complete_multipart_upload()
        .bucket(BUCKET)
        .key("long.wav")
        .upload_id(&upload);
    let done = complete
        .multipart_upload(of(vec![first, second]))
        .send()
        .await
        .unwrap();
    assert!(
        done.e_tag().unwrap().trim_matches('"').ends_with("-2"),
        "{:?}",
        done.e_tag()
    );

    let got = client
        .get_object()
        .bucket(BUCKET)
        .key("long.wav")
        .send()
        .await
        .unwrap();
    assert_eq!(got.content_type(), Some("audio/wav"));
    let body = got.body.collect().await.unwrap().to_vec();
    assert!(
        body.len() == 5 * MIB + 100 && body[..5 * MIB].iter().all(|b| *b == 1) && body[5 * MIB..] == [2; 100]
    );
    let over = client
        .list_parts()
        .bucket(BUCKET)
        .key("long.wav")
        .upload_id(&upload)
        .send()
        .await
        .unwrap_err();
    assert_eq!(over.into_service_error().code(), Some("NoSuchUpload"));
}

#[tokio::test]
async fn an_upload_is_completed_only_with_the_parts_that_came() {
    let (_stack, client) = bucket().await;
    let upload = begin(&client, "k").await;
    let small = part(&client, "k", &upload, 1, vec![1; 10]).await;
    let last = part(&client, "k", &upload, 2, vec![2; 10]).await;
    let complete = async |parts: Vec<CompletedPart>| {
        let complete = client
            .complete_multipart_upload()
            .bucket(BUCKET)
            .key("k")
            .upload_id(&upload);
        let answer = complete.multipart_upload(of(parts)).send().await;
        answer
            .err()
            .map(|error| error.into_service_error().code().unwrap().to_owned())
    };
    let never_sent = CompletedPart::builder().part_number(3).e_tag("\"x\"").build();
    let other_bytes = CompletedPart::builder().part_number(2).e_tag("\"x\"").build();
    assert_eq!(
        complete(vec![small.clone(), last.clone()]).await.as_deref(),
        Some("EntityTooSmall")
    );
    assert_eq!(
        complete(vec![last.clone(), small.clone()]).await.as_deref(),
        Some("InvalidPartOrder")
    );
    assert_eq!(complete(vec![never_sent]).await.as_deref(), Some("InvalidPart"));
    assert_eq!(complete(vec![other_bytes]).await.as_deref(), Some("InvalidPart"));
    assert_eq!(complete(vec![last]).await, None);
}

#[tokio::test]
async fn an_aborted_upload_leaves_nothing() {
    let (stack, client) = bucket().await;
    let upload = begin(&client, "k").await;
    part(&client, "k", &upload, 1, vec![1; 10]).await;
    client
        .abort_multipart_upload()
        .bucket(BUCKET)
        .key("k")
        .upload_id(&upload)
        .send()
        .await
        .unwrap();
    let late = client
        .upload_part()
        .bucket(BUCKET)
        .key("k")
        .upload_id(&upload)
        .part_number(2);
    let late = late.body(vec![2].into()).send().await.unwrap_err();
    assert_eq!(late.into_service_error().code(), Some("NoSuchUpload"));
    let blobs = walk(&stack.folder.path().join("data/s3/blobs"));
    assert_eq!(blobs, 0);
    client.delete_bucket().bucket(BUCKET).send().await.unwrap();
}

fn walk(folder: &std::path::Path) -> usize {
    let entries = std::fs::read_dir(folder).unwrap().map(Result::unwrap);
    entries
        .map(|entry| {
            if entry.path().is_dir() {
                walk(&entry.path())
            } else {
                1
            }
        })
        .sum()
}
