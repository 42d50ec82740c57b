//! Lists and totals against the embedded DynamoDB, held to a plain filter in memory.

use chrono::Duration;
use proptest::prelude::*;
use trunkline_domain::{
    AnsweredBy, Call, CallId, CallStatus, CampaignId, OperatorId, Outcome, TenantId, VoiceAgentId,
    call::Recording, id::derived, page::PageQuery,
};

use super::{CallFilter, CallOrder};
use crate::{
    Period, Store, StoreError,
    testing::{at, call, count_calls, put_calls, store, tenant},
};

/// Calls of three campaigns, two agents, four numbers, all statuses; several at each instant.
fn calls() -> Vec<Call> {
    let statuses = [
        CallStatus::Ended(Outcome::Answered),
        CallStatus::Ended(Outcome::Voicemail),
        CallStatus::Ended(Outcome::NoAnswer),
        CallStatus::Ended(Outcome::Busy),
        CallStatus::Ended(Outcome::Unknown),
        CallStatus::Claimed,
        CallStatus::Ringing,
        CallStatus::Talking,
    ];
    let begin = at("2026-11-22T08:00:00Z");
    let one = |n: u32| {
        let pick = |of: u32| usize::try_from(n / 3 % of).unwrap();
        let made = begin + Duration::minutes(i64::from(n / 4 * 7));
        let mut one = call(&format!("call {n}"), made);
        one.status = statuses[usize::try_from(n).unwrap() % statuses.len()];
        one.check_at = (!one.status.is_ended()).then_some(made);
        one.campaign = [None, Some("a"), Some("b")][pick(3)].map(|name| CampaignId(derived(name)));
        one.voice_agent = [None, Some("x")][pick(2)].map(|name| VoiceAgentId(derived(name)));
        one.operator = [None, Some("o")][pick(2)].map(|name| OperatorId(derived(name)));
        one.answered_by = [None, Some(AnsweredBy::Human), Some(AnsweredBy::MachineEndBeep)]
            [usize::try_from(n).unwrap() % 3];
        one.to = format!("+1415555010{}", n % 4).parse().unwrap();
        one.recording = n.is_multiple_of(8).then(|| Recording {
            key: String::new(),
            size_bytes: 1,
            duration_s: 1,
            ready_at: made,
        });
        one
    };
    (0..120).map(one).collect()
}

/// What a list must be.
fn matching(calls: &[Call], filter: &CallFilter, order: CallOrder) -> Vec<CallId> {
    let fits = |call: &&Call| {
        filter.campaign.is_none_or(|c| call.campaign == Some(c))
            && filter.voice_agent.is_none_or(|a| call.voice_agent == Some(a))
            && filter.phone.as_ref().is_none_or(|p| call.to == *p)
            && filter.operator.is_none_or(|o| call.operator == Some(o))
            && filter.status.is_none_or(|word| call.status.word() == word)
            && filter
                .outcome
                .is_none_or(|outcome| call.status == CallStatus::Ended(outcome))
            && filter.answered_by.is_none_or(|by| call.answered_by == Some(by))
            && (!filter.recorded || call.recording.is_some())
            && filter.period.from.is_none_or(|from| call.created_at >= from)
            && filter.period.before.is_none_or(|before| call.created_at < before)
    };
    let mut found: Vec<&Call> = calls.iter().filter(fits).collect();
    found.sort_by_key(|call| (call.created_at, call.id.to_string()));
    if order == CallOrder::Newest {
        found.reverse();
    }
    found.into_iter().map(|call| call.id).collect()
}

fn filters() -> impl Strategy<Value = CallFilter> {
    let minute = || prop::option::of(0..260_i64);
    (
        prop::option::of(prop::sample::select(vec!["a", "b", "none"])),
        prop::option::of(Just("x")),
        prop::option::of(0..5_u32),
        prop::option::of(prop::sample::select(CallStatus::WORDS.to_vec())),
        prop::bool::weighted(0.2),
        dialers(),
        (minute(), minute()),
    )
        .prop_map(
            |(campaign, agent, phone, status, recorded, dialers, (from, before))| {
                let begin = at("2026-11-22T08:00:00Z");
                let minute = |minute: i64| begin + Duration::minutes(minute);
                CallFilter {
                    campaign: campaign.map(|name| CampaignId(derived(name))),
                    voice_agent: agent.map(|name| VoiceAgentId(derived(name))),
                    phone: phone.map(|n| format!("+1415555010{n}").parse().unwrap()),
                    status,
                    recorded,
                    period: Period {
                        from: from.map(minute),
                        before: before.map(minute),
                    },
                    ..dialers
                }
            },
        )
}

/// What only the Dialer asks for.
fn dialers() -> impl Strategy<Value = CallFilter> {
    (
        prop::option::weighted(0.2, Just("o")),
        prop::option::weighted(0.2, prop::sample::select(Outcome::ALL.to_vec())),
        prop::option::weighted(0.2, prop::sample::select(AnsweredBy::ALL.to_vec())),
    )
        .prop_map(|(operator, outcome, answered_by)| CallFilter {
            operator: operator.map(|name| OperatorId(derived(name))),
            outcome,
            answered_by,
            ..CallFilter::default()
        })
}

async fn all_pages(
    store: &Store,
    filter: &CallFilter,
    order: CallOrder,
    limit: u32,
) -> (Vec<CallId>, Vec<u64>) {
    let (mut seen, mut totals) = (Vec::new(), Vec::new());
    let mut asked = PageQuery {
        skip: 0,
        limit,
        cursor: None,
    };
    loop {
        let page = store.list_calls(tenant(), filter, order, &asked).await.unwrap();
        assert!(!page.total_is_lower_bound);
        seen.extend(page.items.iter().map(|(call, _)| call.id));
        totals.push(page.total);
        match page.next_cursor {
            Some(next) => asked.cursor = Some(next),
            None => return (seen, totals),
        }
    }
}

