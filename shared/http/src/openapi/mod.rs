//! The OpenAPI document: what the routers say, in the envelope of each path's dialect, with its errors.

use serde_json::{Map, Value, json};

use crate::Dialect;

const DIALECTS: [Dialect; 5] = [
    Dialect::VoiceEra,
    Dialect::Dialer,
    Dialect::AiCaller,
    Dialect::Platform,
    Dialect::V1,
];

/// Completes the routers' document. It stays JSON from here on: aide's types do not read back all that they write.
pub(crate) fn complete(mut document: Value, public_url: &str, version: &str) -> Value {
    document["info"] = json!({
        "title": "Trunkline",
        "version": version,
        "description": "AI voice agents that call people by campaign. One deployment, four documented APIs: VoiceERA at `/`, \
                        the Dialer at `/api`, AI Caller and the Calling Platform at `/api/v1`.",
    });
    document["servers"] = json!([{ "url": public_url }]);
    document["components"]["securitySchemes"] =
        json!({ "bearer": { "type": "http", "scheme": "bearer", "bearerFormat": "JWT" } });
    for dialect in DIALECTS {
        let content = json!({ "application/json": { "schema": error_schema(dialect) } });
        document["components"]["responses"][error_name(dialect)] =
            json!({ "description": "Refused", "content": content });
    }
    for (path, item) in document["paths"].as_object_mut().into_iter().flatten() {
        let dialect = Dialect::of_path(path);
        for (method, operation) in item.as_object_mut().into_iter().flatten() {
            complete_operation(path, method, dialect, operation);
        }
    }
    document
}

fn complete_operation(path: &str, method: &str, dialect: Dialect, operation: &mut Value) {
    let Some(operation) = operation.as_object_mut() else {
        return;
    };
    let names: Vec<&str> = path
        .split('/')
        .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
        .collect();
    let parameters = operation.entry("parameters").or_insert_with(|| json!([]));
    if let Some(parameters) = parameters.as_array_mut() {
        for name in &names {
            if !parameters.iter().any(|parameter| parameter["name"] == **name) {
                parameters.push(path_parameter(name));
            }
        }
    }
    let has_input = operation.contains_key("requestBody")
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
    let responses = operation.entry("responses").or_insert_with(|| json!({}));
    let Some(responses) = responses.as_object_mut() else {
        return;
    };
    envelope_all(dialect, responses);
    let refused = json!({ "$ref": format!("#/components/responses/{}", error_name(dialect)) });
    let unprocessable = if dialect == Dialect::Dialer { "400" } else { "422" };
    let codes = [
        ("400", has_input),
        ("401", is_secured),
        ("403", is_secured),
        ("404", !names.is_empty()),
        ("409", method != "get" && is_secured),
        (unprocessable, has_input),
        ("429", is_secured || has_input),
        ("500", true),
    ];
    for (code, _) in codes.iter().filter(|(_, applies)| *applies) {
        responses.entry(*code).or_insert_with(|| refused.clone());
    }
}

fn path_parameter(name: &str) -> Value {
    let is_id = name.to_ascii_lowercase().ends_with("id");
    let schema = if is_id {
        json!({ "type": "string", "format": "uuid" })
    } else {
        json!({ "type": "string" })
    };
    json!({ "name": name, "in": "path", "required": true, "schema": schema })
}

fn operation_id(path: &str, method: &str) -> String {
    let words = path
        .split(['/', '-', '.'])
        .filter(|part| !part.is_empty())
        .map(|part| part.trim_matches(['{', '}']));
    std::iter::once(method).chain(words).collect::<Vec<_>>().join("_")
}

fn envelope_all(dialect: Dialect, responses: &mut Map<String, Value>) {
    if dialect != Dialect::VoiceEra && responses.remove("204").is_some() {
        let said = json!({ "type": "object", "properties": { "success": { "type": "boolean" }, "message": { "type": "string" } } });
        responses.insert(
            "200".to_owned(),
            json!({ "description": "Done", "content": { "application/json": { "schema": said } } }),
        );
        return;
    }
    for (code, response) in responses.iter_mut().filter(|(code, _)| code.starts_with('2')) {
        // What is no JSON, and what is documented as an array, has no envelope.
        let schema = response.pointer_mut("/content/application~1json/schema");
        if let Some(schema) = schema.filter(|schema| schema["type"] != "array") {
            *schema = envelope(dialect, schema.take(), code == "201");
        }
    }
}

fn envelope(dialect: Dialect, data: Value, created: bool) -> Value {
    let success = json!({ "type": "boolean" });
    let message = json!({ "type": "string" });
    match dialect {
        Dialect::VoiceEra => {
            let mut fields = json!({
                "success": success,
                "data": data,
                "error": { "type": "null" },
                "timestamp": { "type": "string", "format": "date-time" },
            });
            if created {
                fields["message"] = message;
            }
            json!({ "allOf": [data, { "type": "object", "properties": fields, "required": ["success", "data", "error", "timestamp"] }] })
        }
        Dialect::Dialer => json!({
            "allOf": [data, { "type": "object", "properties": { "success": success, "message": message }, "required": ["success"] }]
        }),
        Dialect::AiCaller => data,
        Dialect::Platform | Dialect::V1 => json!({
            "type": "object",
            "properties": { "success": success, "message": message, "data": data },
            "required": ["success", "data"],
        }),
    }
}

const fn error_name(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::VoiceEra => "VoiceEraError",
        Dialect::Dialer => "DialerError",
        Dialect::AiCaller => "AiCallerError",
        Dialect::Platform => "PlatformError",
        Dialect::V1 => "V1Error",
    }
}

fn error_schema(dialect: Dialect) -> Value {
    let text = json!({ "type": "string" });
    let failed = json!({ "type": "boolean", "const": false });
    let error = |details: Value| json!({ "type": "object", "properties": { "code": text, "message": text, "details": details }, "required": ["code", "message"] });
    let object = json!({ "type": "object", "additionalProperties": text });
    match dialect {
        Dialect::VoiceEra => json!({ "type": "object", "properties": {
            "success": failed, "data": { "type": "null" }, "error": error(text.clone()), "timestamp": { "type": "string", "format": "date-time" },
        } }),
        Dialect::Dialer => json!({ "type": "object", "properties": { "success": failed, "error": text } }),
        Dialect::Platform => {
            json!({ "type": "object", "properties": { "success": failed, "message": text, "error": error(text.clone()) } })
        }
        Dialect::AiCaller | Dialect::V1 => {
            json!({ "type": "object", "properties": { "success": failed, "message": text, "error": error(object) } })
        }
    }
}
