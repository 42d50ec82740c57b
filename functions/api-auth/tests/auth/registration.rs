//! Who may join which tenant, and as what.

use chrono::Duration;
use serde_json::{Value, json};
use trunkline_service::settings::Registration;
use trunkline_testing::{Instance, World};

use crate::{PASSWORD, instance, login, me, register, text, user};

const TENANT: &str = "6f1c2f0e-5a53-4b7e-9d1c-0f6a3c1b2d4e";

async fn invite(instance: &Instance, token: &str, email: &str, role: &str) -> Value {
    let answer = instance
        .json(
            "POST /users/invitations",
            token,
            json!({ "email": email, "role": role }),
        )
        .await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    answer.body
}

#[tokio::test]
async fn without_a_tenant_one_founds_ones_own() {
    let world = World::new().await;
    let instance = instance(&world);
    let (one, other) = (
        user(&instance, "one@example.com").await,
        user(&instance, "other@example.com").await,
    );
    assert_ne!(one["user"]["tenant_id"], other["user"]["tenant_id"]);
    assert_eq!(one["user"]["tenant_role"], "manager");
}

#[tokio::test]
async fn nobody_makes_themselves_admin() {
    let world = World::new().await;
    let instance = instance(&world);
    let made = register(
        &instance,
        "",
        json!({ "email": "king@example.com", "role": "admin" }),
    )
    .await;
    assert_eq!(
        (&made.body["role"], &made.body["tenant_role"]),
        (&json!("user"), &json!("manager"))
    );
    let token = text(
        &login(&instance, "king@example.com", PASSWORD).await.body,
        "token",
    )
    .to_owned();
    let tenant = text(&made.body, "tenant_id");
    let more = register(
        &instance,
        &token,
        json!({ "email": "k2@example.com", "role": "admin", "tenant_id": tenant }),
    )
    .await;
    assert_eq!((more.status, more.code()), (403, "AUTH_004"));
}

#[tokio::test]
async fn a_tenant_that_is_there_takes_only_whom_its_manager_lets_in() {
    let world = World::new().await;
    let instance = instance(&world);
    let founder = register(
        &instance,
        "",
        json!({ "email": "boss@example.com", "tenant_id": TENANT }),
    )
    .await;
    assert_eq!(
        (founder.status, &founder.body["tenant_id"]),
        (201, &json!(TENANT))
    );
    let boss = login(&instance, "boss@example.com", PASSWORD).await.body;
    let stranger = user(&instance, "stranger@example.com").await;
    let join = json!({ "email": "new@example.com", "tenant_id": TENANT.to_uppercase(), "role": "agent" });
    assert_eq!(register(&instance, "", join.clone()).await.status, 403);
    assert_eq!(
        register(&instance, text(&stranger, "token"), join.clone())
            .await
            .status,
        403,
        "another tenant's manager"
    );
    let joined = register(&instance, text(&boss, "token"), join).await;
    assert_eq!(
        (joined.status, &joined.body["tenant_role"]),
        (201, &json!("agent"))
    );
    // An agent lets nobody in.
    let agent = login(&instance, "new@example.com", PASSWORD).await.body;
    let more = json!({ "email": "more@example.com", "tenant_id": TENANT });
    assert_eq!(register(&instance, text(&agent, "token"), more).await.status, 403);
    let invite = instance
        .json(
            "POST /users/invitations",
            text(&agent, "token"),
            json!({ "email": "x@example.com" }),
        )
        .await;
    assert_eq!((invite.status, invite.code()), (403, "AUTH_004"));
}

