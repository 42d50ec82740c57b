//! The embedded SQS and S3, for what goes over them.

use aws_sdk_sqs::types::Message;
use trunkline_aws_local::{AwsLocal, Options};
use trunkline_queue::{PostCallJob, QueueNames, Queues, Versioned};
use trunkline_service::Ctx;
use trunkline_store::Blobs;

pub struct Aws {
    sqs: aws_sdk_sqs::Client,
    s3: aws_sdk_s3::Client,
    post_call: String,
    _local: AwsLocal,
    _folder: tempfile::TempDir,
}

impl Aws {
    pub async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let options = Options {
            data_dir: folder.path().join("data"),
            dynamodb: false,
            sqs: true,
            s3: true,
        };
        let local = AwsLocal::start(options).await.unwrap();
        let (key, secret) = (local.access_key().to_owned(), local.secret_key().to_owned());
        let sqs = aws_sdk_sqs::Config::builder()
            .behavior_version(aws_sdk_sqs::config::BehaviorVersion::latest())
            .region(aws_sdk_sqs::config::Region::new(AwsLocal::REGION))
            .endpoint_url(local.sqs_url().unwrap())
            .credentials_provider(aws_sdk_sqs::config::Credentials::new(
                &key, &secret, None, None, "test",
            ));
        let sqs = aws_sdk_sqs::Client::from_conf(sqs.build());
        let s3 = aws_sdk_s3::Config::builder()
            .behavior_version(aws_sdk_s3::config::BehaviorVersion::latest())
            .region(aws_sdk_s3::config::Region::new(AwsLocal::REGION))
            .endpoint_url(local.s3_url().unwrap())
            .force_path_style(true)
            .credentials_provider(aws_sdk_s3::config::Credentials::new(
                &key, &secret, None, None, "test",
            ));
        let s3 = aws_sdk_s3::Client::from_conf(s3.build());
        s3.create_bucket().bucket("test-blobs").send().await.unwrap();
        let made = sqs
            .create_queue()
            .queue_name("test-post-call")
            .send()
            .await
            .unwrap();
        Self {
            sqs,
            s3,
            post_call: made.queue_url.unwrap(),
            _local: local,
            _folder: folder,
        }
    }

    /// Puts them in place of those that are down.
    pub fn wire(&self, ctx: &mut Ctx) {
        let names = QueueNames {
            dial: self.post_call.clone(),
            post_call: self.post_call.clone(),
        };
        ctx.queues = Queues::new(self.sqs.clone(), names);
        ctx.blobs = Blobs::new(self.s3.clone(), "test-blobs");
    }

    /// The next job, taken off the queue.
    pub async fn job(&self) -> Option<PostCallJob> {
        let got = self
            .sqs
            .receive_message()
            .queue_url(&self.post_call)
            .send()
            .await
            .unwrap();
        let message: Message = got.messages?.pop()?;
        let delete = self.sqs.delete_message().queue_url(&self.post_call);
        delete
            .receipt_handle(message.receipt_handle?)
            .send()
            .await
            .unwrap();
        let Versioned::V1(job) = serde_json::from_str(&message.body?).unwrap();
        Some(job)
    }
}
