//! Lists that come in.

use aws_sdk_dynamodb::types::AttributeValue;
use axum::body::Body;
use futures::stream;
use serde_json::{Value, json};
use tokio::sync::mpsc;
use trunkline_queue::DialJob;
use trunkline_testing::Queue;

use crate::world::{World, form, send, upload};

fn results(total: u64, invalid: u64, duplicates: u64, dnc: u64, inserted: u64) -> Value {
    let valid = total - invalid - duplicates - dnc;
    json!({ "total": total, "valid": valid, "invalid": invalid, "duplicates": duplicates, "dnc": dnc, "inserted": inserted })
}

#[tokio::test]
async fn the_documents_upload_is_answered_as_documented() {
    let world = World::new().await;
    let campaign = world.campaign().await;
    let mapping = json!({
        "First Name": "first_name",
        "Last Name": "last_name",
        "Phone Number": "phone",
        "Country Code": "country"
    });
    let file = "First Name,Last Name,Phone Number,Country Code,Company\r\n\
                Sara,Ahmed,(415) 555-2671,US,ABC Corp\r\n\
                Bob,Best,invalid,US,\r\n\
                Sara,Again,+14155552671,,\r\n";
    // The file first: its mapping is known only after it.
    let mut body = form(&[], Some(file.as_bytes()));
    body.truncate(body.windows(4).rposition(|end| end == b"--\r\n").unwrap());
    let texts = form(
        &[
            ("campaign_id", &campaign),
            ("field_mapping", &mapping.to_string()),
            ("colour", "red"),
        ],
        None,
    );
    let boundary = texts.windows(2).position(|end| end == b"\r\n").unwrap();
    body.extend(&texts[boundary..]);
    let done = send(&world.ada, &[], body).await;
    assert_eq!(done.status, 200, "{done:?}");
    assert_eq!(done.body["success"], true);
    assert_eq!(done.body["message"], "CSV processed successfully");
    assert_eq!(done.body["results"], results(3, 1, 1, 0, 1));
    let errors = done.body["errors"].as_array().unwrap();
    assert_eq!(errors.len(), 1);
    assert_eq!(
        (&errors[0]["row"], &errors[0]["field"], &errors[0]["value"]),
        (&json!(3), &json!("phone"), &json!("invalid"))
    );
    assert!(!errors[0]["error"].as_str().unwrap().is_empty());

    let leads = world.ada.get(&format!("/api/leads?campaign_id={campaign}")).await;
    let lead = &leads.body["leads"][0];
    assert_eq!(leads.body["total"], 1);
    assert_eq!(
        (
            &lead["phone"],
            &lead["first_name"],
            &lead["country"],
            &lead["custom_fields"]
        ),
        (
            &json!("+14155552671"),
            &json!("Sara"),
            &json!("US"),
            &json!({"Company": "ABC Corp"})
        )
    );
    let import = done.body["import_id"].as_str().unwrap();
    let import = world.ada.get(&format!("/api/imports/{import}")).await;
    let import = &import.body["import"];
    assert_eq!(
        (
            &import["state"],
            &import["progress"],
            &import["results"],
            &import["errors"]
        ),
        (
            &json!("completed"),
            &json!(100),
            &done.body["results"],
            &done.body["errors"]
        )
    );
    assert!(
        world.aws.keys("imports/").await.is_empty(),
        "the file is not kept"
    );
}

#[tokio::test]
async fn the_template_is_a_list_that_can_be_filled_in() {
    let world = World::new().await;
    let campaign = world.campaign().await;
    let template = world.ada.get("/api/leads/template/csv").await;
    assert_eq!(template.status, 200);
    assert!(
        template
            .header("content-disposition")
            .contains("leads_template.csv")
    );
    let header = "first_name,last_name,phone,email,country,type,priority,do_not_call,notes\r\n";
    assert_eq!(template.text(), header);
    let file = format!("{header}Sara,Ahmed,+14155552671,sara@example.com,US,carrier,high,false,VIP\r\n");
    let done = world.upload(&campaign, &file).await;
    assert_eq!(done.body["results"], results(1, 0, 0, 0, 1), "{done:?}");
}

