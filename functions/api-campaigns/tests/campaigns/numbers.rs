//! Phone numbers: many at once, added, taken away, wrong ones.

use serde_json::json;

use crate::{made, numbers, platform, spring};

#[tokio::test]
async fn ten_thousand_numbers_come_in_one_body() {
    let platform = platform().await;
    let ada = platform.manager("ada").await;
    let body = json!({ "name": "Large", "phone_numbers": numbers(0..10_000), "max_concurrent_calls": 100 });
    assert!(
        body.to_string().len() < 1_048_576,
        "a body of 10,000 numbers fits"
    );
    let id = made(&ada, body).await;
    let one = ada.get(&format!("/campaigns/{id}")).await;
    assert_eq!(
        one.body["phone_numbers"],
        json!(numbers(0..1_000)),
        "the first 1,000 are shown"
    );
    let list = ada.get("/campaigns").await;
    assert_eq!(
        list.body["items"][0]["phone_numbers"],
        json!(numbers(0..100)),
        "in lists 100"
    );
    let stats = ada.get(&format!("/campaigns/{id}/stats")).await;
    assert_eq!(
        (&stats.body["total_leads"], &stats.body["pending"]),
        (&json!(10_000), &json!(10_000))
    );
    let more = json!({ "name": "Too large", "phone_numbers": numbers(0..10_001) });
    let refused = ada.post("/campaigns", more).await;
    assert_eq!(refused.status, 422);
    assert!(refused.details().contains("10000"), "{}", refused.details());
    assert_eq!(ada.get("/campaigns").await.body["total"], 1);
}

#[tokio::test]
async fn a_thousand_numbers_are_exchanged_for_others() {
    let platform = platform().await;
    let ada = platform.manager("ada").await;
    let id = made(&ada, json!({ "name": "A", "phone_numbers": numbers(0..1_000) })).await;
    let changed = ada
        .put(
            &format!("/campaigns/{id}"),
            json!({ "phone_numbers": numbers(500..1_500) }),
        )
        .await;
    assert_eq!(changed.body["phone_numbers"], json!(numbers(500..1_500)));
    let stats = ada.get(&format!("/campaigns/{id}/stats")).await;
    assert_eq!(
        (&stats.body["total_leads"], &stats.body["pending"]),
        (&json!(1_000), &json!(1_000))
    );
    let none = ada
        .put(&format!("/campaigns/{id}"), json!({ "phone_numbers": null }))
        .await;
    assert_eq!(none.body["phone_numbers"], json!([]));
    assert_eq!(
        ada.get(&format!("/campaigns/{id}/stats")).await.body["total_leads"],
        0
    );
}

#[tokio::test]
async fn numbers_are_read_as_people_write_them_and_once_each() {
    let platform = platform().await;
    let ada = platform.manager("ada").await;
    let given = json!([
        "+1 (415) 555-0100",
        "+14155550100",
        "0014155550101",
        "+44 20 7946 0000"
    ]);
    let id = made(&ada, json!({ "name": "Written", "phone_numbers": given })).await;
    let one = ada.get(&format!("/campaigns/{id}")).await;
    assert_eq!(
        one.body["phone_numbers"],
        json!(["+14155550100", "+14155550101", "+442079460000"])
    );
}

#[tokio::test]
async fn each_wrong_number_is_named_by_its_place_and_nothing_is_made() {
    let platform = platform().await;
    let ada = platform.manager("ada").await;
    let wrong = json!([
        "+1234567890",
        "hello",
        "",
        "+12",
        "4155550100",
        "1.23457E+10",
        "+1234567890123456",
        "+0123456789",
        "+1415555<script>",
        "+1415\u{0}5550100"
    ]);
    let refused = ada
        .post("/campaigns", json!({ "name": "Wrong", "phone_numbers": wrong }))
        .await;
    assert_eq!((refused.status, refused.code()), (422, "REQUEST_002"));
    for place in 1..=9 {
        assert!(
            refused.details().contains(&format!("phone_numbers[{place}]: ")),
            "{place}: {}",
            refused.details()
        );
    }
    assert!(!refused.details().contains("phone_numbers[0]"));
    let many = json!({ "name": "Wrong", "phone_numbers": vec!["x"; 9_000] });
    let refused = ada.post("/campaigns", many).await;
    assert_eq!(refused.status, 422);
    assert!(refused.bytes.len() < 30_000, "an answer names a hundred, not all");
    assert_eq!(ada.get("/campaigns").await.body["total"], 0);
    let id = made(&ada, spring()).await;
    let refused = ada
        .put(
            &format!("/campaigns/{id}"),
            json!({ "name": "X", "phone_numbers": ["+1234567892", "no"] }),
        )
        .await;
    assert_eq!(refused.status, 422);
    let now = ada.get(&format!("/campaigns/{id}")).await;
    assert_eq!(
        (
            &now.body["name"],
            now.body["phone_numbers"].as_array().unwrap().len()
        ),
        (&json!("Spring"), 2)
    );
}
