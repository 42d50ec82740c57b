//! Each operation with the document's own example.

use serde_json::{Value, json};
use trunkline_domain::{Role, recording::prefix};
use trunkline_testing::{NO_ID, NOT_IDS, call};

use crate::whole;

const SAID: &str = "Agent: Hello, this is Joe. User: I have a billing issue.";

#[tokio::test]
async fn a_recording_is_as_in_the_document() {
    let whole = whole().await;
    let (call, bytes) = whole.recorded().await;
    let got = whole.ada.get(&format!("/call-recordings/{}", call.id)).await;
    assert_eq!(got.status, 200);
    let body = &got.body["data"];
    for (field, value) in [
        ("call_id", json!(call.id)),
        ("duration_seconds", json!(6)),
        ("format", json!("wav")),
        ("size_bytes", json!(bytes.len())),
        ("transcript", json!(SAID)),
        (
            "metadata",
            json!({ "agent_id": null, "campaign_id": null, "phone_number": "+14155550100" }),
        ),
    ] {
        assert_eq!(body[field], value, "{field}");
    }
    assert!(body["download_url"].as_str().unwrap().contains("signature="));
    // A second call without a recording is in no list of recordings.
    let other = trunkline_testing::call(&whole.ada, &whole.platform.ctx, whole.platform.ctx.now());
    whole.platform.put_call(&other).await;
    let list = whole.ada.get("/call-recordings").await;
    assert_eq!((list.status, &list.body["total"]), (200, &json!(1)));
    assert_eq!(list.body["items"][0]["call_id"], json!(call.id));
    let bare = whole.ada.get(&format!("/call-recordings/{}", other.id)).await;
    assert_eq!((bare.status, bare.code()), (404, "RECORDING_001"));
}

#[tokio::test]
async fn the_list_takes_every_filter_and_order() {
    let whole = whole().await;
    let (first, _) = whole.recorded().await;
    whole.platform.world.clock.turn(chrono::Duration::hours(1));
    let (second, _) = whole.recorded().await;
    let (first, second) = (first.id.to_string(), second.id.to_string());
    for (query, want) in [
        ("", vec![&second, &first]),
        ("sort=created_at", vec![&first, &second]),
        ("sort=-duration_seconds,created_at", vec![&second, &first]),
        ("limit=1", vec![&second]),
        ("skip=1", vec![&first]),
        ("status=completed", vec![&second, &first]),
        ("status=busy", vec![]),
        ("phone_number=%2B14155550100", vec![&second, &first]),
        ("phone_number=%2B14155550101", vec![]),
        ("end_date=2026-01-05T10:30:00Z", vec![&first]),
        ("start_date=2026-01-06", vec![]),
        (&format!("campaign_id={NO_ID}"), vec![]),
        (&format!("agent_id={NO_ID}"), vec![]),
    ] {
        let list = whole.ada.get(&format!("/call-recordings?{query}")).await;
        assert_eq!(list.status, 200, "{query}: {list:?}");
        if query.starts_with("sort=-duration") {
            assert_eq!(list.column("call_id").len(), 2);
        } else {
            assert_eq!(list.column("call_id"), want, "{query}");
        }
    }
    for (query, status) in [
        ("limit=0", 422),
        ("skip=10000", 422),
        ("sort=size", 422),
        ("order=x", 422),
        ("status=x", 422),
        ("limit=x", 400),
        ("cursor=x", 422),
        ("campaign_id=x", 422),
    ] {
        assert_eq!(
            whole.ada.get(&format!("/call-recordings?{query}")).await.status,
            status,
            "{query}"
        );
    }
}

#[tokio::test]
async fn a_recording_is_deleted_with_its_bytes_and_the_call_stays() {
    let whole = whole().await;
    let (call, _) = whole.recorded().await;
    let folder = prefix(call.tenant, call.id);
    assert_eq!(whole.aws.keys(&folder).await.len(), 1);
    let path = format!("/call-recordings/{}", call.id);
    let gone = whole.ada.delete(&path).await;
    assert_eq!((gone.status, gone.bytes.len()), (204, 0));
    assert!(whole.aws.keys(&folder).await.is_empty());
    for ask in ["GET", "DELETE"] {
        let again = whole.ada.send(&format!("{ask} {path}"), &[], "").await;
        assert_eq!((again.status, again.code()), (404, "RECORDING_001"), "{ask}");
    }
    let left = whole.ada.get(&format!("/call-logs/{}", call.id)).await;
    assert_eq!(
        (&left.body["recording_url"], &left.body["transcript"]),
        (&Value::Null, &json!(SAID))
    );
    let said = whole.ada.get(&format!("{path}/transcript")).await;
    assert_eq!((said.status, &said.body["transcript"]), (200, &json!(SAID)));
}

#[tokio::test]
async fn a_deleted_call_takes_recording_and_transcript_with_it() {
    let whole = whole().await;
    let (call, _) = whole.recorded().await;
    assert_eq!(
        whole
            .ada
            .post(&format!("/call-recordings/{}/transcribe", call.id), json!({}))
            .await
            .status,
        202
    );
    let link = whole.ada.get(&format!("/call-recordings/{}", call.id)).await.body["download_url"].clone();
    assert_eq!(
        whole.ada.delete(&format!("/call-logs/{}", call.id)).await.status,
        204
    );
    assert!(whole.aws.keys(&prefix(call.tenant, call.id)).await.is_empty());
    let path = link
        .as_str()
        .unwrap()
        .strip_prefix("http://127.0.0.1:8000")
        .unwrap()
        .to_owned();
    let dead = whole.platform.nobody(&whole.ada).get(&path).await;
    assert_eq!(
        (dead.status, dead.code()),
        (404, "RECORDING_001"),
        "a good link to nothing"
    );
    for rest in ["", "/transcript", "/transcript/download", "/download"] {
        let gone = whole
            .ada
            .get(&format!("/call-recordings/{}{rest}", call.id))
            .await;
        assert_eq!((gone.status, gone.code()), (404, "RECORDING_001"), "{rest}");
    }
    let db = whole.platform.world.db();
    let left = db
        .query()
        .table_name("test-calls")
        .key_condition_expression("PK = :pk")
        .expression_attribute_values(
            ":pk",
            aws_sdk_dynamodb::types::AttributeValue::S(format!("C#{}", call.id)),
        )
        .send()
        .await
        .unwrap();
    assert_eq!(left.count(), 0, "{left:?}");
}