#[tokio::test]
async fn a_large_list_is_imported_after_the_answer_and_all_its_errors_can_be_fetched() {
    let world = World::new().await;
    let campaign = world.campaign().await;
    let mut file = "phone,email\n".to_owned();
    for n in 0..2_500 {
        if n % 2 == 0 {
            file.push_str(&format!("+1415{n:07},\n"));
        } else {
            file.push_str("=cmd(),\"nobody, nowhere\"\n");
        }
    }
    let later = world.upload(&campaign, &file).await;
    assert_eq!(later.status, 202, "{later:?}");
    assert_eq!(
        (&later.body["state"], &later.body["results"]["total"]),
        (&json!("queued"), &json!(0))
    );
    let path = format!("/api/imports/{}", later.body["import_id"].as_str().unwrap());
    assert_eq!(world.ada.get(&path).await.body["import"]["progress"], 0);
    world.work().await;
    let import = world.ada.get(&path).await.body["import"].clone();
    assert_eq!(import["state"], "completed");
    assert_eq!(import["results"], results(2_500, 1_250, 0, 0, 1_250));
    assert_eq!(
        import["errors"].as_array().unwrap().len(),
        1_000,
        "the first 1,000"
    );
    assert_eq!(import["errors_total"], 2_500, "two wrong fields a row");
    assert!(
        import["errors_url"]
            .as_str()
            .unwrap()
            .ends_with(&format!("{path}/errors"))
    );
    assert_eq!(world.leads(&campaign, "").await, 1_250);

    let all = world.ada.get(&format!("{path}/errors")).await;
    assert_eq!(all.status, 200);
    assert!(all.header("content-type").starts_with("text/csv"));
    let lines: Vec<&str> = all.text().lines().collect();
    assert_eq!(lines.len(), 2_501);
    assert_eq!(lines[0], "row,field,value,error,result");
    assert!(
        lines[1].starts_with("3,email,\"nobody, nowhere\","),
        "{}",
        lines[1]
    );
    assert!(
        lines[2].starts_with("3,phone,\"'=cmd()\","),
        "a formula is quoted: {}",
        lines[2]
    );
    assert!(lines[2_500].starts_with("2501,"), "{}", lines[2_500]);
}

#[tokio::test]
async fn who_is_not_to_be_called_is_counted_and_not_imported() {
    let world = World::new().await;
    let campaign = world.campaign().await;
    let tenant = world.ada.who.tenant;
    let ctx = &world.platform.ctx;
    let marked = "+14155550102".parse().unwrap();
    ctx.store
        .mark_dnc(&trunkline_store::DncEntry::lasting(
            tenant,
            &marked,
            "api",
            ctx.now(),
        ))
        .await
        .unwrap();
    let file = "phone,do_not_call\n+14155550101,no\n+14155550102,\n+14155550103,yes\n+14155550103,no\n";
    let done = world.upload(&campaign, file).await;
    assert_eq!(done.body["results"], results(4, 0, 0, 3, 1), "{done:?}");
    assert_eq!(world.leads(&campaign, "").await, 1);
    let asked = "+14155550103".parse().unwrap();
    assert!(
        ctx.store.number(tenant, &asked).await.unwrap().dnc,
        "the list's own word holds for all campaigns"
    );
    let another = world.campaign_named("Autumn").await;
    let done = world.upload(&another, "phone\n+14155550103\n").await;
    assert_eq!(done.body["results"], results(1, 0, 0, 1, 0));
}

