//! DynamoDB.

use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::client::Waiters;
use aws_sdk_dynamodb::error::{BuildError, SdkError};
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection,
    ProjectionType, ScalarAttributeType, StreamSpecification, StreamViewType, TableDescription, TableStatus,
    TimeToLiveSpecification, TimeToLiveStatus,
};
use futures::future::try_join_all;

use super::{KeySpec, ProvisionError, TableSpec, difference, full_name};

/// How long a new table may take. AWS needs about ten seconds, and more for one with several indexes.
const ACTIVE_WITHIN: Duration = Duration::from_secs(300);

/// Makes the tables that are missing, all at once.
///
/// # Errors
/// As [`super::provision`].
pub(super) async fn ensure(
    tables: &[TableSpec],
    prefix: &str,
    client: &Client,
) -> Result<(), ProvisionError> {
    try_join_all(
        tables
            .iter()
            .map(|table| ensure_one(table, full_name(prefix, &table.name), client)),
    )
    .await?;
    Ok(())
}

async fn ensure_one(table: &TableSpec, name: String, client: &Client) -> Result<(), ProvisionError> {
    let status = match describe(&name, client).await? {
        Some(existing) => accept(table, &name, &existing)?,
        None => create(table, &name, client).await?,
    };
    if status != Some(TableStatus::Active) {
        let waited = client
            .wait_until_table_exists()
            .table_name(&name)
            .wait(ACTIVE_WITHIN)
            .await;
        waited.map_err(|error| ProvisionError::service(format!("see table {name} become active"), &error))?;
    }
    match &table.expires {
        Some(attribute) => ensure_expiry(&name, attribute, client).await,
        None => Ok(()),
    }
}

async fn describe(name: &str, client: &Client) -> Result<Option<TableDescription>, ProvisionError> {
    match client.describe_table().table_name(name).send().await {
        Ok(answer) => Ok(answer.table),
        Err(SdkError::ServiceError(error)) if error.err().is_resource_not_found_exception() => Ok(None),
        Err(error) => Err(ProvisionError::service(format!("look at table {name}"), &error)),
    }
}

fn accept(
    table: &TableSpec,
    name: &str,
    existing: &TableDescription,
) -> Result<Option<TableStatus>, ProvisionError> {
    let differences = difference::of_table(table, existing);
    if differences.is_empty() {
        return Ok(existing.table_status().cloned());
    }
    Err(ProvisionError::Differs {
        kind: "table",
        name: name.to_owned(),
        differences,
    })
}

/// Creates the table; one that another instance has just created instead is looked at as any that exists.
async fn create(
    table: &TableSpec,
    name: &str,
    client: &Client,
) -> Result<Option<TableStatus>, ProvisionError> {
    let doing = || format!("create table {name}");
    let built = |error: BuildError| ProvisionError::service(doing(), &error);
    let mut request = client
        .create_table()
        .table_name(name)
        .billing_mode(BillingMode::PayPerRequest);
    for attribute in &table.attributes {
        let definition = AttributeDefinition::builder()
            .attribute_name(&attribute.name)
            .attribute_type(ScalarAttributeType::from(attribute.kind.as_str()));
        request = request.attribute_definitions(definition.build().map_err(built)?);
    }
    request = request.set_key_schema(Some(key(&table.key).map_err(built)?));
    for index in &table.indexes {
        let projection = Projection::builder()
            .projection_type(ProjectionType::Include)
            .set_non_key_attributes(Some(index.include.clone()))
            .build();
        let definition = GlobalSecondaryIndex::builder()
            .index_name(&index.name)
            .set_key_schema(Some(key(&index.key).map_err(built)?))
            .projection(projection);
        request = request.global_secondary_indexes(definition.build().map_err(built)?);
    }
    if let Some(view) = &table.stream {
        let stream = StreamSpecification::builder()
            .stream_enabled(true)
            .stream_view_type(StreamViewType::from(view.as_str()));
        request = request.stream_specification(stream.build().map_err(built)?);
    }
    match request.send().await {
        Ok(answer) => Ok(answer.table_description.and_then(|made| made.table_status)),
        Err(SdkError::ServiceError(error)) if error.err().is_resource_in_use_exception() => {
            match describe(name, client).await? {
                Some(existing) => accept(table, name, &existing),
                None => Ok(None),
            }
        }
        Err(error) => Err(ProvisionError::service(doing(), &error)),
    }
}

fn key(key: &KeySpec) -> Result<Vec<KeySchemaElement>, BuildError> {
    let part = |name: &str, kind| {
        KeySchemaElement::builder()
            .attribute_name(name)
            .key_type(kind)
            .build()
    };
    let range = key.range.iter().map(|name| part(name, KeyType::Range));
    std::iter::once(part(&key.hash, KeyType::Hash))
        .chain(range)
        .collect()
}

async fn ensure_expiry(name: &str, attribute: &str, client: &Client) -> Result<(), ProvisionError> {
    let answer = client.describe_time_to_live().table_name(name).send().await;
    let answer = answer
        .map_err(|error| ProvisionError::service(format!("look at table {name}'s time to live"), &error))?;
    let existing = answer.time_to_live_description.filter(|expiry| {
        matches!(
            expiry.time_to_live_status(),
            Some(TimeToLiveStatus::Enabled | TimeToLiveStatus::Enabling)
        )
    });
    match existing.as_ref().and_then(|expiry| expiry.attribute_name()) {
        Some(is) if is == attribute => return Ok(()),
        Some(is) => {
            let differences = vec![format!("its time to live is in `{is}`, declared `{attribute}`")];
            return Err(ProvisionError::Differs {
                kind: "table",
                name: name.to_owned(),
                differences,
            });
        }
        None => {}
    }
    let doing = || format!("set table {name}'s time to live");
    let expiry = TimeToLiveSpecification::builder()
        .attribute_name(attribute)
        .enabled(true)
        .build();
    let expiry = expiry.map_err(|error| ProvisionError::service(doing(), &error))?;
    let answer = client
        .update_time_to_live()
        .table_name(name)
        .time_to_live_specification(expiry)
        .send()
        .await;
    answer
        .map(drop)
        .map_err(|error| ProvisionError::service(doing(), &error))
}
