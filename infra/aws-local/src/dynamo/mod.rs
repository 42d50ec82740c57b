//! DynamoDB and its streams: the `dynoxide` engine on disk, behind our own thin HTTP layer.
//!
//! The layer is ours because the engine's server takes any key. Each request runs to its end on the service's
//! one thread: the engine has one writer anyway.

mod engine;
mod operations;
mod records;
mod tokens;
mod upkeep;

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use uuid::Uuid;

pub(crate) use self::engine::{Answer, Engine};
pub(crate) use self::upkeep::Upkeep;
pub use self::upkeep::{SweepError, Swept};
use crate::endpoint::Context;
use crate::error::StartError;
use crate::folder::DataFolder;
use crate::keys::Keys;
use crate::service::Service;

const FILE: &str = "dynamodb.db";

/// DynamoDB's own limit for a request, which no batch or transaction exceeds.
const BODY_MAX: usize = 16 * 1024 * 1024;

/// Opens the database in `folder`; gives the routes to serve and the upkeep beside them.
pub(crate) fn open(
    folder: Arc<DataFolder>,
    keys: Keys,
    _context: &Context,
) -> Result<(Router, Upkeep), StartError> {
    let path = folder.join(FILE);
    let refused = |reason: String| StartError::Open {
        service: Service::DynamoDb,
        path: path.clone(),
        reason,
    };
    let engine = Engine::on_disk(&path).map_err(|error| refused(error.to_string()))?;
    let upkeep = Upkeep::start(engine.database().clone(), &path, Arc::clone(&folder))?;
    let routes = Router::new()
        .route("/", post(answer))
        .layer(DefaultBodyLimit::max(BODY_MAX))
        .with_state(Arc::new(Server {
            engine,
            keys,
            _folder: folder,
        }));
    Ok((routes, upkeep))
}

struct Server {
    engine: Engine,
    keys: Keys,
    // Held until the last request is over, so that nobody else opens the file before.
    _folder: Arc<DataFolder>,
}

async fn answer(State(server): State<Arc<Server>>, headers: HeaderMap, body: Bytes) -> Response {
    if !server.keys.named_in(&headers) {
        return respond(Answer::refusal(
            StatusCode::BAD_REQUEST,
            "com.amazon.coral.service#UnrecognizedClientException",
            "The security token included in the request is invalid: the embedded DynamoDB takes only the access key \
             made at its start.",
        ));
    }
    let target = headers
        .get("x-amz-target")
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let Some(operation) = operation(target) else {
        return respond(Answer::refusal(
            StatusCode::BAD_REQUEST,
            "com.amazon.coral.service#UnknownOperationException",
            &format!("The x-amz-target header {target:?} names no DynamoDB operation."),
        ));
    };
    respond(server.engine.call(operation, &body))
}

/// `PutItem` from `DynamoDB_20120810.PutItem` or from the streams' own prefix.
fn operation(target: &str) -> Option<&str> {
    target
        .strip_prefix("DynamoDB_20120810.")
        .or_else(|| target.strip_prefix("DynamoDBStreams_20120810."))
}

fn respond(answer: Answer) -> Response {
    let headers = [
        (
            header::CONTENT_TYPE.as_str(),
            "application/x-amz-json-1.0".to_owned(),
        ),
        ("x-amzn-requestid", Uuid::new_v4().simple().to_string()),
    ];
    (answer.status, headers, answer.body).into_response()
}