/// The answer's errors are the wrong rows alone, as documented; the file of them has every row that became no lead.
#[tokio::test]
async fn each_row_that_became_no_lead_can_be_fetched_with_its_reason() {
    let world = World::new().await;
    let campaign = world.campaign().await;
    world.upload(&campaign, "phone\n+14155550100\n").await;
    world.ada.post("/api/dnc", json!({"phone": "+14155550102"})).await;
    let file = "phone,do_not_call,email\n+14155550101,,\n+14155550102,,\nnobody,,nowhere\n+14155550103,yes,\n\
                +14155550101,,\n+14155550100,,\n";
    let done = world.upload(&campaign, file).await;
    assert_eq!(done.body["results"], results(6, 1, 2, 2, 1), "{done:?}");
    let wrong = done.body["errors"].as_array().unwrap();
    assert_eq!(wrong.iter().map(|one| &one["row"]).collect::<Vec<_>>(), [4, 4]);
    let path = format!("/api/imports/{}", done.body["import_id"].as_str().unwrap());
    let import = world.ada.get(&path).await.body["import"].clone();
    assert_eq!(
        (&import["errors"], &import["errors_total"]),
        (&done.body["errors"], &json!(2))
    );
    let all = world.ada.get(&format!("{path}/errors")).await;
    let lines: Vec<&str> = all.text().lines().skip(1).collect();
    let expected = [
        ("3,phone,\"'+14155550102\",", "do-not-call list", ",dnc"),
        ("4,email,nowhere,", "", ",invalid"),
        ("4,phone,nobody,", "", ",invalid"),
        ("5,phone,\"'+14155550103\",", "the list itself", ",dnc"),
        ("6,phone,\"'+14155550101\",", "earlier row", ",duplicate"),
        ("7,phone,\"'+14155550100\",", "the campaign", ",duplicate"),
    ];
    assert_eq!(lines.len(), expected.len(), "{lines:?}");
    for (line, (begins, says, ends)) in lines.iter().zip(expected) {
        assert!(
            line.starts_with(begins) && line.contains(says) && line.ends_with(ends),
            "{line}"
        );
    }
}

/// Twice the list: not one row is new, and each of them is told, over several pages.
#[tokio::test]
async fn a_list_that_is_imported_again_adds_nobody_and_says_so_of_each_row() {
    let world = World::new().await;
    let campaign = world.campaign().await;
    let rows: String = (0..2_500).map(|n| format!("+1415{n:07}\n")).collect();
    let file = format!("phone\n{rows}nobody\n");
    for (inserted, duplicates) in [(2_500, 0), (0, 2_500)] {
        let later = world.upload(&campaign, &file).await;
        assert_eq!(later.status, 202, "{later:?}");
        world.work().await;
        let path = format!("/api/imports/{}", later.body["import_id"].as_str().unwrap());
        let import = world.ada.get(&path).await.body["import"].clone();
        assert_eq!(import["results"], results(2_501, 1, duplicates, 0, inserted));
        let all = world.ada.get(&format!("{path}/errors")).await;
        let told: Vec<u64> = all.text().lines().skip(1).map(row_of).collect();
        let rows: Vec<u64> = if duplicates == 0 {
            vec![2_502]
        } else {
            (2..2_503).collect()
        };
        assert_eq!(told, rows);
    }
    assert_eq!(world.leads(&campaign, "").await, 2_500);
}

fn row_of(line: &str) -> u64 {
    line.split(',').next().unwrap().parse().unwrap()
}

#[tokio::test]
async fn a_process_takes_in_a_few_lists_at_once_and_says_so_to_the_next() {
    let world = World::new().await;
    let campaign = world.campaign().await;
    let list = form(&[("campaign_id", &campaign)], Some(b"phone\n+14155550101\n"));
    let mut slow = Vec::new();
    for _ in 0..8 {
        let (pieces, incoming) = mpsc::channel::<Result<Vec<u8>, std::io::Error>>(1);
        let body = Body::from_stream(stream::unfold(incoming, async |mut incoming| {
            let piece = incoming.recv().await?;
            Some((piece, incoming))
        }));
        let ada = world.ada.clone();
        let sent = tokio::spawn(async move { send(&ada, &[], body).await });
        let (first, rest) = list.split_at(list.len() / 2);
        pieces.send(Ok(first.to_vec())).await.unwrap();
        // There is room for this one once the first was taken: then the upload has begun.
        pieces.send(Ok(Vec::new())).await.unwrap();
        slow.push((pieces, rest, sent));
    }
    let ninth = send(&world.ada, &[], list.clone()).await;
    assert_eq!(
        (ninth.status, ninth.header("retry-after")),
        (503, "5"),
        "{ninth:?}"
    );
    let why = ninth.body["error"].as_str().unwrap();
    assert!(why.contains("8 lists are being uploaded"), "{why}");
    let mut inserted = 0;
    for (pieces, rest, sent) in slow {
        pieces.send(Ok(rest.to_vec())).await.unwrap();
        drop(pieces);
        let done = sent.await.unwrap();
        assert_eq!(done.status, 200, "{done:?}");
        inserted += done.body["results"]["inserted"].as_u64().unwrap();
    }
    assert_eq!(inserted, 1);
    assert_eq!(
        send(&world.ada, &[], list.clone()).await.status,
        200,
        "there is room again"
    );
}

