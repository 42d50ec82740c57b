//! Whatever a client sends, the answer is the documented kind of error: no fault of ours, no hang, no silence.

use std::time::Duration;

use reqwest::{Method, Response};
use serde_json::{Map, Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::operations::{Operation, operations};
use crate::support::{api::Api, platform::Platform};

/// The admin passes every role, so that what is sent is really read.
const ADMIN: [(&str, &str); 2] = [
    ("TRUNKLINE_ADMIN_EMAIL", "root@example.com"),
    ("TRUNKLINE_ADMIN_PASSWORD", "correct horse battery"),
];

/// These change what all others stand on when an empty body is taken as it is meant.
const LEFT_OUT: [&str; 2] = ["/auth/logout", "/admin/system/maintenance"];

async fn admin() -> (Platform, Api, Vec<Operation>) {
    let platform = Platform::with(&ADMIN).await;
    let anyone = Api {
        base: platform.url.clone(),
        token: String::new(),
        http: reqwest::Client::builder()
            .timeout(Duration::from_secs(30))
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .unwrap(),
    };
    let login = json!({"email": ADMIN[0].1, "password": ADMIN[1].1});
    let login = anyone.post("/auth/login", login).await;
    let api = Api {
        token: login["token"].as_str().unwrap().to_owned(),
        ..anyone
    };
    let mut all = operations(&api).await;
    all.retain(|operation| !LEFT_OUT.iter().any(|left| operation.path.ends_with(left)));
    (platform, api, all)
}

/// A refusal carries a sentence; nothing is a fault of ours.
async fn assert_civil(what: &str, answer: Response) {
    let status = answer.status();
    let text = answer.text().await.unwrap();
    assert!(status.as_u16() < 500, "{what}: {status} {text}");
    if status.is_client_error() {
        let body: Value =
            serde_json::from_str(&text).unwrap_or_else(|_| panic!("{what}: {status}, no JSON: {text}"));
        let error = &body["error"];
        let says = error
            .as_str()
            .or_else(|| error["message"].as_str())
            .unwrap_or_default();
        assert!(
            body["success"] == false && !says.is_empty(),
            "{what}: {status} {text}"
        );
    }
}

async fn send(api: &Api, method: &Method, path: &str, body: Option<Vec<u8>>) -> Response {
    let mut request = api
        .http
        .request(method.clone(), format!("{}{path}", api.base))
        .bearer_auth(&api.token);
    if let Some(body) = body {
        request = request.header("content-type", "application/json").body(body);
    }
    request.send().await.unwrap()
}

fn some_id(name: &str) -> String {
    if name == "date" {
        "2026-11-22".to_owned()
    } else {
        uuid::Uuid::new_v4().to_string()
    }
}

/// Texts that are no JSON object, or one that no reader should trip over.
fn texts() -> Vec<(&'static str, Vec<u8>)> {
    vec![
        ("no JSON", b"name=Ada&phone=1".to_vec()),
        ("half an object", b"{\"name\": ".to_vec()),
        ("an array", b"[]".to_vec()),
        ("null", b"null".to_vec()),
        ("a string", b"\"hello\"".to_vec()),
        ("invalid UTF-8", b"{\"name\": \"\xff\xfe\"}".to_vec()),
        ("a lone surrogate", b"{\"name\": \"\\ud800\"}".to_vec()),
        ("a zero byte", b"{\"name\": \"\\u0000\"}".to_vec()),
        (
            "depth",
            ["[".repeat(20_000), "]".repeat(20_000)].concat().into_bytes(),
        ),
        (
            "a deep field",
            format!("{{\"name\": {}1{}}}", "[".repeat(5_000), "]".repeat(5_000)).into_bytes(),
        ),
        (
            "the same field twice",
            b"{\"name\": \"a\", \"name\": \"b\"}".to_vec(),
        ),
        ("a large number", b"{\"limit\": 1e999}".to_vec()),
        ("an empty object", b"{}".to_vec()),
    ]
}

/// Values that a field may be given instead of its own.
fn values() -> Vec<Value> {
    vec![
        Value::Null,
        json!(true),
        json!(-1),
        json!(1e300),
        json!(u64::MAX),
        json!(""),
        json!("not-an-id"),
        json!("../../etc/passwd"),
        json!("\u{0}\u{202e}\u{1f600}<script>alert(1)</script>"),
        json!("a".repeat(100_000)),
        json!("2026-13-45T99:99:99Z"),
        json!([]),
        json!([null]),
        json!(["a".repeat(10_000), 1, {}]),
        json!({}),
        json!({"$ne": null}),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_that_is_wrong_as_a_whole_is_an_error_of_the_client() {
    let (platform, api, all) = admin().await;
    for operation in all.iter().filter(|operation| operation.takes_body()) {
        for (kind, body) in texts() {
            let answer = send(&api, &operation.method, &operation.at(some_id), Some(body)).await;
            assert_civil(&format!("{} given {kind}", operation.name()), answer).await;
        }
    }
    platform.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_field_that_is_wrong_is_an_error_of_the_client_whatever_stands_in_it() {
    let (platform, api, all) = admin().await;
    for operation in all.iter().filter(|operation| operation.takes_body()) {
        let fields: Map<String, Value> = operation
            .body
            .as_ref()
            .and_then(|schema| schema["properties"].as_object().cloned())
            .unwrap_or_default();
        let whole: Map<String, Value> = fields
            .iter()
            .filter(|(_, schema)| schema["type"] == "string")
            .map(|(name, _)| (name.clone(), json!("correct horse")))
            .collect();
        for field in fields.keys() {
            for value in values() {
                let what = format!(
                    "{} with {field} = {}",
                    operation.name(),
                    value.to_string().chars().take(60).collect::<String>()
                );
                // All other fields of texts are there, so that none of them is what is refused.
                let mut body = whole.clone();
                body.insert(field.clone(), value);
                let body = Value::Object(body).to_string().into_bytes();
                let answer = send(&api, &operation.method, &operation.at(some_id), Some(body)).await;
                assert_civil(&what, answer).await;
            }
        }
    }
    platform.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn parameters_and_ids_that_are_wrong_are_errors_of_the_client() {
    let (platform, api, all) = admin().await;
    let wrong = [
        "",
        "-1",
        "0",
        "101",
        "10001",
        "99999999999999999999",
        "1.5",
        "abc",
        "%00",
        "%ff",
        "%F0%9F%98%80",
        "'%3B--",
        "%2B",
        "2026-13-45",
        "true",
    ];
    for operation in all.iter().filter(|operation| operation.method == Method::GET) {
        for parameter in &operation.query {
            for value in wrong {
                let path = format!("{}?{parameter}={value}", operation.at(some_id));
                let answer = send(&api, &Method::GET, &path, None).await;
                assert_civil(&format!("GET {path}"), answer).await;
            }
        }
    }
    for operation in all.iter().filter(|operation| !operation.parameters().is_empty()) {
        for id in [
            "not-an-id",
            "%00",
            "%2e%2e%2f",
            "%ff",
            "00000000-0000-0000-0000-000000000000",
            &"a".repeat(3_000),
        ] {
            let path = operation.at(|_| id.to_owned());
            let body = operation.takes_body().then(|| b"{}".to_vec());
            let answer = send(&api, &operation.method, &path, body).await;
            let status = answer.status();
            let what = format!(
                "{} with the id {}",
                operation.name(),
                id.chars().take(40).collect::<String>()
            );
            assert!(status.is_client_error(), "{what}: {status}");
            assert_civil(&what, answer).await;
        }
    }
    platform.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_megabytes_are_refused_before_they_are_sent() {
    let (platform, api, all) = admin().await;
    let address = platform.url.trim_start_matches("http://").to_owned();
    for operation in all.iter().filter(|operation| operation.takes_body()) {
        let head = format!(
            "{} {} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {}\r\nContent-Type: application/json\r\nContent-Length: 52428800\r\n\r\n{{",
            operation.method,
            operation.at(some_id),
            api.token
        );
        let mut socket = TcpStream::connect(&address).await.unwrap();
        socket.write_all(head.as_bytes()).await.unwrap();
        let mut answer = vec![0; 64];
        let read = tokio::time::timeout(Duration::from_secs(10), socket.read(&mut answer)).await;
        let read = read
            .unwrap_or_else(|_| panic!("{} waits for all of it", operation.name()))
            .unwrap();
        let line = String::from_utf8_lossy(&answer[..read]).into_owned();
        let refused = if operation.path.starts_with("/api/v1") || !operation.path.starts_with("/api") {
            "413"
        } else {
            "400"
        };
        assert!(
            line.starts_with(&format!("HTTP/1.1 {refused}")),
            "{}: {line}",
            operation.name()
        );
    }
    platform.stop().await;
}