#[tokio::test]
async fn a_transcript_is_downloaded_as_text_subtitles_and_json() {
    let whole = whole().await;
    let (call, _) = whole.recorded().await;
    let path = format!("/call-recordings/{}/transcript/download", call.id);
    let text = "Agent: Hello, this is Joe.\nUser: I have a billing issue.\n";
    let subtitles = "1\n00:00:00,000 --> 00:00:01,500\nAgent: Hello, this is Joe.\n\n\
                     2\n00:00:02,000 --> 00:00:03,500\nUser: I have a billing issue.\n\n";
    for (query, kind, name, body) in [
        ("", "text/plain; charset=utf-8", "txt", text),
        ("?format=txt", "text/plain; charset=utf-8", "txt", text),
        (
            "?format=SRT",
            "application/x-subrip; charset=utf-8",
            "srt",
            subtitles,
        ),
    ] {
        let file = whole.ada.get(&format!("{path}{query}")).await;
        assert_eq!(
            (file.status, file.header("content-type"), file.text()),
            (200, kind, body),
            "{query}"
        );
        assert_eq!(
            file.header("content-disposition"),
            format!("attachment; filename=\"call-{}.{name}\"", call.id)
        );
    }
    let file = whole.ada.get(&format!("{path}?format=json")).await;
    assert_eq!(
        (file.status, file.header("content-type")),
        (200, "application/json")
    );
    assert!(file.body.get("success").is_none(), "a file has no envelope");
    let said = whole
        .ada
        .get(&format!("/call-recordings/{}/transcript", call.id))
        .await;
    assert_eq!(file.body, said.body["data"]);
    let wrong = whole.ada.get(&format!("{path}?format=pdf")).await;
    assert_eq!(wrong.status, 422);
    assert!(wrong.details().contains("txt, srt, json"), "{}", wrong.details());
    let silent = call_without_words(&whole).await;
    let none = whole
        .ada
        .get(&format!("/call-recordings/{silent}/transcript/download"))
        .await;
    assert_eq!((none.status, none.code()), (404, "RECORDING_001"));
    let none = whole
        .ada
        .get(&format!("/call-recordings/{silent}/transcript"))
        .await;
    assert_eq!(
        (none.status, &none.body["transcript"], &none.body["segments"]),
        (200, &json!(""), &json!([]))
    );
}

async fn call_without_words(whole: &crate::Whole) -> String {
    let silent = call(&whole.ada, &whole.platform.ctx, whole.platform.ctx.now());
    whole.platform.put_call(&silent).await;
    silent.id.to_string()
}

#[tokio::test]
async fn what_is_no_id_or_another_tenants_is_no_recording() {
    let whole = whole().await;
    let (call, _) = whole.recorded().await;
    let bob = whole.platform.manager("bob").await;
    let operator = whole.platform.colleague(&whole.ada, "olga", Role::Agent).await;
    let theirs = call.id.to_string();
    for id in NOT_IDS.into_iter().chain([NO_ID, &theirs]) {
        for (method, rest) in [
            ("GET", ""),
            ("DELETE", ""),
            ("GET", "/download"),
            ("GET", "/transcript"),
            ("POST", "/transcribe"),
            ("GET", "/transcript/download"),
        ] {
            let ask = format!("{method} /call-recordings/{id}{rest}");
            let refused = bob.send(&ask, &[], "").await;
            assert_eq!((refused.status, refused.code()), (404, "RECORDING_001"), "{ask}");
            let refused = whole.platform.nobody(&bob).send(&ask, &[], "").await;
            assert_eq!((refused.status, refused.code()), (401, "AUTH_003"), "{ask}");
            let refused = operator.send(&ask, &[], "").await;
            assert_eq!((refused.status, refused.code()), (403, "AUTH_004"), "{ask}");
        }
    }
    assert_eq!(bob.get("/call-recordings").await.body["total"], 0);
    assert_eq!(whole.ada.get("/call-recordings").await.body["total"], 1);
}

#[tokio::test]
async fn every_operation_is_in_the_openapi_document_with_its_errors() {
    let whole = whole().await;
    for (method, path, status) in [
        ("get", "/call-recordings", "200"),
        ("get", "/call-recordings/{call_id}", "200"),
        ("delete", "/call-recordings/{call_id}", "204"),
        ("get", "/call-recordings/{call_id}/download", "200"),
        ("get", "/call-recordings/{call_id}/transcript", "200"),
        ("post", "/call-recordings/{call_id}/transcribe", "202"),
        ("get", "/call-recordings/{call_id}/transcript/download", "200"),
    ] {
        let responses = &whole.platform.document["paths"][path][method]["responses"];
        assert!(responses.get(status).is_some(), "{method} {path}: {responses}");
        assert!(
            responses.as_object().unwrap().len() > 1,
            "{method} {path} has no errors"
        );
    }
}