#[tokio::test]
async fn a_national_number_is_read_with_the_tenants_country() {
    let world = World::new().await;
    let campaign = world.campaign().await;
    let file = "phone,country\n(415) 555-2671,\n020 7946 0018,GB\n";
    let without = world.upload(&campaign, file).await;
    assert_eq!(without.body["results"], results(2, 1, 0, 0, 1), "{without:?}");
    let ctx = &world.platform.ctx;
    let mut tenant = ctx.store.tenant(world.ada.who.tenant).await.unwrap().unwrap();
    tenant.country = Some("US".to_owned());
    ctx.store.update_tenant(&tenant).await.unwrap();
    let with = world.upload(&campaign, file).await;
    assert_eq!(with.body["results"], results(2, 0, 1, 0, 1), "{with:?}");
}

#[tokio::test]
async fn the_same_key_gives_the_same_answer_and_imports_once() {
    let world = World::new().await;
    let campaign = world.campaign().await;
    let key = ["idempotency-key: spring-list"];
    let body = form(&[("campaign_id", &campaign)], Some(b"phone\n+14155550101\n"));
    let first = send(&world.ada, &key, body.clone()).await;
    let second = send(&world.ada, &key, body.clone()).await;
    assert_eq!(first.body["results"], results(1, 0, 0, 0, 1));
    assert_eq!(second.header("idempotent-replayed"), "true");
    assert_eq!(second.body, first.body);
    let other = send(&world.ada, &["idempotency-key: another"], body).await;
    assert_eq!(other.body["results"], results(1, 0, 1, 0, 0));
}

#[tokio::test]
async fn an_active_campaign_dials_new_leads_and_subscribers_hear_of_the_end() {
    let world = World::new().await;
    let campaign = world.campaign().await;
    world.upload(&campaign, "phone\n+14155550101\n").await;
    let launched = world
        .ada
        .post(&format!("/campaigns/{campaign}/launch"), json!({}))
        .await;
    assert_eq!(launched.status, 200, "{launched:?}");
    world.aws.take(Queue::Dial).await;
    let done = world.upload(&campaign, "phone\n+14155550102\n").await;
    assert_eq!(done.body["results"], results(1, 0, 0, 0, 1));
    let woken = world.aws.take(Queue::Dial).await;
    assert!(!woken.is_empty(), "the pump is told");
    for item in woken {
        let job: DialJob = item.read().unwrap();
        assert!(matches!(job, DialJob::Refill { campaign: of, .. } if of.to_string() == campaign));
    }
    let id = done.body["import_id"].as_str().unwrap();
    let get = world.platform.world.db().get_item().table_name("test-dialing");
    let get = get
        .key("PK", AttributeValue::S(format!("I#{id}")))
        .key("SK", AttributeValue::S("META".to_owned()));
    let row = get.send().await.unwrap().item.unwrap();
    let event = row["ev"].as_m().unwrap();
    assert_eq!(event["type"].as_s().unwrap(), "import.completed");
    assert_eq!(event["subject"].as_s().unwrap(), id);
}

#[tokio::test]
async fn a_human_agent_uploads_nothing() {
    let world = World::new().await;
    let campaign = world.campaign().await;
    let role = trunkline_domain::Role::Agent;
    let agent = world.platform.colleague(&world.ada, "anna", role).await;
    let refused = upload(&agent, &[("campaign_id", &campaign)], b"phone\n+14155550101\n").await;
    assert_eq!(refused.status, 403);
}