#[test]
fn pages_of_any_filter_order_and_limit_are_the_whole_list_and_say_its_size() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let calls = calls();
    let store = runtime.block_on(async {
        let store = store().await;
        put_calls(&store, &calls).await;
        count_calls(&store, &calls).await;
        store
    });
    let orders = prop::sample::select(vec![CallOrder::Newest, CallOrder::Oldest]);
    let cases = (filters(), orders, 1..60_u32, 0..40_u32);
    let config = ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(64)
    };
    let mut runner = proptest::test_runner::TestRunner::new(config);
    let held = runner.run(&cases, |(filter, order, limit, skip)| {
        let want = matching(&calls, &filter, order);
        let (seen, totals) = runtime.block_on(all_pages(&store, &filter, order, limit));
        prop_assert_eq!(&seen, &want);
        let size = u64::try_from(want.len()).unwrap();
        prop_assert!(totals.iter().all(|total| *total == size), "{totals:?} of {size}");
        let asked = PageQuery {
            skip,
            limit,
            cursor: None,
        };
        let page = runtime
            .block_on(store.list_calls(tenant(), &filter, order, &asked))
            .unwrap();
        let part = want
            .iter()
            .skip(usize::try_from(skip).unwrap())
            .take(usize::try_from(limit).unwrap());
        prop_assert_eq!(
            page.items.iter().map(|(call, _)| call.id).collect::<Vec<_>>(),
            part.copied().collect::<Vec<_>>()
        );
        prop_assert_eq!(page.total, size);
        Ok(())
    });
    held.unwrap();
}

#[tokio::test]
async fn another_tenant_sees_nothing_and_a_wrong_cursor_is_refused() {
    let store = store().await;
    let calls = calls();
    put_calls(&store, &calls[..5]).await;
    let other = TenantId(derived("other tenant"));
    let asked = PageQuery {
        skip: 0,
        limit: 10,
        cursor: None,
    };
    let page = store
        .list_calls(other, &CallFilter::default(), CallOrder::Newest, &asked)
        .await
        .unwrap();
    assert_eq!((page.items.len(), page.total, page.next_cursor), (0, 0, None));
    assert_eq!(store.call(other, calls[0].id).await.unwrap(), None);
    assert_eq!(
        store.call(tenant(), calls[0].id).await.unwrap().as_ref(),
        Some(&calls[0])
    );
    let asked = PageQuery {
        cursor: Some("nonsense".to_owned()),
        ..asked
    };
    let wrong = store
        .list_calls(tenant(), &CallFilter::default(), CallOrder::Newest, &asked)
        .await;
    assert!(matches!(wrong, Err(StoreError::Cursor)));
}

#[tokio::test]
async fn totals_beyond_what_is_counted_come_from_the_counters_and_are_exact() {
    let store = store().await;
    let begin = at("2026-11-22T08:00:00Z");
    let mut open = calls()[5].clone();
    open.id = CallId(derived("the one under way"));
    let mut calls: Vec<Call> = Vec::new();
    for n in 0..14_000_i64 {
        let mut one = call(&format!("call {n}"), begin + Duration::seconds(n));
        if n % 100 == 0 {
            one.status = CallStatus::Ended(Outcome::Busy);
        }
        calls.push(one);
    }
    put_calls(&store, &calls).await;
    count_calls(&store, &calls).await;
    open.campaign = None;
    put_calls(&store, std::slice::from_ref(&open)).await;

    let total = async |filter: CallFilter| {
        let asked = PageQuery {
            skip: 0,
            limit: 10,
            cursor: None,
        };
        let page = store
            .list_calls(tenant(), &filter, CallOrder::Newest, &asked)
            .await
            .unwrap();
        (page.total, page.total_is_lower_bound)
    };
    assert_eq!(
        total(CallFilter::default()).await,
        (14_001, false),
        "ended ones and the one under way"
    );
    let completed = CallFilter {
        status: Some("completed"),
        ..CallFilter::default()
    };
    assert_eq!(total(completed).await, (13_860, false));
    let busy = CallFilter {
        status: Some("busy"),
        ..CallFilter::default()
    };
    assert_eq!(total(busy).await, (140, false));
    let first_hour = Period {
        from: Some(begin),
        before: Some(begin + Duration::hours(1)),
    };
    let period = |period| CallFilter {
        period,
        ..CallFilter::default()
    };
    assert_eq!(total(period(first_hour)).await, (3_600 + 1, false));
    let until = |hours| Period {
        from: None,
        before: Some(begin + Duration::hours(hours)),
    };
    assert_eq!(
        total(period(until(3))).await,
        (10_800 + 1, false),
        "more than are counted one by one, with the one under way"
    );
    let later = Period {
        from: Some(begin + Duration::hours(1)),
        before: None,
    };
    assert_eq!(
        total(period(later)).await,
        (10_400, false),
        "the one under way was made before"
    );
    let odd = Period {
        from: Some(begin + Duration::seconds(1)),
        before: Some(begin + Duration::seconds(13_001)),
    };
    assert_eq!(
        total(period(odd)).await,
        (13_000 + 1, false),
        "what is left of quarters of an hour at its ends is counted"
    );
    let (least, lower) = total(CallFilter {
        phone: Some(calls[0].to.clone()),
        ..CallFilter::default()
    })
    .await;
    assert!(
        lower && least > 10_000 && least < 14_000,
        "no counter knows a number: at least {least}"
    );
    let none = store
        .all_calls(tenant(), &CallFilter::default(), 10_000)
        .await
        .unwrap();
    assert!(none.is_none(), "too many to sort");
}
