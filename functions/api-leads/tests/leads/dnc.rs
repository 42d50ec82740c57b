//! The do-not-call list.

use serde_json::{Value, json};
use trunkline_domain::{E164, OperatorId, Role, operator::OperatorStatus};
use trunkline_service::{
    dialing::opt_out::opt_out,
    dnc::lift_ended,
    operators::{self, OperatorPatch},
};
use trunkline_testing::{Client, Platform};

const SARA: &str = "+14155552671";

async fn platform() -> (Platform, Client) {
    let platform = Platform::new(api_leads::router()).await;
    let ada = platform.manager("ada").await;
    (platform, ada)
}

async fn is_marked(platform: &Platform, by: &Client, phone: &str) -> bool {
    let phone: E164 = phone.parse().unwrap();
    let known = platform.ctx.store.number(by.who.tenant, &phone).await.unwrap();
    known.dnc
}

#[tokio::test]
async fn a_number_is_put_on_the_list_and_taken_off_it() {
    let (platform, ada) = platform().await;
    let body = json!({"phone": "+1 (415) 555-2671", "source": "operator", "reason": "Asked on the phone"});
    let added = ada.post("/api/dnc", body).await;
    assert_eq!(added.status, 201, "{}", added.body);
    let entry = &added.body["dnc"];
    assert_eq!(
        (
            &entry["phone"],
            &entry["source"],
            &entry["reason"],
            &entry["expires_at"]
        ),
        (
            &json!(SARA),
            &json!("operator"),
            &json!("Asked on the phone"),
            &Value::Null
        )
    );
    assert_eq!(entry["added_by"], json!(ada.who.user.0));
    assert!(is_marked(&platform, &ada, SARA).await);
    let found = ada.get("/api/dnc?phone=%2B14155552671").await;
    assert_eq!((&found.body["count"], &found.body["dnc"][0]), (&json!(1), entry));

    let removed = ada
        .send("DELETE /api/dnc", &[], json!({"phone": SARA}).to_string())
        .await;
    assert_eq!(removed.status, 200, "{}", removed.body);
    assert!(!is_marked(&platform, &ada, SARA).await);
    assert_eq!(ada.delete("/api/dnc?phone=+14155552671").await.status, 404);
    assert_eq!(ada.get("/api/dnc").await.body["total"], 0);
}

#[tokio::test]
async fn the_list_is_newest_first_and_paged() {
    let (platform, ada) = platform().await;
    let numbers: Vec<String> = (0..5).map(|n| format!("+1415555010{n}")).collect();
    for number in &numbers {
        ada.post("/api/dnc", json!({"phone": number})).await;
        platform.world.clock.turn(chrono::Duration::seconds(1));
    }
    let newest: Vec<&String> = numbers.iter().rev().collect();
    let mut seen = Vec::new();
    let mut next = String::new();
    loop {
        let page = ada.get(&format!("/api/dnc?limit=2{next}")).await;
        assert_eq!(page.body["total"], 5);
        let shown = page.body["dnc"].as_array().unwrap();
        seen.extend(
            shown
                .iter()
                .map(|entry| entry["phone"].as_str().unwrap().to_owned()),
        );
        let Some(cursor) = page.body["next_cursor"].as_str() else {
            break;
        };
        next = format!("&cursor={cursor}");
    }
    assert_eq!(seen.iter().collect::<Vec<_>>(), newest);
    let second = ada.get("/api/dnc?limit=2&offset=2").await;
    assert_eq!(second.body["dnc"][0]["phone"], json!(newest[2]));
    assert_eq!(ada.get("/api/dnc?cursor=nonsense").await.status, 400);
}

#[tokio::test]
async fn a_mark_that_has_an_end_is_lifted_then_and_a_wish_for_good_outlasts_it() {
    let (platform, ada) = platform().await;
    let end = platform.ctx.now() + chrono::Duration::hours(1);
    let body = |phone: &str| json!({"phone": phone, "expires_at": end.to_rfc3339()});
    ada.post("/api/dnc", body(SARA)).await;
    ada.post("/api/dnc", body("+14155550100")).await;
    let phone: E164 = SARA.parse().unwrap();
    opt_out(&platform.ctx, ada.who.tenant, &phone, "speech")
        .await
        .unwrap();
    assert_eq!(lift_ended(&platform.ctx).await.unwrap(), 0);
    platform.world.clock.turn(chrono::Duration::hours(1));
    assert_eq!(lift_ended(&platform.ctx).await.unwrap(), 1);
    assert!(is_marked(&platform, &ada, SARA).await);
    assert!(!is_marked(&platform, &ada, "+14155550100").await);
    // A later end moves it, an earlier one does not.
    let later = json!({"phone": "+14155550100", "expires_at": "2090-01-01T00:00:00Z"});
    ada.post("/api/dnc", later).await;
    let end = platform.ctx.now() + chrono::Duration::hours(1);
    let earlier = json!({"phone": "+14155550100", "expires_at": end.to_rfc3339()});
    let stands = ada.post("/api/dnc", earlier).await;
    assert_eq!(
        stands.body["dnc"]["expires_at"], "2090-01-01T00:00:00Z",
        "{}",
        stands.body
    );
}

