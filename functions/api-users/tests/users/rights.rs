//! Who may do what to whom.

use serde_json::{Value, json};
use trunkline_domain::Role;
use trunkline_testing::PASSWORD;

use crate::{path, platform};

#[tokio::test]
async fn other_tenants_users_are_not_there_and_colleagues_are_the_managers() {
    let platform = platform().await;
    let (boss, stranger) = (platform.manager("boss").await, platform.manager("stranger").await);
    let john = platform.colleague(&boss, "john", Role::User).await;
    let mary = platform.colleague(&boss, "mary", Role::Agent).await;
    for ask in ["GET", "PUT", "DELETE"] {
        for (who, whom, status, code) in [
            (&stranger, &john, 404, "USER_001"),
            (&john, &stranger, 404, "USER_001"),
            (&john, &mary, 403, "AUTH_004"),
            (&mary, &john, 403, "AUTH_004"),
            (&john, &boss, 403, "AUTH_004"),
        ] {
            let refused = who.send(&format!("{ask} {}", path(whom)), &[], "{}").await;
            assert_eq!(
                (refused.status, refused.code()),
                (status, code),
                "{ask} {refused:?}"
            );
        }
        let nobody = platform
            .nobody(&john)
            .send(&format!("{ask} {}", path(&john)), &[], "{}")
            .await;
        assert_eq!((nobody.status, nobody.code()), (401, "AUTH_003"));
    }
    assert_eq!(boss.get(&path(&mary)).await.body["tenant_role"], "agent");
    assert_eq!(mary.get(&path(&mary)).await.status, 200, "an agent reads itself");
}

#[tokio::test]
async fn nobody_changes_their_own_role_or_activation() {
    let platform = platform().await;
    let boss = platform.manager("boss").await;
    for body in [
        json!({ "role": "admin" }),
        json!({ "role": "agent" }),
        json!({ "tenant_role": "user" }),
        json!({ "is_active": false }),
        json!({ "first_name": "Half", "role": "admin" }),
    ] {
        let refused = boss.put(&path(&boss), body.clone()).await;
        assert_eq!((refused.status, refused.code()), (403, "AUTH_004"), "{body}");
    }
    let same = boss
        .put(
            &path(&boss),
            json!({ "role": "user", "tenant_role": "manager", "is_active": true }),
        )
        .await;
    assert_eq!(
        (same.status, &same.body["first_name"]),
        (200, &json!("boss")),
        "nothing of it was done"
    );
    let john = platform.colleague(&boss, "john", Role::User).await;
    assert_eq!(
        john.put(&path(&john), json!({ "role": "manager" })).await.status,
        403
    );
}

#[tokio::test]
async fn a_changed_role_ends_the_users_tokens_at_once() {
    let platform = platform().await;
    let boss = platform.manager("boss").await;
    let john = platform.colleague(&boss, "john", Role::Agent).await;
    let shown = boss.put(&path(&john), json!({ "role": "user" })).await;
    assert_eq!(
        (shown.status, &shown.body["tenant_role"]),
        (200, &json!("agent")),
        "an agent is shown as a user already"
    );
    assert_eq!(john.get("/auth/me").await.status, 200, "and keeps its logins");
    let risen = boss.put(&path(&john), json!({ "role": "manager" })).await;
    assert_eq!(
        (risen.status, &risen.body["tenant_role"]),
        (200, &json!("manager"))
    );
    assert_eq!(john.get("/auth/me").await.code(), "AUTH_003");
    let exact = boss.put(&path(&john), json!({ "tenant_role": "user" })).await;
    assert_eq!(exact.body["tenant_role"], "user");
    let above = boss.put(&path(&john), json!({ "role": "admin" })).await;
    assert_eq!((above.status, above.code()), (403, "AUTH_004"));
}

#[tokio::test]
async fn a_password_is_changed_by_its_owner_who_knows_the_old_one() {
    let platform = platform().await;
    let boss = platform.manager("boss").await;
    let john = platform.colleague(&boss, "john", Role::User).await;
    let other = platform.login("john@example.com").await;
    let new = "new battery staple";
    for (body, field) in [
        (json!({ "password": new }), "current_password"),
        (
            json!({ "password": new, "current_password": "wrong horse" }),
            "current_password",
        ),
        (
            json!({ "password": "short", "current_password": PASSWORD }),
            "password",
        ),
        (
            json!({ "password": null, "current_password": PASSWORD }),
            "password",
        ),
    ] {
        let refused = john.put(&path(&john), body).await;
        assert_eq!(refused.status, 422, "{refused:?}");
        assert!(refused.details().starts_with(field), "{refused:?}");
        assert!(!refused.text().contains("horse"), "no password comes back");
    }
    let by_manager = boss
        .put(
            &path(&john),
            json!({ "password": new, "current_password": PASSWORD }),
        )
        .await;
    assert_eq!((by_manager.status, by_manager.code()), (403, "AUTH_004"));
    let done = john
        .put(
            &path(&john),
            json!({ "password": new, "current_password": PASSWORD }),
        )
        .await;
    assert_eq!(done.status, 200, "{done:?}");
    for ended in [&john, &other] {
        assert_eq!(ended.get("/auth/me").await.code(), "AUTH_003");
    }
    let nobody = platform.nobody(&john);
    let try_with = async |password: &str| {
        let body = json!({ "email": "john@example.com", "password": password });
        nobody.post("/auth/login", body).await.status
    };
    assert_eq!((try_with(PASSWORD).await, try_with(new).await), (401, 200));
}

