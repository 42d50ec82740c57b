//! SQS standard queues over the AWS JSON protocol, kept in SQLite.
//!
//! What it has: delay, visibility, retention, long polls that await an event, batches with their limits,
//! redrive to a dead-letter queue, message attributes, MD5 sums, and AWS's error codes. What it has not: FIFO
//! queues, tags, policies, and the limit of 120,000 messages in flight.

mod actions;
mod attributes;
mod digest;
mod error;
mod handle;
mod message;
mod poll;
mod store;
mod wire;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use serde_json::Value;
use uuid::Uuid;

use self::actions::Sqs;
use self::error::SqsError;
use self::store::Store;
use crate::clock::now_ms;
use crate::endpoint::Context;
use crate::error::StartError;
use crate::folder::DataFolder;
use crate::keys::Keys;
use crate::service::Service;

const FILE: &str = "sqs.db";

/// A full batch of 256 KiB, when every character needs six in JSON, and its attributes.
const BODY_MAX: usize = 4 * 1024 * 1024;

/// How often messages past their retention are removed. Nobody sees them before that either.
const EXPIRY_EVERY: Duration = Duration::from_secs(60);

/// Opens the queues in `folder`; gives the routes to serve.
pub(crate) fn open(
    folder: Arc<DataFolder>,
    keys: Keys,
    context: &Context,
) -> Result<(Router, ()), StartError> {
    let path = folder.join(FILE);
    let store = Store::open(&path).map_err(|error| StartError::Open {
        service: Service::Sqs,
        path,
        reason: error.to_string(),
    })?;
    let sqs = Arc::new(Sqs::new(store, &context.url, context.stop.clone()));
    tokio::spawn(expire(Arc::clone(&sqs), context.stop.clone()));
    let routes = Router::new()
        // The SDK posts to the endpoint's root, older clients to the queue's own URL.
        .route("/", post(answer))
        .route("/{account}/{queue}", post(answer))
        .layer(DefaultBodyLimit::max(BODY_MAX))
        .with_state(Arc::new(Server {
            sqs,
            keys,
            _folder: folder,
        }));
    Ok((routes, ()))
}

struct Server {
    sqs: Arc<Sqs>,
    keys: Keys,
    // Held until the last request is over, so that nobody else opens the files before.
    _folder: Arc<DataFolder>,
}

async fn answer(State(server): State<Arc<Server>>, headers: HeaderMap, body: Bytes) -> Response {
    if !server.keys.named_in(&headers) {
        return failed(&SqsError::unknown_key());
    }
    let target = headers
        .get("x-amz-target")
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let Some(action) = target.strip_prefix("AmazonSQS.") else {
        return failed(&SqsError::unsupported(format!(
            "The x-amz-target header {target:?} names no SQS action; only the AWS JSON protocol is spoken here."
        )));
    };
    match server.sqs.act(action, &body).await {
        Ok(answer) => respond(StatusCode::OK, &answer, None),
        Err(error) => failed(&error),
    }
}

fn failed(error: &SqsError) -> Response {
    if error.status.is_server_error() {
        tracing::error!(%error, "the embedded SQS could not carry out a request");
    }
    respond(error.status, &error.body(), Some(error.query_code()))
}

fn respond(status: StatusCode, body: &Value, query_error: Option<String>) -> Response {
    let headers = [
        (
            header::CONTENT_TYPE.as_str(),
            "application/x-amz-json-1.0".to_owned(),
        ),
        ("x-amzn-requestid", Uuid::new_v4().to_string()),
    ];
    let query_error = query_error.map(|code| [("x-amzn-query-error", code)]);
    match query_error {
        Some(header) => (status, headers, header, body.to_string()).into_response(),
        None => (status, headers, body.to_string()).into_response(),
    }
}

async fn expire(sqs: Arc<Sqs>, stop: tokio_util::sync::CancellationToken) {
    let mut ticks = tokio::time::interval(EXPIRY_EVERY);
    loop {
        tokio::select! {
            _now = ticks.tick() => {}
            () = stop.cancelled() => return,
        }
        match sqs.store().expire(now_ms()) {
            Ok(removed) => tracing::debug!(removed, "messages past their retention were removed"),
            Err(error) => {
                tracing::warn!(%error, "messages past their retention stay; it will be tried again")
            }
        }
    }
}