#[tokio::test]
async fn what_is_wrong_is_named_and_nobody_is_marked() {
    let (_platform, ada) = platform().await;
    let wrong = [
        ("phone", json!({})),
        ("phone", json!({"phone": "4.15556E+10"})),
        ("source", json!({"phone": SARA, "source": "x".repeat(65)})),
        ("reason", json!({"phone": SARA, "reason": "x".repeat(501)})),
        (
            "expires_at",
            json!({"phone": SARA, "expires_at": "2001-01-01T00:00:00Z"}),
        ),
        ("expires_at", json!({"phone": SARA, "expires_at": "tomorrow"})),
    ];
    for (field, body) in wrong {
        let refused = ada.post("/api/dnc", body.clone()).await;
        assert_eq!(refused.status, 400, "{body}: {}", refused.body);
        assert!(
            refused.body["error"].as_str().unwrap().contains(field),
            "{}",
            refused.body
        );
    }
    assert_eq!(ada.get("/api/dnc").await.body["total"], 0);
}

#[tokio::test]
async fn only_a_manager_lifts_a_mark_and_each_tenant_has_its_own_list() {
    let (platform, ada) = platform().await;
    let eve = platform.colleague(&ada, "eve", Role::User).await;
    let john = platform.colleague(&ada, "john", Role::Agent).await;
    assert_eq!(john.post("/api/dnc", json!({"phone": SARA})).await.status, 403);
    assert_eq!(eve.post("/api/dnc", json!({"phone": SARA})).await.status, 201);
    assert_eq!(eve.delete("/api/dnc?phone=%2B14155552671").await.status, 403);
    assert_eq!(john.get("/api/dnc").await.status, 403);
    let bob = platform.manager("bob").await;
    assert_eq!(bob.get("/api/dnc").await.body["total"], 0);
    assert_eq!(bob.delete("/api/dnc?phone=%2B14155552671").await.status, 404);
    assert!(!is_marked(&platform, &bob, SARA).await);
}

/// Who asks a human agent not to be called again is heard; whom it never talked to it cannot have heard.
#[tokio::test]
async fn a_human_agent_puts_a_number_of_its_own_calls_on_the_list() {
    let (platform, ada) = platform().await;
    let john = platform.colleague(&ada, "john", Role::Agent).await;
    let new = OperatorPatch {
        name: Some(Some("John".to_owned())),
        phone: Some(Some("+14155553333".to_owned())),
        email: Some(Some("john@example.com".to_owned())),
        ..OperatorPatch::default()
    };
    let id = OperatorId(platform.ctx.ids.uuid());
    let made = operators::create(&platform.ctx, &ada.who, id, &new, OperatorStatus::Available).await;
    let operator = made.unwrap().operator;
    let said = json!({"phone": SARA, "reason": "Asked on the phone"});
    let refused = john.post("/api/dnc", said.clone()).await;
    assert_eq!(refused.status, 403, "{}", refused.body);
    assert!(!is_marked(&platform, &ada, SARA).await);

    // A call that is over, in the index of its calls.
    let mut call = trunkline_testing::call(&ada, &platform.ctx, platform.ctx.now());
    call.to = SARA.parse().unwrap();
    call.operator = Some(operator.id);
    platform.put_call(&call).await;
    let marked = john.post("/api/dnc", said).await;
    assert_eq!(marked.status, 201, "{}", marked.body);
    let entry = &marked.body["dnc"];
    assert_eq!(
        (&entry["source"], &entry["added_by"]),
        (&json!("operator"), &json!(john.who.user.0))
    );
    assert!(is_marked(&platform, &ada, SARA).await);

    // One that it is in by its row alone.
    let other = "+14155552672";
    let mut call = trunkline_testing::call(&ada, &platform.ctx, platform.ctx.now());
    call.to = other.parse().unwrap();
    platform.put_call(&call).await;
    let holds = operator.taking(call.id, platform.ctx.now()).unwrap();
    let written = platform.ctx.store.update_operator(&operator, &holds).await;
    assert!(written.unwrap().is_ok());
    let marked = john.post("/api/dnc", json!({"phone": other})).await;
    assert_eq!(
        (marked.status, &marked.body["dnc"]["source"]),
        (201, &json!("operator"))
    );
    assert_eq!(john.delete("/api/dnc?phone=%2B14155552672").await.status, 403);
}
