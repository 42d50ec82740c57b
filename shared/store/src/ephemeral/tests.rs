//! Against the embedded DynamoDB.

use chrono::Duration;

use super::{Begun, Counted, StoredAnswer};
use crate::testing::{at, store};

#[tokio::test]
async fn requests_and_bytes_are_counted_by_who_and_window() {
    let store = store().await;
    let (minute, next) = (at("2026-01-05T10:00:00Z"), at("2026-01-05T10:01:00Z"));
    let count =
        async |who: &str, window, bytes| store.count_request(who, window, 60, 1, bytes).await.unwrap();
    assert_eq!(
        count("a", minute, 5).await,
        Counted {
            requests: 1,
            bytes: 5
        }
    );
    assert_eq!(
        count("a", minute, 7).await,
        Counted {
            requests: 2,
            bytes: 12
        }
    );
    assert_eq!(
        count("b", minute, 0).await,
        Counted {
            requests: 1,
            bytes: 0
        }
    );
    assert_eq!(
        count("a", next, 0).await,
        Counted {
            requests: 1,
            bytes: 0
        }
    );
}

#[tokio::test]
async fn a_token_is_taken_once_and_only_before_its_end() {
    let store = store().await;
    let now = at("2026-01-05T10:00:00Z");
    let until = now + Duration::hours(1);
    store.put_token("mail", "one", "payload", until).await.unwrap();
    store.put_token("mail", "two", "payload", until).await.unwrap();
    assert_eq!(
        store.peek_token("mail", "one", now).await.unwrap().as_deref(),
        Some("payload")
    );
    assert_eq!(
        store.take_token("other", "one", now).await.unwrap(),
        None,
        "a token has one purpose"
    );
    assert_eq!(
        store.take_token("mail", "one", now).await.unwrap().as_deref(),
        Some("payload")
    );
    assert_eq!(store.take_token("mail", "one", now).await.unwrap(), None);
    assert_eq!(store.take_token("mail", "two", until).await.unwrap(), None);
    assert_eq!(store.peek_token("mail", "two", until).await.unwrap(), None);
}

#[tokio::test]
async fn of_many_who_use_a_thing_at_once_one_is_the_first() {
    let store = store().await;
    let now = at("2026-01-05T10:00:00Z");
    let uses = (0..8).map(|_| store.use_once("stream", "token", now, now + Duration::minutes(1)));
    let firsts = futures::future::try_join_all(uses).await.unwrap();
    assert_eq!(firsts.into_iter().filter(|first| *first).count(), 1);
}

#[tokio::test]
async fn a_lease_has_one_holder_until_it_ends_or_is_given_back() {
    let store = store().await;
    let now = at("2026-01-05T10:00:00Z");
    let until = now + Duration::seconds(30);
    let take = async |holder: &str, now| store.take_lease("tick", holder, now, until).await.unwrap();
    assert!(
        take("one", now).await && take("one", now).await,
        "its holder renews it"
    );
    assert!(!take("two", now).await);
    store.release_lease("tick", "two").await.unwrap();
    assert!(!take("two", now).await, "only its holder gives it back");
    store.release_lease("tick", "one").await.unwrap();
    assert!(take("two", now).await);
    assert!(take("one", until).await, "a lease that is over is free");
}

#[tokio::test]
async fn only_the_first_run_of_a_key_runs_and_only_its_answer_is_kept() {
    let store = store().await;
    let now = at("2026-01-05T10:00:00Z");
    let begin =
        async |run: &str, body: &str, now| store.begin_idempotent("key", body, run, now).await.unwrap();
    assert_eq!(begin("one", "body", now).await, Begun::First);
    assert_eq!(
        begin("one", "body", now).await,
        Begun::First,
        "the same run asks again after a lost answer"
    );
    assert_eq!(
        begin("two", "body", now).await,
        Begun::Running {
            until: now + Duration::seconds(60)
        }
    );
    assert_eq!(begin("two", "other", now).await, Begun::OtherBody);
    let later = now + Duration::seconds(60);
    assert_eq!(
        begin("two", "other", later).await,
        Begun::OtherBody,
        "another body takes nothing over"
    );
    assert_eq!(begin("two", "body", later).await, Begun::First);
    let answer = StoredAnswer {
        status: 201,
        headers: vec![("etag".into(), "\"1\"".into())],
        body: "{}".into(),
    };
    assert!(
        store
            .keep_answer("key", "one", &answer)
            .await
            .unwrap_err()
            .is_condition(),
        "the first was given up"
    );
    store.keep_answer("key", "two", &answer).await.unwrap();
    assert_eq!(
        begin("three", "body", later + Duration::hours(23)).await,
        Begun::Answered(answer)
    );
    assert_eq!(
        begin("three", "body", later + Duration::hours(24)).await,
        Begun::First
    );
    store.forget_run("key", "two").await.unwrap();
    assert_eq!(
        begin("four", "other", later + Duration::hours(24)).await,
        Begun::OtherBody,
        "another's run is not forgotten"
    );
    store.forget_run("key", "three").await.unwrap();
    assert_eq!(
        begin("four", "other", later + Duration::hours(24)).await,
        Begun::First
    );
}
