//! S3: copies, hostile keys, checksums, presigned links.

use aws_sdk_s3::presigning::PresigningConfig;
use aws_sdk_s3::types::Delete;
use aws_sdk_s3::types::MetadataDirective;
use aws_sdk_s3::types::ObjectIdentifier;
use std::time::Duration;
use std::time::SystemTime;

use crate::s3_objects::{BUCKET, bucket, code, get, put};

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
