//! Filters, pages and ids that are wrong; tokens that are another's.

use trunkline_domain::Role;
use trunkline_testing::{NO_ID, NOT_IDS, call};

use crate::platform;

#[tokio::test]
async fn what_is_out_of_range_or_unknown_is_told_the_range_or_the_words() {
    let platform = platform().await;
    let ada = platform.manager("ada").await;
    for (query, status, says) in [
        ("limit=0", 422, "1 to 100"),
        ("limit=101", 422, "1 to 100"),
        ("limit=-10", 422, "1 to 100"),
        ("skip=-1", 422, "0 to 10000"),
        ("skip=9951&limit=50", 422, "next_cursor"),
        ("skip=10001", 422, "0 to 10000"),
        ("limit=ten", 400, "limit"),
        ("skip=0x10", 400, "skip"),
        ("cursor=AAAA", 422, "cursor"),
        ("cursor=%00", 422, "cursor"),
        ("cursor=MjAyNi0wMS0wNSNub3RoaW5n", 422, "cursor"),
        ("sort=duration_seconds&cursor=AAAA", 422, "cursor"),
        (
            "status=answered",
            422,
            "completed, no_answer, busy, failed, cancelled",
        ),
        ("status=completed%27--", 422, "allowed"),
        ("sort=transcript", 422, "created_at, duration_seconds"),
        ("sort=-", 422, "allowed"),
        ("order=1", 422, "asc, desc"),
        ("campaign_id=42", 422, "campaign_id"),
        ("agent_id=..%2Fetc", 422, "agent_id"),
        ("phone_number=4155550100", 422, "phone_number"),
        ("phone_number=%27%20OR%201", 422, "phone_number"),
        ("start_date=yesterday", 422, "start_date"),
        ("end_date=2024-13-01", 422, "end_date"),
        ("date_from=%2B262142-12-31", 422, "1900 to 9998"),
        ("date_to=9999-12-31", 422, "1900 to 9998"),
        ("start_date=2024-02-01&end_date=2024-01-01", 422, "after the end"),
        ("timezone=Nowhere", 422, "timezone"),
    ] {
        for list in ["/call-logs".to_owned(), "/call-logs/date/2024-01-29".to_owned()] {
            let wrong = ada.get(&format!("{list}?{query}")).await;
            assert_eq!(wrong.status, status, "{list}?{query}: {wrong:?}");
            assert!(wrong.text().contains(says), "{query}: {}", wrong.text());
        }
    }
}

#[tokio::test]
async fn what_is_no_id_is_no_call() {
    let platform = platform().await;
    let ada = platform.manager("ada").await;
    for id in NOT_IDS.into_iter().chain([NO_ID]) {
        for (method, rest) in [
            ("GET", ""),
            ("DELETE", ""),
            ("PUT", "/notes"),
            ("GET", "/transcript"),
        ] {
            let body = if method == "PUT" { "{\"notes\": \"x\"}" } else { "" };
            let refused = ada
                .send(&format!("{method} /call-logs/{id}{rest}"), &[], body)
                .await;
            assert_eq!(
                (refused.status, refused.code()),
                (404, "CALL_001"),
                "{method} {id}{rest}"
            );
        }
    }
}

#[tokio::test]
async fn another_tenants_call_is_not_there_and_no_token_sees_none() {
    let platform = platform().await;
    let (ada, bob) = (platform.manager("ada").await, platform.manager("bob").await);
    let operator = platform.colleague(&ada, "olga", Role::Agent).await;
    let one = call(&ada, &platform.ctx, platform.ctx.now());
    platform.put_call(&one).await;
    for (method, rest) in [
        ("GET", ""),
        ("DELETE", ""),
        ("PUT", "/notes"),
        ("GET", "/transcript"),
    ] {
        let ask = format!("{method} /call-logs/{}{rest}", one.id);
        let body = "{\"notes\": \"mine\"}";
        let refused = bob.send(&ask, &[], body).await;
        assert_eq!((refused.status, refused.code()), (404, "CALL_001"), "{ask}");
        let refused = platform.nobody(&ada).send(&ask, &[], body).await;
        assert_eq!((refused.status, refused.code()), (401, "AUTH_003"), "{ask}");
        let refused = operator.send(&ask, &[], body).await;
        assert_eq!((refused.status, refused.code()), (403, "AUTH_004"), "{ask}");
    }
    assert_eq!(bob.get("/call-logs").await.body["total"], 0);
    assert_eq!(
        bob.get("/call-logs?phone_number=%2B14155550100").await.body["total"],
        0
    );
    assert_eq!(ada.get("/call-logs").await.body["total"], 1);
    for list in ["/call-logs", "/call-logs/date/2026-01-05"] {
        assert_eq!(platform.nobody(&ada).get(list).await.status, 401);
        assert_eq!(operator.get(list).await.status, 403);
    }
}
