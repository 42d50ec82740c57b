//! All users, and who of them may log in.

use serde_json::json;
use trunkline_domain::Role;

use crate::{admin, login, platform};

#[tokio::test]
async fn the_list_is_that_of_the_users() {
    let platform = platform().await;
    let boss = platform.manager("boss").await;
    let root = admin(&platform, &boss).await;
    let (here, there) = (root.get("/admin/users").await, root.get("/users").await);
    assert_eq!(here.status, 200);
    assert_eq!(here.body["data"], there.body["data"]);
    assert_eq!(here.body["total"], 2);
    let one = root.get("/admin/users?search=boss&limit=1").await;
    assert_eq!(one.column("email"), ["boss@example.com"]);
}

#[tokio::test]
async fn a_deactivated_user_is_out_with_the_next_request_until_it_is_activated() {
    let platform = platform().await;
    let boss = platform.manager("boss").await;
    let root = admin(&platform, &boss).await;
    let john = platform.colleague(&boss, "john", Role::User).await;
    let of = |verb: &str| format!("/admin/users/{}/{verb}", john.who.user);
    let out = root.post(&of("deactivate"), json!({})).await;
    assert_eq!(
        (out.status, &out.body["is_active"], &out.body["id"]),
        (200, &json!(false), &json!(john.who.user))
    );
    assert_eq!(john.get("/auth/me").await.code(), "AUTH_003");
    let refused = platform
        .nobody(&john)
        .post(
            "/auth/login",
            json!({ "email": "john@example.com", "password": trunkline_testing::PASSWORD }),
        )
        .await;
    assert_eq!((refused.status, refused.code()), (403, "AUTH_004"));
    let again = root.post(&of("deactivate"), json!({})).await;
    assert_eq!(
        (again.status, &again.body["updated_at"]),
        (200, &out.body["updated_at"]),
        "a second time is no error"
    );
    let back = root.post(&of("activate"), json!({})).await;
    assert_eq!((back.status, &back.body["is_active"]), (200, &json!(true)));
    assert_eq!(
        john.get("/auth/me").await.code(),
        "AUTH_003",
        "the old tokens stay ended"
    );
    let fresh = login(&platform, &john, "john@example.com").await;
    assert_eq!(fresh.get("/auth/me").await.status, 200);
    let own = root
        .post(&format!("/admin/users/{}/deactivate", root.who.user), json!({}))
        .await;
    assert_eq!((own.status, own.code()), (409, "USER_002"));
}

#[tokio::test]
async fn nobody_else_gets_anywhere() {
    let platform = platform().await;
    let boss = platform.manager("boss").await;
    let (user, agent) = (
        platform.colleague(&boss, "user", Role::User).await,
        platform.colleague(&boss, "agent", Role::Agent).await,
    );
    for ask in [
        "GET /admin/users".to_owned(),
        format!("POST /admin/users/{}/activate", boss.who.user),
        format!("POST /admin/users/{}/deactivate", boss.who.user),
        "GET /admin/system/stats".to_owned(),
        "GET /admin/system/health".to_owned(),
        "POST /admin/system/maintenance".to_owned(),
        "GET /admin/logs".to_owned(),
    ] {
        for who in [&boss, &user, &agent] {
            let refused = who.send(&ask, &[], "not even json").await;
            assert_eq!((refused.status, refused.code()), (403, "AUTH_004"), "{ask}");
        }
        let nobody = platform.nobody(&boss).send(&ask, &[], "").await;
        assert_eq!((nobody.status, nobody.code()), (401, "AUTH_003"), "{ask}");
    }
    assert_eq!(boss.get("/auth/me").await.status, 200);
}
