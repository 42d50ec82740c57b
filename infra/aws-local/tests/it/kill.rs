//! `SIGKILL` loses nothing that was acknowledged.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;
use trunkline_aws_local::{AwsLocal, StartError};

use crate::common::{Stack, all_in, make_table, s};

/// Where the victim keeps its data; set only in the victim's process.
const FOLDER: &str = "TRUNKLINE_TEST_VICTIM_FOLDER";
const BUCKET: &str = "victims-bucket";
const QUEUE: &str = "victims-queue";

/// The process that is killed: it writes to all three services and says what was acknowledged, until it dies.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "it is run by the test below, as a process of its own"]
async fn the_victim() {
    let Ok(folder) = std::env::var(FOLDER) else { return };
    let aws = AwsLocal::start(all_in(Path::new(&folder))).await.unwrap();
    let (dynamodb, sqs) = (
        crate::common::dynamodb(&aws, aws.access_key()),
        crate::common::sqs(&aws, aws.access_key()),
    );
    let s3 = crate::common::s3(&aws, aws.access_key(), aws.secret_key());
    make_table(&dynamodb, "things").await;
    let queue = sqs
        .create_queue()
        .queue_name(QUEUE)
        .send()
        .await
        .unwrap()
        .queue_url
        .unwrap();
    s3.create_bucket().bucket(BUCKET).send().await.unwrap();

    let items = async {
        for number in 0.. {
            let put = dynamodb
                .put_item()
                .table_name("things")
                .item("pk", s("p"))
                .item("sk", s(number.to_string()));
            put.send().await.unwrap();
            acknowledged("item", number);
        }
    };
    let messages = async {
        for number in 0.. {
            let send = sqs
                .send_message()
                .queue_url(&queue)
                .message_body(number.to_string());
            send.send().await.unwrap();
            acknowledged("message", number);
        }
    };
    let objects = async {
        for number in 0.. {
            // Large enough to be caught in the middle; every third replaces an earlier one.
            let key = format!("k{}", if number % 3 == 2 { 0 } else { number });
            let body = vec![u8::try_from(number % 251).unwrap(); 100_000];
            s3.put_object()
                .bucket(BUCKET)
                .key(key)
                .body(body.into())
                .send()
                .await
                .unwrap();
            acknowledged("object", number);
        }
    };
    tokio::join!(items, messages, objects);
}

fn acknowledged(kind: &str, number: usize) {
    // One write of a whole line, so that death cannot cut it in a way that looks like another number.
    let mut out = std::io::stdout().lock();
    out.write_all(format!("\nACK {kind} {number} .\n").as_bytes())
        .unwrap();
    out.flush().unwrap();
}

fn start_victim(folder: &Path) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["kill::the_victim", "--exact", "--ignored", "--nocapture"])
        .env(FOLDER, folder)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Lets the victim work until each kind has `enough` acknowledged writes, sees that nobody else gets its
/// folder, kills it, and gives the number of acknowledged writes of each kind.
fn kill_after(mut victim: Child, folder: &Path, enough: usize) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    let mut killed = false;
    for line in BufReader::new(victim.stdout.take().unwrap()).lines() {
        let line = line.unwrap();
        let Some(("ACK", rest)) = line.strip_suffix(" .").and_then(|line| line.split_once(' ')) else {
            continue;
        };
        let (kind, number) = rest.split_once(' ').unwrap();
        counts.insert(kind.to_owned(), number.parse::<usize>().unwrap() + 1);
        if !killed && counts.len() == 3 && counts.values().all(|count| *count >= enough) {
            let second = tokio::runtime::Handle::current().block_on(AwsLocal::start(all_in(folder)));
            let holder = victim.id();
            assert!(matches!(second, Err(StartError::Locked { holder: Some(pid), .. }) if pid == holder));
            // What it wrote to the pipe before it died is still read, and counts.
            victim.kill().unwrap();
            killed = true;
        }
    }
    victim.wait().unwrap();
    assert!(killed, "the victim died by itself after {counts:?}");
    counts
}

#[tokio::test]
async fn nothing_acknowledged_is_lost_and_a_new_start_works_at_once() {
    for enough in [1, 20, 60] {
        let folder = TempDir::new().unwrap();
        let (victim, path) = (start_victim(folder.path()), folder.path().to_owned());
        let counts = tokio::task::spawn_blocking(move || kill_after(victim, &path, enough))
            .await
            .unwrap();
        verify(Stack::start_in(folder).await, &counts).await;
    }
}

async fn verify(stack: Stack, counts: &BTreeMap<String, usize>) {
    let mut pages = stack
        .dynamodb()
        .query()
        .table_name("things")
        .key_condition_expression("pk = :p")
        .expression_attribute_values(":p", s("p"))
        .into_paginator()
        .items()
        .send();
    let mut items = BTreeSet::new();
    while let Some(item) = pages.next().await {
        items.insert(item.unwrap()["sk"].as_s().unwrap().parse::<usize>().unwrap());
    }
    for number in 0..counts["item"] {
        assert!(
            items.contains(&number),
            "item {number} of {} is lost",
            counts["item"]
        );
    }

    let sqs = stack.sqs();
    let queue = sqs
        .get_queue_url()
        .queue_name(QUEUE)
        .send()
        .await
        .unwrap()
        .queue_url
        .unwrap();
    let mut messages = BTreeSet::new();
    loop {
        let received = sqs
            .receive_message()
            .queue_url(&queue)
            .max_number_of_messages(10)
            .send()
            .await
            .unwrap();
        if received.messages().is_empty() {
            break;
        }
        messages.extend(
            received
                .messages()
                .iter()
                .map(|message| message.body().unwrap().parse::<usize>().unwrap()),
        );
    }
    for number in 0..counts["message"] {
        assert!(
            messages.contains(&number),
            "message {number} of {} is lost",
            counts["message"]
        );
    }

    for number in (0..counts["object"]).filter(|number| number % 3 != 2) {
        let object = stack
            .s3()
            .get_object()
            .bucket(BUCKET)
            .key(format!("k{number}"))
            .send()
            .await;
        let body = object
            .unwrap_or_else(|error| panic!("object {number} is lost: {error:?}"))
            .body;
        // The SDK checks the bytes against their checksum on the way.
        let body = body.collect().await.unwrap().to_vec();
        assert_eq!(body.len(), 100_000);
        assert!(
            body.iter().all(|byte| *byte == body[0]),
            "object {number} is a mixture"
        );
        assert!(number == 0 || usize::from(body[0]) == number % 251);
    }
    // The last acknowledged replacement of k0, or the one after it that was under way, is what stands there.
    let replaced = (0..counts["object"]).rfind(|number| number % 3 == 2).unwrap_or(0);
    let body = stack
        .s3()
        .get_object()
        .bucket(BUCKET)
        .key("k0")
        .send()
        .await
        .unwrap()
        .body;
    let first = usize::from(body.collect().await.unwrap().to_vec()[0]);
    assert!(first == replaced % 251 || first == (replaced + 3) % 251 || first == (counts["object"]) % 251);
}
