//! What is written after a call, against the embedded DynamoDB.

use trunkline_domain::{
    Call, CampaignId, Usd, counters,
    id::derived,
    transcript::{Speaker, TranscriptLine},
};
use trunkline_events::{Event, EventKind};

use crate::{
    AfterCall, CallText, Period, Scope, keys,
    testing::{at, call, count_calls, put_calls, store, tenant},
};

fn line(start_ms: u64) -> TranscriptLine {
    TranscriptLine {
        generation: 0,
        start_ms,
        end_ms: start_ms + 10,
        speaker: Speaker::User,
        text: format!("said at {start_ms}"),
        confidence: Some(0.5),
        at: at("2026-11-22T08:00:00Z"),
    }
}

#[tokio::test]
async fn what_comes_after_a_call_is_one_write_and_moves_the_totals() {
    let store = store().await;
    let before = Call {
        campaign: Some(CampaignId(derived("a"))),
        ..call("one", at("2026-11-22T08:30:00Z"))
    };
    put_calls(&store, std::slice::from_ref(&before)).await;
    count_calls(&store, std::slice::from_ref(&before)).await;
    let after = Call {
        cost: Usd::from_micros(14_000),
        version: 3,
        ..before.clone()
    };
    let event = |kind, seq| Event::new(kind, before.tenant, before.id.0, seq, before.created_at);
    let (analyzed, recorded) = (
        event(EventKind::CallAnalyzed, 3),
        event(EventKind::RecordingReady, 2),
    );
    let text = CallText {
        text: "User: hi".to_owned(),
        lines: 1,
    };
    let write = AfterCall {
        before: &before,
        call: &after,
        text: &text,
        analyzed: Some(&analyzed),
        recorded: Some(&recorded),
    };
    store.write_after_call(&write).await.unwrap();
    assert!(
        store.write_after_call(&write).await.unwrap_err().is_condition(),
        "the version is over"
    );
    assert_eq!(store.call(tenant(), before.id).await.unwrap(), Some(after));
    assert_eq!(store.call_texts(&[before.id]).await.unwrap(), [(before.id, text)]);
    for scope in [Scope::Tenant, Scope::Campaign(CampaignId(derived("a")))] {
        let sums = store.sums(tenant(), scope, Period::default()).await.unwrap();
        assert_eq!(
            (sums.get(counters::CALLS), sums.get(counters::COST_MICROS)),
            (1, 14_000)
        );
    }
    let rows = store
        .directory_rows(&store.tables.calls, &keys::call(before.id), "")
        .await
        .unwrap();
    let seqs = rows
        .iter()
        .map(|row| row["ev"].as_m().unwrap()["seq"].as_n().unwrap().clone());
    assert_eq!(seqs.collect::<Vec<_>>(), ["3", "2"], "each row carries its event");
}

#[tokio::test]
async fn a_deleted_call_leaves_nothing_and_takes_its_part_of_the_totals_with_it() {
    let store = store().await;
    let kept = call("kept", at("2026-11-22T08:10:00Z"));
    let gone = call("gone", at("2026-11-22T08:20:00Z"));
    put_calls(&store, &[kept.clone(), gone.clone()]).await;
    count_calls(&store, &[kept.clone(), gone.clone()]).await;
    for n in 0..130 {
        store.put_line(gone.id, &line(n * 100)).await.unwrap();
    }
    assert_eq!(store.transcript_lines(gone.id).await.unwrap().len(), 130);
    let stale = Call {
        version: 7,
        ..gone.clone()
    };
    assert!(store.delete_call(&stale).await.unwrap_err().is_condition());
    store.delete_call(&gone).await.unwrap();
    assert_eq!(store.call(tenant(), gone.id).await.unwrap(), None);
    let left = store
        .directory_rows(&store.tables.calls, &keys::call(gone.id), "")
        .await
        .unwrap();
    assert!(left.is_empty());
    let hours = store
        .hourly_sums(tenant(), Scope::Tenant, Period::default())
        .await
        .unwrap();
    assert_eq!(hours.len(), 1);
    let sums = &hours[&at("2026-11-22T08:00:00Z")];
    assert_eq!(
        (sums.get(counters::CALLS), sums.get(counters::DURATION_S)),
        (1, 30)
    );
    assert!(
        store.delete_call(&gone).await.unwrap_err().is_condition(),
        "there is none any more"
    );
}

#[tokio::test]
async fn lines_come_in_the_order_of_speech() {
    let store = store().await;
    let call = call("one", at("2026-11-22T08:30:00Z"));
    let later = TranscriptLine {
        generation: 1,
        ..line(5)
    };
    for line in [line(700), later.clone(), line(90), line(20_000)] {
        store.put_line(call.id, &line).await.unwrap();
    }
    assert_eq!(
        store.transcript_lines(call.id).await.unwrap(),
        [line(90), line(700), line(20_000), later]
    );
}
