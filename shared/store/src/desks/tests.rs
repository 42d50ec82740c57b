//! Against the embedded DynamoDB.

use chrono::Duration;
use trunkline_domain::{OperatorId, TenantId, id::derived};
use trunkline_events::{Event, EventKind};

use super::DeskServer;
use crate::testing::{at, store};

fn rung(tenant: TenantId, call: &str, seq: u64) -> Event {
    let operator = OperatorId(derived("operator"));
    let now = at("2026-01-05T10:00:00Z");
    Event::of_desk(EventKind::OperatorRung, tenant, derived(call), operator, seq, now)
}

#[tokio::test]
async fn an_instance_is_there_until_its_time_is_over_or_it_leaves() {
    let store = store().await;
    let now = at("2026-01-05T10:00:00Z");
    let server = |name: &str| DeskServer {
        instance: name.to_owned(),
        url: format!("http://10.0.0.1/{name}"),
    };
    for (name, seconds) in [("a", 10), ("b", 5), ("c", 10)] {
        let until = now + Duration::seconds(seconds);
        store.publish_desk_server(&server(name), until).await.unwrap();
    }
    store.remove_desk_server("c").await.unwrap();
    let there = async |seconds| {
        let now = now + Duration::seconds(seconds);
        store.desk_servers(now).await.unwrap()
    };
    assert_eq!(there(0).await, [server("a"), server("b")]);
    assert_eq!(there(5).await, [server("a")]);
}

#[tokio::test]
async fn a_feed_is_its_tenants_and_goes_on_from_an_instant() {
    let store = store().await;
    let (ours, theirs) = (TenantId(derived("ours")), TenantId(derived("theirs")));
    let start = at("2026-01-05T10:00:00Z");
    for seq in 1..=5 {
        let now = start + Duration::seconds(i64::try_from(seq).unwrap());
        store.feed_desks(&rung(ours, "call", seq), now).await.unwrap();
    }
    store.feed_desks(&rung(theirs, "other", 9), start).await.unwrap();
    let (found, more) = store
        .desk_feed(ours, start + Duration::seconds(2), 3)
        .await
        .unwrap();
    let seqs: Vec<u64> = found.iter().map(|fed| fed.ev.seq).collect();
    assert_eq!((seqs, more), (vec![2, 3, 4], true));
    assert_eq!(found[0].fed_at, start + Duration::seconds(2));
    let (all, more) = store.desk_feed(ours, start, 100).await.unwrap();
    assert_eq!((all.len(), more), (5, false));
}
