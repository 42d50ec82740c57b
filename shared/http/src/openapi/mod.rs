//! The OpenAPI document: what the routers say, in the envelope of each path's dialect, with its errors, and an example of every body.

mod envelope;
mod errors;
pub mod example;
pub(crate) mod tell;

use serde_json::{Map, Value, json};
use trunkline_domain::Instant;

use crate::{Dialect, render::Facts, reply::object};
use envelope::Around;
use example::{Examples, Side};

/// Completes the routers' document. It stays JSON from here on: aide's types do not read back all that they write.
pub(crate) fn complete(mut document: Value, public_url: &str, version: &str) -> Value {
    document["info"] = json!({
        "title": "Trunkline",
        "version": version,
        "description": "AI voice agents that call people by campaign. One deployment, four documented APIs: VoiceERA at `/`, \
                        the Dialer at `/api`, AI Caller and the Calling Platform at `/api/v1`.",
    });
    document["servers"] = json!([{ "url": public_url }]);
    let mut components = document["components"].take();
    components["securitySchemes"] =
        json!({ "bearer": { "type": "http", "scheme": "bearer", "bearerFormat": "JWT" } });
    components["responses"] = Value::Object(errors::responses());
    let mut schemas = object(Some(components["schemas"].take()));
    schemas.extend(errors::schemas());
    components["schemas"] = Value::Object(schemas);
    for (path, item) in document["paths"].as_object_mut().into_iter().flatten() {
        let dialect = Dialect::of_path(path);
        for (method, operation) in item.as_object_mut().into_iter().flatten() {
            if let Some(operation) = operation.as_object_mut() {
                complete_operation(path, method, dialect, &components["schemas"], operation);
            }
        }
    }
    document["components"] = components;
    document
}

/// When examples are.
fn facts(dialect: Dialect) -> Facts {
    Facts {
        dialect,
        request_id: example::id("request_id").to_string(),
        now: NOW,
    }
}

/// 2024-01-29T10:30:00Z, as in the documents.
pub(crate) const NOW: Instant = match Instant::from_timestamp(1_706_524_200, 0) {
    Some(at) => at,
    None => Instant::UNIX_EPOCH,
};

fn complete_operation(
    path: &str,
    method: &str,
    dialect: Dialect,
    schemas: &Value,
    operation: &mut Map<String, Value>,
) {
    let names: Vec<&str> = path
        .split('/')
        .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
        .collect();
    let parameters = operation.entry("parameters").or_insert_with(|| json!([]));
    if let Some(parameters) = parameters.as_array_mut() {
        for name in &names {
            if !parameters.iter().any(|parameter| parameter["name"] == **name) {
                parameters.push(path_parameter(path, name));
            }
        }
    }
    let has_body = operation.contains_key("requestBody");
    let has_input = has_body
        || operation["parameters"]
            .as_array()
            .is_some_and(|parameters| parameters.iter().any(|p| p["in"] == "query"));
    let is_secured = operation
        .get("security")
        .and_then(Value::as_array)
        .is_some_and(|needs| !needs.is_empty());
    let tag = path
        .split('/')
        .find(|part| !part.is_empty() && *part != "api" && *part != "v1")
        .unwrap_or("meta");
    operation.entry("tags").or_insert_with(|| json!([tag]));
    operation
        .entry("operationId")
        .or_insert_with(|| json!(operation_id(path, method)));
    let by_carrier = operation.contains_key(tell::BY_CARRIER);
    let mut missing = show_request(schemas, operation);
    let says = operation.remove(tell::SAYS);
    let says = says.and_then(|text| text.as_str().map(str::to_owned));
    let beside = operation.remove(tell::BESIDE).map(|schema| {
        let fields = Examples {
            schemas,
            side: Side::Response,
        }
        .of(&schema);
        let fields = fields.map_err(|field| missing.push(field)).ok();
        (schema, object(fields))
    });
    let responses = operation.entry("responses").or_insert_with(|| json!({}));
    let Some(responses) = responses.as_object_mut() else {
        return;
    };
    missing.extend(show_answers(
        dialect,
        schemas,
        responses,
        &Around { says, beside },
    ));
    let dialer = dialect == Dialect::Dialer;
    let codes = [
        ("400", has_input),
        ("401", is_secured),
        ("403", is_secured),
        ("404", !names.is_empty()),
        ("409", method != "get" && is_secured),
        ("413", has_body && !dialer),
        ("415", has_body && !dialer),
        ("422", has_input && !dialer),
        ("429", is_secured || has_input),
        ("500", true),
        ("503", is_secured || has_input),
    ];
    // A socket and a carrier's webhook stand beside the API, and say themselves how they refuse.
    let is_beside = by_carrier || responses.contains_key("101");
    for (code, _) in codes.iter().filter(|(_, applies)| *applies && !is_beside) {
        responses
            .entry(*code)
            .or_insert_with(|| errors::reference(dialect, code));
    }
    if !missing.is_empty() {
        // For who adds a body: no test lets it be published.
        operation.insert("x-no-example".to_owned(), json!(missing));
    }
}

