//! S3: objects and lists.

use crate::common::Stack;
use aws_sdk_s3::Client;
use aws_sdk_s3::error::ProvideErrorMetadata;
use aws_sdk_s3::error::SdkError;
use aws_sdk_s3::types::ChecksumAlgorithm;
use aws_sdk_s3::types::Delete;
use aws_sdk_s3::types::ObjectIdentifier;

pub(crate) const BUCKET: &str = "recordings";

pub(crate) async fn bucket() -> (Stack, Client) {
    let stack = Stack::start().await;
    let client = stack.s3();
    client.create_bucket().bucket(BUCKET).send().await.unwrap();
    (stack, client)
}

pub(crate) async fn put(client: &Client, key: &str, body: &[u8]) {
    client
        .put_object()
        .bucket(BUCKET)
        .key(key)
        .body(body.to_vec().into())
        .send()
        .await
        .unwrap();
}

pub(crate) async fn get(client: &Client, key: &str) -> Vec<u8> {
    let object = client.get_object().bucket(BUCKET).key(key).send().await.unwrap();
    object.body.collect().await.unwrap().to_vec()
}

pub(crate) fn code<E: ProvideErrorMetadata + std::fmt::Debug>(error: SdkError<E>) -> String {
    error
        .as_service_error()
        .and_then(ProvideErrorMetadata::code)
        .unwrap_or("none")
        .to_owned()
}

#[tokio::test]
async fn an_object_comes_back_as_it_was_put() {
    let (_stack, client) = bucket().await;
    let key = "calls/2026-11-22/å 😀+%2e/left.wav";
    let put = client
        .put_object()
        .bucket(BUCKET)
        .key(key)
        .content_type("audio/wav")
        .cache_control("no-store")
        .metadata("call-id", "C-1")
        .checksum_algorithm(ChecksumAlgorithm::Sha256)
        .body(b"RIFF....".to_vec().into())
        .send()
        .await
        .unwrap();
    let got = client.get_object().bucket(BUCKET).key(key).send().await.unwrap();
    assert_eq!(
        (got.content_type(), got.cache_control()),
        (Some("audio/wav"), Some("no-store"))
    );
    assert_eq!(got.metadata().unwrap()["call-id"], "C-1");
    assert_eq!((got.e_tag(), got.content_length()), (put.e_tag(), Some(8)));
    assert_eq!(
        (got.checksum_sha256(), got.content_encoding()),
        (put.checksum_sha256(), None)
    );
    assert_eq!(got.body.collect().await.unwrap().to_vec(), b"RIFF....");

    let head = client.head_object().bucket(BUCKET).key(key).send().await.unwrap();
    assert_eq!(
        (head.content_length(), head.content_type(), head.e_tag()),
        (Some(8), Some("audio/wav"), put.e_tag())
    );
}

#[tokio::test]
async fn a_streamed_body_is_put_whole_and_an_empty_one_too() {
    use aws_sdk_s3::primitives::ByteStream;
    let (stack, client) = bucket().await;
    let file = stack.folder.path().join("upload");
    let bytes: Vec<u8> = (0..3_000_000_u32)
        .map(|n| u8::try_from(n % 253).unwrap())
        .collect();
    std::fs::write(&file, &bytes).unwrap();
    let body = ByteStream::from_path(&file).await.unwrap();
    client
        .put_object()
        .bucket(BUCKET)
        .key("long")
        .body(body)
        .send()
        .await
        .unwrap();
    assert!(get(&client, "long").await == bytes);
    put(&client, "empty", b"").await;
    assert_eq!(get(&client, "empty").await, b"");
}

#[tokio::test]
async fn ranges_give_their_part() {
    let (_stack, client) = bucket().await;
    let bytes: Vec<u8> = (0..200_000_u32).map(|n| u8::try_from(n % 251).unwrap()).collect();
    put(&client, "k", &bytes).await;
    for (range, from, to) in [
        ("bytes=0-0", 0, 1),
        ("bytes=65530-131080", 65_530, 131_081),
        ("bytes=199990-", 199_990, 200_000),
        ("bytes=-5", 199_995, 200_000),
        ("bytes=199999-900000", 199_999, 200_000),
    ] {
        let got = client
            .get_object()
            .bucket(BUCKET)
            .key("k")
            .range(range)
            .send()
            .await
            .unwrap();
        assert_eq!(
            got.content_range().unwrap(),
            format!("bytes {from}-{}/200000", to - 1),
            "{range}"
        );
        assert!(
            got.body.collect().await.unwrap().to_vec() == bytes[from..to],
            "{range}"
        );
    }
    let beyond = client
        .get_object()
        .bucket(BUCKET)
        .key("k")
        .range("bytes=200000-")
        .send()
        .await
        .unwrap_err();
    assert_eq!(code(beyond), "InvalidRange");
}

