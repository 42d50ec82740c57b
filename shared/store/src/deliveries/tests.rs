//! Deliveries against the embedded DynamoDB.

use chrono::Duration;
use trunkline_domain::{
    Instant,
    id::{DeliveryId, EventId, SubscriptionId, derived},
    page::PageQuery,
};
use trunkline_events::{Delivery, Stage, Topic, Try};

use super::{HOLD, LOST, queued_for};
use crate::{
    Store, keys,
    testing::{at, store, tenant},
};

fn subscription() -> SubscriptionId {
    SubscriptionId(derived("subscription"))
}

fn delivery(name: &str, at: Instant) -> Delivery {
    let event = EventId(derived(name));
    Delivery {
        id: DeliveryId::of(event, subscription()),
        tenant: tenant(),
        subscription: subscription(),
        event,
        topic: Topic::CallEnded,
        body: "{}".to_owned(),
        at,
        stage: Stage::Pending,
        tries: 0,
        step: 0,
        next_ms: at.timestamp_millis(),
        lease_ms: 0,
    }
}

fn tried(delivery: &Delivery, at: Instant, next_at: Option<Instant>) -> Try {
    Try {
        delivery: delivery.id,
        event: delivery.event,
        topic: delivery.topic,
        attempt: delivery.tries,
        status_code: Some(500),
        delivered: false,
        reason: "the receiver answered 500".to_owned(),
        duration_ms: 12,
        at,
        next_at,
    }
}

/// Takes the delivery and notes a failed try; answers it as it stands then.
async fn fail(store: &Store, id: DeliveryId, now: Instant, wait: Duration) -> Delivery {
    let taken = store
        .take_delivery(id, now, now + Duration::seconds(60))
        .await
        .unwrap()
        .unwrap();
    let next_at = now + wait;
    let next = Delivery {
        tries: taken.tries + 1,
        step: taken.step + 1,
        next_ms: next_at.timestamp_millis(),
        ..taken.clone()
    };
    assert!(
        store
            .note_try(&taken, &next, &tried(&next, now, Some(next_at)))
            .await
            .unwrap()
    );
    next
}

#[tokio::test]
async fn a_delivery_is_put_once_and_taken_by_one() {
    let (store, now) = (store().await, at("2026-11-22T10:00:00Z"));
    let one = delivery("one", now);
    assert!(store.put_delivery(&one, one.at).await.unwrap());
    assert!(!store.put_delivery(&one, one.at).await.unwrap());
    let until = now + HOLD;
    let takes = (0..10).map(|_| store.take_delivery(one.id, now, until));
    let taken = futures::future::join_all(takes).await;
    assert_eq!(
        taken.iter().filter(|taken| matches!(taken, Ok(Some(_)))).count(),
        1
    );
    // Whoever took it has died: after its time the next one gets it, and it is still due.
    assert_eq!(store.due_deliveries(now + LOST, 10).await.unwrap(), [one.id]);
    assert!(
        store
            .take_delivery(one.id, until, until + HOLD)
            .await
            .unwrap()
            .is_some()
    );
    let dead = taken.into_iter().find_map(|taken| taken.unwrap()).unwrap();
    let late = Delivery {
        stage: Stage::Delivered,
        ..dead.clone()
    };
    assert!(
        !store
            .note_try(&dead, &late, &tried(&late, until, None))
            .await
            .unwrap(),
        "its hold is over"
    );
}

#[tokio::test]
async fn a_failed_try_is_due_again_at_its_time_and_a_last_one_never() {
    let (store, now) = (store().await, at("2026-11-22T10:00:00Z"));
    let one = delivery("one", now);
    store.put_delivery(&one, one.at).await.unwrap();
    let failed = fail(&store, one.id, now, Duration::seconds(300)).await;
    let then = now + Duration::seconds(300);
    assert!(
        store
            .take_delivery(one.id, then - Duration::milliseconds(1), then)
            .await
            .unwrap()
            .is_none()
    );
    // It waits on the queue, and is due by itself only once the queue may have lost it.
    let lost = then + LOST;
    assert!(
        store
            .due_deliveries(lost - Duration::seconds(1), 10)
            .await
            .unwrap()
            .is_empty()
    );
    assert_eq!(store.due_deliveries(lost, 10).await.unwrap(), [one.id]);
    let taken = store
        .take_delivery(one.id, then, then + Duration::seconds(60))
        .await
        .unwrap()
        .unwrap();
    assert_eq!((taken.tries, taken.step), (failed.tries, 1));
    let last = Delivery {
        stage: Stage::GivenUp,
        tries: 2,
        ..taken.clone()
    };
    assert!(
        store
            .note_try(&taken, &last, &tried(&last, then, None))
            .await
            .unwrap()
    );
    assert!(
        store
            .due_deliveries(then + Duration::days(5), 10)
            .await
            .unwrap()
            .is_empty()
    );
    let (later, gone) = (then + Duration::hours(1), then + Duration::days(31));
    assert!(store.begin_again(&last, later).await.unwrap());
    let again = store.delivery(one.id, later).await.unwrap().unwrap();
    assert_eq!((again.stage, again.tries, again.step), (Stage::Pending, 2, 0));
    let lost = later + LOST;
    assert_eq!(store.due_deliveries(lost, 10).await.unwrap(), [one.id]);
    assert_eq!(
        store.delivery(one.id, gone).await.unwrap(),
        None,
        "what is over counts as gone"
    );
}