#[tokio::test]
async fn a_manager_lets_users_in_and_out_of_their_tenant_at_once() {
    let platform = platform().await;
    let boss = platform.manager("boss").await;
    let john = platform.colleague(&boss, "john", Role::User).await;
    let out = boss.put(&path(&john), json!({ "is_active": false })).await;
    assert_eq!((out.status, &out.body["is_active"]), (200, &json!(false)));
    assert_eq!(john.get("/auth/me").await.code(), "AUTH_003");
    let again = boss.put(&path(&john), json!({ "is_active": true })).await;
    assert_eq!(again.body["is_active"], true);
    assert_eq!(
        john.get("/auth/me").await.code(),
        "AUTH_003",
        "the old tokens stay ended"
    );
    assert_eq!(
        platform
            .login("john@example.com")
            .await
            .get("/auth/me")
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn admins_are_changed_by_admins_and_one_is_always_left() {
    let platform = platform().await;
    let root = platform.admin().await;
    let boss = platform.manager("boss").await;
    let made = root.put(&path(&boss), json!({ "role": "admin" })).await;
    assert_eq!((made.status, &made.body["role"]), (200, &json!("admin")));
    let second = platform.login("boss@example.com").await;
    let colleague = platform.colleague(&second, "colleague", Role::Manager).await;
    for (ask, body) in [("PUT", json!({ "first_name": "X" })), ("DELETE", Value::Null)] {
        let refused = colleague
            .send(&format!("{ask} {}", path(&second)), &[], body.to_string())
            .await;
        assert_eq!(
            (refused.status, refused.code()),
            (403, "AUTH_004"),
            "an admin ranks above a manager"
        );
    }
    let own = root.delete(&path(&root)).await;
    assert_eq!((own.status, own.code()), (409, "USER_002"));
    // Each takes the other's rights at the same time: one is left.
    let (first, last) = (path(&second), path(&root));
    let (one, other) = tokio::join!(
        root.put(&first, json!({ "role": "manager" })),
        second.put(&last, json!({ "role": "manager" }))
    );
    let done = [one.status, other.status]
        .iter()
        .filter(|status| **status == 200)
        .count();
    assert_eq!(done, 1, "{one:?} {other:?}");
}

#[tokio::test]
async fn a_user_whose_campaign_has_a_call_in_progress_is_not_deleted() {
    use aws_sdk_dynamodb::types::AttributeValue;
    let platform = platform().await;
    let boss = platform.manager("boss").await;
    let john = platform.colleague(&boss, "john", Role::User).await;
    let campaign = john
        .post(
            "/campaigns",
            json!({ "name": "C", "phone_numbers": ["+14155550100"] }),
        )
        .await;
    assert_eq!(campaign.status, 201, "{campaign:?}");
    let used = async |used: &str| {
        platform
            .world
            .db()
            .update_item()
            .table_name("test-dialing")
            .key("PK", AttributeValue::S(format!("SLOT#{}", campaign.id())))
            .key("SK", AttributeValue::S("0".into()))
            .update_expression("SET used = :used")
            .expression_attribute_values(":used", AttributeValue::N(used.into()))
            .send()
            .await
            .unwrap();
    };
    used("1").await;
    let busy = boss.delete(&path(&john)).await;
    assert_eq!((busy.status, busy.code()), (409, "USER_002"), "{busy:?}");
    assert_eq!(boss.get(&path(&john)).await.status, 200);
    used("0").await;
    assert_eq!(boss.delete(&path(&john)).await.status, 204);
}

#[tokio::test]
async fn a_change_that_was_done_is_on_the_trail_and_a_refused_one_is_not() {
    let platform = platform().await;
    let boss = platform.manager("boss").await;
    let john = platform.colleague(&boss, "john", Role::User).await;
    assert_eq!(
        boss.put(&path(&john), json!({ "first_name": "Jo" })).await.status,
        200
    );
    assert_eq!(
        boss.put(&path(&john), json!({ "role": "admin" })).await.status,
        403
    );
    assert_eq!(john.get(&path(&john)).await.status, 200);
    let filter = trunkline_service::audit::AuditFilter {
        tenant: Some(boss.who.tenant),
        ..Default::default()
    };
    let page = trunkline_domain::page::PageQuery {
        limit: 10,
        ..Default::default()
    };
    let trail = platform.ctx.store.list_audit(&filter, &page).await.unwrap();
    let seen: Vec<_> = trail
        .items
        .iter()
        .map(|entry| (entry.action.as_str(), entry.actor_email.as_str(), entry.target_id))
        .collect();
    assert_eq!(
        seen,
        [("users.update", "boss@example.com", Some(john.who.user.0))]
    );
}