#[tokio::test]
async fn a_put_replaces_and_a_delete_removes_also_twice() {
    let (stack, client) = bucket().await;
    put(&client, "k", b"old").await;
    put(&client, "k", b"new").await;
    assert_eq!(get(&client, "k").await, b"new");
    for _ in 0..2 {
        client
            .delete_object()
            .bucket(BUCKET)
            .key("k")
            .send()
            .await
            .unwrap();
    }
    let missing = client
        .get_object()
        .bucket(BUCKET)
        .key("k")
        .send()
        .await
        .unwrap_err();
    assert!(missing.into_service_error().is_no_such_key());
    let missing = client
        .head_object()
        .bucket(BUCKET)
        .key("k")
        .send()
        .await
        .unwrap_err();
    assert!(missing.into_service_error().is_not_found());
    let nowhere = client
        .put_object()
        .bucket("nowhere")
        .key("k")
        .send()
        .await
        .unwrap_err();
    assert_eq!(code(nowhere), "NoSuchBucket");
    assert_eq!(files_under(&stack.folder.path().join("data/s3/blobs")), 0);
}

pub(crate) fn files_under(folder: &std::path::Path) -> usize {
    let entries = std::fs::read_dir(folder).unwrap().map(Result::unwrap);
    entries
        .map(|entry| {
            if entry.path().is_dir() {
                files_under(&entry.path())
            } else {
                1
            }
        })
        .sum()
}

#[tokio::test]
async fn writes_and_reads_may_be_conditional() {
    let (_stack, client) = bucket().await;
    let create = || {
        client
            .put_object()
            .bucket(BUCKET)
            .key("k")
            .if_none_match("*")
            .body(b"1".to_vec().into())
    };
    let tag = create().send().await.unwrap().e_tag.unwrap();
    assert_eq!(code(create().send().await.unwrap_err()), "PreconditionFailed");
    let replace = |tag: &str| {
        client
            .put_object()
            .bucket(BUCKET)
            .key("k")
            .if_match(tag)
            .body(b"2".to_vec().into())
    };
    replace(&tag).send().await.unwrap();
    assert_eq!(
        code(replace(&tag).send().await.unwrap_err()),
        "PreconditionFailed"
    );
    let now = client
        .head_object()
        .bucket(BUCKET)
        .key("k")
        .send()
        .await
        .unwrap()
        .e_tag
        .unwrap();
    let unchanged = client
        .get_object()
        .bucket(BUCKET)
        .key("k")
        .if_none_match(now)
        .send()
        .await
        .unwrap_err();
    assert_eq!(unchanged.raw_response().unwrap().status().as_u16(), 304);
}

#[tokio::test]
async fn lists_page_by_prefix_and_roll_up_folders() {
    let (_stack, client) = bucket().await;
    for key in ["a/1", "a/2", "a/b/3", "ab", "b/1", "z", "a"] {
        put(&client, key, b"x").await;
    }
    let list = client
        .list_objects_v2()
        .bucket(BUCKET)
        .delimiter("/")
        .send()
        .await
        .unwrap();
    let keys: Vec<_> = list
        .contents()
        .iter()
        .map(|object| object.key().unwrap())
        .collect();
    let folders: Vec<_> = list
        .common_prefixes()
        .iter()
        .map(|folder| folder.prefix().unwrap())
        .collect();
    assert_eq!((keys, folders), (vec!["a", "ab", "z"], vec!["a/", "b/"]));

    let mut pages = client
        .list_objects_v2()
        .bucket(BUCKET)
        .prefix("a")
        .max_keys(2)
        .into_paginator()
        .send();
    let mut sizes = Vec::new();
    let mut keys = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.unwrap();
        sizes.push(page.contents().len());
        keys.extend(
            page.contents()
                .iter()
                .map(|object| object.key().unwrap().to_owned()),
        );
    }
    assert_eq!(
        (sizes, keys),
        (
            vec![2, 2, 1],
            ["a", "a/1", "a/2", "a/b/3", "ab"].map(str::to_owned).to_vec()
        )
    );
}

#[tokio::test]
async fn many_are_deleted_at_once_and_a_bucket_only_when_empty() {
    let (_stack, client) = bucket().await;
    for key in ["1", "2", "3"] {
        put(&client, key, b"x").await;
    }
    assert_eq!(
        code(client.delete_bucket().bucket(BUCKET).send().await.unwrap_err()),
        "BucketNotEmpty"
    );
    let ids = ["1", "2", "3", "nothing"].map(|key| ObjectIdentifier::builder().key(key).build().unwrap());
    let delete = Delete::builder().set_objects(Some(ids.to_vec())).build().unwrap();
    let answer = client
        .delete_objects()
        .bucket(BUCKET)
        .delete(delete)
        .send()
        .await
        .unwrap();
    assert_eq!((answer.deleted().len(), answer.errors().len()), (4, 0));
    client.delete_bucket().bucket(BUCKET).send().await.unwrap();
    assert!(
        client
            .head_bucket()
            .bucket(BUCKET)
            .send()
            .await
            .unwrap_err()
            .into_service_error()
            .is_not_found()
    );
    client.create_bucket().bucket(BUCKET).send().await.unwrap();
    let again = client
        .create_bucket()
        .bucket(BUCKET)
        .send()
        .await
        .unwrap_err()
        .into_service_error();
    assert!(again.is_bucket_already_owned_by_you(), "{again:?}");
    assert_eq!(client.list_buckets().send().await.unwrap().buckets().len(), 1);
}
