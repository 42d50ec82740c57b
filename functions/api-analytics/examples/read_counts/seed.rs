//! Many calls at once, as their ends would have left them: rows put in batches, counters summed up first.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_dynamodb::types::{AttributeValue, PutRequest, WriteRequest};
use chrono::{Duration, Timelike};
use futures::StreamExt;
use trunkline_domain::{
    Call, CallId, CallStatus, CampaignId, Instant, Outcome, Usd, VoiceAgentId,
    call::{Analysis, Recording},
    counters::contribution,
    id::derived,
};
use trunkline_store::keys;
use trunkline_testing::{Client, Platform};

type Item = HashMap<String, AttributeValue>;

const TABLE: &str = "test-calls";

pub(crate) fn agent(n: u32) -> VoiceAgentId {
    VoiceAgentId(derived(&format!("agent {n}")))
}

pub(crate) fn campaign(n: u32) -> CampaignId {
    CampaignId(derived(&format!("campaign {n}")))
}

/// Puts them, evenly over the 30 days before now: four agents, four campaigns, of which each has two of the agents; and one more that is
/// under way.
pub(crate) async fn calls(platform: &Platform, client: &Client, count: u32) {
    calls_in(platform, client, count, None).await;
}

/// As [`calls`], in this index only, which is faster.
pub(crate) async fn calls_in(platform: &Platform, client: &Client, count: u32, index: Option<&str>) {
    let now = platform.ctx.now();
    let mut patterns = Vec::new();
    for n in 0..16_u32 {
        let call = pattern(platform, client, n);
        platform.put_call(&call).await;
        let get = platform.world.db().get_item().table_name(TABLE);
        let got = get
            .key("PK", text(format!("C#{}", call.id)))
            .key("SK", text("META"))
            .send()
            .await
            .unwrap();
        platform.ctx.store.delete_call(&call).await.unwrap();
        let mut row = got.item.unwrap();
        row.retain(|name, _| {
            let of = name.strip_suffix("_pk").or_else(|| name.strip_suffix("_sk"));
            index.is_none() || of.is_none() || of == index
        });
        patterns.push((call, row));
    }
    let under_way = Call {
        status: CallStatus::Ringing,
        to: "+14155550199".parse().unwrap(),
        ..trunkline_testing::call(client, &platform.ctx, now - Duration::seconds(1))
    };
    platform.put_call(&under_way).await;
    let mut sums: BTreeMap<(String, String), BTreeMap<String, i64>> = BTreeMap::new();
    let step = Duration::days(30) / i32::try_from(count).unwrap();
    let mut rows = (0..count).map(|n| {
        let (call, row) = &patterns[usize::try_from(n % 16).unwrap()];
        let made = now - Duration::minutes(1) - step * i32::try_from(n).unwrap();
        let id = CallId(derived(&format!("seeded {n}")));
        add(&mut sums, call, id, made);
        row_of(row, id, made)
    });
    let batches = std::iter::from_fn(|| {
        let batch: Vec<Item> = rows.by_ref().take(25).collect();
        (!batch.is_empty()).then(|| put(platform, batch))
    });
    futures::stream::iter(batches)
        .buffer_unordered(4)
        .collect::<()>()
        .await;
    drop(rows);
    let counters: Vec<Item> = sums
        .into_iter()
        .map(|((pk, sk), sums)| {
            let sums = sums
                .into_iter()
                .map(|(name, sum)| (name, AttributeValue::N(sum.to_string())));
            sums.chain([("PK".to_owned(), text(pk)), ("SK".to_owned(), text(sk))])
                .collect()
        })
        .collect();
    for chunk in counters.chunks(25) {
        put(platform, chunk.to_vec()).await;
    }
}

/// One of 16 kinds of calls.
fn pattern(platform: &Platform, client: &Client, n: u32) -> Call {
    let outcomes = [
        Outcome::Answered,
        Outcome::Answered,
        Outcome::NoAnswer,
        Outcome::Busy,
    ];
    let outcome = outcomes[usize::try_from(n / 4).unwrap()];
    let analysis = Analysis {
        summary: "The caller asked about an invoice.".to_owned(),
        sentiment: ["positive", "neutral", "negative", "neutral"][usize::try_from(n % 4).unwrap()].to_owned(),
        emotions: vec!["satisfied".to_owned()],
        key_phrases: vec!["billing issue".to_owned()],
        ..Analysis::default()
    };
    Call {
        voice_agent: Some(agent(n % 4)),
        campaign: Some(campaign((n / 2) % 4)),
        status: CallStatus::Ended(outcome),
        cost: Usd::from_micros(28_000),
        recording: (outcome == Outcome::Answered).then(|| Recording {
            key: "recordings/a.wav".to_owned(),
            size_bytes: 960_000,
            duration_s: 60,
            ready_at: platform.ctx.now(),
        }),
        analysis: (outcome == Outcome::Answered).then_some(analysis),
        ..trunkline_testing::call(client, &platform.ctx, platform.ctx.now())
    }
}

/// A pattern's row for another call.
fn row_of(pattern: &Item, id: CallId, made: Instant) -> Item {
    let mut row = pattern.clone();
    let created = keys::created(made, id);
    for (name, value) in &mut row {
        if name.ends_with("_sk") {
            *value = text(created.clone());
        }
    }
    row.insert("PK".to_owned(), text(keys::call(id)));
    row.insert("id".to_owned(), text(id.to_string()));
    row.insert("created_at".to_owned(), text(keys::time(made)));
    row
}

fn add(sums: &mut BTreeMap<(String, String), BTreeMap<String, i64>>, call: &Call, id: CallId, made: Instant) {
    let scopes = [
        Some("t".to_owned()),
        call.campaign.map(|campaign| format!("c#{campaign}")),
        call.voice_agent.map(|agent| format!("a#{agent}")),
    ];
    let quarter = made.minute() / 15;
    let shard = keys::shard_of(&id.0);
    for scope in scopes.into_iter().flatten() {
        let hour = (
            keys::counters(call.tenant, &scope, shard),
            made.format("%Y-%m-%dT%H").to_string(),
        );
        let ever = (keys::sums(call.tenant, &scope), keys::sums_shard(shard));
        for (name, value) in contribution(call).0 {
            let mut count = |row: &(String, String), name: String| {
                *sums.entry(row.clone()).or_default().entry(name).or_default() += value;
            };
            count(&hour, name.to_owned());
            if quarter > 0 {
                count(&hour, format!("{name}.{quarter}"));
            }
            count(&ever, name.to_owned());
            if scope.starts_with("c#") {
                let agent = call.voice_agent.unwrap();
                count(&ever, format!("{name}@{agent}"));
            }
        }
    }
}

async fn put(platform: &Platform, rows: Vec<Item>) {
    if rows.is_empty() {
        return;
    }
    let puts = rows.into_iter().map(|row| {
        let put = PutRequest::builder().set_item(Some(row)).build().unwrap();
        WriteRequest::builder().put_request(put).build()
    });
    let write = platform.world.db().batch_write_item();
    let done = write.request_items(TABLE, puts.collect()).send().await.unwrap();
    assert!(done.unprocessed_items.is_none_or(|rest| rest.is_empty()));
}

fn text(text: impl Into<String>) -> AttributeValue {
    AttributeValue::S(text.into())
}
