//! What is asked of leads and makes no sense, and what a file may say that must not be believed.

use serde_json::json;

use crate::world::{World, form, send};

#[tokio::test]
async fn a_status_that_is_none_is_refused_and_one_that_never_is_lists_nobody() {
    let world = World::new().await;
    let campaign = world.campaign().await;
    world.upload(&campaign, "phone\n+14155550101\n").await;
    for (status, total) in [
        ("pending", 1),
        ("PENDING", 1),
        ("queued", 0),
        ("calling", 0),
        ("dnc", 0),
        ("", 1),
    ] {
        assert_eq!(
            world.leads(&campaign, &format!("&status={status}")).await,
            total,
            "{status}"
        );
    }
    let list = format!("/api/leads?campaign_id={campaign}");
    for (query, status, words) in [
        (
            format!("{list}&status=sleeping"),
            400,
            ["status", "pending, queued, calling, completed, failed, dnc"],
        ),
        (format!("{list}&limit=101"), 400, ["limit", "100"]),
        (format!("{list}&offset=-1"), 400, ["offset", ""]),
        (format!("{list}&cursor=nonsense"), 400, ["cursor", ""]),
        ("/api/leads".to_owned(), 400, ["campaign_id", "is required"]),
        (
            "/api/leads?campaign_id=spring".to_owned(),
            400,
            ["campaign_id", ""],
        ),
        (
            "/api/leads?campaign_id=6f1c2f0e-5a53-4b7e-9d1c-0f6a3c1b2d4e".to_owned(),
            404,
            ["campaign", "No"],
        ),
        (
            "/api/leads?campaign_id=6f1c2f0e-5a53-4b7e-9d1c-0f6a3c1b2d4e&status=queued".to_owned(),
            404,
            ["campaign", "No"],
        ),
    ] {
        let refused = world.ada.get(&query).await;
        assert_eq!(refused.status, status, "{query}: {refused:?}");
        let error = refused.body["error"].as_str().unwrap();
        assert!(words.iter().all(|word| error.contains(word)), "{query}: {error}");
    }
}

#[tokio::test]
async fn a_change_that_makes_no_sense_names_each_field_and_changes_nothing() {
    let world = World::new().await;
    let campaign = world.campaign().await;
    world
        .upload(&campaign, "phone,first_name\n+14155550101,Sara\n")
        .await;
    let list = format!("/api/leads?campaign_id={campaign}");
    let before = world.ada.get(&list).await.body["leads"][0].clone();
    let path = format!("/api/leads/{}", before["id"].as_str().unwrap());
    for (change, words) in [
        (
            json!({"first_name": "Eve", "priority": "at once"}),
            ["priority", "urgent"],
        ),
        (json!({"first_name": "x".repeat(101)}), ["first_name", "100"]),
        (
            json!({"first_name": "Eve", "timezone": "Mars/Olympus"}),
            ["timezone", ""],
        ),
        (json!({"first_name": 7}), ["first_name", ""]),
        (
            json!({"first_name": "Eve", "status": "sleeping"}),
            ["status", "completed, failed, dnc"],
        ),
    ] {
        let refused = world.ada.put(&path, change.clone()).await;
        assert_eq!(refused.status, 400, "{change}: {refused:?}");
        let error = refused.body["error"].as_str().unwrap();
        assert!(words.iter().all(|word| error.contains(word)), "{change}: {error}");
    }
    assert_eq!(world.ada.get(&list).await.body["leads"][0], before);
}

/// Only one column can be a field; which one, the mapping must say.
#[tokio::test]
async fn two_columns_cannot_be_one_field() {
    let world = World::new().await;
    let campaign = world.campaign().await;
    let mapping = json!({"Cell": "phone", "Landline": "phone"}).to_string();
    let texts = [("campaign_id", campaign.as_str()), ("field_mapping", &mapping)];
    let file = b"Cell,Landline\n+14155550101,+14155550102\n";
    let refused = send(&world.ada, &[], form(&texts, Some(file))).await;
    assert_eq!(refused.status, 400, "{refused:?}");
    let error = refused.body["error"].as_str().unwrap();
    assert!(
        ["field_mapping.Landline", "another column", "`phone`"]
            .iter()
            .all(|word| error.contains(word)),
        "{error}"
    );
    assert_eq!(world.leads(&campaign, "").await, 0);
}

/// What stands in a cell is kept to the letter, and quoted only where a spreadsheet would read it.
#[tokio::test]
async fn a_formula_is_kept_as_text_and_quoted_in_files() {
    let world = World::new().await;
    let campaign = world.campaign().await;
    let file = "phone,first_name,company\n+14155550101,\"=HYPERLINK(\"\"http://x\"\")\",@SUM(1)\n=cmd(),,\n-2+3,,\n@home,,\n";
    let done = world.upload(&campaign, file).await;
    let leads = world.ada.get(&format!("/api/leads?campaign_id={campaign}")).await;
    let lead = &leads.body["leads"][0];
    assert_eq!(
        (&lead["first_name"], &lead["custom_fields"]["company"]),
        (&json!("=HYPERLINK(\"http://x\")"), &json!("@SUM(1)"))
    );
    let errors = done.body["errors"].as_array().unwrap();
    let values: Vec<&str> = errors
        .iter()
        .map(|error| error["value"].as_str().unwrap())
        .collect();
    assert_eq!(values, ["=cmd()", "-2+3", "@home"]);
    let path = format!("/api/imports/{}/errors", done.body["import_id"].as_str().unwrap());
    let all = world.ada.get(&path).await;
    let lines: Vec<&str> = all.text().lines().skip(1).collect();
    for (line, cell) in lines.iter().zip(["\"'=cmd()\"", "\"'-2+3\"", "\"'@home\""]) {
        assert!(line.contains(cell), "{line}");
    }
}
