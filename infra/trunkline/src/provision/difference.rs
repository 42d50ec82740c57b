//! How what exists differs from what is declared; pure.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::{KeySchemaElement, KeyType, TableDescription};

use super::{KeySpec, QueueSpec, TableSpec};

/// What is otherwise in the table that exists, a sentence each; none if it is as declared.
///
/// Attributes' types count by the keys that they are in: DynamoDB knows no other.
pub(super) fn of_table(declared: &TableSpec, existing: &TableDescription) -> Vec<String> {
    let mut found = Vec::new();
    compare(
        &mut found,
        "its key",
        &shown(&declared.key),
        &key(existing.key_schema()),
    );
    let types: BTreeMap<_, _> = existing
        .attribute_definitions()
        .iter()
        .map(|attribute| (attribute.attribute_name(), attribute.attribute_type().as_str()))
        .collect();
    for attribute in &declared.attributes {
        let is = types.get(attribute.name.as_str()).copied().unwrap_or("absent");
        compare(
            &mut found,
            &format!("the type of {}", attribute.name),
            &attribute.kind,
            is,
        );
    }
    let mut indexes: BTreeMap<_, _> = existing
        .global_secondary_indexes()
        .iter()
        .filter_map(|index| Some((index.index_name()?, index)))
        .collect();
    for index in &declared.indexes {
        let Some(is) = indexes.remove(index.name.as_str()) else {
            found.push(format!("its index {} is missing", index.name));
            continue;
        };
        compare(
            &mut found,
            &format!("the key of index {}", index.name),
            &shown(&index.key),
            &key(is.key_schema()),
        );
        let mut wanted = index.include.clone();
        let mut included = is
            .projection()
            .map(|projection| projection.non_key_attributes().to_vec())
            .unwrap_or_default();
        wanted.sort();
        included.sort();
        compare(
            &mut found,
            &format!("what index {} includes", index.name),
            &wanted.join(", "),
            &included.join(", "),
        );
    }
    found.extend(
        indexes
            .into_keys()
            .map(|name| format!("its index {name} is declared nowhere")),
    );
    let stream = existing
        .stream_specification()
        .filter(|stream| stream.stream_enabled())
        .and_then(|stream| stream.stream_view_type())
        .map_or("none", |view| view.as_str());
    compare(
        &mut found,
        "its stream",
        declared.stream.as_deref().unwrap_or("none"),
        stream,
    );
    found
}

/// What is otherwise in the queue that exists, whose attributes are by SQS's names; none if it is as declared.
pub(super) fn of_queue(
    declared: &QueueSpec,
    dead: Option<&str>,
    existing: &BTreeMap<String, String>,
) -> Vec<String> {
    let mut found = Vec::new();
    let is = |name: &str| existing.get(name).map_or("absent", String::as_str);
    for (name, value) in declared.attributes() {
        compare(&mut found, name, &value, is(name));
    }
    let policy: serde_json::Value = serde_json::from_str(is("RedrivePolicy")).unwrap_or_default();
    let target = policy
        .get("deadLetterTargetArn")
        .and_then(serde_json::Value::as_str)
        .unwrap_or("none");
    compare(&mut found, "its dead queue", dead.unwrap_or("none"), target);
    if let Some(redrive) = &declared.redrive {
        // SQS answers a number as it was sent: some clients send text.
        let receives = policy
            .get("maxReceiveCount")
            .map(|count| count.to_string().replace('"', ""))
            .unwrap_or_default();
        compare(
            &mut found,
            "its maxReceiveCount",
            &redrive.max_receives.to_string(),
            &receives,
        );
    }
    found
}

fn compare(found: &mut Vec<String>, what: &str, declared: &str, existing: &str) {
    if declared != existing {
        found.push(format!("{what} is `{existing}`, declared `{declared}`"));
    }
}

fn shown(key: &KeySpec) -> String {
    [Some(key.hash.as_str()), key.range.as_deref()]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join(" / ")
}

fn key(schema: &[KeySchemaElement]) -> String {
    let of = |kind: &KeyType| {
        schema
            .iter()
            .find(|part| part.key_type() == kind)
            .map(KeySchemaElement::attribute_name)
    };
    [of(&KeyType::Hash), of(&KeyType::Range)]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join(" / ")
}

#[cfg(test)]
#[path = "difference_tests.rs"]
mod tests;