#[tokio::test]
async fn a_try_that_no_queue_can_wait_for_is_due_at_its_time() {
    let (store, now) = (store().await, at("2026-11-22T10:00:00Z"));
    let one = delivery("one", now);
    store.put_delivery(&one, now).await.unwrap();
    fail(&store, one.id, now, Duration::seconds(1_800)).await;
    let then = now + Duration::seconds(1_800);
    assert!(
        store
            .due_deliveries(then - Duration::milliseconds(1), 10)
            .await
            .unwrap()
            .is_empty()
    );
    assert_eq!(store.due_deliveries(then, 10).await.unwrap(), [one.id]);
    assert_eq!(
        [0, 1, 900_000, 900_001].map(|ms| queued_for(Duration::milliseconds(ms))),
        [Some(0), Some(1), Some(900), None]
    );
}

#[tokio::test]
async fn what_the_clock_woke_is_left_alone_until_that_too_may_be_lost() {
    let (store, now) = (store().await, at("2026-11-22T10:00:00Z"));
    let one = delivery("one", now);
    store.put_delivery(&one, now).await.unwrap();
    let lost = now + LOST;
    store.note_woken(one.id, lost).await.unwrap();
    let due = async |at| store.due_deliveries(at, 10).await.unwrap();
    assert!(due(lost + LOST - Duration::milliseconds(1)).await.is_empty());
    assert_eq!(due(lost + LOST).await, [one.id]);
    // Tried meanwhile: its own time counts, and what is over is not due again.
    fail(&store, one.id, lost, Duration::hours(1)).await;
    store.note_woken(one.id, lost).await.unwrap();
    assert_eq!(due(lost + Duration::hours(1)).await, [one.id]);
    store.forget_due(one.id).await.unwrap();
    store.note_woken(one.id, lost + Duration::hours(1)).await.unwrap();
    assert!(due(lost + Duration::days(1)).await.is_empty());
}

#[tokio::test]
async fn the_log_is_paged_newest_first_and_the_deliveries_oldest_first() {
    let (store, now) = (store().await, at("2026-11-22T10:00:00Z"));
    let mut ids = Vec::new();
    for minute in 0..5 {
        let one = delivery(&format!("event {minute}"), now + Duration::minutes(minute));
        store.put_delivery(&one, one.at).await.unwrap();
        fail(&store, one.id, one.at, Duration::hours(1)).await;
        ids.push(one.id);
    }
    let later = now + Duration::minutes(9);
    let mut asked = PageQuery {
        skip: 0,
        limit: 2,
        cursor: None,
    };
    let mut seen = Vec::new();
    for _ in 0..3 {
        let page = store.list_tries(subscription(), &asked, later).await.unwrap();
        assert_eq!((page.total, page.total_is_lower_bound), (5, false));
        seen.extend(page.items.into_iter().map(|tried| tried.delivery));
        asked.cursor = page.next_cursor;
    }
    assert_eq!(asked.cursor, None);
    assert!(seen.iter().eq(ids.iter().rev()));
    let skipped = PageQuery {
        skip: 3,
        limit: 10,
        cursor: None,
    };
    let page = store.list_tries(subscription(), &skipped, later).await.unwrap();
    assert_eq!(page.items.len(), 2);
    let strange = PageQuery {
        skip: 0,
        limit: 1,
        cursor: Some("E#".to_owned()),
    };
    assert!(store.list_tries(subscription(), &strange, later).await.is_err());

    let from = keys::delivered_order(now + Duration::minutes(1), DeliveryId(uuid::Uuid::nil()));
    let (first, next) = store
        .list_deliveries(subscription(), &from, 2, later)
        .await
        .unwrap();
    let (rest, end) = store
        .list_deliveries(subscription(), &next.unwrap(), 5, later)
        .await
        .unwrap();
    assert_eq!([first, rest].concat(), ids[1..]);
    assert_eq!(end, None);
}
