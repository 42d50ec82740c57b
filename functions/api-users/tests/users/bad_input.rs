//! What a client may get wrong.

use serde_json::json;
use trunkline_domain::Role;
use trunkline_testing::{NO_ID, NOT_IDS};

use crate::{path, platform};

#[tokio::test]
async fn every_wrong_field_is_named_and_nothing_is_changed() {
    let platform = platform().await;
    let boss = platform.manager("boss").await;
    let john = platform.colleague(&boss, "john", Role::User).await;
    for (body, field) in [
        (json!({ "first_name": 5 }), "first_name"),
        (json!({ "last_name": ["x"] }), "last_name"),
        (json!({ "first_name": "x".repeat(201) }), "first_name"),
        (json!({ "last_name": "a\u{0}b" }), "last_name"),
        (json!({ "name": "a\nb" }), "name"),
        (json!({ "phone": "hello" }), "phone"),
        (json!({ "phone": 14155550100_i64 }), "phone"),
        (json!({ "role": "king" }), "role"),
        (json!({ "role": null }), "role"),
        (json!({ "tenant_role": "" }), "tenant_role"),
        (json!({ "is_active": "yes" }), "is_active"),
        (json!({ "is_active": null }), "is_active"),
        (json!({ "email": "no address" }), "email"),
        (json!({ "email": "other@example.com" }), "email"),
        (json!({ "password": 1 }), "password"),
        (json!([]), "body"),
    ] {
        let wrong = boss.put(&path(&john), body.clone()).await;
        assert_eq!(
            (wrong.status, wrong.code()),
            (422, "REQUEST_002"),
            "{body} {wrong:?}"
        );
        assert!(
            wrong.details().starts_with(&format!("{field}: ")),
            "{body} {wrong:?}"
        );
    }
    let several = boss
        .put(
            &path(&john),
            json!({ "first_name": "x".repeat(999), "phone": "x", "role": "x" }),
        )
        .await;
    for field in ["first_name: ", "phone: ", "role: "] {
        assert!(several.details().contains(field), "{several:?}");
    }
    for text in ["{", "nope", "{\"first_name\": \"\u{1}\"}"] {
        let put = format!("PUT {}", path(&john));
        let malformed = boss.send(&put, &[], text).await;
        assert_eq!(
            (malformed.status, malformed.code()),
            (400, "REQUEST_001"),
            "{text}"
        );
    }
    let hostile = "<script>alert(1)</script>'; DROP TABLE users; --";
    let kept = boss.put(&path(&john), json!({ "first_name": hostile })).await;
    assert_eq!((kept.status, &kept.body["first_name"]), (200, &json!(hostile)));
    let after = boss.get(&path(&john)).await;
    assert_eq!(
        (
            &after.body["last_name"],
            &after.body["phone"],
            &after.body["tenant_role"]
        ),
        (&json!("Doe"), &json!(null), &json!("user"))
    );
}

#[tokio::test]
async fn what_is_no_id_names_nobody() {
    let platform = platform().await;
    let boss = platform.manager("boss").await;
    for id in NOT_IDS.iter().chain(&[NO_ID]) {
        for ask in [
            format!("GET /users/{id}"),
            format!("PUT /users/{id}"),
            format!("DELETE /users/{id}"),
            format!("GET /users/{id}/agents"),
            format!("GET /users/{id}/campaigns"),
        ] {
            let answer = boss.send(&ask, &[], "").await;
            assert_eq!(answer.status, 404, "{ask} {answer:?}");
            assert!(
                ["USER_001", "REQUEST_003"].contains(&answer.code()),
                "{ask} {answer:?}"
            );
        }
    }
    let upper = path(&boss).to_uppercase().replace("USERS", "users");
    assert_eq!(boss.get(&upper).await.status, 200, "ids are read in any case");
    let method = boss.send(&format!("POST {}", path(&boss)), &[], "{}").await;
    assert_eq!((method.status, method.code()), (405, "REQUEST_004"));
}

#[tokio::test]
async fn queries_are_read_strictly() {
    let platform = platform().await;
    let admin = platform.admin().await;
    let own = path(&admin);
    for list in [
        "/users".to_owned(),
        format!("{own}/agents"),
        format!("{own}/campaigns"),
    ] {
        for (query, status) in [
            ("limit=0", 422),
            ("limit=101", 422),
            ("skip=-1", 422),
            ("skip=9995", 422),
            ("skip=10001", 422),
            ("limit=ten", 400),
            ("cursor=nonsense", 422),
            ("sort=password", 422),
            ("order=up", 422),
            ("status=gone", 422),
        ] {
            let answer = admin.get(&format!("{list}?{query}")).await;
            assert_eq!(answer.status, status, "{list}?{query} {answer:?}");
        }
        assert_eq!(
            admin
                .get(&format!("{list}?skip=5000&unknown=1"))
                .await
                .column("id"),
            Vec::<&str>::new()
        );
    }
    for (query, status) in [
        ("role=king", 422),
        ("tenant_id=42", 422),
        ("is_active=perhaps", 400),
    ] {
        assert_eq!(
            admin.get(&format!("/users?{query}")).await.status,
            status,
            "{query}"
        );
    }
}
