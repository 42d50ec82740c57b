//! Starting, stopping, starting again; and who is let in.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;

use aws_sdk_dynamodb::error::ProvideErrorMetadata;
use trunkline_aws_local::{AwsLocal, Options, StartError};

use crate::common::{self, Stack, all_in, make_table, s};

#[tokio::test]
async fn a_restart_keeps_everything_but_the_keys() {
    let stack = Stack::start().await;
    make_table(&stack.dynamodb(), "things").await;
    stack
        .dynamodb()
        .put_item()
        .table_name("things")
        .item("pk", s("a"))
        .item("sk", s("x"))
        .send()
        .await
        .unwrap();
    let queue = stack
        .sqs()
        .create_queue()
        .queue_name("q")
        .send()
        .await
        .unwrap()
        .queue_url
        .unwrap();
    stack
        .sqs()
        .send_message()
        .queue_url(&queue)
        .message_body("kept")
        .send()
        .await
        .unwrap();
    stack
        .s3()
        .create_bucket()
        .bucket("kept-bucket")
        .send()
        .await
        .unwrap();
    stack
        .s3()
        .put_object()
        .bucket("kept-bucket")
        .key("k")
        .body(b"kept".to_vec().into())
        .send()
        .await
        .unwrap();
    let old_key = stack.aws.access_key().to_owned();

    let stack = stack.restart().await;
    assert_ne!(stack.aws.access_key(), old_key);
    let item = stack
        .dynamodb()
        .get_item()
        .table_name("things")
        .key("pk", s("a"))
        .key("sk", s("x"))
        .send()
        .await
        .unwrap();
    assert!(item.item.is_some());
    // The URL has the port of the first start; only its last part counts.
    let received = stack
        .sqs()
        .receive_message()
        .queue_url(&queue)
        .send()
        .await
        .unwrap();
    assert_eq!(received.messages()[0].body(), Some("kept"));
    let object = stack
        .s3()
        .get_object()
        .bucket("kept-bucket")
        .key("k")
        .send()
        .await
        .unwrap();
    assert_eq!(object.body.collect().await.unwrap().to_vec(), b"kept");
}

#[tokio::test]
async fn only_the_services_that_are_asked_for_run() {
    let folder = tempfile::tempdir().unwrap();
    let options = Options {
        data_dir: folder.path().join("data"),
        dynamodb: false,
        sqs: true,
        s3: false,
    };
    let aws = AwsLocal::start(options).await.unwrap();
    assert!(aws.dynamodb_url().is_none() && aws.s3_url().is_none());
    assert!(aws.sqs_url().unwrap().starts_with("http://127.0.0.1:"));
    assert_eq!(aws.sweep().await.unwrap(), trunkline_aws_local::Swept::default());
    aws.shutdown().await;
}

#[tokio::test]
async fn a_second_start_on_the_same_folder_says_who_has_it() {
    let stack = Stack::start().await;
    let refusal = AwsLocal::start(all_in(stack.folder.path())).await.unwrap_err();
    assert!(matches!(&refusal, StartError::Locked { holder: Some(pid), .. } if *pid == std::process::id()));
    let folder = stack.folder;
    stack.aws.shutdown().await;
    AwsLocal::start(all_in(folder.path())).await.unwrap();
}

#[tokio::test]
async fn everything_kept_is_for_this_user_alone() {
    let stack = Stack::start().await;
    let data = stack.folder.path().join("data");
    assert_eq!(fs::metadata(&data).unwrap().permissions().mode() & 0o777, 0o700);
}

#[tokio::test]
async fn a_file_that_is_no_database_is_named_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    fs::create_dir(&data).unwrap();
    fs::set_permissions(&data, Permissions::from_mode(0o700)).unwrap();
    fs::write(
        data.join("sqs.db"),
        "this is a letter, not a database, and long enough to tell",
    )
    .unwrap();
    let refusal = AwsLocal::start(all_in(folder.path())).await.unwrap_err();
    let said = refusal.to_string();
    assert!(
        said.contains("SQS cannot open") && said.contains("sqs.db") && said.contains("move it away"),
        "{said}"
    );
    // The failed start holds nothing: once the file is out of the way, the next one works.
    fs::remove_file(data.join("sqs.db")).unwrap();
    for _ in 0..200 {
        match AwsLocal::start(all_in(folder.path())).await {
            Ok(aws) => return aws.shutdown().await,
            // The other services of the failed start end on their own threads.
            Err(StartError::Locked { .. }) => tokio::time::sleep(std::time::Duration::from_millis(10)).await,
            Err(other) => panic!("{other}"),
        }
    }
    panic!("the failed start never let go of the folder");
}

#[tokio::test]
async fn any_other_key_is_refused_everywhere() {
    let stack = Stack::start().await;
    let (aws, stranger) = (&stack.aws, "TRUNKLINE00000000000000000000000000000000");

    let refusal = common::dynamodb(aws, stranger)
        .list_tables()
        .send()
        .await
        .unwrap_err()
        .into_service_error();
    assert_eq!(refusal.code(), Some("UnrecognizedClientException"));
    let refusal = common::sqs(aws, stranger)
        .list_queues()
        .send()
        .await
        .unwrap_err()
        .into_service_error();
    assert_eq!(
        aws_sdk_sqs::error::ProvideErrorMetadata::code(&refusal),
        Some("InvalidClientTokenId")
    );
    for (access, secret) in [(stranger, aws.secret_key()), (aws.access_key(), "guessed")] {
        let refusal = common::s3(aws, access, secret)
            .list_buckets()
            .send()
            .await
            .unwrap_err();
        assert_eq!(
            refusal.raw_response().unwrap().status().as_u16(),
            403,
            "{refusal:?}"
        );
    }

    let http = reqwest::Client::new();
    for url in [aws.dynamodb_url(), aws.sqs_url()] {
        let unsigned = http.post(url.unwrap()).body("{}").send().await.unwrap();
        assert!(unsigned.status().is_client_error(), "{}", unsigned.status());
    }
    let unsigned = http.get(aws.s3_url().unwrap()).send().await.unwrap();
    assert_eq!(unsigned.status().as_u16(), 403);
}
