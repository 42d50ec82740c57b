//! Who may see and steer the Dialer's campaigns.

use serde_json::json;
use trunkline_domain::Role;
use trunkline_testing::{NO_ID, NOT_IDS};

use crate::dialer::{dialers, group, outreach, platform};

/// The operations on one campaign.
const ON_ONE: [(&str, &str); 4] = [("GET", ""), ("PUT", ""), ("POST", "/start"), ("POST", "/pause")];

#[tokio::test]
async fn another_tenants_campaign_is_not_there() {
    let platform = platform().await;
    let (ada, bob) = (platform.manager("ada").await, platform.manager("bob").await);
    let sales = group(&ada, "Sales").await;
    let path = dialers(&ada, outreach(&sales)).await;
    let before = ada.get(&path).await.body["campaign"].clone();
    let no_ids = NOT_IDS.map(|id| format!("/api/campaigns/{id}"));
    let mut paths = vec![path.clone(), format!("/api/campaigns/{NO_ID}")];
    paths.extend(no_ids);
    for path in &paths {
        for (method, rest) in ON_ONE {
            let ask = format!("{method} {path}{rest}");
            let refused = bob.send(&ask, &[], "{}").await;
            assert_eq!(
                (refused.status, &refused.body["success"]),
                (404, &json!(false)),
                "{ask}: {refused:?}"
            );
            assert!(refused.body["error"].is_string(), "{ask}: {refused:?}");
        }
    }
    assert_eq!(bob.get("/api/campaigns").await.body["total"], 0);
    let theirs = bob
        .post(
            "/api/campaigns",
            json!({ "name": "Mine", "agent_group_id": sales }),
        )
        .await;
    assert_eq!(theirs.status, 400, "another tenant's group is none");
    assert!(theirs.body["error"].as_str().unwrap().contains("agent_group_id"));
    assert_eq!(ada.get(&path).await.body["campaign"], before);
}

#[tokio::test]
async fn users_steer_campaigns_and_human_agents_do_not() {
    let platform = platform().await;
    let ada = platform.manager("ada").await;
    let eve = platform.colleague(&ada, "eve", Role::User).await;
    let john = platform.colleague(&ada, "john", Role::Agent).await;
    let path = dialers(&eve, json!({ "name": "Eve's" })).await;
    assert_eq!(ada.get(&path).await.status, 200, "it is the tenant's");
    let one = ON_ONE.map(|(method, rest)| format!("{method} {path}{rest}"));
    let all = ["GET /api/campaigns".to_owned(), "POST /api/campaigns".to_owned()];
    for ask in one.iter().chain(&all) {
        let refused = john.send(ask, &[], "{}").await;
        assert_eq!(
            (refused.status, &refused.body["success"]),
            (403, &json!(false)),
            "{ask}"
        );
        let refused = platform.nobody(&ada).send(ask, &[], "{}").await;
        assert_eq!(
            (refused.status, &refused.body["success"]),
            (401, &json!(false)),
            "{ask}"
        );
    }
}
