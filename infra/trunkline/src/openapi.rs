//! The whole platform's OpenAPI document, for the one function that shows it and has but its own routes.

use trunkline_http::{HttpOptions, OpenApiSource};
use trunkline_store::{Blobs, StoreError};

use crate::routes::routers;

/// Puts the document of all routers where api-meta's Lambda reads it. Whoever has all routers does so when it starts, so that
/// what is shown is what is deployed.
///
/// # Errors
/// When the bucket refuses or does not answer; what was there stays.
pub async fn publish(blobs: &Blobs, public_url: &str) -> Result<(), StoreError> {
    let text = document(public_url);
    blobs
        .put(OpenApiSource::KEY, text.into_bytes(), "application/json")
        .await
}

/// As [`publish`], for a process that goes on without: a log line says so.
pub(crate) async fn publish_if_possible(blobs: &Blobs, public_url: &str) {
    if let Err(error) = publish(blobs, public_url).await {
        tracing::warn!(
            "the OpenAPI document could not be put into the bucket, api-meta's Lambda shows the one before: {error}"
        );
    }
}

// Without an await: aide collects schemas in a thread-local.
fn document(public_url: &str) -> String {
    trunkline_http::document(routers(), public_url, HttpOptions::default().version).to_string()
}
