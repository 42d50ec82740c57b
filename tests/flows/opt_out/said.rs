//! The person says so itself: by a key, in words, or to a human agent.

use std::time::{Duration, Instant};

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::desk::{Desk, held};
use crate::support::{api::Api, carrier::calls_to, humans, openai::OpenAi, platform::Platform};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_is_enough() {
    let desk = Desk::with(&[("TRUNKLINE_SIM_TALK_MS", "30000")]).await;
    let number = "+14155550671";
    let (waiting, campaign) = (desk.draft(number).await, desk.launch(number).await);
    desk.in_state(&campaign, "in_progress").await;
    let call = desk.carriers_call(number).await;
    desk.listens(&call["sid"]).await;
    desk.press(&call["sid"], "9").await;
    let pressed = Instant::now();
    assert_eq!(desk.marked(number).await, "key");
    held("by key", pressed.elapsed());
    desk.says_goodbye(&campaign).await;
    desk.stays_uncalled(number, &campaign, &waiting, 1).await;
    desk.platform.stop().await;
}

/// The model has understood it; that it then talks about it for a while holds nothing up.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sentence_is_enough() {
    let model = OpenAi::opting_out().await;
    let told = [
        ("TRUNKLINE_LLM", "openai"),
        ("OPENAI_API_KEY", "sk-deployment"),
        ("OPENAI_BASE_URL", &model.base_url),
        ("TRUNKLINE_SIM_TALK_MS", "0"),
    ];
    let desk = Desk::with(&told).await;
    let number = "+14155550697";
    let (waiting, campaign) = (desk.draft(number).await, desk.launch(number).await);
    let understood = model.opted_out().await;
    assert_eq!(desk.marked(number).await, "speech");
    held("by speech, once it is understood", understood.elapsed());
    desk.says_goodbye(&campaign).await;
    desk.stays_uncalled(number, &campaign, &waiting, 1).await;
    desk.platform.stop().await;
}

/// The offline agent hears and understands it by itself.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs the speech models; run it alone with --ignored"]
async fn a_spoken_sentence_is_enough_with_the_built_in_speech() {
    let told = ["TRUNKLINE_STT", "TRUNKLINE_LLM", "TRUNKLINE_TTS"].map(|name| (name, "builtin"));
    let desk = Desk::with(&[told.as_slice(), &[("TRUNKLINE_SIM_TALK_MS", "0")]].concat()).await;
    let number = "+14155550697";
    let (waiting, campaign) = (desk.draft(number).await, desk.launch(number).await);
    // The models may have to be loaded first, or even fetched.
    let loading = Duration::from_secs(120);
    let talking = desk.api.until("the call is talked on", loading, async |api| {
        let mut calls = api.calls(&campaign).await;
        calls.retain(|call| call["status"] == "in_progress");
        calls.pop()
    });
    let call = talking.await;
    assert_eq!(desk.marked(number).await, "speech");
    desk.says_goodbye(&campaign).await;
    let log = desk
        .api
        .get(&format!("/call-logs/{}", call["id"].as_str().unwrap()))
        .await;
    let said = log["transcript"].as_str().unwrap().to_lowercase();
    assert!(said.contains("stop calling me"), "{log}");
    desk.stays_uncalled(number, &campaign, &waiting, 1).await;
    desk.platform.stop().await;
}

/// A human agent hears the wish in its call and passes it on, by its own token; both talk on to the end.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_human_agent_passes_it_on() {
    let number = "+14155550101";
    let platform = Box::pin(Platform::with(&[("TRUNKLINE_SIM_TALK_MS", "0")])).await;
    let ada = Api::register(&platform.url, "ada").await;
    let says = json!({"says": "This is Ben of Green Street Dental.", "every_ms": 3000});
    let humans = humans::Desk::of(ada.clone(), &platform.sim_url, &[says]).await;
    let ben = agents_token(&ada, "human0@example.com").await;
    let early = ben
        .send(Method::POST, "/api/dnc", Some(json!({"phone": number})))
        .await;
    assert_eq!(early.0, StatusCode::FORBIDDEN, "{}", early.1);

    let campaign = humans.dial(&[number], json!({})).await;
    let operator = humans.leg(0, "in-progress").await;
    let talks = |call: &Value| call["agent_id"].is_string();
    let call = humans.call(&campaign, number, "an agent talks", talks).await;
    let caller = call["call_sid"].as_str().unwrap().to_owned();
    humans.met(&call, &caller, &operator).await;
    let began = Instant::now();
    let marked = ben
        .post(
            "/api/dnc",
            json!({"phone": number, "reason": "Asked on the phone"}),
        )
        .await;
    held("by a human agent", began.elapsed());
    assert_eq!(marked["dnc"]["source"], "operator", "{marked}");
    humans.hears(&call, &caller, &operator).await;
    humans::hang_up(&platform.sim_url, &operator).await;
    let call = humans.over(&campaign, number).await;
    assert_eq!(call["status"], "completed", "{call}");
    let leads = ada.get(&format!("/api/leads?campaign_id={campaign}")).await;
    assert_eq!(leads["leads"][0]["status"], "dnc", "{leads}");
    assert_eq!(calls_to(&platform.sim_url, number).await.len(), 1);
    platform.stop().await;
}

/// The login of a human agent of the manager's tenant.
async fn agents_token(manager: &Api, email: &str) -> Api {
    let tenant = manager.get("/auth/me").await["tenant_id"].clone();
    let who = json!({
        "email": email, "password": "correct horse", "first_name": "Ben", "last_name": "Test", "role": "agent", "tenant_id": tenant,
    });
    manager.post("/auth/register", who.clone()).await;
    let login = manager.post("/auth/login", who).await;
    Api {
        token: login["token"].as_str().unwrap().to_owned(),
        ..manager.clone()
    }
}
