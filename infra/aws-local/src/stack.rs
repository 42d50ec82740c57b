//! The embedded services as one thing: what starts, holds and stops them.

use std::path::PathBuf;
use std::sync::Arc;

use crate::dynamo::{self, SweepError, Swept, Upkeep};
use crate::endpoint::Endpoint;
use crate::error::StartError;
use crate::folder::DataFolder;
use crate::keys::Keys;
use crate::service::Service;
use crate::{s3, sqs};

/// What to start, and where to keep it.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where everything is kept. It is created if it is missing, and made private to this user (0700).
    pub data_dir: PathBuf,
    /// Whether to start DynamoDB (with its streams).
    pub dynamodb: bool,
    /// Whether to start SQS.
    pub sqs: bool,
    /// Whether to start S3.
    pub s3: bool,
}

/// The running embedded services. Dropping it stops them too, without waiting for requests under way.
#[derive(Debug)]
pub struct AwsLocal {
    dynamodb: Option<Endpoint>,
    upkeep: Option<Upkeep>,
    sqs: Option<Endpoint>,
    s3: Option<Endpoint>,
    keys: Keys,
    // Last, so that the folder is free only once the services that write to it are gone.
    _folder: Arc<DataFolder>,
}

impl AwsLocal {
    /// The region that clients must name. Any would be served; presigned links need both sides to agree.
    pub const REGION: &'static str = "us-east-1";

    /// Starts the services that `options` asks for, all at the same time, and returns once each answers
    /// requests.
    ///
    /// # Errors
    /// [`StartError`] says which part could not start and what would help: the folder is locked by another process or
    /// cannot be written, no loopback port is free, or a database cannot be opened.
    pub async fn start(options: Options) -> Result<Self, StartError> {
        let folder = Arc::new(DataFolder::open(&options.data_dir)?);
        let keys = Keys::fresh();

        // Each opens on its own thread, so the slowest alone sets how long a start takes.
        let dynamodb = options.dynamodb.then(|| {
            let (folder, keys) = (Arc::clone(&folder), keys.clone());
            Endpoint::start(Service::DynamoDb, move |context| {
                dynamo::open(folder, keys, context)
            })
        });
        let sqs = options.sqs.then(|| {
            let (folder, keys) = (Arc::clone(&folder), keys.clone());
            Endpoint::start(Service::Sqs, move |context| sqs::open(folder, keys, context))
        });
        let s3 = options.s3.then(|| {
            let (folder, keys) = (Arc::clone(&folder), keys.clone());
            Endpoint::start(Service::S3, move |context| s3::open(folder, keys, context))
        });

        let (dynamodb, upkeep) = match dynamodb {
            Some(starting) => {
                let (endpoint, upkeep) = starting?.ready().await?;
                (Some(endpoint), Some(upkeep))
            }
            None => (None, None),
        };
        let sqs = match sqs {
            Some(starting) => Some(starting?.ready().await?.0),
            None => None,
        };
        let s3 = match s3 {
            Some(starting) => Some(starting?.ready().await?.0),
            None => None,
        };
        Ok(Self {
            dynamodb,
            upkeep,
            sqs,
            s3,
            keys,
            _folder: folder,
        })
    }

    /// Where DynamoDB and DynamoDB Streams listen, if they were asked for: `http://127.0.0.1:<port>`.
    #[must_use]
    pub fn dynamodb_url(&self) -> Option<&str> {
        self.dynamodb.as_ref().map(Endpoint::url)
    }

    /// Where SQS listens, if it was asked for. Queue URLs given out by an earlier start stay valid in
    /// requests: only their last part, the queue's name, is read.
    #[must_use]
    pub fn sqs_url(&self) -> Option<&str> {
        self.sqs.as_ref().map(Endpoint::url)
    }

    /// Where S3 listens, if it was asked for; clients address buckets in the path (`force_path_style(true)`).
    #[must_use]
    pub fn s3_url(&self) -> Option<&str> {
        self.s3.as_ref().map(Endpoint::url)
    }

    /// The access key id of this start.
    #[must_use]
    pub fn access_key(&self) -> &str {
        self.keys.access()
    }

    /// The secret access key of this start; S3 checks signatures with it.
    #[must_use]
    pub fn secret_key(&self) -> &str {
        self.keys.secret()
    }

    /// Deletes expired DynamoDB items and trims old stream records now, as otherwise happens each minute.
    /// All zeros when DynamoDB was not asked for.
    ///
    /// # Errors
    /// What the database said, when it cannot be read or written.
    pub async fn sweep(&self) -> Result<Swept, SweepError> {
        match &self.upkeep {
            Some(upkeep) => upkeep.sweep().await,
            None => Ok(Swept::default()),
        }
    }

    /// Stops taking requests, lets those under way finish (at most five seconds), closes the databases, and
    /// frees the folder.
    pub async fn shutdown(self) {
        // Signal all before waiting for any: long polls of one must not outlast the others.
        for endpoint in [&self.dynamodb, &self.sqs, &self.s3].into_iter().flatten() {
            endpoint.stop();
        }
        for endpoint in [self.dynamodb, self.sqs, self.s3].into_iter().flatten() {
            endpoint.stopped().await;
        }
        if let Some(upkeep) = self.upkeep {
            upkeep.stopped().await;
        }
    }
}
