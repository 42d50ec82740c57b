//! The properties of the three kinds of resource, as they stand in the template, and how they become specs.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_norway::Value;

use super::spec::{Attribute, BucketSpec, IndexSpec, KeySpec, QueueSpec, Redrive, TableSpec};
use super::{TemplateError, intrinsic};

/// A table's properties, as a spec.
///
/// # Errors
/// [`TemplateError`] for a property or a value that is not understood here.
pub(super) fn table(
    resource: &str,
    properties: Value,
    defaults: &BTreeMap<String, String>,
) -> Result<TableSpec, TemplateError> {
    let table: TableProperties = understood(resource, properties)?;
    let indexes = table.global_secondary_indexes.into_iter().map(|index| {
        Ok(IndexSpec {
            key: key(resource, &index.key_schema)?,
            name: index.index_name,
            include: index.projection.non_key_attributes,
        })
    });
    Ok(TableSpec {
        name: named(resource, "TableName", &table.table_name, defaults)?,
        key: key(resource, &table.key_schema)?,
        indexes: indexes.collect::<Result<_, TemplateError>>()?,
        attributes: table.attribute_definitions,
        stream: table.stream_specification.map(|stream| stream.stream_view_type),
        expires: table
            .time_to_live_specification
            .filter(|expiry| expiry.enabled)
            .map(|expiry| expiry.attribute_name),
    })
}

fn key(resource: &str, parts: &[KeyPart]) -> Result<KeySpec, TemplateError> {
    let of = |kind: KeyType| {
        parts
            .iter()
            .find(|part| part.key_type == kind)
            .map(|part| part.attribute_name.clone())
    };
    match of(KeyType::Hash) {
        Some(hash) => Ok(KeySpec {
            hash,
            range: of(KeyType::Range),
        }),
        None => Err(TemplateError::Value {
            resource: resource.to_owned(),
            property: "KeySchema",
            problem: "a key needs an attribute with `KeyType: HASH`".to_owned(),
        }),
    }
}

/// Every property that a table may have here. Those of an account alone are read past.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct TableProperties {
    table_name: Value,
    #[serde(rename = "BillingMode")]
    _billing_mode: PayPerRequest,
    attribute_definitions: Vec<Attribute>,
    key_schema: Vec<KeyPart>,
    #[serde(default)]
    global_secondary_indexes: Vec<IndexProperties>,
    stream_specification: Option<StreamProperties>,
    time_to_live_specification: Option<ExpiryProperties>,
    #[serde(rename = "PointInTimeRecoverySpecification")]
    _point_in_time_recovery: Option<Value>,
}

/// The one way that tables are paid: no capacity is declared, so none is made.
#[derive(Deserialize)]
enum PayPerRequest {
    #[serde(rename = "PAY_PER_REQUEST")]
    PayPerRequest,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct KeyPart {
    attribute_name: String,
    key_type: KeyType,
}

#[derive(Deserialize, PartialEq, Eq)]
#[serde(rename_all = "UPPERCASE")]
enum KeyType {
    Hash,
    Range,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct IndexProperties {
    index_name: String,
    key_schema: Vec<KeyPart>,
    projection: Projection,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Projection {
    #[serde(rename = "ProjectionType")]
    _projection_type: Include,
    non_key_attributes: Vec<String>,
}

/// The one projection in use.
#[derive(Deserialize)]
enum Include {
    #[serde(rename = "INCLUDE")]
    Include,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct StreamProperties {
    stream_view_type: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct ExpiryProperties {
    attribute_name: String,
    enabled: bool,
}

/// Every property that a queue may have here.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct QueueProperties {
    queue_name: Value,
    /// SQS's own default.
    #[serde(default = "half_a_minute")]
    visibility_timeout: u32,
    message_retention_period: u32,
    #[serde(default)]
    receive_message_wait_time_seconds: u32,
    #[serde(rename = "SqsManagedSseEnabled")]
    _sqs_managed_sse_enabled: Option<bool>,
    redrive_policy: Option<RedriveProperties>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct RedriveProperties {
    dead_letter_target_arn: Value,
    max_receive_count: u32,
}

impl QueueProperties {
    /// A queue's properties, in this form.
    ///
    /// # Errors
    /// [`TemplateError`] for a property that is not understood here.
    pub(super) fn read(resource: &str, properties: Value) -> Result<Self, TemplateError> {
        understood(resource, properties)
    }

    /// The queue's name without the stack's prefix.
    ///
    /// # Errors
    /// [`TemplateError`] if it is not of the form `!Sub "${StackPrefix}-…"`.
    pub(super) fn name(
        &self,
        resource: &str,
        defaults: &BTreeMap<String, String>,
    ) -> Result<String, TemplateError> {
        named(resource, "QueueName", &self.queue_name, defaults)
    }

    /// The spec, where `names` are those of all queues by logical name.
    ///
    /// # Errors
    /// [`TemplateError`] if the dead queue is none of `names`.
    pub(super) fn spec(
        &self,
        resource: &str,
        defaults: &BTreeMap<String, String>,
        names: &BTreeMap<&str, String>,
    ) -> Result<QueueSpec, TemplateError> {
        let wrong = |problem| TemplateError::Value {
            resource: resource.to_owned(),
            property: "RedrivePolicy",
            problem,
        };
        let redrive = self.redrive_policy.as_ref().map(|redrive| {
            let target = intrinsic::arn_of(&redrive.dead_letter_target_arn).map_err(wrong)?;
            let queue = names
                .get(target.as_str())
                .ok_or_else(|| wrong(format!("{target} is no queue of this template")))?;
            Ok::<_, TemplateError>(Redrive {
                queue: queue.clone(),
                max_receives: redrive.max_receive_count,
            })
        });
        Ok(QueueSpec {
            name: self.name(resource, defaults)?,
            visibility_s: self.visibility_timeout,
            retention_s: self.message_retention_period,
            wait_s: self.receive_message_wait_time_seconds,
            redrive: redrive.transpose()?,
        })
    }
}

fn half_a_minute() -> u32 {
    30
}

/// The one property of a bucket that code relies on.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct BucketProperties {
    bucket_name: Value,
}

/// A bucket's properties, as a spec.
///
/// # Errors
/// [`TemplateError`] for a name that only CloudFormation could compute.
pub(super) fn bucket(
    resource: &str,
    properties: Value,
    defaults: &BTreeMap<String, String>,
) -> Result<BucketSpec, TemplateError> {
    let bucket: BucketProperties = understood(resource, properties)?;
    Ok(BucketSpec {
        name: named(resource, "BucketName", &bucket.bucket_name, defaults)?,
    })
}

fn understood<T: DeserializeOwned>(resource: &str, properties: Value) -> Result<T, TemplateError> {
    serde_norway::from_value(properties).map_err(|source| TemplateError::Properties {
        resource: resource.to_owned(),
        source,
    })
}

fn named(
    resource: &str,
    property: &'static str,
    value: &Value,
    defaults: &BTreeMap<String, String>,
) -> Result<String, TemplateError> {
    intrinsic::name(value, defaults).map_err(|problem| TemplateError::Value {
        resource: resource.to_owned(),
        property,
        problem,
    })
}
