//! Calls that a vendor's language model speaks: by the deployment's key, by a tenant's integration, and when it dies.

use std::time::Duration;

use serde_json::{Value, json};

use super::voice::{Socket, next, open, send, speak};
use crate::support::{
    api::Api,
    openai::{GREETING, OpenAi, REPLY, SUMMARY},
    platform::Platform,
};

/// Nothing is forced of the dialogue: the agent decides.
const BY_AGENT: (&str, &str) = ("TRUNKLINE_LLM", "");

/// An agent that names OpenAI.
async fn agent(api: &Api) -> String {
    let agent = json!({
        "name": "Reception", "language": "en", "llm_provider": "openai", "llm_model": "gpt-4",
        "system_prompt": "You answer for Green Street Dental."
    });
    let made = api.post("/agents", agent).await;
    made["id"].as_str().unwrap().to_owned()
}

/// A call from a browser, greeted.
async fn talking(platform: &Platform, api: &Api, agent: &str) -> (Socket, String) {
    let mut socket = open(platform, "").await.unwrap();
    let hello = json!({"type": "auth", "token": api.token, "agent_id": agent});
    send(&mut socket, hello).await;
    let answer = next(&mut socket, "auth_response").await;
    assert_eq!(answer["status"], "success", "{answer}");
    next(&mut socket, "audio").await;
    // The greeting is heard to its end: with stubs it is a second long.
    speak(&mut socket, 2_500, false).await;
    (socket, answer["session_id"].as_str().unwrap().to_owned())
}

/// Says something, waits for the answer and ends the call; gives its log.
async fn asked_and_ended(api: &Api, mut socket: Socket, id: &str) -> Value {
    speak(&mut socket, 1_000, true).await;
    speak(&mut socket, 4_000, false).await;
    send(&mut socket, json!({"type": "control", "action": "end"})).await;
    analysed(api, id).await
}

async fn analysed(api: &Api, id: &str) -> Value {
    api.until("the call's analysis", Duration::from_secs(60), async |api| {
        let call = api.get(&format!("/call-logs/{id}")).await;
        call["sentiment"].is_string().then_some(call)
    })
    .await
}

fn is_the_models(call: &Value) {
    for (field, value) in [
        ("summary", json!(SUMMARY)),
        ("sentiment", json!("positive")),
        ("emotions", json!(["happy"])),
        ("key_phrases", json!(["stand in model"])),
        ("analysed_by", json!("openai/gpt-4")),
    ] {
        assert_eq!(call[field], value, "{field} of {call}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_deployments_model_speaks_on_the_phone_and_analyses() {
    let openai = OpenAi::start().await;
    let told = [
        BY_AGENT,
        ("OPENAI_API_KEY", "sk-deployment"),
        ("OPENAI_BASE_URL", &openai.base_url),
    ];
    let platform = Box::pin(Platform::with(&told)).await;
    let api = Api::register(&platform.url, "ada").await;
    let agent = agent(&api).await;
    let effective = api.get(&format!("/agents/{agent}/config")).await["effective"]["llm"].clone();
    assert_eq!(
        (&effective["provider"], &effective["model"]),
        (&json!("openai"), &json!("gpt-4"))
    );
    assert_eq!(effective["reason"], "this deployment's key");
    let campaign = api.launch(&agent, &["+14155550101".to_owned()], json!({})).await;
    let call = api
        .until("the call's analysis", Duration::from_secs(90), async |api| {
            let call = api.calls(&campaign).await.pop()?;
            call["sentiment"].is_string().then_some(call)
        })
        .await;
    let call = analysed(&api, call["id"].as_str().unwrap()).await;
    assert!(call["transcript"].as_str().unwrap().contains(GREETING), "{call}");
    is_the_models(&call);
    // A minute of the carrier's, and the model's letters: at list price 15 dollars a million.
    assert!(call["cost"].as_f64().unwrap() > 0.0145, "{call}");
    let requests = openai.requests();
    assert!(
        requests
            .iter()
            .all(|(key, body)| key == "Bearer sk-deployment" && body["model"] == "gpt-4"),
        "{requests:?}"
    );
    platform.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_tenants_integration_speaks_for_its_own_agents_alone() {
    let openai = OpenAi::start().await;
    let told = [BY_AGENT, ("TRUNKLINE_ALLOW_PRIVATE_URLS", "true")];
    let platform = Box::pin(Platform::with(&told)).await;
    let api = Api::register(&platform.url, "ada").await;
    let agent = agent(&api).await;
    let llm = async |api: &Api, agent: &str| {
        api.get(&format!("/agents/{agent}/config")).await["effective"]["llm"].clone()
    };
    let before = llm(&api, &agent).await;
    assert_eq!(before["provider"], "builtin", "{before}");
    let integration = json!({
        "name": "Our OpenAI", "type": "openai",
        "credentials": {"api_key": "sk-tenant-0123456789", "organization": "org-1"},
        "settings": {"base_url": openai.base_url}
    });
    api.post("/integrations", integration).await;
    let after = llm(&api, &agent).await;
    assert_eq!(
        (&after["provider"], &after["reason"]),
        (&json!("openai"), &json!("your integration `Our OpenAI`"))
    );

    let (socket, id) = talking(&platform, &api, &agent).await;
    let call = asked_and_ended(&api, socket, &id).await;
    let text = call["transcript"].as_str().unwrap();
    assert!(text.contains(GREETING) && text.contains(REPLY), "{text}");
    is_the_models(&call);
    let requests = openai.requests();
    assert!(
        requests.len() >= 3
            && requests
                .iter()
                .all(|(key, _)| key == "Bearer sk-tenant-0123456789"),
        "{requests:?}"
    );

    let other = Api::register(&platform.url, "eve").await;
    let theirs = self::agent(&other).await;
    let theirs = llm(&other, &theirs).await;
    assert_eq!(
        theirs["provider"], "builtin",
        "another tenant's account is not used: {theirs}"
    );
    platform.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn when_the_model_dies_in_mid_call_the_built_in_part_goes_on() {
    let openai = OpenAi::start().await;
    let told = [
        BY_AGENT,
        ("OPENAI_API_KEY", "sk-deployment"),
        ("OPENAI_BASE_URL", &openai.base_url),
    ];
    let platform = Box::pin(Platform::with(&told)).await;
    let api = Api::register(&platform.url, "ada").await;
    let agent = agent(&api).await;
    let (socket, id) = talking(&platform, &api, &agent).await;
    openai.die();
    let call = asked_and_ended(&api, socket, &id).await;
    let text = call["transcript"].as_str().unwrap();
    let (_, after) = text
        .split_once("User:")
        .unwrap_or_else(|| panic!("nobody was heard: {text}"));
    assert!(text.contains(GREETING) && !text.contains(REPLY), "{text}");
    assert!(after.contains("Agent:"), "somebody went on: {text}");
    assert_eq!(
        (&call["status"], &call["analysed_by"]),
        (&json!("completed"), &json!("builtin")),
        "{call}"
    );
    assert!(
        call["cost"].as_f64().unwrap() > 0.0,
        "the greeting was the model's: {call}"
    );
    platform.stop().await;
}
