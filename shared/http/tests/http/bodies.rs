//! What goes in and how it comes out.

use crate::{instance, token};
use axum::body::Body;
use bytes::Bytes;
use serde_json::{Value, json};
use trunkline_testing::{World, bearer};

#[tokio::test]
async fn an_object_stands_in_the_envelope_and_at_the_top_too() {
    let world = World::new().await;
    let instance = instance(&world);
    let token = token(&world, "shape@example.com").await;
    let made = instance
        .json("POST /things", &token, json!({ "name": "x", "count": 2 }))
        .await;
    assert_eq!(made.status, 201);
    let body = &made.body;
    assert_eq!(
        (&body["success"], &body["error"], &body["timestamp"]),
        (&json!(true), &Value::Null, &json!("2026-01-05T10:00:00Z"))
    );
    assert!(body["message"].is_string());
    assert_eq!(body["data"], json!({ "id": body["id"], "name": "x", "count": 2 }));
    assert_eq!((&body["name"], &body["count"]), (&json!("x"), &json!(2)));
    assert_eq!(
        (
            made.header("etag"),
            made.header("content-type"),
            made.header("cache-control")
        ),
        ("\"1\"", "application/json", "no-store")
    );

    let dialer = instance
        .json("POST /api/things", &token, json!({ "name": "x" }))
        .await;
    assert_eq!(
        (dialer.status, &dialer.body["success"], &dialer.body["name"]),
        (201, &json!(true), &json!("x"))
    );
    assert!(dialer.body.get("data").is_none() && dialer.body.get("timestamp").is_none());

    let platform = instance
        .json("POST /api/v1/stats/things", &token, json!({ "name": "x" }))
        .await;
    assert_eq!(
        (&platform.body["data"]["name"], &platform.body["success"]),
        (&json!("x"), &json!(true))
    );
    assert!(platform.body.get("name").is_none());

    let list = instance.json("GET /things?limit=5", &token, Value::Null).await;
    let expected = json!({ "total": 2, "skip": 0, "limit": 5, "items": [1, 2], "next_cursor": null });
    assert_eq!(list.body["data"], expected);
    assert_eq!(list.body["items"], json!([1, 2]));
}

#[tokio::test]
async fn a_documented_array_is_that_array() {
    let world = World::new().await;
    let answer = instance(&world).send("GET /phrases", &[], "").await;
    assert_eq!(answer.body, json!([{ "id": "1", "name": "billing", "count": 3 }]));
}

#[tokio::test]
async fn a_delete_is_204_at_the_root_and_a_message_elsewhere() {
    let world = World::new().await;
    let instance = instance(&world);
    let token = token(&world, "delete@example.com").await;
    let id = "6f1c2f0e-5a53-4b7e-9d1c-0f6a3c1b2d4e";
    let root = instance
        .json(&format!("DELETE /things/{id}"), &token, Value::Null)
        .await;
    assert_eq!((root.status, root.text()), (204, ""));
    let dialer = instance
        .json(&format!("DELETE /api/things/{id}"), &token, Value::Null)
        .await;
    assert_eq!(
        dialer.body,
        json!({ "success": true, "message": "Thing deleted successfully" })
    );
}

#[tokio::test]
async fn unreadable_wrong_and_foreign_bodies_are_told_apart() {
    let world = World::new().await;
    let instance = instance(&world);
    let token = token(&world, "bodies@example.com").await;
    let send = async |path: &str, kind: &str, body: &str| {
        let mut headers = bearer(&token);
        if !kind.is_empty() {
            headers.push(format!("content-type: {kind}"));
        }
        let answer = instance
            .send(&format!("POST {path}"), &headers, body.to_owned())
            .await;
        (answer.status, answer)
    };
    for (body, voiceera, dialer) in [
        ("{\"name\": ", 400, 400),
        ("nope", 400, 400),
        ("", 422, 400),
        ("[]", 422, 400),
        ("{\"name\": 5}", 422, 400),
        ("{\"name\": \"x\", \"count\": \"many\"}", 422, 400),
        ("{\"name\": \"x\", \"unknown\": {}}", 201, 201),
    ] {
        assert_eq!(send("/things", "", body).await.0, voiceera, "{body}");
        assert_eq!(
            send("/api/things", "application/json", body).await.0,
            dialer,
            "{body}"
        );
    }
    let (_, wrong) = send("/things", "", "{\"name\": \"x\", \"count\": \"many\"}").await;
    assert!(
        wrong.body["error"]["details"]
            .as_str()
            .unwrap()
            .starts_with("count: it must be u32"),
        "{}",
        wrong.text()
    );
    let (_, missing) = send("/things", "", "").await;
    assert_eq!(missing.body["error"]["details"], "name: it is required");
    for kind in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
    ] {
        assert_eq!(send("/things", kind, "{\"name\": \"x\"}").await.0, 415, "{kind}");
        assert_eq!(
            send("/api/things", kind, "{\"name\": \"x\"}").await.0,
            400,
            "{kind}"
        );
    }
}

#[tokio::test]
async fn a_megabyte_is_the_most_whether_its_length_is_said_or_not() {
    let world = World::new().await;
    let instance = instance(&world);
    let token = token(&world, "large@example.com").await;
    let large = format!("{{\"name\": \"{}\"}}", "x".repeat(1_048_576));
    let fits = format!("{{\"name\": \"{}\"}}", "x".repeat(1_048_000));
    assert_eq!(
        instance.send("POST /things", &bearer(&token), fits).await.status,
        201
    );
    assert_eq!(
        instance
            .send("POST /things", &bearer(&token), large.clone())
            .await
            .status,
        413
    );
    assert_eq!(
        instance
            .send("POST /api/things", &bearer(&token), large.clone())
            .await
            .status,
        400
    );
    let mut said = bearer(&token);
    said.push("content-length: 99999999".to_owned());
    assert_eq!(instance.send("POST /things", &said, "{}").await.status, 413);
    let chunks = large
        .into_bytes()
        .chunks(65_536)
        .map(|chunk| Ok::<_, std::io::Error>(Bytes::copy_from_slice(chunk)))
        .collect::<Vec<_>>();
    let streamed = Body::from_stream(futures::stream::iter(chunks));
    assert_eq!(
        instance
            .send("POST /things", &bearer(&token), streamed)
            .await
            .status,
        413
    );
}

#[tokio::test]
async fn pages_out_of_range_say_the_range() {
    let world = World::new().await;
    let instance = instance(&world);
    let token = token(&world, "pages@example.com").await;
    let answer = instance.json("GET /things?limit=101", &token, Value::Null).await;
    assert_eq!(answer.status, 422);
    assert_eq!(
        answer.body["error"]["details"],
        "limit: it must be 1 to 100, not 101"
    );
    let answer = instance.json("GET /things?limit=ten", &token, Value::Null).await;
    assert_eq!((answer.status, answer.code()), (400, "REQUEST_001"));
}
