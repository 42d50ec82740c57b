//! The bytes: whole, in parts, by token and by signed link.

use axum::body::Body;
use chrono::Duration;

use crate::whole;

#[tokio::test]
async fn the_whole_file_is_a_wav() {
    let whole = whole().await;
    let (call, bytes) = whole.recorded().await;
    let file = whole
        .ada
        .get(&format!("/call-recordings/{}/download", call.id))
        .await;
    assert_eq!((file.status, file.header("content-type")), (200, "audio/wav"));
    assert_eq!(file.header("content-length"), bytes.len().to_string());
    assert_eq!(
        (file.header("accept-ranges"), file.header("cache-control")),
        ("bytes", "private, no-store")
    );
    assert_eq!(
        file.header("content-disposition"),
        format!("attachment; filename=\"call-{}.wav\"", call.id)
    );
    assert!(file.bytes == bytes);
    let read = hound::WavReader::new(std::io::Cursor::new(file.bytes)).unwrap();
    assert_eq!((read.spec().channels, read.duration()), (2, 48_000));
}

#[tokio::test]
async fn a_range_is_a_part_and_one_outside_is_told_the_size() {
    let whole = whole().await;
    let (call, bytes) = whole.recorded().await;
    let path = format!("GET /call-recordings/{}/download", call.id);
    let total = bytes.len();
    let end = total - 1;
    for (range, first, last) in [
        ("bytes=0-43", 0, 43),
        ("bytes=44-47", 44, 47),
        ("bytes=0-0", 0, 0),
        (&format!("bytes=100-{}", total + 100), 100, end),
        ("bytes=190000-", 190_000, end),
        ("bytes=-16", total - 16, end),
        ("bytes=-99999999", 0, end),
    ] {
        let part = whole
            .ada
            .send(&path, &[&format!("range: {range}")], Body::empty())
            .await;
        assert_eq!(part.status, 206, "{range}");
        assert_eq!(
            part.header("content-range"),
            format!("bytes {first}-{last}/{total}"),
            "{range}"
        );
        assert_eq!(
            part.header("content-length"),
            (last - first + 1).to_string(),
            "{range}"
        );
        assert!(part.bytes == bytes[first..=last], "{range}");
    }
    for range in [
        format!("bytes={total}-"),
        "bytes=-0".to_owned(),
        "bytes=99999999-999999999".to_owned(),
    ] {
        let outside = whole
            .ada
            .send(&path, &[&format!("range: {range}")], Body::empty())
            .await;
        assert_eq!(outside.status, 416, "{range}");
        assert_eq!(
            outside.header("content-range"),
            format!("bytes */{total}"),
            "{range}"
        );
        assert_eq!(outside.body["success"], false);
    }
    for range in [
        "bytes=5-1",
        "bytes=a-b",
        "lines=0-5",
        "bytes=0-1,5-6",
        "bytes=--5",
        "",
    ] {
        let file = whole
            .ada
            .send(&path, &[&format!("range: {range}")], Body::empty())
            .await;
        assert_eq!((file.status, file.bytes.len()), (200, total), "{range}");
    }
}

#[tokio::test]
async fn who_holds_a_part_of_an_older_file_gets_the_whole_new_one() {
    let whole = whole().await;
    let (call, bytes) = whole.recorded().await;
    let path = format!("GET /call-recordings/{}/download", call.id);
    let tag = whole
        .ada
        .send(&path, &[], Body::empty())
        .await
        .header("etag")
        .to_owned();
    let held = format!("if-range: {tag}");
    let part = whole
        .ada
        .send(&path, &["range: bytes=0-9", &held], Body::empty())
        .await;
    assert_eq!((part.status, part.bytes.len()), (206, 10));
    let file = whole
        .ada
        .send(&path, &["range: bytes=0-9", "if-range: \"older\""], Body::empty())
        .await;
    assert_eq!((file.status, file.bytes.len()), (200, bytes.len()));
}

