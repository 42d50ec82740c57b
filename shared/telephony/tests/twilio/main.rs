//! The Twilio carrier against a stand-in that answers as it is told.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    unreachable_pub,
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "a test may stop at the first surprise, and the stand-in is the other side of a wire"
)]

mod participants;
mod recordings;
mod stand_in;

use std::time::Duration;

use axum::http::Method;
use trunkline_domain::{CallId, CallerId, E164, call_status::Report, id::derived};
use trunkline_telephony::{Carrier, CarrierError, DialError, DialOrder};

use stand_in::{Reply, carrier, stand_in};

fn to() -> E164 {
    "+14155550100".parse().unwrap()
}

fn from() -> CallerId {
    CallerId("+14155550111".parse().unwrap())
}

fn order() -> DialOrder {
    DialOrder {
        call: CallId(derived("call")),
        epoch: 1,
        to: to(),
        from: from(),
        ring_timeout_s: 30,
        time_limit_s: 600,
        amd: true,
        record: false,
    }
}

fn call(sid: &str, created: &str) -> String {
    format!(r#"{{"sid":"{sid}","status":"queued","to":"+14155550100","date_created":"{created}"}}"#)
}

#[tokio::test]
async fn a_call_is_asked_for_once_with_the_accounts_key() {
    let it = stand_in(|_| Reply::Is(201, r#"{"sid":"CA77","status":"queued"}"#.into())).await;
    assert_eq!(it.carrier.dial(&order()).await.unwrap(), "CA77");
    let seen = it.seen.lock().unwrap().clone();
    assert_eq!(seen.len(), 1);
    assert_eq!(
        (&seen[0].method, seen[0].uri.as_str()),
        (&Method::POST, "/2010-04-01/Accounts/AC1/Calls.json")
    );
    assert_eq!(seen[0].authorization, "Basic QUMxOnNlY3JldA==");
    assert!(
        seen[0].body.contains("To=%2B14155550100&From=%2B14155550111"),
        "{}",
        seen[0].body
    );
    assert!(
        seen[0]
            .body
            .contains("StatusCallbackEvent=ringing&StatusCallbackEvent=completed")
    );
}

#[tokio::test]
async fn a_busy_carrier_is_told_apart_from_a_refusing_one() {
    let it = stand_in(|_| Reply::With(429, "retry-after", "7".into())).await;
    assert_eq!(
        it.carrier.dial(&order()).await,
        Err(DialError::SlowDown {
            retry_after_s: Some(7)
        })
    );
    let it = stand_in(|_| Reply::Is(400, r#"{"code":21214,"message":"no such phone"}"#.into())).await;
    let refused = DialError::Refused {
        code: "21214".into(),
        what: "no such phone".into(),
    };
    assert_eq!(it.carrier.dial(&order()).await, Err(refused));
}

#[tokio::test]
async fn an_error_of_the_carriers_is_never_repeated() {
    for (status, body) in [(500, r#"{"code":20500,"message":"sorry"}"#), (503, "")] {
        let it = stand_in(move |_| Reply::Is(status, body.into())).await;
        assert!(matches!(
            it.carrier.dial(&order()).await,
            Err(DialError::Ambiguous { .. })
        ));
        assert_eq!(it.seen.lock().unwrap().len(), 1);
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let it = stand_in(|_| Reply::With(307, "location", "/elsewhere".into())).await;
    assert!(matches!(
        it.carrier.dial(&order()).await,
        Err(DialError::Ambiguous { .. })
    ));
    assert_eq!(it.seen.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn a_carrier_that_never_answers_is_waited_for_ten_seconds_and_then_unknown() {
    let it = stand_in(|_| {
        // It was asked; now the clock may jump to whatever is waited for next.
        tokio::time::pause();
        Reply::Never
    })
    .await;
    let started = tokio::time::Instant::now();
    let answer = it.carrier.dial(&order()).await;
    assert!(matches!(answer, Err(DialError::Ambiguous { .. })), "{answer:?}");
    assert!(
        (9..=11).contains(&started.elapsed().as_secs()),
        "{:?}",
        started.elapsed()
    );
    assert_eq!(it.seen.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn a_carrier_that_is_not_there_was_certainly_not_asked() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let carrier = carrier(&base);
    assert_eq!(
        carrier.dial(&order()).await,
        Err(DialError::SlowDown { retry_after_s: None })
    );
    assert!(matches!(carrier.ping().await, Err(CarrierError::Unreachable(_))));
}

#[tokio::test]
async fn a_connection_that_dies_after_the_question_leaves_it_open() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let heard = tokio::spawn(async move {
        use tokio::io::AsyncReadExt;
        let mut times = 0;
        while let Ok(Ok((mut socket, _))) =
            tokio::time::timeout(Duration::from_secs(1), listener.accept()).await
        {
            let mut some = [0; 64];
            _ = socket.read(&mut some).await;
            times += 1;
        }
        times
    });
    let answer = carrier(&base).dial(&order()).await;
    assert!(matches!(answer, Err(DialError::Ambiguous { .. })), "{answer:?}");
    assert_eq!(heard.await.unwrap(), 1, "asked once");
}

#[tokio::test]
async fn the_list_is_read_page_by_page_until_it_is_old() {
    let it = stand_in(|seen| {
        let page = |sid: &str, at: &str, next: &str| {
            format!(r#"{{"calls":[{}],"next_page_uri":{next}}}"#, call(sid, at))
        };
        Reply::Is(
            200,
            match seen.uri.split_once("Page=").map(|(_, n)| n) {
                None => page(
                    "CA1",
                    "Sun, 22 Nov 2026 10:00:00 +0000",
                    r#""/2010-04-01/Accounts/AC1/Calls.json?Page=1""#,
                ),
                Some("1") => page(
                    "CA2",
                    "Sun, 22 Nov 2026 09:00:00 +0000",
                    r#""/2010-04-01/Accounts/AC1/Calls.json?Page=2""#,
                ),
                Some("2") => page(
                    "CA3",
                    "Sun, 22 Nov 2026 08:00:00 +0000",
                    r#""/2010-04-01/Accounts/AC1/Calls.json?Page=3""#,
                ),
                Some(_) => page("CA4", "Sun, 22 Nov 2026 07:00:00 +0000", "null"),
            },
        )
    })
    .await;
    let since = "2026-11-22T08:30:00Z".parse().unwrap();
    let found: Vec<String> = it
        .carrier
        .list(&to(), &from(), since)
        .await
        .unwrap()
        .into_iter()
        .map(|c| c.sid)
        .collect();
    assert_eq!(found, ["CA1", "CA2"]);
    let seen = it.seen.lock().unwrap().clone();
    assert_eq!(seen.len(), 3);
    assert!(
        seen[0]
            .uri
            .ends_with("/Calls.json?To=%2B14155550100&From=%2B14155550111&PageSize=100"),
        "{}",
        seen[0].uri
    );
}

#[tokio::test]
async fn a_list_that_leads_elsewhere_or_never_ends_is_an_error() {
    let away = stand_in(|_| {
        Reply::Is(
            200,
            r#"{"calls":[],"next_page_uri":"http://elsewhere.example/"}"#.into(),
        )
    })
    .await;
    let since = "2026-11-22T08:30:00Z".parse().unwrap();
    assert!(matches!(
        away.carrier.list(&to(), &from(), since).await,
        Err(CarrierError::Unreachable(_))
    ));
    let endless = stand_in(|_| Reply::Is(200, r#"{"calls":[],"next_page_uri":"/again"}"#.into())).await;
    assert!(matches!(
        endless.carrier.list(&to(), &from(), since).await,
        Err(CarrierError::Unreachable(_))
    ));
    assert_eq!(endless.seen.lock().unwrap().len(), 20);
}

#[tokio::test]
async fn a_call_is_fetched_and_an_unknown_one_is_none() {
    let it = stand_in(|seen| match seen.uri.contains("CA1.json") {
        true => Reply::Is(
            200,
            r#"{"sid":"CA1","status":"in-progress","duration":null}"#.into(),
        ),
        false => Reply::Is(404, r#"{"code":20404,"message":"not found","status":404}"#.into()),
    })
    .await;
    assert_eq!(
        it.carrier.fetch("CA1").await.unwrap().unwrap().report,
        Report::InProgress
    );
    assert_eq!(it.carrier.fetch("CA2/../../x").await.unwrap(), None);
    assert!(
        it.seen.lock().unwrap()[1]
            .uri
            .ends_with("/Calls/CA2%2F%2E%2E%2F%2E%2E%2Fx.json")
    );
}

#[tokio::test]
async fn ending_what_is_over_is_no_error() {
    let it = stand_in(|_| {
        Reply::Is(
            400,
            r#"{"code":21220,"message":"Call is not in-progress"}"#.into(),
        )
    })
    .await;
    it.carrier.hang_up("CA1").await.unwrap();
    it.carrier.cancel("CA1").await.unwrap();
    let bodies: Vec<String> = it
        .seen
        .lock()
        .unwrap()
        .iter()
        .map(|seen| seen.body.clone())
        .collect();
    assert_eq!(bodies, ["Status=completed", "Status=canceled"]);
    it.carrier
        .redirect("CA1", "https://h/voicemail?a=1&b=2")
        .await
        .unwrap();
    let last = it.seen.lock().unwrap().last().unwrap().body.clone();
    assert_eq!(
        last,
        "Url=https%3A%2F%2Fh%2Fvoicemail%3Fa%3D1%26b%3D2&Method=POST"
    );
    let it = stand_in(|_| Reply::Is(404, r#"{"code":20404,"message":"not found"}"#.into())).await;
    assert!(matches!(
        it.carrier.cancel("CA1").await,
        Err(CarrierError::Refused(_))
    ));
    let it = stand_in(|_| Reply::Is(500, String::new())).await;
    assert!(matches!(
        it.carrier.cancel("CA1").await,
        Err(CarrierError::Unreachable(_))
    ));
}

#[tokio::test]
async fn a_ping_asks_for_the_account() {
    let it = stand_in(|_| Reply::Is(200, r#"{"sid":"AC1","status":"active"}"#.into())).await;
    it.carrier.ping().await.unwrap();
    assert_eq!(it.seen.lock().unwrap()[0].uri, "/2010-04-01/Accounts/AC1.json");
    let it = stand_in(|_| Reply::Is(401, r#"{"code":20003,"message":"Authenticate"}"#.into())).await;
    let CarrierError::Refused(what) = it.carrier.ping().await.unwrap_err() else {
        panic!("not refused")
    };
    assert!(what.contains("20003"), "{what}");
}
