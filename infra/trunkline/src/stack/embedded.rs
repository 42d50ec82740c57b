//! The embedded stores, and what is made in them.

use trunkline_aws_local::{AwsLocal, Options, StartError as LocalError};
use trunkline_runtime::{Clients, Config, Embedded};

use super::{StartError, predecessor::outlast};
use crate::provision::{Resources, provision};

/// Starts what no variable names an endpoint of; none of it when all are named.
pub(super) async fn start(config: &Config) -> Result<Option<AwsLocal>, StartError> {
    let aws = &config.aws;
    let options = Options {
        data_dir: config.data_dir.join("aws"),
        dynamodb: aws.dynamodb.is_none(),
        sqs: aws.sqs.is_none(),
        s3: aws.s3.is_none(),
    };
    if !(options.dynamodb || options.sqs || options.s3) {
        return Ok(None);
    }
    let held = |error: &LocalError| matches!(error, LocalError::Locked { .. });
    Ok(Some(outlast(held, || AwsLocal::start(options.clone())).await?))
}

/// Where the embedded stores are, and this start's key to them.
pub(super) fn endpoints(local: &AwsLocal) -> Embedded {
    Embedded {
        dynamodb: local.dynamodb_url().map(str::to_owned),
        sqs: local.sqs_url().map(str::to_owned),
        s3: local.s3_url().map(str::to_owned),
        access_key: local.access_key().to_owned(),
        secret_key: local.secret_key().to_owned(),
    }
}

/// Makes tables, queues and bucket where everything is on this machine; on AWS that is the template's.
pub(super) async fn make(config: &Config, clients: &Clients) -> Result<(), StartError> {
    if !config.aws.is_local() {
        return Ok(());
    }
    let resources = Resources::declared()?;
    provision(
        &resources,
        &config.aws.prefix,
        &clients.dynamodb,
        &clients.sqs,
        &clients.s3,
    )
    .await?;
    Ok(())
}
