//! Large exports: written by a job, fetched by a link.

use aws_sdk_dynamodb::types::AttributeValue;
use trunkline_domain::{Call, Outcome};
use trunkline_queue::PostCallJob;
use trunkline_service::{
    Ctx,
    exports::{self, ExportState},
};
use trunkline_store::keys;
use trunkline_testing::{Aws, Client, NO_ID, NOT_IDS, Platform, Queue};

use crate::call;

/// A platform with queue and bucket.
async fn platform() -> (Platform, Aws) {
    let aws = Aws::start().await;
    let platform = Platform::with(api_analytics::router(), |ctx| aws.wire(ctx)).await;
    (platform, aws)
}

/// 620 calls with long notes, about 9 MB, that the counters take for many more.
async fn many(platform: &Platform, client: &Client) {
    for _ in 0..620 {
        let call = Call {
            notes: Some("what was said ".repeat(1_000)),
            ..call(platform, client, "2026-01-04T09:00:00Z", Outcome::Answered)
        };
        platform.put_call(&call).await;
    }
    let update = platform.world.db().update_item().table_name("test-calls");
    let update = update
        .key("PK", AttributeValue::S(keys::counters(client.who.tenant, "t", 0)))
        .key("SK", AttributeValue::S("2026-01-04T09".to_owned()))
        .update_expression("ADD calls :more")
        .expression_attribute_values(":more", AttributeValue::N("20000".to_owned()));
    update.send().await.unwrap();
}

async fn run(platform: &Platform, aws: &Aws) {
    loop {
        let jobs = aws.take(Queue::PostCall).await;
        if jobs.is_empty() {
            break;
        }
        for job in jobs {
            let PostCallJob::Export { tenant, export } = job.read().unwrap() else {
                panic!("{job:?}")
            };
            exports::work(&platform.ctx, tenant, export).await.unwrap();
        }
    }
}

#[tokio::test]
async fn a_large_export_is_written_by_a_job_and_fetched_by_its_link() {
    let (platform, aws) = platform().await;
    let client = platform.manager("ann").await;
    many(&platform, &client).await;
    let asked = client.get("/analytics/export").await;
    assert_eq!(asked.status, 202, "{asked:?}");
    let id = asked.body["export_id"].as_str().unwrap().to_owned();
    let path = format!("/analytics/export/{id}");
    assert_eq!(asked.body["status_url"], format!("http://127.0.0.1:8000{path}"));
    assert_eq!(
        (&asked.body["status"], &asked.body["download_url"]),
        (&"queued".into(), &serde_json::Value::Null)
    );
    assert_eq!(
        client.get(&format!("{path}/download")).await.status,
        404,
        "not ready"
    );
    let again = client.get("/analytics/export").await;
    assert_eq!(
        again.body["export_id"], id,
        "the same question is the same export"
    );

    run(&platform, &aws).await;
    let ready = client.get(&path).await;
    assert_eq!(
        (ready.status, &ready.body["status"], &ready.body["rows"]),
        (200, &"ready".into(), &620.into())
    );
    let link = ready.body["download_url"].as_str().unwrap();
    let link = link.strip_prefix("http://127.0.0.1:8000").unwrap();
    let file = platform.nobody(&client).get(link).await;
    assert_eq!(
        (file.status, file.header("content-type")),
        (200, "text/csv; charset=utf-8")
    );
    assert_eq!(
        file.bytes.len(),
        usize::try_from(ready.body["size_bytes"].as_u64().unwrap()).unwrap()
    );
    let mut rows = csv::Reader::from_reader(&*file.bytes);
    assert_eq!(rows.records().map(Result::unwrap).count(), 620);
    let direct = client.get("/analytics/export").await;
    assert_eq!(
        (direct.status, direct.bytes.len()),
        (200, file.bytes.len()),
        "the file is there now"
    );
}

#[tokio::test]
async fn jobs_that_meet_and_one_that_died_before_it_could_say_so_leave_one_whole_file() {
    let (platform, aws) = platform().await;
    let client = platform.manager("ann").await;
    many(&platform, &client).await;
    let asked = client.get("/analytics/export").await;
    let id: uuid::Uuid = asked.body["export_id"].as_str().unwrap().parse().unwrap();
    let (ctx, tenant) = (&platform.ctx, client.who.tenant);
    let work = || exports::work(ctx, tenant, id);
    let (a, b) = tokio::join!(work(), work());
    a.and(b).unwrap();
    run(&platform, &aws).await;
    let mut export = exports::get(ctx, &client.who, id).await.unwrap();
    assert_eq!(
        (export.state, export.parts.len(), export.rows),
        (ExportState::Ready, 2, 620)
    );
    // The file was put together, but the row does not know.
    export.state = ExportState::Closing;
    export.version += 1;
    ctx.store.put_export(&export).await.unwrap();
    work().await.unwrap();
    assert_eq!(
        exports::get(ctx, &client.who, id).await.unwrap().state,
        ExportState::Ready
    );
}

