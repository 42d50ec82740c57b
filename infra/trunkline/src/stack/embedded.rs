//! The embedded stores, and what is made in them.

use trunkline_aws_local::{AwsLocal, Options, StartError as LocalError};
use trunkline_runtime::{Clients, Config, Embedded, config::AwsConfig};

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
    .await
    .map_err(|source| StartError::Provision {
        source,
        given: given(&config.aws),
    })
}

/// Which endpoints were named, for who misspelt one.
fn given(aws: &AwsConfig) -> String {
    let services = [("DynamoDB", &aws.dynamodb), ("SQS", &aws.sqs), ("S3", &aws.s3)];
    let named: Vec<String> = services
        .into_iter()
        .filter_map(|(name, url)| url.as_ref().map(|url| format!("{name} at {url}")))
        .collect();
    if named.is_empty() {
        return String::new();
    }
    format!(
        " (AWS_ENDPOINT_URL, or the one of a service such as AWS_ENDPOINT_URL_SQS, says: {})",
        named.join(", ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_that_was_named_is_named_in_the_error() {
        let told = |variables: &'static [(&'static str, &'static str)]| {
            let config = Config::read(&|name| {
                let found = variables.iter().find(|(known, _)| *known == name);
                found.map(|(_, value)| (*value).into())
            });
            given(&config.unwrap().aws)
        };
        assert_eq!(told(&[]), "");
        let told = told(&[("AWS_ENDPOINT_URL_SQS", "http://127.0.0.1:9")]);
        assert!(
            told.contains("SQS at http://127.0.0.1:9") && !told.contains("S3 at"),
            "{told}"
        );
    }
}
