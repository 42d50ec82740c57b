//! The embedded SQS and S3, for tests of what goes over them.

use aws_sdk_sqs::types::{Message, QueueAttributeName};
use trunkline_aws_local::{AwsLocal, Options};
use trunkline_queue::{BatchItem, QueueNames, Queues};
use trunkline_service::Ctx;
use trunkline_store::Blobs;

const BUCKET: &str = "test-blobs";

/// A queue that a test looks into.
#[derive(Debug, Clone, Copy)]
pub enum Queue {
    /// job-dialer's.
    Dial,
    /// job-post-call's.
    PostCall,
    /// job-mail's.
    Mail,
    /// job-importer's.
    Import,
    /// job-bridge's.
    Bridge,
}

/// A bucket and queues of a test's own, in a folder that goes with it.
pub struct Aws {
    sqs: aws_sdk_sqs::Client,
    s3: aws_sdk_s3::Client,
    dial: String,
    post_call: String,
    mail: String,
    import: String,
    bridge: String,
    _local: AwsLocal,
    _folder: tempfile::TempDir,
}

impl Aws {
    /// Starts them, empty.
    pub async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let options = Options {
            data_dir: folder.path().join("data"),
            dynamodb: false,
            sqs: true,
            s3: true,
        };
        let local = AwsLocal::start(options).await.unwrap();
        let (sqs, s3) = (sqs(&local), s3(&local));
        s3.create_bucket().bucket(BUCKET).send().await.unwrap();
        let queue = async |name: &str| {
            let made = sqs.create_queue().queue_name(name).send().await.unwrap();
            made.queue_url.unwrap()
        };
        Self {
            dial: queue("test-dial").await,
            post_call: queue("test-post-call").await,
            mail: queue("test-mail").await,
            import: queue("test-import").await,
            bridge: queue("test-bridge").await,
            sqs,
            s3,
            _local: local,
            _folder: folder,
        }
    }

    /// Puts them in place of those that are down.
    pub fn wire(&self, ctx: &mut Ctx) {
        let names = QueueNames {
            dial: self.dial.clone(),
            post_call: self.post_call.clone(),
        };
        let queues = Queues::new(self.sqs.clone(), names);
        ctx.queues = queues
            .with_mail(&self.mail)
            .with_import(&self.import)
            .with_bridge(&self.bridge);
        ctx.blobs = Blobs::new(self.s3.clone(), BUCKET);
    }

    /// The next message of a queue, taken off it; waits up to 10 s for one.
    pub async fn next(&self, queue: Queue) -> BatchItem {
        let came = self.receive(queue, 1, 10).await.pop();
        came.unwrap_or_else(|| panic!("nothing came on {queue:?} in 10 s"))
    }

    /// What stands on a queue now, taken off it.
    pub async fn take(&self, queue: Queue) -> Vec<BatchItem> {
        let mut taken = Vec::new();
        loop {
            let came = self.receive(queue, 10, 0).await;
            if came.is_empty() {
                return taken;
            }
            taken.extend(came);
        }
    }

    /// How many messages wait on a queue, those that are to come later included.
    pub async fn waiting(&self, queue: Queue) -> i64 {
        let ask = self.sqs.get_queue_attributes().queue_url(self.url(queue));
        let ask = ask.attribute_names(QueueAttributeName::All);
        let told = ask.send().await.unwrap().attributes.unwrap();
        let count = |name: QueueAttributeName| told[&name].parse::<i64>().unwrap();
        count(QueueAttributeName::ApproximateNumberOfMessages)
            + count(QueueAttributeName::ApproximateNumberOfMessagesDelayed)
    }

    /// The bucket's keys that begin so.
    pub async fn keys(&self, prefix: &str) -> Vec<String> {
        let blobs = Blobs::new(self.s3.clone(), BUCKET);
        let listed = blobs.list(prefix).await.unwrap();
        listed.into_iter().map(|(key, _)| key).collect()
    }

    async fn receive(&self, queue: Queue, most: i32, wait_s: i32) -> Vec<BatchItem> {
        let ask = self.sqs.receive_message().queue_url(self.url(queue));
        let ask = ask.max_number_of_messages(most).wait_time_seconds(wait_s);
        let mut items = Vec::new();
        for message in ask.send().await.unwrap().messages.unwrap_or_default() {
            items.push(self.taken(queue, message).await);
        }
        items
    }

    async fn taken(&self, queue: Queue, message: Message) -> BatchItem {
        let delete = self.sqs.delete_message().queue_url(self.url(queue));
        let delete = delete.receipt_handle(message.receipt_handle.unwrap());
        delete.send().await.unwrap();
        BatchItem {
            id: message.message_id.unwrap(),
            body: message.body.unwrap(),
            receive_count: 1,
        }
    }

    fn url(&self, queue: Queue) -> &str {
        match queue {
            Queue::Dial => &self.dial,
            Queue::PostCall => &self.post_call,
            Queue::Mail => &self.mail,
            Queue::Import => &self.import,
            Queue::Bridge => &self.bridge,
        }
    }
}

fn sqs(local: &AwsLocal) -> aws_sdk_sqs::Client {
    use aws_sdk_sqs::config::{BehaviorVersion, Config, Credentials, Region};
    let (key, secret) = (local.access_key(), local.secret_key());
    let config = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(AwsLocal::REGION))
        .endpoint_url(local.sqs_url().unwrap())
        .credentials_provider(Credentials::new(key, secret, None, None, "test"));
    aws_sdk_sqs::Client::from_conf(config.build())
}

fn s3(local: &AwsLocal) -> aws_sdk_s3::Client {
    use aws_sdk_s3::config::{BehaviorVersion, Config, Credentials, Region};
    let (key, secret) = (local.access_key(), local.secret_key());
    let config = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(AwsLocal::REGION))
        .endpoint_url(local.s3_url().unwrap())
        .force_path_style(true)
        .credentials_provider(Credentials::new(key, secret, None, None, "test"));
    aws_sdk_s3::Client::from_conf(config.build())
}
