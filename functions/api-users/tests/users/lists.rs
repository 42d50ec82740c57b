//! The list of all users: pages, filters, order.

use chrono::Duration;
use trunkline_domain::Role;

use crate::platform;

#[tokio::test]
async fn pages_by_cursor_and_by_skip_are_the_whole_list_newest_first() {
    let platform = platform().await;
    let admin = platform.admin().await;
    platform.manager("beside-root").await;
    for number in 0..9 {
        platform
            .world
            .clock
            .turn(Duration::milliseconds(i64::from(number % 3)));
        platform.manager(&format!("m{number}")).await;
    }
    let all = admin.get("/users?limit=100").await;
    assert_eq!(all.body["total"], 11);
    let all: Vec<String> = all.column("id").into_iter().map(str::to_owned).collect();
    assert_eq!(all.len(), 11);
    let newest = admin.get("/users?limit=100&sort=-created_at").await;
    assert!(newest.column("created_at").is_sorted_by(|a, b| a >= b));
    for limit in [1, 2, 3, 5, 10, 11] {
        let (mut by_cursor, mut by_skip, mut cursor) = (Vec::new(), Vec::new(), String::new());
        loop {
            let page = admin.get(&format!("/users?limit={limit}&cursor={cursor}")).await;
            assert_eq!(page.body["total"], 11);
            by_cursor.extend(page.column("id").into_iter().map(str::to_owned));
            match page.body["next_cursor"].as_str() {
                Some(next) => cursor = next.to_owned(),
                None => break,
            }
        }
        while by_skip.len() < all.len() {
            let page = admin
                .get(&format!("/users?limit={limit}&skip={}", by_skip.len()))
                .await;
            by_skip.extend(page.column("id").into_iter().map(str::to_owned));
        }
        assert_eq!(by_cursor, all, "by cursor, {limit} at a time");
        assert_eq!(by_skip, all, "by skip, {limit} at a time");
    }
}

#[tokio::test]
async fn filters_hold_alone_and_together() {
    let platform = platform().await;
    let admin = platform.admin().await;
    platform.manager("beside-root").await;
    let (ann, bob) = (platform.manager("ann").await, platform.manager("bob").await);
    let carl = platform.colleague(&ann, "carl", Role::Agent).await;
    platform.colleague(&ann, "dora", Role::User).await;
    let out = ann
        .put(
            &format!("/users/{}", carl.who.user),
            serde_json::json!({ "is_active": false }),
        )
        .await;
    assert_eq!(out.status, 200);
    let (anns, bobs) = (ann.who.tenant, bob.who.tenant);
    for (query, names) in [
        ("role=admin".to_owned(), vec!["Admin"]),
        (
            "role=manager&sort=email".to_owned(),
            vec!["ann", "beside-root", "bob"],
        ),
        (
            "role=user&sort=name".to_owned(),
            vec!["ann", "beside-root", "bob", "carl", "dora"],
        ),
        (
            format!("tenant_id={anns}&sort=-email"),
            vec!["dora", "carl", "ann"],
        ),
        (format!("tenant_id={anns}&status=inactive"), vec!["carl"]),
        (format!("tenant_id={anns}&is_active=true&role=agent"), vec![]),
        (format!("tenant_id={bobs}"), vec!["bob"]),
        ("search=ROOT&sort=email".to_owned(), vec!["beside-root", "Admin"]),
        ("search=dora%20doe".to_owned(), vec!["dora"]),
        ("search=nobody".to_owned(), vec![]),
    ] {
        let found = admin.get(&format!("/users?{query}")).await;
        assert_eq!(found.column("first_name"), names, "{query}");
        assert_eq!(found.body["total"], names.len(), "{query}");
        assert!(found.body.get("total_relation").is_none());
    }
    let first = admin.get("/users?sort=email&limit=2").await;
    let cursor = first.body["next_cursor"].as_str().unwrap();
    let second = admin
        .get(&format!("/users?sort=email&limit=2&cursor={cursor}"))
        .await;
    assert_eq!(second.column("first_name"), ["bob", "carl"]);
}
