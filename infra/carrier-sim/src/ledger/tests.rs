//! The ledger keeps what it was told, through a restart and a crash.

use std::path::Path;

use super::*;
use crate::{
    call::{Call, Direction, Status},
    clock,
};

fn call(sid: &str, to: &str, status: Status) -> Call {
    let now = clock::now();
    Call {
        sid: sid.to_owned(),
        parent_sid: None,
        to: to.to_owned(),
        from: "+15550000000".to_owned(),
        direction: Direction::OutboundApi,
        status,
        created: now,
        updated: now,
        started: (status != Status::Queued).then_some(now),
        answered: None,
        ended: None,
        answered_by: None,
        fate: "person".to_owned(),
        said: vec![],
        heard_ms: 0,
    }
}

async fn sids(ledger: &Ledger, filter: CallFilter) -> Vec<String> {
    let (calls, _) = ledger
        .calls(
            filter,
            Page {
                size: 100,
                ..Page::default()
            },
        )
        .await
        .unwrap();
    calls.into_iter().map(|call| call.sid).collect()
}

/// What a killed process leaves: a copy of its files as they are at this moment.
fn copy_of(folder: &Path) -> tempfile::TempDir {
    let copy = tempfile::tempdir().unwrap();
    for entry in std::fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_file() {
            std::fs::copy(entry.path(), copy.path().join(entry.file_name())).unwrap();
        }
    }
    copy
}

#[tokio::test]
async fn a_placed_call_survives_a_crash_and_is_ended() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(folder.path()).await.unwrap();
    assert_eq!(
        ledger
            .place(call("CA1", "+15550000001", Status::Queued))
            .await
            .unwrap(),
        0
    );
    let mut talking = call("CA2", "+15550000001", Status::InProgress);
    assert_eq!(ledger.place(talking.clone()).await.unwrap(), 1);
    talking.answered = Some(talking.created);
    talking.said = vec!["Hello?".to_owned()];
    ledger.save(talking).await;
    ledger.call("CA2").await.unwrap().unwrap();

    let crashed = copy_of(folder.path());
    let after = Ledger::open(crashed.path()).await.unwrap();
    let status = async |sid: &str| after.call(sid).await.unwrap().unwrap().status;
    assert_eq!(
        (status("CA1").await, status("CA2").await),
        (Status::Failed, Status::Completed)
    );
    assert_eq!(after.call("CA2").await.unwrap().unwrap().said, ["Hello?"]);
    assert!(after.call("CA1").await.unwrap().unwrap().ended.is_some());
}

#[tokio::test]
async fn two_simulators_cannot_share_a_folder() {
    let folder = tempfile::tempdir().unwrap();
    let first = Ledger::open(folder.path()).await.unwrap();
    assert!(matches!(
        Ledger::open(folder.path()).await,
        Err(LedgerError::InUse(_))
    ));
    first.close().await;
    assert!(matches!(first.call("CA1").await, Err(LedgerError::Closed)));
    Ledger::open(folder.path()).await.unwrap();
}

#[tokio::test]
async fn filters_and_pages() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(folder.path()).await.unwrap();
    for n in 0..5 {
        let status = if n % 2 == 0 {
            Status::Queued
        } else {
            Status::Ringing
        };
        ledger
            .place(call(&format!("CA{n}"), &format!("+1555000000{}", n % 2), status))
            .await
            .unwrap();
    }
    let to = CallFilter {
        to: Some("+15550000001".into()),
        ..CallFilter::default()
    };
    assert_eq!(sids(&ledger, to).await, ["CA3", "CA1"]);
    let queued = CallFilter {
        status: Some(Status::Queued),
        ..CallFilter::default()
    };
    assert_eq!(sids(&ledger, queued).await, ["CA4", "CA2", "CA0"]);
    let started = CallFilter {
        started: Span {
            from: Some(clock::from_ms(0)),
            until: None,
        },
        ..CallFilter::default()
    };
    assert_eq!(
        sids(&ledger, started).await,
        ["CA3", "CA1"],
        "queued calls have no start time"
    );
    let hidden = CallFilter {
        hidden: vec![(Some("0001".into()), clock::from_ms(0))],
        ..CallFilter::default()
    };
    assert_eq!(sids(&ledger, hidden).await, ["CA4", "CA2", "CA0"]);

    let page = |after: Option<&str>| Page {
        size: 2,
        after: after.map(str::to_owned),
        skip: 0,
    };
    let (first, more) = ledger.calls(CallFilter::default(), page(None)).await.unwrap();
    assert_eq!((first[1].sid.as_str(), more), ("CA3", true));
    ledger
        .place(call("CA9", "+15550000009", Status::Queued))
        .await
        .unwrap();
    let (second, more) = ledger
        .calls(CallFilter::default(), page(Some("CA3")))
        .await
        .unwrap();
    assert_eq!(
        (second[0].sid.as_str(), second[1].sid.as_str(), more),
        ("CA2", "CA1", true),
        "new calls shift nothing"
    );
    let (last, more) = ledger
        .calls(CallFilter::default(), page(Some("CA1")))
        .await
        .unwrap();
    assert_eq!((last.len(), more), (1, false));
}

#[tokio::test]
async fn a_file_that_is_no_ledger_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(
        folder.path().join("carrier.sqlite"),
        "not a database, really not, but long enough to look at".repeat(20),
    )
    .unwrap();
    let Err(error) = Ledger::open(folder.path()).await else {
        panic!("it was opened")
    };
    assert!(error.to_string().contains("carrier.sqlite"), "{error}");
}
