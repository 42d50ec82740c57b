//! Receivers that are slow, fail, redirect, reset, put off, or are gone for days.

use chrono::Duration;
use serde_json::{Value, json};
use tokio::{io::AsyncReadExt, net::TcpListener};
use trunkline_domain::page::PageQuery;
use trunkline_events::EventKind;
use trunkline_service::webhooks;
use trunkline_testing::Platform;

use crate::{
    awake, happen, id_of, logs, open,
    receiver::{Receiver, Say},
    subscribe, turn, work,
};

#[tokio::test]
async fn a_failing_receiver_is_tried_eight_times_at_the_promised_times_with_one_id() {
    let platform = open().await;
    let ada = platform.manager("ada").await;
    let receiver = Receiver::saying((0..20).map(|_| Say::Status(500))).await;
    let made = subscribe(&ada, &receiver.url, &["*"]).await;
    happen(&platform, &ada, EventKind::CallEnded, 1).await;
    for (tries, wait_s) in [
        (1, 5),
        (2, 300),
        (3, 1_800),
        (4, 7_200),
        (5, 18_000),
        (6, 36_000),
        (7, 36_000),
    ] {
        work(&platform, id_of(&made)).await;
        assert_eq!(receiver.got().len(), tries);
        turn(&platform, Duration::seconds(wait_s) - Duration::milliseconds(1));
        work(&platform, id_of(&made)).await;
        assert_eq!(receiver.got().len(), tries, "not before its time");
        turn(&platform, Duration::milliseconds(1));
    }
    work(&platform, id_of(&made)).await;
    turn(&platform, Duration::days(2));
    work(&platform, id_of(&made)).await;
    let got = receiver.got();
    assert_eq!(got.len(), 8);
    assert!(
        got.iter()
            .all(|message| message.id == got[0].id && message.text == got[0].text)
    );
    assert!(
        got[7].is_signed_by(made.body["secret"].as_str().unwrap()) && got[7].timestamp != got[0].timestamp
    );
    let ada = awake(&platform, &ada).await;
    let log = logs(&ada, &made).await;
    let attempts: Vec<&Value> = log.iter().map(|line| &line["attempt"]).collect();
    assert_eq!(attempts, [8, 7, 6, 5, 4, 3, 2, 1]);
    assert_eq!(
        (&log[0]["next_attempt_at"], &log[7]["next_attempt_at"]),
        (&Value::Null, &json!("2026-01-05T10:00:05Z"))
    );
    assert_eq!(
        (&log[7]["status_code"], &log[7]["reason"]),
        (&json!(500), &json!("the receiver has a fault of its own (500)"))
    );
    assert!(
        platform
            .ctx
            .store
            .due_deliveries(platform.ctx.now(), 10)
            .await
            .unwrap()
            .is_empty()
    );
}

#[tokio::test]
async fn a_receiver_may_put_us_off_and_is_not_followed_elsewhere() {
    let platform = open().await;
    let ada = platform.manager("ada").await;
    let date = "Mon, 05 Jan 2026 10:20:00 GMT".to_owned();
    let receiver = Receiver::saying([
        Say::RetryAfter(429, "600".to_owned()),
        Say::RetryAfter(503, date),
        Say::Status(307),
    ])
    .await;
    let made = subscribe(&ada, &receiver.url, &["*"]).await;
    happen(&platform, &ada, EventKind::CallEnded, 1).await;
    let next = async || logs(&ada, &made).await[0]["next_attempt_at"].clone();
    work(&platform, id_of(&made)).await;
    assert_eq!(next().await, "2026-01-05T10:10:00Z");
    turn(&platform, Duration::seconds(599));
    work(&platform, id_of(&made)).await;
    assert_eq!(receiver.got().len(), 1);
    turn(&platform, Duration::seconds(1));
    work(&platform, id_of(&made)).await;
    assert_eq!(
        next().await,
        "2026-01-05T10:20:00Z",
        "later than the schedule's five minutes"
    );
    turn(&platform, Duration::seconds(600));
    work(&platform, id_of(&made)).await;
    let log = logs(&ada, &made).await;
    assert_eq!(
        log[0]["reason"],
        "the receiver redirects (307), which is not followed"
    );
    assert_eq!(receiver.got().len(), 3);
    turn(&platform, Duration::seconds(1_800));
    work(&platform, id_of(&made)).await;
    assert_eq!(logs(&ada, &made).await[0]["delivered"], true);
}

#[tokio::test]
async fn a_slow_one_a_resetting_one_and_nobody_are_told_apart() {
    let platform = open().await;
    let ada = platform.manager("ada").await;
    let slow = Receiver::saying([Say::Nothing]).await;
    let resets = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let resetting = format!("http://{}/", resets.local_addr().unwrap());
    tokio::spawn(async move {
        let (mut socket, _) = resets.accept().await.unwrap();
        assert!(socket.read(&mut [0; 64]).await.unwrap() > 0);
    });
    let free = TcpListener::bind("127.0.0.1:0")
        .await
        .unwrap()
        .local_addr()
        .unwrap();
    let made = [
        subscribe(&ada, &slow.url, &["*"]).await,
        subscribe(&ada, &resetting, &["*"]).await,
        subscribe(&ada, &format!("http://{free}/"), &["*"]).await,
    ];
    happen(&platform, &ada, EventKind::CallEnded, 1).await;
    for (made, reason) in made.iter().zip([
        "no answer within 15 s",
        "the connection broke before the answer was complete",
        "no connection could be made",
    ]) {
        work(&platform, id_of(made)).await;
        let log = logs(&ada, made).await;
        assert_eq!(
            (&log[0]["reason"], &log[0]["status_code"]),
            (&json!(reason), &Value::Null)
        );
        assert_eq!(log[0]["next_attempt_at"], "2026-01-05T10:00:05Z");
    }
}

