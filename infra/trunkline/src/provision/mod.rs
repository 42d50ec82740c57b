//! The tables, queues and bucket, made where they do not exist yet, as `template.yaml` declares them.
//!
//! The template is compiled in, so that the binary needs no file beside it. What only an account has (backups, encryption, lifecycle
//! rules, policies) is CloudFormation's: here is made what the code relies on, which is names, keys, indexes, streams, times to live
//! and redrives.

mod bucket;
mod difference;
mod error;
mod intrinsic;
mod properties;
mod queues;
mod spec;
mod tables;
mod template;

pub use error::{ProvisionError, TemplateError};
pub use spec::{Attribute, BucketSpec, IndexSpec, KeySpec, QueueSpec, Redrive, Resources, TableSpec};

/// The text of `template.yaml`, as it was when this was built.
pub const TEMPLATE: &str = include_str!("../../../../template.yaml");

/// Makes what is missing of `resources`, each name behind `prefix` and a dash, and returns once all of it can be used.
///
/// What exists and is as declared is left alone, so this may run at every start, and on several instances at once.
///
/// # Errors
/// [`ProvisionError::Differs`] if something exists in another shape: nothing is ever changed or deleted. [`ProvisionError::Service`]
/// if an endpoint does not do as asked.
pub async fn provision(
    resources: &Resources,
    prefix: &str,
    dynamodb: &aws_sdk_dynamodb::Client,
    sqs: &aws_sdk_sqs::Client,
    s3: &aws_sdk_s3::Client,
) -> Result<(), ProvisionError> {
    tokio::try_join!(
        Box::pin(tables::ensure(&resources.tables, prefix, dynamodb)),
        Box::pin(queues::ensure(&resources.queues, prefix, sqs)),
        Box::pin(bucket::ensure(&resources.bucket, prefix, s3)),
    )?;
    Ok(())
}

/// The names of all tables of the stack `prefix`, as `trunkline-calls`.
///
/// # Errors
/// [`TemplateError`] if the template that was compiled in cannot be read, which a test excludes.
pub fn table_names(prefix: &str) -> Result<Vec<String>, TemplateError> {
    Ok(Resources::declared()?
        .tables
        .iter()
        .map(|table| full_name(prefix, &table.name))
        .collect())
}

/// The names of all queues of the stack `prefix`, dead ones too, as `trunkline-dial` and `trunkline-dial-dead`.
///
/// # Errors
/// [`TemplateError`] if the template that was compiled in cannot be read, which a test excludes.
pub fn queue_names(prefix: &str) -> Result<Vec<String>, TemplateError> {
    Ok(Resources::declared()?
        .queues
        .iter()
        .map(|queue| full_name(prefix, &queue.name))
        .collect())
}

/// The name of the bucket of the stack `prefix`, as `trunkline-blobs`.
///
/// # Errors
/// [`TemplateError`] if the template that was compiled in cannot be read, which a test excludes.
pub fn bucket_name(prefix: &str) -> Result<String, TemplateError> {
    Ok(full_name(prefix, &Resources::declared()?.bucket.name))
}

fn full_name(prefix: &str, name: &str) -> String {
    format!("{prefix}-{name}")
}

#[cfg(test)]
#[path = "provision_tests.rs"]
mod tests;
