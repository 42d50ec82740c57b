//! A store of a test's own: the embedded DynamoDB in memory, and records to put into it.

use std::sync::LazyLock;

use aws_sdk_dynamodb::types::{PutRequest, WriteRequest};
use trunkline_aws_local::{
    TableSet,
    dynamo_memory::{Memory, client},
};
use trunkline_domain::{
    Call, CallId, CallStatus, CallerId, Campaign, CampaignId, CampaignState, Direction, E164, ImportId,
    Instant, Lead, LeadId, Outcome, RetryPolicy, TenantId, Usd, UserId,
    campaign::{Fallback, WAIT_S},
    id::derived,
    pacing::Pacing,
};

use crate::{Store, Tables, rows::call_row};

/// A store with empty tables.
pub(crate) async fn store() -> Store {
    static TABLES: LazyLock<TableSet> =
        LazyLock::new(|| TableSet::of_template(include_str!("../../../template.yaml"), "test").unwrap());
    let memory = Memory::with_tables(&TABLES).unwrap();
    Store::new(client(memory.faultless()), Tables::with_prefix("test"))
}

pub(crate) fn tenant() -> TenantId {
    TenantId(derived("tenant"))
}

pub(crate) fn at(text: &str) -> Instant {
    text.parse().unwrap()
}

/// An ended, answered call of 30 s.
pub(crate) fn call(name: &str, created_at: Instant) -> Call {
    Call {
        id: CallId(derived(name)),
        tenant: tenant(),
        campaign: None,
        lead: None,
        attempt: 0,
        voice_agent: None,
        operator: None,
        direction: Direction::Outbound,
        to: "+14155550100".parse().unwrap(),
        from: CallerId("+14155550199".parse().unwrap()),
        status: CallStatus::Ended(Outcome::Answered),
        epoch: 1,
        version: 1,
        sid: None,
        account: "AC1".to_owned(),
        claim_nonce: None,
        post_by: None,
        check_at: None,
        looked_at: None,
        stop_requested: false,
        answered_by: None,
        record: true,
        time_limit_s: 600,
        reserve: Usd::ZERO,
        created_at,
        placed_at: Some(created_at),
        answered_at: Some(created_at),
        ended_at: Some(created_at),
        duration_s: 30,
        cost: Usd::ZERO,
        price: None,
        gen_next: 1,
        instance: None,
        next: None,
        recording: None,
        analysis: None,
        notes: None,
        conference: None,
        abandoned: false,
        dialled_for: None,
        taken: false,
        failure: None,
        cap_shard: 0,
        ring_timeout_s: 30,
        shard: 0,
    }
}

/// Puts calls as they are, and what they add to the totals.
pub(crate) async fn put_calls(store: &Store, calls: &[Call]) {
    for chunk in calls.chunks(25) {
        let puts = chunk.iter().map(|call| {
            let put = PutRequest::builder().set_item(Some(call_row(call, None).unwrap()));
            WriteRequest::builder().put_request(put.build().unwrap()).build()
        });
        let write = store.db.batch_write_item();
        let write = write.request_items(&store.tables.calls, puts.collect());
        let done = write.send().await.unwrap();
        assert!(done.unprocessed_items.is_none_or(|rest| rest.is_empty()));
    }
}

/// Adds calls to the totals, as their ends would have; those that share their rows at once.
pub(crate) async fn count_calls(store: &Store, calls: &[Call]) {
    use crate::counters::{quarters::quarter_of, write::scopes};
    use trunkline_domain::counters::{Counters, contribution};
    let mut rows: std::collections::BTreeMap<_, (&Call, Counters)> = std::collections::BTreeMap::new();
    for call in calls {
        let scope = (call.campaign, call.voice_agent, call.operator);
        let place = (
            quarter_of(call.created_at),
            crate::keys::shard_of(&call.id.0),
            scope,
        );
        let (_, sums) = rows.entry(place).or_insert_with(|| (call, Counters::default()));
        for (name, value) in contribution(call).0 {
            *sums.0.entry(name).or_default() += value;
        }
    }
    for ((quarter, shard, _), (call, sums)) in rows {
        let writes = store
            .count_all(&scopes(call), call.tenant, quarter, shard, &sums)
            .unwrap();
        if !writes.is_empty() {
            store.transact(writes, None).await.unwrap();
        }
    }
}

/// A draft of one shard.
pub(crate) fn campaign(name: &str) -> Campaign {
    let now = at("2026-11-22T10:00:00Z");
    Campaign {
        id: CampaignId(derived(name)),
        tenant: tenant(),
        created_by: UserId(derived("user")),
        name: name.to_owned(),
        description: None,
        voice_agent: None,
        group: None,
        pacing: Pacing::default(),
        wait_s: WAIT_S,
        fallback: Fallback::default(),
        caller_id: None,
        state: CampaignState::Draft,
        start_time: None,
        end_time: None,
        hours: None,
        retry_policy: RetryPolicy::default(),
        max_concurrent_calls: 10,
        ring_timeout_s: 30,
        amd_enabled: true,
        voicemail_message_url: None,
        record_calls: true,
        phone_numbers: Vec::new(),
        shards: 1,
        launched_at: None,
        ended_at: None,
        version: 1,
        created_at: now,
        updated_at: now,
    }
}

/// A lead that waits.
pub(crate) fn lead(campaign: &Campaign, phone: &str) -> Lead {
    let phone: E164 = phone.parse().unwrap();
    let id = LeadId(derived(&format!("{} {phone}", campaign.id)));
    Lead::waiting(campaign, id, ImportId(campaign.id.0), phone, campaign.created_at)
}
