//! A bucket and a queue of a test's own, in a folder that goes with it.

use trunkline_aws_local::{AwsLocal, Options};
use trunkline_queue::{BatchItem, QueueNames, Queues};
use trunkline_store::Blobs;

pub struct Stores {
    aws: AwsLocal,
    _folder: tempfile::TempDir,
}

impl Stores {
    pub async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let options = Options {
            data_dir: folder.path().join("data"),
            dynamodb: false,
            sqs: true,
            s3: true,
        };
        let aws = AwsLocal::start(options).await.unwrap();
        let stores = Self { aws, _folder: folder };
        stores
            .s3()
            .create_bucket()
            .bucket("test-blobs")
            .send()
            .await
            .unwrap();
        stores
    }

    fn s3(&self) -> aws_sdk_s3::Client {
        use aws_sdk_s3::config::{BehaviorVersion, Credentials, Region};
        let (key, secret) = (self.aws.access_key(), self.aws.secret_key());
        let config = aws_sdk_s3::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(AwsLocal::REGION))
            .endpoint_url(self.aws.s3_url().unwrap())
            .force_path_style(true)
            .credentials_provider(Credentials::new(key, secret, None, None, "test"));
        aws_sdk_s3::Client::from_conf(config.build())
    }

    fn sqs(&self) -> aws_sdk_sqs::Client {
        use aws_sdk_sqs::config::{BehaviorVersion, Credentials, Region};
        let (key, secret) = (self.aws.access_key(), self.aws.secret_key());
        let config = aws_sdk_sqs::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(AwsLocal::REGION))
            .endpoint_url(self.aws.sqs_url().unwrap())
            .credentials_provider(Credentials::new(key, secret, None, None, "test"));
        aws_sdk_sqs::Client::from_conf(config.build())
    }

    pub fn blobs(&self) -> Blobs {
        Blobs::new(self.s3(), "test-blobs")
    }

    pub async fn queues(&self) -> Queues {
        let sqs = self.sqs();
        let mut urls = Vec::new();
        for name in ["test-dial", "test-post-call"] {
            let made = sqs.create_queue().queue_name(name).send().await.unwrap();
            urls.push(made.queue_url.unwrap());
        }
        let (post_call, dial) = (urls.pop().unwrap(), urls.pop().unwrap());
        Queues::new(sqs, QueueNames { dial, post_call })
    }

    /// What stands on job-post-call's queue now; it is taken from it.
    pub async fn post_calls(&self) -> Vec<BatchItem> {
        let sqs = self.sqs();
        let url = sqs
            .get_queue_url()
            .queue_name("test-post-call")
            .send()
            .await
            .unwrap()
            .queue_url
            .unwrap();
        let mut found = Vec::new();
        loop {
            let got = sqs
                .receive_message()
                .queue_url(&url)
                .max_number_of_messages(10)
                .send()
                .await
                .unwrap();
            let messages = got.messages.unwrap_or_default();
            if messages.is_empty() {
                return found;
            }
            for message in messages {
                let receipt = message.receipt_handle.unwrap();
                sqs.delete_message()
                    .queue_url(&url)
                    .receipt_handle(receipt)
                    .send()
                    .await
                    .unwrap();
                found.push(BatchItem {
                    id: message.message_id.unwrap(),
                    body: message.body.unwrap(),
                    receive_count: 1,
                });
            }
        }
    }

    /// The keys below a call's prefix.
    pub async fn keys(&self, prefix: &str) -> Vec<String> {
        let listed = self.blobs().list(prefix).await.unwrap();
        listed.into_iter().map(|(key, _)| key).collect()
    }
}
