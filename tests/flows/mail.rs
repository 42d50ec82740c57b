//! A forgotten password, by a mail server on loopback.

use std::time::Duration;

use reqwest::{Method, StatusCode};
use serde_json::json;

use super::stand_in::{Manner, StandIn};
use crate::support::{api::Api, platform::Platform};

#[tokio::test]
async fn a_forgotten_password_is_set_anew_with_the_token_that_came_by_mail() {
    let server = StandIn::start(Manner::Takes).await;
    let platform = Box::pin(Platform::with(&[("TRUNKLINE_SMTP_URL", &server.url())])).await;
    let api = Api::register(&platform.url, "forgetful").await;
    let mut answers = Vec::new();
    for name in ["never", "forgetful"] {
        let body = json!({ "email": format!("{name}@example.com") });
        let (status, mut answer) = api.send(Method::POST, "/auth/forgot-password", Some(body)).await;
        assert_eq!(status, StatusCode::OK, "{answer}");
        answer["timestamp"].take();
        answers.push(answer);
    }
    assert_eq!(answers[0], answers[1]);

    let mail = tokio::time::timeout(Duration::from_secs(20), server.first()).await;
    let mail = mail.expect("the mail goes out by itself");
    assert!(mail.contains("To: forgetful@example.com"), "{mail}");
    // A line of its own: 32 bytes in URL-safe base64.
    let is_token = |line: &&str| {
        line.len() == 43
            && line
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
    };
    let token = mail.lines().find(is_token).expect("a token in the mail");
    let new = json!({ "token": token, "new_password": "new battery staple" });
    let (status, body) = api.send(Method::POST, "/auth/reset-password", Some(new)).await;
    assert_eq!(status, StatusCode::OK, "{body}");
    let (status, body) = api.send(Method::GET, "/auth/me", None).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED, "every login has ended: {body}");
    let login = json!({ "email": "forgetful@example.com", "password": "new battery staple" });
    let (status, body) = api.send(Method::POST, "/auth/login", Some(login)).await;
    assert_eq!(status, StatusCode::OK, "{body}");
    assert_eq!(
        server.recipients(),
        ["forgetful@example.com"],
        "nobody else was written to"
    );
    platform.stop().await;
}