#[tokio::test]
async fn exports_of_others_are_not_there_and_links_cannot_be_made_up() {
    let (platform, aws) = platform().await;
    let (ann, bob) = (platform.manager("ann").await, platform.manager("bob").await);
    many(&platform, &ann).await;
    let id = ann.get("/analytics/export").await.body["export_id"]
        .as_str()
        .unwrap()
        .to_owned();
    run(&platform, &aws).await;
    let path = format!("/analytics/export/{id}");
    for path in [path.clone(), format!("{path}/download")] {
        let answer = bob.get(&path).await;
        assert_eq!((answer.status, answer.code()), (404, "EXPORT_001"), "{path}");
        assert_eq!(platform.nobody(&ann).get(&path).await.status, 401, "{path}");
    }
    let nobody = platform.nobody(&ann);
    let forged = format!("{path}/download?expires=4000000000&signature=AAAA");
    assert_eq!(nobody.get(&forged).await.status, 401);
    let link = ann.get(&path).await.body["download_url"]
        .as_str()
        .unwrap()
        .to_owned();
    let link = link.strip_prefix("http://127.0.0.1:8000").unwrap();
    platform.world.clock.turn(chrono::Duration::minutes(15));
    assert_eq!(nobody.get(link).await.status, 401, "the link is over");
    for id in NOT_IDS.into_iter().chain([NO_ID]) {
        assert_eq!(
            ann.get(&format!("/analytics/export/{id}")).await.status,
            404,
            "{id}"
        );
    }
}

#[tokio::test]
async fn without_a_queue_a_large_export_is_refused_for_now() {
    let platform = crate::platform().await;
    let client = platform.manager("ann").await;
    many(&platform, &client).await;
    let answer = client.get("/analytics/export").await;
    assert_eq!((answer.status, answer.code()), (503, "SERVER_002"), "{answer:?}");
    assert_eq!(answer.header("retry-after"), "5");
}

/// The same question at any minute.
const DAYS: &str = "/analytics/export?start_date=2026-01-01&end_date=2026-01-04";

#[tokio::test]
async fn an_export_that_cannot_be_written_has_failed_after_five_tries_and_begins_anew_when_asked_for_again() {
    let (platform, aws) = platform().await;
    let client = platform.manager("ann").await;
    many(&platform, &client).await;
    let asked = client.get(DAYS).await;
    let id: uuid::Uuid = asked.body["export_id"].as_str().unwrap().parse().unwrap();
    let path = format!("/analytics/export/{id}");
    aws.take(Queue::PostCall).await;
    let tenant = client.who.tenant;
    let broken = Ctx {
        blobs: platform.world.ctx().blobs,
        ..platform.ctx.clone()
    };
    for tries in 1..=5 {
        assert_eq!(
            client.get(&path).await.body["status"],
            "queued",
            "before try {tries}"
        );
        assert!(
            exports::work(&broken, tenant, id).await.is_err(),
            "its message comes again, the last time to the dead queue"
        );
    }
    let failed = client.get(&path).await;
    assert_eq!(failed.body["status"], "failed");
    let why = failed.body["failure"].as_str().unwrap();
    assert!(
        why.contains("5 times") && why.contains("ask for the export again"),
        "{why}"
    );
    assert_eq!(client.get(&format!("{path}/download")).await.status, 404);
    exports::work(&platform.ctx, tenant, id).await.unwrap();
    assert_eq!(
        client.get(&path).await.body["status"],
        "failed",
        "a message that is left over changes nothing"
    );
    let at_once = client.get(DAYS).await;
    assert_eq!(
        (at_once.status, at_once.header("retry-after")),
        (503, "60"),
        "{at_once:?}"
    );
    platform.world.clock.turn(chrono::Duration::minutes(1));
    let again = client.get(DAYS).await;
    assert_eq!(
        (again.status, &again.body["status"]),
        (202, &"queued".into()),
        "{again:?}"
    );
    assert_eq!(again.body["export_id"].as_str(), Some(id.to_string().as_str()));
    run(&platform, &aws).await;
    assert_eq!(client.get(&path).await.body["rows"], 620);
}

#[tokio::test]
async fn an_export_that_nobody_works_at_has_failed_after_75_minutes() {
    let (platform, aws) = platform().await;
    let client = platform.manager("ann").await;
    many(&platform, &client).await;
    let asked = client.get("/analytics/export").await;
    let path = format!("/analytics/export/{}", asked.body["export_id"].as_str().unwrap());
    // Its message and its worker are gone, and could say nothing.
    aws.take(Queue::PostCall).await;
    platform.world.clock.turn(chrono::Duration::minutes(75));
    let client = platform.login("ann@example.com").await;
    assert_eq!(client.get(&path).await.body["status"], "queued");
    platform.world.clock.turn(chrono::Duration::seconds(1));
    let failed = client.get(&path).await;
    assert_eq!(failed.body["status"], "failed");
    assert!(
        failed.body["failure"].as_str().unwrap().contains("75 minutes"),
        "{failed:?}"
    );
}
