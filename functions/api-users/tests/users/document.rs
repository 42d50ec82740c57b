//! Each operation as the document has it.

use serde_json::json;
use trunkline_domain::Role;

use crate::{path, platform};

#[tokio::test]
async fn a_user_is_shown_whole_to_itself() {
    let platform = platform().await;
    let john = platform.manager("John").await;
    let got = john.get(&path(&john)).await;
    assert_eq!(got.status, 200);
    let expected = json!({
        "id": john.who.user, "email": "john@example.com", "first_name": "John", "last_name": "Doe", "name": "John Doe",
        "phone": null, "role": "user", "tenant_role": "manager", "tenant_id": john.who.tenant, "is_active": true,
        "created_at": "2026-01-05T10:00:00Z", "updated_at": "2026-01-05T10:00:00Z", "last_login_at": null,
    });
    assert_eq!(got.body["data"], expected);
    assert_eq!(
        (&got.body["email"], &got.body["success"], &got.body["error"]),
        (&json!("john@example.com"), &json!(true), &json!(null))
    );
    assert!(!got.text().contains("argon2"));
}

#[tokio::test]
async fn an_update_is_partial_and_answers_the_whole_user() {
    let platform = platform().await;
    let john = platform.manager("John").await;
    let first = john
        .put(
            &path(&john),
            json!({ "first_name": " Jack ", "phone": "+1 (415) 555-0100" }),
        )
        .await;
    assert_eq!(first.status, 200, "{first:?}");
    assert_eq!(
        (&first.body["name"], &first.body["phone"], &first.body["email"]),
        (
            &json!("Jack Doe"),
            &json!("+14155550100"),
            &json!("john@example.com")
        )
    );
    let second = john
        .put(
            &path(&john),
            json!({ "name": "Mary Ann Smith", "phone": null, "unknown": [1] }),
        )
        .await;
    assert_eq!(
        (
            &second.body["first_name"],
            &second.body["last_name"],
            &second.body["phone"]
        ),
        (&json!("Mary"), &json!("Ann Smith"), &json!(null))
    );
    // Whole, as it was read, it changes nothing.
    let whole = john.get(&path(&john)).await;
    let again = john.put(&path(&john), whole.body["data"].clone()).await;
    assert_eq!(
        (again.status, &again.body["name"]),
        (200, &json!("Mary Ann Smith")),
        "{again:?}"
    );
    assert_eq!(again.body["tenant_role"], "manager");
}

#[tokio::test]
async fn only_write_what_was_read() {
    let platform = platform().await;
    let john = platform.manager("John").await;
    let read = john.get(&path(&john)).await;
    let tag = read.header("etag").to_owned();
    let fresh = john
        .put_if(&path(&john), &tag, json!({ "last_name": "One" }))
        .await;
    assert_eq!(fresh.status, 200, "{fresh:?}");
    assert_ne!(fresh.header("etag"), tag, "also within the same millisecond");
    let stale = john
        .put_if(&path(&john), &tag, json!({ "last_name": "Two" }))
        .await;
    assert_eq!(stale.status, 409);
    assert_eq!(john.get(&path(&john)).await.body["last_name"], "One");
}

#[tokio::test]
async fn a_deleted_user_is_gone_with_its_tokens_and_its_address_is_free() {
    let platform = platform().await;
    let boss = platform.manager("boss").await;
    let john = platform.colleague(&boss, "john", Role::User).await;
    let gone = boss.delete(&path(&john)).await;
    assert_eq!((gone.status, gone.bytes.len()), (204, 0));
    assert_eq!(boss.delete(&path(&john)).await.status, 404);
    assert_eq!(boss.get(&path(&john)).await.code(), "USER_001");
    assert_eq!(john.get(&path(&john)).await.code(), "AUTH_003");
    let anew = platform.colleague(&boss, "john", Role::User).await;
    assert_ne!(anew.who.user, john.who.user);
    let own = anew.delete(&path(&anew)).await;
    assert_eq!(own.status, 204, "users delete themselves");
}

#[tokio::test]
async fn all_users_are_the_admins_to_list() {
    let platform = platform().await;
    let admin = platform.admin().await;
    platform.manager("beside-root").await;
    let boss = platform.manager("boss").await;
    let john = platform.colleague(&boss, "john", Role::User).await;
    for who in [&boss, &john] {
        let refused = who.get("/users").await;
        assert_eq!((refused.status, refused.code()), (403, "AUTH_004"));
    }
    let all = admin.get("/users").await;
    assert_eq!((all.status, &all.body["total"]), (200, &json!(4)), "{all:?}");
    assert_eq!(
        (&all.body["skip"], &all.body["limit"], &all.body["next_cursor"]),
        (&json!(0), &json!(10), &json!(null))
    );
    let mut emails = all.column("email");
    emails.sort_unstable();
    assert_eq!(
        emails,
        [
            "beside-root@example.com",
            "boss@example.com",
            "john@example.com",
            "root@example.com"
        ]
    );
    assert_eq!(boss.delete(&path(&john)).await.status, 204);
    assert_eq!(admin.get("/users").await.body["total"], 3, "the total follows");
}

#[tokio::test]
async fn a_users_agents_and_campaigns_are_those_it_made() {
    let platform = platform().await;
    let boss = platform.manager("boss").await;
    let john = platform.colleague(&boss, "john", Role::User).await;
    for (who, name) in [(&boss, "Sales"), (&john, "Support"), (&john, "Sales Two")] {
        let agent = who
            .post("/agents", json!({ "name": name, "system_prompt": "You help." }))
            .await;
        assert_eq!(agent.status, 201, "{agent:?}");
        let campaign = who
            .post(
                "/campaigns",
                json!({ "name": name, "agent_id": agent.id(), "phone_numbers": ["+14155550100"] }),
            )
            .await;
        assert_eq!(campaign.status, 201, "{campaign:?}");
    }
    for kind in ["agents", "campaigns"] {
        let theirs = boss.get(&format!("{}/{kind}?sort=name", path(&john))).await;
        assert_eq!(
            (theirs.status, &theirs.body["total"]),
            (200, &json!(2)),
            "{theirs:?}"
        );
        assert_eq!(theirs.column("name"), ["Sales Two", "Support"]);
        let one = john
            .get(&format!("{}/{kind}?search=two&limit=1", path(&john)))
            .await;
        assert_eq!(
            (&one.body["total"], one.column("name")),
            (&json!(1), vec!["Sales Two"])
        );
    }
    let admin = platform.admin().await;
    assert_eq!(
        admin
            .get(&format!("{}/campaigns?status=draft", path(&boss)))
            .await
            .column("name"),
        ["Sales"],
        "the admin sees other tenants here"
    );
    let stranger = platform.manager("stranger").await;
    for kind in ["agents", "campaigns"] {
        assert_eq!(
            stranger.get(&format!("{}/{kind}", path(&john))).await.code(),
            "USER_001"
        );
        assert_eq!(
            john.get(&format!("{}/{kind}", path(&boss))).await.code(),
            "AUTH_004"
        );
        assert_eq!(
            john.get(&format!("{}/{kind}?status=lost", path(&john)))
                .await
                .status,
            422
        );
    }
}