fn path_parameter(path: &str, name: &str) -> Value {
    let is_id = name.to_ascii_lowercase().ends_with("id");
    let schema = if is_id {
        json!({ "type": "string", "format": "uuid" })
    } else {
        json!({ "type": "string" })
    };
    let mut parameter = json!({ "name": name, "in": "path", "required": true, "schema": schema });
    if is_id {
        parameter["example"] = json!(example::id(&record(path, name)));
    } else if name == "date" {
        parameter["example"] = json!(NOW.date_naive());
    }
    parameter
}

/// What an id in a path names: `/leads/{id}` is a `lead_id`.
fn record(path: &str, name: &str) -> String {
    let before = path.split("/{").next().unwrap_or_default();
    match before.rsplit('/').next() {
        Some(kind) if name == "id" => format!("{}_id", kind.trim_end_matches('s')),
        Some(_) | None => name.to_owned(),
    }
}

fn operation_id(path: &str, method: &str) -> String {
    let words = path
        .split(['/', '-', '.'])
        .filter(|part| !part.is_empty())
        .map(|part| part.trim_matches(['{', '}']));
    std::iter::once(method).chain(words).collect::<Vec<_>>().join("_")
}

/// Gives a JSON request its example, unless it has one; answers the fields that lack theirs.
fn show_request(schemas: &Value, operation: &mut Map<String, Value>) -> Vec<String> {
    let media = operation.get_mut("requestBody");
    let media = media.and_then(|body| body.pointer_mut("/content/application~1json"));
    let Some(media) = media.filter(|media| media.get("example").is_none()) else {
        return Vec::new();
    };
    let examples = Examples {
        schemas,
        side: Side::Request,
    };
    match examples.of(&media["schema"]) {
        Ok(example) => media["example"] = example,
        Err(field) => return vec![field],
    }
    Vec::new()
}

/// Puts JSON answers into their envelope, with their examples; answers the fields that lack theirs.
fn show_answers(
    dialect: Dialect,
    schemas: &Value,
    responses: &mut Map<String, Value>,
    around: &Around,
) -> Vec<String> {
    if dialect != Dialect::VoiceEra && responses.remove("204").is_some() {
        let done = json!({ "description": "Done", "content": { "application/json": { "schema": { "type": "null" } } } });
        responses.insert("200".to_owned(), done);
    }
    let examples = Examples {
        schemas,
        side: Side::Response,
    };
    let mut missing = Vec::new();
    for (code, response) in responses.iter_mut().filter(|(code, _)| code.starts_with('2')) {
        let Some(media) = response.pointer_mut("/content/application~1json") else {
            continue;
        };
        let Some(schema) = media.get_mut("schema") else {
            continue;
        };
        let data = examples.of(schema).map_err(|field| missing.push(field)).ok();
        // What is documented as an array has no envelope.
        let is_bare = schema["type"] == "array";
        if !is_bare {
            *schema = envelope::schema(dialect, schema.take(), code, around);
        }
        if let Some(data) = data {
            media["example"] = if is_bare {
                data
            } else {
                envelope::example(dialect, data, code, around)
            };
        }
    }
    missing
}
