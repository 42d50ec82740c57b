//! The operations of a running platform, as its own OpenAPI document lists them.

use reqwest::Method;
use serde_json::{Map, Value};

use crate::support::api::Api;

/// An operation of the document.
pub(super) struct Operation {
    pub(super) method: Method,
    pub(super) path: String,
    /// The least role that may ask; none when no token is needed.
    pub(super) least: Option<String>,
    /// Names of its query parameters.
    pub(super) query: Vec<String>,
    /// Its body's schema, references resolved; none when it takes none.
    pub(super) body: Option<Value>,
    /// Its JSON bodies, as documented: the request's and those of success.
    pub(super) shown: Vec<Shown>,
    pub(super) responses: Map<String, Value>,
}

/// A JSON body of the document.
pub(super) struct Shown {
    /// `request`, or the status.
    pub(super) part: String,
    pub(super) schema: Value,
    pub(super) example: Option<Value>,
}

impl Operation {
    /// Its JSON body of this part.
    pub(super) fn shown(&self, part: &str) -> Option<&Shown> {
        self.shown.iter().find(|shown| shown.part == part)
    }

    /// `GET /agents/{agent_id}`.
    pub(super) fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    /// Names of its path parameters, in order.
    pub(super) fn parameters(&self) -> Vec<&str> {
        self.path
            .split('/')
            .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
            .collect()
    }

    /// Its path with these values, by the parameter's name.
    pub(super) fn at(&self, value: impl Fn(&str) -> String) -> String {
        self.path
            .split('/')
            .map(
                |part| match part.strip_prefix('{').and_then(|part| part.strip_suffix('}')) {
                    Some(name) => value(name),
                    None => part.to_owned(),
                },
            )
            .collect::<Vec<_>>()
            .join("/")
    }

    /// Whether it opens a socket, which has its own ways of refusing.
    pub(super) fn is_socket(&self) -> bool {
        self.responses.contains_key("101")
    }

    /// Whether it reads a body.
    pub(super) fn takes_body(&self) -> bool {
        self.body.is_some()
    }
}

/// Every operation, in the document's order.
pub(super) async fn operations(api: &Api) -> Vec<Operation> {
    operations_of(&api.get("/openapi.json").await)
}

/// Every operation of this document but the carrier's webhooks, which have a signature in place of a token: those are proven in
/// `faults::webhooks`.
pub(super) fn operations_of(document: &Value) -> Vec<Operation> {
    let mut found = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let Ok(method) = method.to_ascii_uppercase().parse::<Method>() else {
                continue;
            };
            if operation["x-by-carrier"] == true {
                continue;
            }
            found.push(read(document, method, path, operation));
        }
    }
    assert!(found.len() > 30, "the document lists {} operations", found.len());
    found
}

fn read(document: &Value, method: Method, path: &str, operation: &Value) -> Operation {
    let parameters = operation["parameters"].as_array();
    let query = parameters
        .into_iter()
        .flatten()
        .filter(|parameter| parameter["in"] == "query")
        .map(|parameter| parameter["name"].as_str().unwrap().to_owned())
        .collect();
    let body = operation.get("requestBody").map(|body| {
        let content = resolved(document, body)["content"]
            .as_object()
            .cloned()
            .unwrap_or_default();
        content.values().next().map_or(Value::Null, |content| {
            resolved(document, &content["schema"]).clone()
        })
    });
    Operation {
        least: operation["x-least-role"].as_str().map(str::to_owned),
        method,
        path: path.to_owned(),
        query,
        body,
        shown: shown(document, operation),
        responses: operation["responses"].as_object().cloned().unwrap_or_default(),
    }
}

fn shown(document: &Value, operation: &Value) -> Vec<Shown> {
    let request = operation
        .get("requestBody")
        .map(|body| ("request".to_owned(), resolved(document, body)));
    let responses = operation["responses"].as_object().into_iter().flatten();
    let answers = responses
        .filter(|(code, _)| code.starts_with('2'))
        .map(|(code, response)| (code.clone(), resolved(document, response)));
    let bodies = request.into_iter().chain(answers);
    let shown = bodies.filter_map(|(part, body)| {
        let media = body["content"].get("application/json")?;
        Some(Shown {
            part,
            schema: media.get("schema")?.clone(),
            example: media.get("example").cloned(),
        })
    });
    shown.collect()
}

/// What a `$ref` points to.
fn resolved<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    match value["$ref"].as_str() {
        Some(place) => document.pointer(place.trim_start_matches('#')).unwrap(),
        None => value,
    }
}
