//! Each operation with the document's own example.

use serde_json::{Value, json};
use trunkline_domain::{
    Call, CallStatus, Outcome, Usd,
    call::{Analysis, Recording},
};
use trunkline_testing::{Client, NO_ID, Platform, call};

use crate::{made, platform};

/// The document's call: two minutes about a bill, recorded and analysed.
async fn documented(platform: &Platform, ada: &Client) -> Call {
    let campaign = made(ada, "/campaigns", "Q1 Sales Campaign").await;
    let call = Call {
        campaign: Some(campaign.parse().unwrap()),
        to: "+1234567890".parse().unwrap(),
        duration_s: 120,
        cost: Usd::from_micros(500_000),
        recording: Some(Recording {
            key: "rec/x.wav".to_owned(),
            size_bytes: 960_000,
            duration_s: 120,
            ready_at: platform.ctx.now(),
        }),
        analysis: Some(Analysis {
            summary: "Customer called about billing issue.".to_owned(),
            sentiment: "positive".to_owned(),
            sentiment_score: 0.8,
            emotions: vec!["satisfied".to_owned(), "relieved".to_owned()],
            key_phrases: vec!["billing".to_owned(), "resolution".to_owned()],
            analysed_by: Some("openai/gpt-4o-mini".to_owned()),
        }),
        ..call(ada, &platform.ctx, platform.ctx.now())
    };
    platform.put_call(&call).await;
    platform.talk(&call).await;
    call
}

const SAID: &str = "Agent: Hello, this is Joe. User: I have a billing issue.";

#[tokio::test]
async fn a_call_is_as_in_the_document() {
    let platform = platform().await;
    let ada = platform.manager("ada").await;
    let call = documented(&platform, &ada).await;
    let got = ada.get(&format!("/call-logs/{}", call.id)).await;
    assert_eq!((got.status, got.header("etag")), (200, "\"1\""));
    let body = &got.body["data"];
    for (field, value) in [
        ("id", json!(call.id)),
        ("campaign_id", json!(call.campaign)),
        ("agent_id", Value::Null),
        ("phone_number", json!("+1234567890")),
        ("from_number", json!("+14155550199")),
        ("direction", json!("outbound")),
        ("status", json!("completed")),
        ("disposition", json!("answered")),
        ("duration_seconds", json!(120)),
        ("transcript", json!(SAID)),
        ("summary", json!("Customer called about billing issue.")),
        ("sentiment", json!("positive")),
        ("emotions", json!(["satisfied", "relieved"])),
        ("key_phrases", json!(["billing", "resolution"])),
        ("analysed_by", json!("openai/gpt-4o-mini")),
        ("cost", json!(0.5)),
        ("notes", Value::Null),
        ("created_at", json!("2026-01-05T10:00:00Z")),
        ("ended_at", json!("2026-01-05T10:01:30Z")),
    ] {
        assert_eq!(body[field], value, "{field}");
        assert_eq!(got.body[field], value, "{field} is at the top too");
    }
    let link = body["recording_url"].as_str().unwrap();
    let start = format!(
        "http://127.0.0.1:8000/call-recordings/{}/download?expires=",
        call.id
    );
    assert!(link.starts_with(&start), "our own signed path: {link}");
    let list = ada.get("/call-logs").await;
    assert_eq!(
        (&list.body["total"], &list.body["limit"]),
        (&json!(1), &json!(10))
    );
    assert_eq!(list.body["items"][0]["sentiment"], "positive");
}

#[tokio::test]
async fn a_call_that_is_not_over_has_what_is_known() {
    let platform = platform().await;
    let ada = platform.manager("ada").await;
    let talking = Call {
        status: CallStatus::Talking,
        ended_at: None,
        duration_s: 0,
        ..call(&ada, &platform.ctx, platform.ctx.now())
    };
    platform.put_call(&talking).await;
    let path = format!("/call-logs/{}", talking.id);
    let body = ada.get(&path).await.body["data"].clone();
    assert_eq!(body["status"], "in_progress");
    for unknown in [
        "disposition",
        "duration_seconds",
        "transcript",
        "summary",
        "sentiment",
        "recording_url",
        "ended_at",
        "campaign_id",
    ] {
        assert_eq!(body[unknown], Value::Null, "{unknown}");
        assert!(body.get(unknown).is_some(), "{unknown} is there");
    }
    assert_eq!(
        (&body["emotions"], &body["key_phrases"]),
        (&json!([]), &json!([]))
    );
    platform.talk(&talking).await;
    assert_eq!(
        ada.get(&path).await.body["transcript"],
        SAID,
        "what was said so far"
    );
    let said = ada.get(&format!("{path}/transcript")).await;
    assert_eq!(said.body["status"], "in_progress");
}

