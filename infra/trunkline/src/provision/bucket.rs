//! S3.

use aws_sdk_s3::Client;
use aws_sdk_s3::error::SdkError;
use aws_sdk_s3::types::{BucketLocationConstraint, CreateBucketConfiguration};

use super::{BucketSpec, ProvisionError, full_name};

/// The one region that must not be named when a bucket is made in it.
const UNNAMED_REGION: &str = "us-east-1";

/// Makes the bucket if it is missing. New buckets are private and encrypted, and a name has one owner, so there is nothing to compare.
///
/// # Errors
/// As [`super::provision`]; also if the name is another account's.
pub(super) async fn ensure(bucket: &BucketSpec, prefix: &str, client: &Client) -> Result<(), ProvisionError> {
    let name = full_name(prefix, &bucket.name);
    match client.head_bucket().bucket(&name).send().await {
        Ok(_) => return Ok(()),
        Err(SdkError::ServiceError(error)) if error.err().is_not_found() => {}
        Err(error) => return Err(ProvisionError::service(format!("look for bucket {name}"), &error)),
    }
    let region = client
        .config()
        .region()
        .map(ToString::to_string)
        .filter(|region| region != UNNAMED_REGION);
    let place = region.map(|region| {
        let region = BucketLocationConstraint::from(region.as_str());
        CreateBucketConfiguration::builder()
            .location_constraint(region)
            .build()
    });
    match client
        .create_bucket()
        .bucket(&name)
        .set_create_bucket_configuration(place)
        .send()
        .await
    {
        Ok(_) => Ok(()),
        // Another instance was faster.
        Err(SdkError::ServiceError(error)) if error.err().is_bucket_already_owned_by_you() => Ok(()),
        Err(error) => Err(ProvisionError::service(format!("create bucket {name}"), &error)),
    }
}
