//! Voice agents' names against the embedded DynamoDB.

use trunkline_domain::{
    TenantId, UserId, VoiceAgent, VoiceAgentId, id::derived, voice_agent::VoiceAgentStatus,
};

use crate::{
    NotWritten,
    testing::{at, store, tenant},
};

fn agent(id: &str, name: &str) -> VoiceAgent {
    let now = at("2026-11-22T08:00:00Z");
    VoiceAgent {
        id: VoiceAgentId(derived(id)),
        tenant: tenant(),
        created_by: UserId(derived("user")),
        name: name.to_owned(),
        description: None,
        llm_provider: None,
        llm_model: None,
        stt_provider: None,
        tts_provider: None,
        system_prompt: String::new(),
        language: "en".to_owned(),
        voice_parameters: serde_json::Map::new(),
        greeting: None,
        knowledge: Vec::new(),
        status: VoiceAgentStatus::Active,
        version: 1,
        created_at: now,
        updated_at: now,
    }
}

fn renamed(agent: &VoiceAgent, name: &str) -> VoiceAgent {
    VoiceAgent {
        name: name.to_owned(),
        version: agent.version + 1,
        ..agent.clone()
    }
}

#[tokio::test]
async fn a_name_is_taken_once_in_a_tenant_in_any_case() {
    let store = store().await;
    assert_eq!(
        store.create_voice_agent(&agent("1", "Sales")).await.unwrap(),
        Ok(())
    );
    let second = store.create_voice_agent(&agent("2", " SALES ")).await.unwrap();
    assert_eq!(second, Err(NotWritten::NameTaken));
    assert_eq!(
        store
            .voice_agent(tenant(), VoiceAgentId(derived("2")))
            .await
            .unwrap(),
        None
    );
    let elsewhere = VoiceAgent {
        tenant: TenantId(derived("other")),
        ..agent("2", "Sales")
    };
    assert_eq!(store.create_voice_agent(&elsewhere).await.unwrap(), Ok(()));
    let again = store.create_voice_agent(&agent("1", "Sales")).await.unwrap();
    assert_eq!(again, Err(NotWritten::Changed), "the id is taken too");
}

#[tokio::test]
async fn of_many_who_want_a_name_at_once_one_gets_it() {
    let store = store().await;
    let agents: Vec<VoiceAgent> = (0..20).map(|n| agent(&n.to_string(), "Sales")).collect();
    let made = futures::future::join_all(agents.iter().map(|agent| store.create_voice_agent(agent))).await;
    assert_eq!(
        made.into_iter().filter(|made| matches!(made, Ok(Ok(())))).count(),
        1
    );
    assert_eq!(
        store.list_voice_agents_by_tenant(tenant()).await.unwrap().len(),
        1
    );
}

#[tokio::test]
async fn a_new_name_frees_the_old_one_and_another_case_keeps_it() {
    let store = store().await;
    let sales = agent("1", "Sales");
    store.create_voice_agent(&sales).await.unwrap().unwrap();
    let loud = renamed(&sales, "SALES");
    assert_eq!(store.update_voice_agent(&sales, &loud).await.unwrap(), Ok(()));
    assert_eq!(
        store.update_voice_agent(&sales, &loud).await.unwrap(),
        Err(NotWritten::Changed)
    );
    store
        .create_voice_agent(&agent("2", "Support"))
        .await
        .unwrap()
        .unwrap();
    let taken = store
        .update_voice_agent(&loud, &renamed(&loud, "support"))
        .await
        .unwrap();
    assert_eq!(taken, Err(NotWritten::NameTaken));
    let billing = renamed(&loud, "Billing");
    assert_eq!(store.update_voice_agent(&loud, &billing).await.unwrap(), Ok(()));
    assert_eq!(
        store.create_voice_agent(&agent("3", "sales")).await.unwrap(),
        Ok(())
    );
    assert_eq!(
        store.voice_agent(tenant(), sales.id).await.unwrap(),
        Some(billing)
    );
}

#[tokio::test]
async fn a_deleted_agent_frees_its_name_and_a_stale_delete_does_nothing() {
    let store = store().await;
    let sales = agent("1", "Sales");
    store.create_voice_agent(&sales).await.unwrap().unwrap();
    let stale = VoiceAgent {
        version: 9,
        ..sales.clone()
    };
    assert_eq!(
        store.delete_voice_agent(&stale).await.unwrap(),
        Err(NotWritten::Changed)
    );
    assert_eq!(store.delete_voice_agent(&sales).await.unwrap(), Ok(()));
    assert_eq!(
        store.create_voice_agent(&agent("2", "Sales")).await.unwrap(),
        Ok(())
    );
}