#[tokio::test]
async fn head_is_get_without_the_bytes() {
    let whole = whole().await;
    let (call, bytes) = whole.recorded().await;
    let path = format!("HEAD /call-recordings/{}/download", call.id);
    let file = whole.ada.send(&path, &[], Body::empty()).await;
    assert_eq!((file.status, file.bytes.len()), (200, 0));
    assert_eq!(file.header("content-length"), bytes.len().to_string());
    let part = whole
        .ada
        .send(&path, &["range: bytes=10-19"], Body::empty())
        .await;
    assert_eq!(
        (part.status, part.bytes.len(), part.header("content-length")),
        (206, 0, "10")
    );
    let outside = whole
        .ada
        .send(&path, &["range: bytes=99999999-"], Body::empty())
        .await;
    assert_eq!((outside.status, outside.bytes.len()), (416, 0));
}

#[tokio::test]
async fn a_signed_link_works_without_a_token_for_a_quarter_of_an_hour() {
    let whole = whole().await;
    let (call, bytes) = whole.recorded().await;
    let (other, _) = whole.recorded().await;
    let nobody = whole.platform.nobody(&whole.ada);
    let link = whole.ada.get(&format!("/call-recordings/{}", call.id)).await.body["download_url"].clone();
    let path = link
        .as_str()
        .unwrap()
        .strip_prefix("http://127.0.0.1:8000")
        .unwrap()
        .to_owned();
    let from_log = whole.ada.get(&format!("/call-logs/{}", call.id)).await.body["recording_url"].clone();
    assert_eq!(from_log, link, "made in the same instant");
    let file = nobody.get(&path).await;
    assert_eq!(file.status, 200, "{path}");
    assert!(file.bytes == bytes);
    let part = nobody
        .send(&format!("GET {path}"), &["range: bytes=0-3"], Body::empty())
        .await;
    assert_eq!((part.status, part.text()), (206, "RIFF"));
    let strange = nobody
        .send(
            &format!("GET {path}"),
            &["authorization: Bearer nonsense"],
            Body::empty(),
        )
        .await;
    assert_eq!(strange.status, 200, "a bad token beside a good link does no harm");
    let (before, after) = path.split_once("expires=").unwrap();
    let (expires, signature) = after.split_once("&signature=").unwrap();
    let later: i64 = expires.parse::<i64>().unwrap() + 60;
    for (altered, status) in [
        (format!("{before}expires={later}&signature={signature}"), 401),
        (format!("{before}expires={expires}&signature=AAAA"), 401),
        (format!("{before}expires={expires}&signature=%00"), 401),
        (format!("{before}expires={expires}"), 401),
        (format!("{before}signature={signature}"), 401),
        (format!("{before}expires=soon&signature={signature}"), 400),
        (path.replace(&call.id.to_string(), &other.id.to_string()), 401),
        (path.replace("/download", ""), 401),
        (path.replace("/download", "/transcript/download"), 401),
    ] {
        assert_eq!(nobody.get(&altered).await.status, status, "{altered}");
    }
    whole.platform.world.clock.turn(Duration::seconds(899));
    assert_eq!(nobody.get(&path).await.status, 200);
    whole.platform.world.clock.turn(Duration::seconds(1));
    let over = nobody.get(&path).await;
    assert_eq!((over.status, over.code()), (401, "AUTH_002"));
}

#[tokio::test]
async fn bytes_that_the_bucket_has_lost_are_not_found() {
    let whole = whole().await;
    let (call, _) = whole.recorded().await;
    let key = &call.recording.as_ref().unwrap().key;
    whole.platform.ctx.blobs.delete(key).await.unwrap();
    let lost = whole
        .ada
        .get(&format!("/call-recordings/{}/download", call.id))
        .await;
    assert_eq!((lost.status, lost.code()), (404, "RECORDING_001"));
}
