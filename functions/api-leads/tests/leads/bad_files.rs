//! What is no list, or not for this campaign, is refused with nothing imported.

use serde_json::json;
use trunkline_domain::CampaignState;
use trunkline_testing::Answer;

use crate::world::{World, form, send, upload};

const LIST: &[u8] = b"phone\n+14155550101\n";

/// Refused with these words, and nothing of it is left anywhere.
async fn refused(world: &World, answer: &Answer, status: u16, words: &[&str]) {
    assert_eq!(answer.status, status, "{answer:?}");
    assert_eq!(answer.body["success"], false);
    let error = answer.body["error"].as_str().unwrap();
    for word in words {
        assert!(error.contains(word), "{word}: {error}");
    }
    assert!(
        world.aws.keys("imports/").await.is_empty(),
        "nothing stays in the bucket"
    );
}

#[tokio::test]
async fn what_is_no_list_is_named() {
    let world = World::new().await;
    let campaign = world.campaign().await;
    let mut line = b"phone,notes\n+14155550101,x\n+14155550102,".to_vec();
    line.resize(10_000_000, b'x');
    let mut header = b"phone,".to_vec();
    header.resize(10_000_000, b'x');
    let mut picture = b"\x89PNG\r\n\x1a\n".to_vec();
    picture.resize(7_000_000, 7);
    let cases: [(&[u8], &[&str]); 9] = [
        (&picture, &["file", "picture (PNG)", "CSV"]),
        (b"", &["file", "is empty"]),
        (b"\r\n \r\n", &["file", "is empty"]),
        (b"phone\n", &["file", "no row"]),
        (
            &line,
            &["file", "row 3 is longer than 1000000 bytes", "quotation mark"],
        ),
        (&header, &["file", "longer than"]),
        (
            b"name,town\nAda,London\n",
            &["no column holds phone numbers", "`name`, `town`", "field_mapping"],
        ),
        (b"phone,a,a\n+14155550101,1,2\n", &["two columns are named `a`"]),
        (b"PK\x03\x04\x14\x00\x06\x00", &["workbook", "CSV"]),
    ];
    for (file, words) in cases {
        let answer = upload(&world.ada, &[("campaign_id", &campaign)], file).await;
        refused(&world, &answer, 400, words).await;
    }
    assert_eq!(world.leads(&campaign, "").await, 0);
}

#[tokio::test]
async fn a_mapping_that_does_not_fit_is_told_entry_by_entry() {
    let world = World::new().await;
    let campaign = world.campaign().await;
    let mapping = json!({"Cell": "phone", "Town": "city", "Nowhere": "notes"}).to_string();
    let texts = [("campaign_id", campaign.as_str()), ("field_mapping", &mapping)];
    let answer = upload(&world.ada, &texts, b"Cell,Town\n+14155550101,Rome\n").await;
    let words = [
        "field_mapping.Nowhere: the file has no such column",
        "field_mapping.Town: `city` is no field of a lead",
    ];
    refused(&world, &answer, 400, &words).await;
    for text in ["{", "[1]", "{\"Cell\": 1}"] {
        let texts = [("campaign_id", campaign.as_str()), ("field_mapping", text)];
        let answer = upload(&world.ada, &texts, LIST).await;
        refused(&world, &answer, 400, &["field_mapping", "JSON object"]).await;
    }
}

#[tokio::test]
async fn each_missing_part_is_named() {
    let world = World::new().await;
    let campaign = world.campaign().await;
    let answer = send(&world.ada, &[], form(&[], None)).await;
    refused(
        &world,
        &answer,
        400,
        &["campaign_id: it is required", "file: it is required"],
    )
    .await;
    let answer = send(&world.ada, &[], form(&[("campaign_id", &campaign)], None)).await;
    refused(&world, &answer, 400, &["file: it is required"]).await;
    let answer = upload(&world.ada, &[("campaign_id", "spring")], LIST).await;
    refused(&world, &answer, 400, &["campaign_id: it is no id"]).await;
    let mut twice = form(&[("campaign_id", &campaign)], Some(LIST));
    twice.truncate(twice.windows(4).rposition(|end| end == b"--\r\n").unwrap());
    twice.extend(b"\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\nphone\r\n");
    twice.extend(form(&[], None));
    let answer = send(&world.ada, &[], twice).await;
    refused(&world, &answer, 400, &["given twice"]).await;
}

#[tokio::test]
async fn what_is_no_form_or_breaks_off_is_refused() {
    let world = World::new().await;
    let campaign = world.campaign().await;
    let json = world
        .ada
        .post("/api/leads/upload", json!({ "campaign_id": campaign }))
        .await;
    refused(&world, &json, 400, &["multipart/form-data"]).await;
    let mut broken = form(&[("campaign_id", &campaign)], Some(LIST));
    broken.truncate(broken.len() - 30);
    let answer = send(&world.ada, &[], broken).await;
    refused(&world, &answer, 400, &["orm cannot be read"]).await;
    // Beyond the first part that would have gone into the bucket.
    let long = format!("phone\n{}", "+14155550101\n".repeat(500_000));
    let mut broken = form(&[("campaign_id", &campaign)], Some(long.as_bytes()));
    broken.truncate(broken.len() - 30);
    let answer = send(&world.ada, &[], broken).await;
    refused(&world, &answer, 400, &["orm cannot be read"]).await;
}

#[tokio::test]
async fn a_campaign_that_is_not_there_or_over_takes_nothing() {
    let world = World::new().await;
    let campaign = world.campaign().await;
    let unknown = "6f1c2f0e-5a53-4b7e-9d1c-0f6a3c1b2d4e";
    let answer = world.upload(unknown, "phone\n+14155550101\n").await;
    refused(&world, &answer, 404, &["campaign"]).await;
    let bob = world.platform.manager("bob").await;
    let answer = upload(&bob, &[("campaign_id", &campaign)], LIST).await;
    refused(&world, &answer, 404, &["campaign"]).await;
    let ctx = &world.platform.ctx;
    let id = campaign.parse().unwrap();
    let mut over = ctx
        .store
        .campaign(world.ada.who.tenant, id)
        .await
        .unwrap()
        .unwrap();
    over.state = CampaignState::Completed;
    over.version += 1;
    ctx.store.update_campaign(&over, None).await.unwrap();
    let answer = world.upload(&campaign, "phone\n+14155550101\n").await;
    refused(&world, &answer, 409, &["completed", "no more leads"]).await;
    // A file that is no list comes before a campaign that is not there.
    let answer = upload(&world.ada, &[("campaign_id", unknown)], b"").await;
    refused(&world, &answer, 400, &["is empty"]).await;
}

#[tokio::test]
async fn an_import_of_others_is_not_found() {
    let world = World::new().await;
    let campaign = world.campaign().await;
    let done = world.upload(&campaign, "phone\n+14155550101\n").await;
    let id = done.body["import_id"].as_str().unwrap();
    let bob = world.platform.manager("bob").await;
    for path in [format!("/api/imports/{id}"), format!("/api/imports/{id}/errors")] {
        assert_eq!(bob.get(&path).await.status, 404);
        assert_eq!(world.ada.get(&path).await.status, 200);
        assert_eq!(world.platform.nobody(&bob).get(&path).await.status, 401);
    }
    assert_eq!(world.ada.get("/api/imports/nothing").await.status, 404);
}
