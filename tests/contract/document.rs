//! The OpenAPI document: whole as the documented APIs are, and complete for each operation that it lists.

use reqwest::Method;
use serde_json::Value;

use super::operations::operations;
use crate::support::{api::Api, platform::Platform};

/// VoiceERA's operations, as its own reference lists them, and its socket.
const VOICEERA: &str = "\
POST /auth/register
POST /auth/login
POST /auth/refresh-token
GET /auth/me
POST /auth/logout
POST /auth/forgot-password
POST /auth/reset-password
GET /users
GET /users/{user_id}
PUT /users/{user_id}
DELETE /users/{user_id}
GET /users/{user_id}/agents
GET /users/{user_id}/campaigns
GET /agents
POST /agents
GET /agents/{agent_id}
PUT /agents/{agent_id}
DELETE /agents/{agent_id}
GET /agents/{agent_id}/config
POST /agents/{agent_id}/clone
GET /agents/{agent_id}/campaigns
GET /campaigns
POST /campaigns
GET /campaigns/{campaign_id}
PUT /campaigns/{campaign_id}
DELETE /campaigns/{campaign_id}
POST /campaigns/{campaign_id}/launch
POST /campaigns/{campaign_id}/pause
POST /campaigns/{campaign_id}/resume
POST /campaigns/{campaign_id}/stop
GET /campaigns/{campaign_id}/stats
GET /call-logs
GET /call-logs/{call_id}
DELETE /call-logs/{call_id}
GET /call-logs/campaign/{campaign_id}
GET /call-logs/agent/{agent_id}
GET /call-logs/date/{date}
PUT /call-logs/{call_id}/notes
GET /call-logs/{call_id}/transcript
GET /call-recordings
GET /call-recordings/{call_id}
GET /call-recordings/{call_id}/download
DELETE /call-recordings/{call_id}
GET /call-recordings/{call_id}/transcript
POST /call-recordings/{call_id}/transcribe
GET /call-recordings/{call_id}/transcript/download
GET /analytics/calls
GET /analytics/sentiment
GET /analytics/emotions
GET /analytics/top-phrases
GET /analytics/agent-performance
GET /analytics/campaign-stats
GET /analytics/hourly-calls
GET /analytics/daily-calls
GET /analytics/export
GET /integrations
POST /integrations
GET /integrations/{integration_id}
PUT /integrations/{integration_id}
DELETE /integrations/{integration_id}
POST /integrations/{integration_id}/test
GET /integrations/{integration_id}/status
GET /webhooks
POST /webhooks
GET /webhooks/{webhook_id}
PUT /webhooks/{webhook_id}
DELETE /webhooks/{webhook_id}
POST /webhooks/{webhook_id}/test
GET /webhooks/{webhook_id}/logs
GET /admin/users
POST /admin/users/{user_id}/activate
POST /admin/users/{user_id}/deactivate
GET /admin/system/stats
GET /admin/system/health
POST /admin/system/maintenance
GET /admin/logs
GET /health
GET /readiness
GET /liveness
GET /version
GET /docs
GET /redoc
GET /openapi.json
GET /voice
";

/// Two paths are the same whatever their parameters are called.
fn shape(path: &str) -> String {
    path.split('/')
        .map(|part| if part.starts_with('{') { "{}" } else { part })
        .collect::<Vec<_>>()
        .join("/")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_documented_operation_is_listed_and_each_one_says_what_it_answers() {
    let platform = Platform::start().await;
    let ada = Api::register(&platform.url, "ada").await;
    let all = operations(&ada).await;
    let listed: Vec<String> = all
        .iter()
        .map(|operation| format!("{} {}", operation.method, shape(&operation.path)))
        .collect();
    let missing: Vec<&str> = VOICEERA
        .lines()
        .filter(|line| !listed.contains(&shape(line)))
        .collect();
    assert_eq!(missing, Vec::<&str>::new(), "these are documented and not served");

    for operation in &all {
        let name = operation.name();
        let answers = |code: &str| operation.responses.keys().any(|known| known.starts_with(code));
        if operation.is_socket() {
            assert!(
                answers("400") && answers("401") && answers("503"),
                "{name} says nothing of its refusals"
            );
            continue;
        }
        assert!(answers("2"), "{name} says nothing of its success");
        for (code, response) in operation
            .responses
            .iter()
            .filter(|(code, _)| code.starts_with('2'))
        {
            let shown = response["content"]
                .as_object()
                .is_some_and(|content| !content.is_empty());
            assert!(
                shown || code == "204",
                "{name} answers {code} with an undocumented body: {response}"
            );
        }
        let error = |code: &str| {
            let place = operation.responses.get(code).map(|response| &response["$ref"]);
            place
                .and_then(Value::as_str)
                .is_some_and(|place| place.contains("Error"))
        };
        assert!(error("500"), "{name} documents no fault of ours");
        if operation.least.is_some() {
            assert!(
                error("401") && error("403") && error("429"),
                "{name} documents no refusal"
            );
        }
        if !operation.parameters().is_empty() && operation.method == Method::GET {
            assert!(error("404"), "{name} documents no missing record");
        }
    }
    platform.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_carriers_webhooks_are_listed_with_what_they_are_sent_and_answer() {
    let platform = Platform::start().await;
    let ada = Api::register(&platform.url, "ada").await;
    let document = ada.get("/openapi.json").await;
    platform.stop().await;
    for name in ["answer", "amd", "status", "recording", "stream-ended"] {
        let hook = &document["paths"][format!("/webhooks/twilio/{name}")]["post"];
        assert_eq!(hook["x-by-carrier"], true, "{name}: {hook}");
        let form = &hook["requestBody"]["content"]["application/x-www-form-urlencoded"];
        assert!(form["example"]["CallSid"].is_string(), "{name}: {form}");
        for status in ["200", "400", "403", "503"] {
            let said = hook["responses"][status]["description"].as_str();
            assert!(
                said.is_some_and(|said| !said.is_empty()),
                "{name} says nothing of {status}"
            );
        }
        assert!(hook["responses"].get("401").is_none(), "{name} takes no token");
        let instructs = ["answer", "stream-ended"].contains(&name);
        let twiml = &hook["responses"]["200"]["content"]["text/xml"]["example"];
        assert_eq!(twiml.is_string(), instructs, "{name}: {twiml}");
    }
}