#[tokio::test]
async fn the_transcript_has_each_line_and_a_call_without_one_none() {
    let platform = platform().await;
    let ada = platform.manager("ada").await;
    let call = documented(&platform, &ada).await;
    let said = ada.get(&format!("/call-logs/{}/transcript", call.id)).await;
    assert_eq!(said.status, 200);
    let body = &said.body["data"];
    assert_eq!(
        (&body["call_id"], &body["status"], &body["transcript"]),
        (&json!(call.id), &json!("completed"), &json!(SAID))
    );
    assert_eq!(body["transcription"], Value::Null);
    let expected = json!([
        { "speaker": "agent", "text": "Hello, this is Joe.", "start": 0.0, "end": 1.5,
          "timestamp": "2026-01-05T10:00:00Z", "confidence": null },
        { "speaker": "user", "text": "I have a billing issue.", "start": 2.0, "end": 3.5,
          "timestamp": "2026-01-05T10:00:02Z", "confidence": null }
    ]);
    assert_eq!(body["segments"], expected);
    let silent = trunkline_testing::call(&ada, &platform.ctx, platform.ctx.now());
    platform.put_call(&silent).await;
    let none = ada.get(&format!("/call-logs/{}/transcript", silent.id)).await;
    assert_eq!(
        (
            none.status,
            &none.body["transcript"],
            &none.body["segments"],
            &none.body["status"]
        ),
        (200, &json!(""), &json!([]), &json!("none"))
    );
}

#[tokio::test]
async fn notes_replace_and_the_call_is_answered() {
    let platform = platform().await;
    let ada = platform.manager("ada").await;
    let call = documented(&platform, &ada).await;
    let path = format!("/call-logs/{}/notes", call.id);
    let noted = ada
        .put(&path, json!({ "notes": "Call back <b>Monday</b>\n=1+1" }))
        .await;
    assert_eq!((noted.status, noted.header("etag")), (200, "\"2\""));
    assert_eq!(noted.body["notes"], "Call back <b>Monday</b>\n=1+1");
    assert_eq!(noted.body["summary"], "Customer called about billing issue.");
    let stale = ada.put_if(&path, "\"1\"", json!({ "notes": "mine" })).await;
    assert_eq!(stale.status, 409);
    let fresh = ada
        .put_if(&path, "\"2\"", json!({ "notes": "é".repeat(10_000) }))
        .await;
    assert_eq!(fresh.status, 200);
    for cleared in [json!({ "notes": null }), json!({ "notes": "  " })] {
        assert_eq!(ada.put(&path, cleared).await.body["notes"], Value::Null);
    }
    for wrong in [
        json!({}),
        json!({ "notes": 5 }),
        json!({ "notes": ["a"] }),
        json!({ "notes": "x".repeat(10_001) }),
    ] {
        let refused = ada.put(&path, wrong).await;
        assert_eq!((refused.status, refused.code()), (422, "REQUEST_002"));
        assert!(refused.details().starts_with("notes: "), "{}", refused.details());
    }
    let absent = ada
        .put(&format!("/call-logs/{NO_ID}/notes"), json!({ "notes": "x" }))
        .await;
    assert_eq!((absent.status, absent.code()), (404, "CALL_001"));
}

#[tokio::test]
async fn each_outcome_has_its_words() {
    let platform = platform().await;
    let ada = platform.manager("ada").await;
    for (status, word, disposition) in [
        (CallStatus::Claimed, "queued", Value::Null),
        (CallStatus::Placed, "queued", Value::Null),
        (CallStatus::Ringing, "ringing", Value::Null),
        (CallStatus::Talking, "in_progress", Value::Null),
        (
            CallStatus::Ended(Outcome::Answered),
            "completed",
            json!("answered"),
        ),
        (
            CallStatus::Ended(Outcome::Voicemail),
            "completed",
            json!("voicemail"),
        ),
        (
            CallStatus::Ended(Outcome::NoAnswer),
            "no_answer",
            json!("no_answer"),
        ),
        (CallStatus::Ended(Outcome::Busy), "busy", json!("busy")),
        (CallStatus::Ended(Outcome::Failed), "failed", json!("failed")),
        (
            CallStatus::Ended(Outcome::Cancelled),
            "cancelled",
            json!("cancelled"),
        ),
    ] {
        let one = Call {
            status,
            ..call(&ada, &platform.ctx, platform.ctx.now())
        };
        platform.put_call(&one).await;
        let got = ada.get(&format!("/call-logs/{}", one.id)).await;
        assert_eq!(
            (&got.body["status"], &got.body["disposition"]),
            (&json!(word), &disposition),
            "{status:?}"
        );
    }
}

#[tokio::test]
async fn every_operation_is_in_the_openapi_document_with_its_errors() {
    let platform = platform().await;
    for (method, path, status) in [
        ("get", "/call-logs", "200"),
        ("get", "/call-logs/{call_id}", "200"),
        ("delete", "/call-logs/{call_id}", "204"),
        ("get", "/call-logs/campaign/{campaign_id}", "200"),
        ("get", "/call-logs/agent/{agent_id}", "200"),
        ("get", "/call-logs/date/{date}", "200"),
        ("put", "/call-logs/{call_id}/notes", "200"),
        ("get", "/call-logs/{call_id}/transcript", "200"),
    ] {
        let responses = &platform.document["paths"][path][method]["responses"];
        assert!(responses.get(status).is_some(), "{method} {path}: {responses}");
        assert!(
            responses.as_object().unwrap().len() > 1,
            "{method} {path} has no errors"
        );
    }
    let parameters = &platform.document["paths"]["/call-logs"]["get"]["parameters"];
    let parameters: Vec<&str> = parameters
        .as_array()
        .unwrap()
        .iter()
        .map(|parameter| parameter["name"].as_str().unwrap())
        .collect();
    for name in [
        "campaign_id",
        "agent_id",
        "status",
        "phone_number",
        "start_date",
        "end_date",
        "timezone",
        "sort",
        "order",
        "skip",
        "limit",
        "cursor",
    ] {
        assert!(parameters.contains(&name), "{name} is not in {parameters:?}");
    }
}
