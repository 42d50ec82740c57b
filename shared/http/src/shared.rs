//! What the layers and handlers of one deployment share; the outer layer puts it into each request.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use aide::OperationInput;
use axum::extract::FromRequestParts;
use bytes::Bytes;
use http::{Method, request::Parts};
use trunkline_domain::{Error, Instant};
use trunkline_service::readiness::Part;

use crate::{Failure, HttpOptions, OpenApiSource, limits::Limiter};

#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) options: HttpOptions,
    pub(crate) limiter: Limiter,
    /// Which need no token, by path and method.
    pub(crate) open: HashSet<(String, Method)>,
    /// When this process began to serve.
    pub(crate) since: Instant,
    /// Which methods each documented path has.
    pub(crate) methods: HashMap<String, Vec<Method>>,
    pub(crate) document: Bytes,
}

/// The deployment that a handler is part of: for health, version and the OpenAPI document.
#[derive(Debug, Clone)]
pub struct Deployment(pub(crate) Arc<Shared>);

impl Deployment {
    /// The version.
    #[must_use]
    pub fn version(&self) -> &'static str {
        self.0.options.version
    }

    /// The commit that it was built from, where known.
    #[must_use]
    pub fn commit(&self) -> Option<&'static str> {
        self.0.options.commit
    }

    /// The parts that readiness asks beyond those of every deployment.
    #[must_use]
    pub fn parts(&self) -> &[Arc<dyn Part>] {
        &self.0.options.parts
    }

    /// When this process began to serve.
    #[must_use]
    pub fn since(&self) -> Instant {
        self.0.since
    }

    /// The OpenAPI document as JSON; `None` when it is the bucket's.
    #[must_use]
    pub fn document(&self) -> Option<Bytes> {
        match self.0.options.openapi {
            OpenApiSource::Routers => Some(self.0.document.clone()),
            OpenApiSource::Bucket => None,
        }
    }
}

impl<S: Sync> FromRequestParts<S> for Deployment {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        let missing = || {
            Failure::from(Error::internal(
                "the router was not made by trunkline_http::finish",
            ))
        };
        parts
            .extensions
            .get::<Arc<Shared>>()
            .cloned()
            .map(Self)
            .ok_or_else(missing)
    }
}

impl OperationInput for Deployment {}
