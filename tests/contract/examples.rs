//! The document's examples: every JSON body has one, and it is what the body's schema says.

use serde_json::{Value, json};
use trunkline_domain::E164;

use super::operations::operations_of;
use crate::support::{api::Api, platform::Platform};

/// Reads by a schema of the document, formats included.
pub(super) fn validator(document: &Value, schema: &Value) -> jsonschema::Validator {
    let whole = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "allOf": [schema],
        "components": { "schemas": document["components"]["schemas"] },
    });
    let options = jsonschema::options().should_validate_formats(true);
    options.build(&whole).unwrap()
}

/// What is wrong with this value, in words.
pub(super) fn faults(validator: &jsonschema::Validator, value: &Value) -> Vec<String> {
    let faults = validator.iter_errors(value);
    faults
        .map(|fault| format!("{}: {fault}", fault.instance_path()))
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_json_body_has_an_example_that_its_schema_allows() {
    let platform = Platform::start().await;
    let document = Api::register(&platform.url, "ada")
        .await
        .get("/openapi.json")
        .await;
    platform.stop().await;
    let mut wrong = Vec::new();
    for operation in operations_of(&document) {
        let name = operation.name();
        for shown in &operation.shown {
            let Some(example) = &shown.example else {
                wrong.push(format!(
                    "{name} ({}) has no example; fields that lack theirs: {}",
                    shown.part,
                    document["paths"][&operation.path][operation.method.as_str().to_lowercase()]["x-no-example"]
                ));
                continue;
            };
            let faults = faults(&validator(&document, &shown.schema), example);
            wrong.extend(
                faults
                    .iter()
                    .map(|fault| format!("{name} ({}) {fault}", shown.part)),
            );
            not_numbers(example, &mut |text| {
                wrong.push(format!("{name}: {text} is no phone number"));
            });
        }
        for (code, response) in &operation.responses {
            let is_error = ["4", "5"].iter().any(|class| code.starts_with(class));
            let place = response["$ref"].as_str().unwrap_or_default();
            if !is_error || place.starts_with("#/components/responses/") && place.ends_with(code) {
                continue;
            }
            // One of its own.
            let media = &response["content"]["application/json"];
            let faults = faults(&validator(&document, &media["schema"]), &media["example"]);
            wrong.extend(faults.iter().map(|fault| format!("{name} ({code}) {fault}")));
        }
    }
    for (name, response) in document["components"]["responses"].as_object().unwrap() {
        let media = &response["content"]["application/json"];
        let validator = validator(&document, &media["schema"]);
        let examples = media["examples"].as_object().unwrap();
        assert!(!examples.is_empty(), "{name} has no example");
        for (code, example) in examples {
            let faults = faults(&validator, &example["value"]);
            wrong.extend(faults.iter().map(|fault| format!("{name} ({code}) {fault}")));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Tells of each text that looks like a phone number and is none.
fn not_numbers(value: &Value, tell: &mut impl FnMut(&str)) {
    match value {
        Value::String(text) if text.starts_with('+') && text.parse::<E164>().is_err() => tell(text),
        Value::String(_) | Value::Null | Value::Bool(_) | Value::Number(_) => {}
        Value::Array(items) => items.iter().for_each(|item| not_numbers(item, tell)),
        Value::Object(fields) => fields.values().for_each(|field| not_numbers(field, tell)),
    }
}
