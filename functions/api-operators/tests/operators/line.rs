//! Who is rung next: whoever has waited longest, each call somebody of its own.

use std::collections::HashSet;

use serde_json::json;
use trunkline_domain::{CallId, OperatorId, TenantId, bridge::Bridge, id::GroupId, id::derived};
use trunkline_service::operators::{Reserved, give_back, reserve};
use trunkline_testing::{Client, Platform};

use crate::{hire, platform};

struct Line {
    platform: Platform,
    manager: Client,
    group: GroupId,
}

impl Line {
    async fn new() -> Self {
        let platform = platform().await;
        let manager = platform.manager("ada").await;
        let made = manager.post("/api/agent-groups", json!({"name": "Sales"})).await;
        let group = made.body["agent_group"]["id"].as_str().unwrap().parse().unwrap();
        Self {
            platform,
            manager,
            group,
        }
    }

    fn tenant(&self) -> TenantId {
        self.manager.who.tenant
    }

    /// Somebody who waits from now on.
    async fn join(&self, name: &str, extra: serde_json::Value) -> OperatorId {
        let mut body = json!({"name": name, "phone": "+14155553333", "agent_group_id": self.group.0});
        for (field, value) in extra.as_object().unwrap() {
            body[field] = value.clone();
        }
        let id = hire(&self.manager, body).await;
        self.status(&id, "available").await;
        self.platform.world.clock.turn(chrono::Duration::seconds(1));
        id.parse().unwrap()
    }

    async fn status(&self, id: &str, status: &str) {
        let set = self
            .manager
            .put(&format!("/api/agents/{id}/status"), json!({"status": status}))
            .await;
        assert_eq!(set.status, 200, "{}", set.body);
    }

    /// A caller who begins to wait, and was rung in vain by these.
    async fn ring(&self, call: &str, not: &[OperatorId]) -> Option<OperatorId> {
        let ctx = &self.platform.ctx;
        let (id, now) = (CallId(derived(call)), ctx.now());
        let mut bridge = Bridge::new(id, self.tenant(), self.group, now, now, 20);
        bridge.not = not.to_vec();
        if ctx.store.bridge(id).await.unwrap().is_none() {
            ctx.store.create_bridge(&bridge, now).await.unwrap();
        } else {
            bridge.version = ctx.store.bridge(id).await.unwrap().unwrap().version + 1;
            ctx.store.update_bridge(&bridge, None, now).await.unwrap();
        }
        match reserve(ctx, &bridge, None).await.unwrap() {
            Reserved::Given(bridge) => bridge.leg().map(|leg| leg.operator),
            Reserved::Nobody => None,
            Reserved::Changed => panic!("nobody else writes {call}"),
        }
    }

    async fn free(&self, id: OperatorId, call: &str, talk_s: Option<u32>) {
        let ctx = &self.platform.ctx;
        give_back(ctx, self.tenant(), id, CallId(derived(call)), talk_s)
            .await
            .unwrap();
        self.platform.world.clock.turn(chrono::Duration::seconds(1));
    }
}

#[tokio::test]
async fn whoever_has_waited_longest_is_first_and_goes_to_the_end_after_a_call() {
    let line = Line::new().await;
    let (a, b) = (line.join("A", json!({})).await, line.join("B", json!({})).await);
    assert_eq!(line.ring("1", &[]).await, Some(a));
    assert_eq!(
        line.ring("another", &[]).await,
        Some(b),
        "the index knows who is taken"
    );
    assert_eq!(line.ring("2", &[]).await, None);
    line.free(b, "another", None).await;
    line.free(a, "1", Some(60)).await;
    assert_eq!(
        line.ring("3", &[]).await,
        Some(b),
        "who did not answer waits since then"
    );
    assert_eq!(line.ring("4", &[]).await, Some(a));
    let shown = line.manager.get(&format!("/api/agents/{a}")).await;
    assert_eq!(
        (
            &shown.body["agent"]["current_calls"],
            &shown.body["agent"]["total_calls_handled"],
            &shown.body["agent"]["total_call_duration_seconds"]
        ),
        (&json!(1), &json!(1), &json!(60))
    );
}

#[tokio::test]
async fn who_declined_is_not_rung_for_the_same_call_again() {
    let line = Line::new().await;
    let (a, b) = (line.join("A", json!({})).await, line.join("B", json!({})).await);
    assert_eq!(line.ring("1", &[]).await, Some(a));
    line.free(a, "1", None).await;
    assert_eq!(line.ring("1", &[a]).await, Some(b));
    line.free(b, "1", None).await;
    assert_eq!(line.ring("1", &[a, b]).await, None);
}

#[tokio::test]
async fn whoever_is_at_work_is_found_behind_all_who_went_home_without_saying_so() {
    let line = Line::new().await;
    for n in 0..30 {
        let home = json!({ "working_hours": {} });
        line.join(&format!("Home {n}"), home).await;
    }
    let there = line.join("There", json!({})).await;
    assert_eq!(line.ring("1", &[]).await, Some(there));
}

#[tokio::test]
async fn nobody_is_rung_outside_working_hours_or_who_went_away() {
    let line = Line::new().await;
    let home = json!({"working_hours": {}});
    line.join("At home", home).await;
    let gone = line.join("Gone", json!({})).await;
    line.status(&gone.to_string(), "break").await;
    assert_eq!(line.ring("1", &[]).await, None);
    line.status(&gone.to_string(), "available").await;
    assert_eq!(line.ring("1", &[]).await, Some(gone));
}

#[tokio::test]
async fn somebody_who_talks_is_not_deleted() {
    let line = Line::new().await;
    let a = line.join("A", json!({})).await;
    line.ring("1", &[]).await;
    let path = format!("/api/agents/{a}");
    assert_eq!(line.manager.delete(&path).await.status, 409);
    line.free(a, "1", Some(5)).await;
    assert_eq!(line.manager.delete(&path).await.status, 200);
}

#[tokio::test]
async fn many_calls_at_once_get_as_many_people_as_there_are_places() {
    let line = Line::new().await;
    for name in ["A", "B", "C"] {
        line.join(name, json!({"max_concurrent_calls": 2})).await;
    }
    let calls: Vec<String> = (0..9).map(|call| call.to_string()).collect();
    let rung = futures::future::join_all(calls.iter().map(|call| line.ring(call, &[]))).await;
    let given: Vec<OperatorId> = rung.into_iter().flatten().collect();
    assert_eq!(given.len(), 6, "three people with two places each");
    let people: HashSet<_> = given.iter().collect();
    assert_eq!(people.len(), 3);
    for id in people {
        let shown = line.manager.get(&format!("/api/agents/{id}")).await;
        assert_eq!(shown.body["agent"]["current_calls"], 2);
    }
}
