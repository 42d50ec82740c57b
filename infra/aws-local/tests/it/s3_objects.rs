//! S3: objects and lists.

use std::time::{Duration, SystemTime};

use aws_sdk_s3::Client;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_s3::presigning::PresigningConfig;
use aws_sdk_s3::types::{ChecksumAlgorithm, Delete, MetadataDirective, ObjectIdentifier};

use crate::common::Stack;

const BUCKET: &str = "recordings";

async fn bucket() -> (Stack, Client) {
    let stack = Stack::start().await;
    let client = stack.s3();
    client.create_bucket().bucket(BUCKET).send().await.unwrap();
    (stack, client)
}

async fn put(client: &Client, key: &str, body: &[u8]) {
    client
        .put_object()
        .bucket(BUCKET)
        .key(key)
        .body(body.to_vec().into())
        .send()
        .await
        .unwrap();
}

async fn get(client: &Client, key: &str) -> Vec<u8> {
    let object = client.get_object().bucket(BUCKET).key(key).send().await.unwrap();
    object.body.collect().await.unwrap().to_vec()
}

fn code<E: ProvideErrorMetadata + std::fmt::Debug>(error: SdkError<E>) -> String {
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

fn files_under(folder: &std::path::Path) -> usize {
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

#[tokio::test]
async fn a_copy_is_an_object_of_its_own() {
    let (_stack, client) = bucket().await;
    client
        .put_object()
        .bucket(BUCKET)
        .key("from/å")
        .content_type("audio/wav")
        .metadata("call", "1")
        .body(b"sound".to_vec().into())
        .send()
        .await
        .unwrap();
    let source = format!("{BUCKET}/from/%C3%A5");
    client
        .copy_object()
        .bucket(BUCKET)
        .key("to")
        .copy_source(&source)
        .send()
        .await
        .unwrap();
    let replace = client
        .copy_object()
        .bucket(BUCKET)
        .key("other")
        .copy_source(&source)
        .content_type("audio/x-wav");
    replace
        .metadata_directive(MetadataDirective::Replace)
        .send()
        .await
        .unwrap();
    client
        .delete_object()
        .bucket(BUCKET)
        .key("from/å")
        .send()
        .await
        .unwrap();
    assert_eq!(get(&client, "to").await, b"sound");
    let head = client
        .head_object()
        .bucket(BUCKET)
        .key("to")
        .send()
        .await
        .unwrap();
    assert_eq!(
        (head.content_type(), head.metadata().unwrap()["call"].as_str()),
        (Some("audio/wav"), "1")
    );
    let head = client
        .head_object()
        .bucket(BUCKET)
        .key("other")
        .send()
        .await
        .unwrap();
    assert_eq!(
        (
            head.content_type(),
            head.metadata().is_some_and(|m| !m.is_empty())
        ),
        (Some("audio/x-wav"), false)
    );
}

#[tokio::test]
async fn no_key_leads_out_of_its_bucket() {
    let (stack, client) = bucket().await;
    client.create_bucket().bucket("other").send().await.unwrap();
    client
        .put_object()
        .bucket("other")
        .key("x")
        .body(b"safe".to_vec().into())
        .send()
        .await
        .unwrap();
    for key in ["../other/x", "a/../../other/x", "..", "../../dynamodb.db"] {
        client
            .put_object()
            .bucket(BUCKET)
            .key(key)
            .body(b"evil".to_vec().into())
            .send()
            .await
            .unwrap_err();
        client
            .get_object()
            .bucket(BUCKET)
            .key(key)
            .send()
            .await
            .unwrap_err();
        let source = format!("{BUCKET}/{key}");
        client
            .copy_object()
            .bucket(BUCKET)
            .key("stolen")
            .copy_source(source)
            .send()
            .await
            .unwrap_err();
    }
    let id = ObjectIdentifier::builder().key("../other/x").build().unwrap();
    let delete = Delete::builder().objects(id).build().unwrap();
    client
        .delete_objects()
        .bucket(BUCKET)
        .delete(delete)
        .send()
        .await
        .unwrap();
    let kept = client.get_object().bucket("other").key("x").send().await.unwrap();
    assert_eq!(kept.body.collect().await.unwrap().to_vec(), b"safe");
    assert_eq!(
        client
            .list_objects_v2()
            .bucket(BUCKET)
            .send()
            .await
            .unwrap()
            .key_count(),
        Some(0)
    );
    assert!(stack.folder.path().join("data/dynamodb.db").exists());
}

#[tokio::test]
async fn bytes_that_do_not_fit_their_checksum_are_not_kept() {
    let (_stack, client) = bucket().await;
    put(&client, "k", b"good").await;
    let wrong = client
        .put_object()
        .bucket(BUCKET)
        .key("k")
        .checksum_sha256("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=");
    assert_eq!(
        code(wrong.body(b"bad".to_vec().into()).send().await.unwrap_err()),
        "BadDigest"
    );
    assert_eq!(get(&client, "k").await, b"good");
}

#[tokio::test]
async fn a_presigned_link_works_for_its_request_and_its_time_alone() {
    let (_stack, client) = bucket().await;
    put(&client, "k", b"sound").await;
    put(&client, "secret", b"secret").await;
    let http = reqwest::Client::new();
    let minute = PresigningConfig::expires_in(Duration::from_secs(60)).unwrap();
    let link = client
        .get_object()
        .bucket(BUCKET)
        .key("k")
        .response_content_type("audio/mpeg");
    let link = link.presigned(minute.clone()).await.unwrap().uri().to_owned();
    let got = http.get(&link).send().await.unwrap();
    assert_eq!(got.status().as_u16(), 200);
    assert_eq!(got.headers()["content-type"], "audio/mpeg");
    assert_eq!(got.bytes().await.unwrap().as_ref(), b"sound");

    let status = async |request: reqwest::RequestBuilder| request.send().await.unwrap().status().as_u16();
    assert_eq!(status(http.get(link.replace("/k?", "/secret?"))).await, 403);
    assert_eq!(
        status(http.get(link.replace("X-Amz-Expires=60", "X-Amz-Expires=6000"))).await,
        403
    );
    assert_eq!(status(http.put(&link).body("evil")).await, 403);
    assert_eq!(status(http.delete(&link)).await, 403);
    assert_eq!(status(http.get(link.split('?').next().unwrap())).await, 403);

    let past = PresigningConfig::builder()
        .start_time(SystemTime::now() - Duration::from_secs(120))
        .expires_in(Duration::from_secs(60))
        .build()
        .unwrap();
    let expired = client
        .get_object()
        .bucket(BUCKET)
        .key("k")
        .presigned(past)
        .await
        .unwrap();
    assert_eq!(status(http.get(expired.uri())).await, 403);

    let upload = client
        .put_object()
        .bucket(BUCKET)
        .key("up")
        .presigned(minute)
        .await
        .unwrap();
    let mut request = http.put(upload.uri()).body("by link");
    for (name, value) in upload.headers() {
        request = request.header(name, value);
    }
    assert_eq!(status(request).await, 200);
    assert_eq!(get(&client, "up").await, b"by link");
}