#[tokio::test]
async fn an_invitation_is_for_one_address_one_role_once_and_a_week() {
    let world = World::new().await;
    let instance = instance(&world);
    let boss = user(&instance, "boss@example.com").await;
    let (tenant, token) = (&boss["user"]["tenant_id"], text(&boss, "token"));
    let first = invite(&instance, token, "Guest@example.com", "user").await;
    assert_eq!(first["expires_at"], "2026-01-12T10:00:00Z");
    let with = |email: &str, invitation: &Value| json!({ "email": email, "invitation": invitation["token"], "role": "manager" });
    assert_eq!(
        register(&instance, "", with("other@example.com", &first))
            .await
            .status,
        403
    );
    let guest = register(&instance, "", with("guest@example.com", &first)).await;
    assert_eq!(
        (guest.status, &guest.body["tenant_id"], &guest.body["tenant_role"]),
        (201, tenant, &json!("user"))
    );
    assert_eq!(
        register(&instance, "", with("guest@example.com", &first))
            .await
            .status,
        403,
        "it is spent"
    );
    let late = invite(&instance, token, "late@example.com", "user").await;
    world.clock.turn(Duration::days(7));
    assert_eq!(
        register(&instance, "", with("late@example.com", &late))
            .await
            .status,
        403
    );
}

#[tokio::test]
async fn an_account_that_exists_joins_only_by_logging_in_to_accept() {
    let world = World::new().await;
    let instance = instance(&world);
    let (boss, guest) = (
        user(&instance, "boss@example.com").await,
        user(&instance, "guest@example.com").await,
    );
    let invitation = invite(&instance, text(&boss, "token"), "guest@example.com", "agent").await;
    let body = json!({ "email": "guest@example.com", "invitation": invitation["token"] });
    assert_eq!(register(&instance, "", body).await.status, 409);
    let accept = json!({ "token": invitation["token"] });
    let wrong = instance
        .json(
            "POST /users/invitations/accept",
            text(&boss, "token"),
            accept.clone(),
        )
        .await;
    assert_eq!(wrong.status, 403, "it is not the boss's");
    let moved = instance
        .json(
            "POST /users/invitations/accept",
            text(&guest, "token"),
            accept.clone(),
        )
        .await;
    assert_eq!(
        (&moved.body["tenant_id"], &moved.body["tenant_role"]),
        (&boss["user"]["tenant_id"], &json!("agent")),
        "{}",
        moved.text()
    );
    assert_eq!(
        me(&instance, text(&guest, "token")).await.status,
        401,
        "a change of role ends the logins"
    );
    let guest = login(&instance, "guest@example.com", PASSWORD).await.body;
    let again = instance
        .json("POST /users/invitations/accept", text(&guest, "token"), accept)
        .await;
    assert_eq!(again.status, 403);
}

#[tokio::test]
async fn closed_only_invitations_and_the_admin_make_users() {
    let mut world = World::new().await;
    let boss = user(&instance(&world), "boss@example.com").await;
    let tenant = boss["user"]["tenant_id"].clone();
    world.settings.registration = Registration::Closed;
    let instance = instance(&world);
    let closed = register(&instance, "", json!({ "email": "x@example.com" })).await;
    assert_eq!((closed.status, closed.code()), (403, "AUTH_004"));
    let by_manager = register(
        &instance,
        text(&boss, "token"),
        json!({ "email": "x@example.com", "tenant_id": tenant }),
    )
    .await;
    assert_eq!(by_manager.status, 403);
    let invitation = invite(&instance, text(&boss, "token"), "x@example.com", "user").await;
    let invited = register(
        &instance,
        "",
        json!({ "email": "x@example.com", "invitation": invitation["token"] }),
    )
    .await;
    assert_eq!(invited.status, 201);
    let (email, password) = trunkline_service::identity::ensure_admin(&world.ctx(), None, None)
        .await
        .unwrap()
        .unwrap();
    let admin = login(&instance, &email, &password).await.body;
    let made = register(
        &instance,
        text(&admin, "token"),
        json!({ "email": "y@example.com", "role": "admin" }),
    )
    .await;
    assert_eq!(
        (made.status, &made.body["role"]),
        (201, &json!("admin")),
        "an admin makes another"
    );
}
