//! What lists cost does not depend on how many calls there are.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use trunkline_domain::page::PageQuery;
use trunkline_service::{
    Ctx,
    calls::{self, CallsQuery},
    campaigns::{self, CampaignsQuery},
    voice_agents::{self, AgentsQuery},
};
use trunkline_testing::{Client, Fault, Platform};

use crate::lists;

/// Requests by list, and the list's total.
type Costs = BTreeMap<&'static str, (BTreeMap<String, u32>, u64)>;

async fn costs(count: u32) -> Costs {
    let platform = Platform::new(api_analytics::router()).await;
    let client = platform.manager("ann").await;
    crate::seed::calls(&platform, &client, count).await;
    let counts: Arc<Mutex<BTreeMap<String, u32>>> = Arc::default();
    let heard = Arc::clone(&counts);
    let store = platform.world.store_watched(Box::new(move |operation, _| {
        *heard.lock().unwrap().entry(operation.to_owned()).or_default() += 1;
        Fault::None
    }));
    let ctx = Ctx {
        store,
        ..platform.ctx.clone()
    };
    let mut costs = Costs::new();
    for (name, asked) in lists::all(ctx.now()) {
        let total = exact(&ctx, &client, name, &asked).await;
        costs.insert(name, (std::mem::take(&mut counts.lock().unwrap()), total));
    }
    let page = PageQuery {
        skip: 0,
        limit: 10,
        cursor: None,
    };
    let campaigns = CampaignsQuery {
        page: page.clone(),
        ..CampaignsQuery::default()
    };
    let found = campaigns::list(&ctx, &client.who, &campaigns).await.unwrap();
    costs.insert(
        "campaigns",
        (std::mem::take(&mut counts.lock().unwrap()), found.total),
    );
    let agents = AgentsQuery {
        page,
        ..AgentsQuery::default()
    };
    let found = voice_agents::list(&ctx, &client.who, &agents).await.unwrap();
    costs.insert(
        "agents",
        (std::mem::take(&mut counts.lock().unwrap()), found.total),
    );
    costs
}

async fn exact(ctx: &Ctx, client: &Client, name: &str, asked: &CallsQuery) -> u64 {
    let page = calls::list(ctx, &client.who, asked).await.unwrap();
    assert!(!page.total_is_lower_bound, "{name}");
    page.total
}

#[tokio::test]
async fn every_list_costs_the_same_requests_at_a_hundred_calls_and_at_three_thousand() {
    let (few, many) = (costs(100).await, costs(3_000).await);
    for (name, (requests, total)) in &many {
        let (before, fewer) = &few[name];
        if !lists::BOUNDED.contains(name) {
            assert_eq!(before, requests, "{name}");
        }
        assert!(fewer <= total, "{name}: {fewer}, then {total}");
    }
    let all = |costs: &Costs| costs["call-logs"].1;
    assert_eq!((all(&few), all(&many)), (101, 3_001));
    assert_eq!(many["call-logs?status=completed"].1, 1_504);
    assert_eq!(many["call-logs?status=busy"].1, 748);
    assert_eq!(many["call-logs?agent_id&campaign_id"].1, 375);
    assert_eq!(many["call-recordings"].1, 1_504);
    assert_eq!(
        many["call-logs"].0,
        BTreeMap::from([("BatchGetItem".to_owned(), 1), ("Query".to_owned(), 3)])
    );
}
