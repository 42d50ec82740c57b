//! What users do with voice agents.

use serde_json::json;
use trunkline_domain::{CampaignId, Error, Role, VoiceAgent, VoiceAgentId, error::Kind, page::PageQuery};
use trunkline_service::{
    campaigns::{self, NewCampaign},
    dialing, listing,
    voice_agents::{self, AgentPatch, AgentsQuery, NewAgent, SORTS},
};

use crate::world::{World, somebody, user};

async fn made(world: &World, name: &str, rest: AgentPatch) -> VoiceAgent {
    let id = VoiceAgentId(world.ctx.ids.uuid());
    world.forward(1);
    voice_agents::create(
        &world.ctx,
        &user(),
        id,
        NewAgent {
            name: name.to_owned(),
            rest,
        },
    )
    .await
    .unwrap()
}

const fn any(_: u64) -> Result<(), Error> {
    Ok(())
}

#[tokio::test]
async fn an_agent_is_made_changed_copied_listed_and_deleted() {
    let world = World::new().await;
    let ctx = &world.ctx;
    let parameters = json!({"voice_id": "joe", "api_key": "sk-abcdefghijklwxyz"});
    let rest = AgentPatch {
        description: Some(Some("Handles sales".to_owned())),
        llm_provider: Some(Some("openai".to_owned())),
        voice_parameters: Some(parameters.as_object().cloned()),
        ..AgentPatch::default()
    };
    let sales = made(&world, "Sales", rest).await;
    world.forward(1);
    let copy = voice_agents::clone(ctx, &user(), sales.id, VoiceAgentId(ctx.ids.uuid()), None)
        .await
        .unwrap();
    assert_eq!(
        (copy.name.as_str(), copy.llm_provider.as_deref()),
        ("Sales (copy)", Some("openai"))
    );
    made(&world, "Billing", AgentPatch::default()).await;

    let patch = AgentPatch {
        description: Some(None),
        ..AgentPatch::default()
    };
    let changed = voice_agents::update(ctx, &user(), sales.id, &patch, any)
        .await
        .unwrap();
    assert_eq!(
        (changed.description, changed.version, changed.llm_provider),
        (None, 2, sales.llm_provider.clone())
    );
    let stale = |version| {
        if version == 1 {
            Ok(())
        } else {
            Err(Error::invalid("version", "stale"))
        }
    };
    let refused = voice_agents::update(ctx, &user(), sales.id, &patch, stale).await;
    assert!(
        matches!(refused, Err(Error::Invalid(_))),
        "what the client's check says is what it hears"
    );

    let list = async |query: AgentsQuery| {
        let page = PageQuery {
            skip: 0,
            limit: 10,
            cursor: None,
        };
        let found = voice_agents::list(ctx, &user(), &AgentsQuery { page, ..query })
            .await
            .unwrap();
        found
            .items
            .into_iter()
            .map(|agent| agent.name)
            .collect::<Vec<_>>()
    };
    assert_eq!(
        list(AgentsQuery::default()).await,
        ["Billing", "Sales (copy)", "Sales"],
        "newest first"
    );
    let by_name = AgentsQuery {
        sorts: listing::by_name([("name", false)], &SORTS),
        ..AgentsQuery::default()
    };
    assert_eq!(list(by_name).await, ["Billing", "Sales", "Sales (copy)"]);
    let search = AgentsQuery {
        search: Some("HANDLES".to_owned()),
        ..AgentsQuery::default()
    };
    assert_eq!(list(search).await, ["Sales (copy)"], "also in the description");

    let config = voice_agents::config(ctx, &user(), sales.id).await.unwrap();
    assert_eq!(config.voice_parameters["api_key"], "sk-…wxyz");
    assert_eq!(config.effective.llm.provider, "builtin");

    voice_agents::delete(ctx, &user(), sales.id).await.unwrap();
    assert!(matches!(
        voice_agents::delete(ctx, &user(), sales.id).await,
        Err(Error::NotFound(Kind::VoiceAgent))
    ));
}

#[tokio::test]
async fn a_name_that_is_taken_and_a_stranger_are_refused() {
    let world = World::new().await;
    let sales = made(&world, "Sales", AgentPatch::default()).await;
    let again = NewAgent {
        name: "sales".to_owned(),
        ..NewAgent::default()
    };
    let again = voice_agents::create(&world.ctx, &user(), VoiceAgentId(world.ctx.ids.uuid()), again).await;
    assert!(matches!(
        again,
        Err(Error::Conflict {
            kind: Kind::VoiceAgent,
            ..
        })
    ));
    let rerun = NewAgent {
        name: "Sales".to_owned(),
        ..NewAgent::default()
    };
    let rerun = voice_agents::create(&world.ctx, &user(), sales.id, rerun)
        .await
        .unwrap();
    assert_eq!(rerun, sales, "the same request again finds what the first made");
    let stranger = somebody("another tenant", Role::Manager);
    assert!(matches!(
        voice_agents::get(&world.ctx, &stranger, sales.id).await,
        Err(Error::NotFound(_))
    ));
    let operator = somebody("tenant", Role::Agent);
    assert!(matches!(
        voice_agents::get(&world.ctx, &operator, sales.id).await,
        Err(Error::Forbidden(_))
    ));
}

#[tokio::test]
async fn an_agent_that_a_live_campaign_uses_stays() {
    let world = World::new().await;
    let ctx = &world.ctx;
    let agent = made(&world, "Sales", AgentPatch::default()).await;
    let new = NewCampaign {
        name: "Spring".to_owned(),
        voice_agent: Some(agent.id),
        phone_numbers: vec!["+14155550100".to_owned()],
        ..NewCampaign::default()
    };
    let campaign = campaigns::create(ctx, &user(), CampaignId(ctx.ids.uuid()), new)
        .await
        .unwrap();
    dialing::launch(ctx, &user(), campaign.id).await.unwrap();
    let Err(Error::Conflict { what, .. }) = voice_agents::delete(ctx, &user(), agent.id).await else {
        panic!("the agent of an active campaign was deleted")
    };
    assert!(what.contains("active campaign `Spring`"), "{what}");
    dialing::stop(ctx, &user(), campaign.id).await.unwrap();
    voice_agents::delete(ctx, &user(), agent.id).await.unwrap();
}
