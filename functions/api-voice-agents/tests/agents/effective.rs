//! Which parts a call of an agent will really use, as its configuration says.

use std::sync::Arc;

use serde_json::{Value, json};
use trunkline_domain::integration::IntegrationStatus;
use trunkline_providers::cloud::{Account, Vendor};
use trunkline_service::{Ctx, Settings, parts::Vendors};
use trunkline_testing::{Client, Platform};

use crate::{made, support_agent};

fn settings(ctx: &mut Ctx, change: impl FnOnce(&mut Settings)) {
    let mut settings = Settings::clone(&ctx.settings);
    change(&mut settings);
    ctx.settings = Arc::new(settings);
}

async fn platform(change: impl FnOnce(&mut Settings)) -> Platform {
    let router = api_voice_agents::router().merge(api_integrations::router());
    Platform::with(router, |ctx| settings(ctx, change)).await
}

async fn effective(client: &Client, agent: &str) -> Value {
    let got = client.get(&format!("/agents/{agent}/config")).await;
    assert_eq!(got.status, 200, "{got:?}");
    let text = got.body.to_string();
    assert!(!text.contains("sk-"), "no key is shown: {text}");
    got.body["data"]["effective"].clone()
}

fn is(part: &Value, provider: &str, model: Option<&str>, reason: &str) {
    assert_eq!(
        (&part["provider"], &part["model"]),
        (&json!(provider), &json!(model)),
        "{part}"
    );
    assert!(part["reason"].as_str().unwrap().contains(reason), "{part}");
}

#[tokio::test]
async fn without_any_key_all_is_built_in_and_it_is_said_why() {
    let platform = platform(|_| {}).await;
    let ada = platform.manager("ada").await;
    let agent = made(&ada, support_agent()).await;
    let parts = effective(&ada, &agent).await;
    is(
        &parts["llm"],
        "builtin",
        Some("extractive"),
        "`openai` has no key in this deployment nor an integration of yours",
    );
    is(
        &parts["stt"],
        "builtin",
        None,
        "`deepgram` has no key in this deployment",
    );
    is(
        &parts["tts"],
        "builtin",
        None,
        "`cartesia` has no key in this deployment",
    );
    let mut other = support_agent();
    other["name"] = json!("Other");
    other["llm_provider"] = json!("mistral");
    other["tts_provider"] = json!("Built-in");
    other["stt_provider"] = Value::Null;
    let parts = effective(&ada, &made(&ada, other).await).await;
    is(
        &parts["llm"],
        "builtin",
        Some("extractive"),
        "no language model is named `mistral` (there are openai, builtin)",
    );
    is(&parts["tts"], "builtin", None, "the agent names it");
    is(&parts["stt"], "builtin", None, "the agent names none");
}

#[tokio::test]
async fn an_integration_is_used_while_its_tests_do_not_fail_and_by_its_tenant_alone() {
    let platform = platform(|settings| {
        settings.vendors = Vendors::default()
            .with(Account::new(Vendor::Deepgram, "sk-deployment"))
            .with_elsewhere(Vendor::Openai);
    })
    .await;
    let ada = platform.manager("ada").await;
    let agent = made(&ada, support_agent()).await;
    let parts = effective(&ada, &agent).await;
    is(&parts["llm"], "openai", Some("gpt-4"), "this deployment's key");
    is(&parts["stt"], "deepgram", None, "this deployment's key");

    let integration =
        json!({"name": "Our OpenAI", "type": "openai", "credentials": {"api_key": "sk-0123456789abcdef"}});
    let integration = ada.post("/integrations", integration).await;
    assert_eq!(integration.status, 201, "{integration:?}");
    is(
        &effective(&ada, &agent).await["llm"],
        "openai",
        Some("gpt-4"),
        "your integration `Our OpenAI`",
    );
    let eve = platform.manager("eve").await;
    let theirs = made(&eve, support_agent()).await;
    is(
        &effective(&eve, &theirs).await["llm"],
        "openai",
        Some("gpt-4"),
        "this deployment's key",
    );

    let store = &platform.ctx.store;
    let one = store
        .list_integrations_by_tenant(ada.who.tenant)
        .await
        .unwrap()
        .pop()
        .unwrap();
    let failed = IntegrationStatus::Failed;
    let noted = store.note_integration_test(
        &one,
        failed,
        "the provider refused the credentials (401)",
        platform.ctx.now(),
    );
    assert!(noted.await.unwrap());
    is(
        &effective(&ada, &agent).await["llm"],
        "openai",
        Some("gpt-4"),
        "`Our OpenAI` is not used, since its last test failed: the provider refused",
    );
}

#[tokio::test]
async fn an_integration_that_a_call_may_not_ask_is_not_used() {
    let platform = platform(|_| {}).await;
    let ada = platform.manager("ada").await;
    let agent = made(&ada, support_agent()).await;
    let plain = json!({
        "name": "Plain", "type": "openai", "credentials": {"api_key": "sk-0123456789abcdef"},
        "settings": {"base_url": "http://93.184.216.34/v1"}
    });
    assert_eq!(ada.post("/integrations", plain).await.status, 201);
    is(
        &effective(&ada, &agent).await["llm"],
        "builtin",
        Some("extractive"),
        "`Plain` is not used, since its base_url does not begin with https://",
    );
}

#[tokio::test]
async fn what_the_deployment_forces_is_used_whatever_the_agent_names() {
    let platform = platform(|settings| {
        settings.forced_tts = Some("openai".to_owned());
        settings.forced_llm = Some("stub".to_owned());
        settings.vendors = Vendors::default().with(Account::new(Vendor::Openai, "sk-deployment"));
    })
    .await;
    let ada = platform.manager("ada").await;
    let agent = made(&ada, support_agent()).await;
    let parts = effective(&ada, &agent).await;
    is(&parts["tts"], "openai", None, "TRUNKLINE_TTS sets it");
    is(&parts["llm"], "stub", None, "TRUNKLINE_LLM sets it");
}
