//! S3: `s3s` for the protocol (signatures, presigned URLs and their expiry, XML), our own store beneath it.
//!
//! An object's bytes are a file with a random name; SQLite holds what each bucket and key point to. So a key
//! is never a path, a put is whole or not there at all, and a list reads only its page. An answer comes after
//! the commit.
//!
//! What it has: buckets; put, get, head, delete (one or many), copy; ranges and the `If-…` conditions;
//! content headers, user metadata and checksums; multipart uploads; lists with prefix, delimiter and pages.
//! What it has not: versions, tags, access lists, encryption, lifecycle rules, form uploads.

mod blobs;
mod conditions;
mod draft;
mod handlers;
mod index;
mod keys;
mod list;
mod multipart;
mod objects;
mod read;
mod record;
mod sums;
mod write;

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use s3s::auth::SimpleAuth;
use s3s::service::{S3Service, S3ServiceBuilder};

use self::handlers::Handlers;
use self::objects::Objects;
use crate::endpoint::Context;
use crate::error::StartError;
use crate::folder::DataFolder;
use crate::keys::Keys;
use crate::service::Service;

const FOLDER: &str = "s3";

/// Opens the buckets in `folder`; gives the routes to serve.
pub(crate) fn open(
    folder: Arc<DataFolder>,
    keys: Keys,
    _context: &Context,
) -> Result<(Router, ()), StartError> {
    let path = folder.join(FOLDER);
    let objects = Objects::open(&path).map_err(|error| StartError::Open {
        service: Service::S3,
        path,
        reason: error.to_string(),
    })?;
    let mut builder = S3ServiceBuilder::new(Handlers::new(objects));
    builder.set_auth(SimpleAuth::from_single(keys.access(), keys.secret()));
    let server = Server {
        s3: builder.build(),
        _folder: folder,
    };
    Ok((Router::new().fallback(answer).with_state(Arc::new(server)), ()))
}

struct Server {
    s3: S3Service,
    // Held until the last request is over, so that nobody else opens the files before.
    _folder: Arc<DataFolder>,
}

async fn answer(State(server): State<Arc<Server>>, request: Request) -> Response {
    match server.s3.call(request.map(s3s::Body::http_body_unsync)).await {
        Ok(response) => response.map(Body::new),
        Err(error) => {
            tracing::error!(?error, "the embedded S3 could not carry out a request");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}