#[tokio::test]
async fn nothing_is_lost_when_the_sender_dies_between_sending_and_noting_it() {
    let platform = open().await;
    let ada = platform.manager("ada").await;
    let receiver = Receiver::saying([Say::Nothing]).await;
    let made = subscribe(&ada, &receiver.url, &["*"]).await;
    happen(&platform, &ada, EventKind::CallEnded, 1).await;
    let (ctx, of) = (platform.ctx.clone(), id_of(&made));
    let (deliveries, _) = ctx.store.list_deliveries(of, "E#", 10, ctx.now()).await.unwrap();
    let delivery = deliveries[0];
    let sender = tokio::spawn(async move { webhooks::attempt(&ctx, delivery).await });
    receiver.came.notified().await;
    sender.abort();
    assert!(sender.await.unwrap_err().is_cancelled());
    work(&platform, of).await;
    assert_eq!(
        receiver.got().len(),
        1,
        "while the dead one may still be at it nobody else is"
    );
    turn(&platform, Duration::seconds(40));
    let due = platform
        .ctx
        .store
        .due_deliveries(platform.ctx.now(), 10)
        .await
        .unwrap();
    assert_eq!(due, [delivery], "the clock finds it");
    webhooks::attempt(&platform.ctx, due[0]).await.unwrap();
    let got = receiver.got();
    assert_eq!(
        (got.len(), &got[0].id),
        (2, &got[1].id),
        "sent again, and known by its id"
    );
    assert_eq!(logs(&ada, &made).await[0]["delivered"], true);
}

async fn mails(platform: &Platform) -> Vec<String> {
    let page = PageQuery {
        skip: 0,
        limit: 100,
        cursor: None,
    };
    let (mails, _) = platform
        .ctx
        .store
        .list_mail(&page, platform.ctx.now())
        .await
        .unwrap();
    mails
        .into_iter()
        .map(|mail| format!("{}: {}", mail.to, mail.subject))
        .collect()
}

#[tokio::test]
async fn after_five_days_of_failure_it_is_switched_off_its_manager_is_told_and_nothing_is_lost() {
    let platform = open().await;
    let ada = platform.manager("ada").await;
    let receiver = Receiver::saying((0..6).map(|_| Say::Status(503))).await;
    let made = subscribe(&ada, &receiver.url, &["*"]).await;
    let path = format!("/webhooks/{}", made.id());
    let mut ada = ada;
    for day in 0..6 {
        ada = awake(&platform, &ada).await;
        happen(&platform, &ada, EventKind::CallEnded, day).await;
        assert_eq!(ada.get(&path).await.body["is_active"], true, "day {day}");
        // Only this day's first try: the clock runs too far for the others.
        let (all, _) = platform
            .ctx
            .store
            .list_deliveries(id_of(&made), "E#", 100, platform.ctx.now())
            .await
            .unwrap();
        webhooks::attempt(&platform.ctx, *all.last().unwrap())
            .await
            .unwrap();
        if day < 5 {
            turn(&platform, Duration::days(1));
        }
    }
    let off = ada.get(&path).await;
    assert_eq!(
        (&off.body["is_active"], &off.body["switched_off_at"]),
        (&json!(false), &json!("2026-01-10T10:00:00Z"))
    );
    assert_eq!(
        mails(&platform).await,
        ["ada@example.com: A webhook was switched off"]
    );

    let held = happen(&platform, &ada, EventKind::CallEnded, 99).await;
    work(&platform, id_of(&made)).await;
    assert_eq!(receiver.got().len(), 6, "nothing is sent while it is off");
    let on = ada.put(&path, json!({ "is_active": true })).await;
    assert_eq!(on.body["switched_off_at"], Value::Null);
    let again = ada
        .post(&format!("{path}/replay"), json!({ "event_id": held.id }))
        .await;
    assert_eq!(again.status, 202, "{again:?}");
    work(&platform, id_of(&made)).await;
    assert!(
        receiver
            .got()
            .iter()
            .any(|message| message.body["id"] == json!(held.id))
    );
}

#[tokio::test]
async fn one_success_ends_the_count_of_days() {
    let platform = open().await;
    let ada = platform.manager("ada").await;
    let receiver = Receiver::saying([Say::Status(500), Say::Status(204), Say::Status(500)]).await;
    let made = subscribe(&ada, &receiver.url, &["*"]).await;
    for day in 0..3 {
        happen(&platform, &ada, EventKind::CallEnded, day).await;
        let (all, _) = platform
            .ctx
            .store
            .list_deliveries(id_of(&made), "E#", 100, platform.ctx.now())
            .await
            .unwrap();
        webhooks::attempt(&platform.ctx, *all.last().unwrap())
            .await
            .unwrap();
        turn(&platform, Duration::days(3));
    }
    let ada = awake(&platform, &ada).await;
    assert_eq!(
        ada.get(&format!("/webhooks/{}", made.id())).await.body["is_active"],
        true
    );
    assert!(mails(&platform).await.is_empty());
}
