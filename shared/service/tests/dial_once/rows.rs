//! Reading rows as the engine has them, without the code under test.

use aws_smithy_runtime_api::client::{
    http::{HttpConnector, SharedHttpConnector},
    orchestrator::HttpRequest,
};
use aws_smithy_types::body::SdkBody;
use futures::FutureExt;
use serde_json::{Map, Value, json};

/// A row's place.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Place {
    pub table: String,
    pub pk: String,
    pub sk: String,
}

/// The rows that a request writes.
pub(crate) fn written(operation: &str, body: &[u8]) -> Vec<Place> {
    let body: Value = serde_json::from_slice(body).unwrap();
    if operation != "TransactWriteItems" {
        return vec![place(&body)];
    }
    let items = body["TransactItems"].as_array().unwrap();
    let actions = items.iter().flat_map(|item| item.as_object().unwrap().values());
    actions.map(place).collect()
}

fn place(action: &Value) -> Place {
    let key = action.get("Key").or_else(|| action.get("Item")).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    Place {
        table: text(&action["TableName"]),
        pk: text(&key["PK"]["S"]),
        sk: text(&key["SK"]["S"]),
    }
}

/// The row as it is now, in plain JSON.
pub(crate) fn read(eyes: &SharedHttpConnector, place: &Place) -> Option<Value> {
    let body = json!({
        "TableName": place.table, "ConsistentRead": true,
        "Key": { "PK": { "S": place.pk }, "SK": { "S": place.sk } },
    });
    let mut request = HttpRequest::new(SdkBody::from(body.to_string()));
    request
        .headers_mut()
        .insert("x-amz-target", "DynamoDB_20120810.GetItem");
    let answer = eyes.call(request).now_or_never().unwrap().unwrap();
    let answer: Value = serde_json::from_slice(answer.body().bytes().unwrap()).unwrap();
    answer.get("Item").map(plain_map)
}

fn plain_map(attributes: &Value) -> Value {
    let attributes = attributes.as_object().unwrap().iter();
    Value::Object(
        attributes
            .map(|(name, value)| (name.clone(), plain(value)))
            .collect::<Map<_, _>>(),
    )
}

fn plain(attribute: &Value) -> Value {
    let (kind, value) = attribute.as_object().unwrap().iter().next().unwrap();
    match kind.as_str() {
        "N" => serde_json::from_str(value.as_str().unwrap()).unwrap(),
        "M" => plain_map(value),
        "L" => value.as_array().unwrap().iter().map(plain).collect(),
        "NULL" => Value::Null,
        // S, BOOL, SS.
        _ => value.clone(),
    }
}
