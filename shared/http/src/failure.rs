//! Why a request got no answer of its own. Handlers use `?` on domain errors; the outer layer says it in the dialect.

use std::sync::Arc;

use aide::{OperationOutput, generate::GenContext, openapi};
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use trunkline_domain::{Error, FieldError};

/// Of handlers.
pub type Result<T, E = Failure> = std::result::Result<T, E>;

/// Why a request got no answer of its own.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The use case said no.
    #[error(transparent)]
    Domain(#[from] Error),
    /// No route has this path.
    #[error("no route {0}")]
    NoRoute(String),
    /// The path is there, not with this method.
    #[error("{0} is not allowed here")]
    WrongMethod(String),
    /// The idempotency key was used with another body.
    #[error("this Idempotency-Key was used with another body; use a new key for a new request")]
    KeyReused,
    /// The first request with this idempotency key still runs.
    #[error("the first request with this Idempotency-Key still runs; try again in {retry_after_s} s")]
    KeyBusy {
        /// Seconds until it is worth another try.
        retry_after_s: u32,
    },
    /// The agent that a body names is not there; one dialect has a code of its own for that.
    #[error("no agent with this id")]
    NoSuchAgent {
        /// The body's field.
        field: String,
    },
    /// The `If-Match` tag is not the record's.
    #[error("the record has changed since it was read; its ETag is now {now}")]
    Stale {
        /// The record's tag now.
        now: String,
    },
    /// Too many bytes of bodies in this minute.
    #[error("more than 10 MB of bodies in this minute; try again in {retry_after_s} s")]
    Uploads {
        /// Seconds until the minute is over.
        retry_after_s: u32,
    },
    /// The head of the request is larger than any that a client needs.
    #[error("the headers are larger than {limit_bytes} bytes")]
    Headers {
        /// The most that is read.
        limit_bytes: usize,
    },
    /// The API is closed to all but admins.
    #[error("{message}")]
    Maintenance {
        /// What the admin says of it, word for word.
        message: String,
    },
    /// The asked range lies outside the file.
    #[error("the range lies outside the file's {total_bytes} bytes")]
    Range {
        /// The file's size.
        total_bytes: u64,
    },
}

impl Failure {
    /// One wrong field.
    pub fn invalid(field: impl Into<String>, what: impl Into<String>) -> Self {
        Error::invalid(field, what).into()
    }

    /// Several wrong fields; none at all is no failure.
    ///
    /// # Errors
    /// When there is any.
    pub fn check(errors: Vec<FieldError>) -> Result<()> {
        if errors.is_empty() {
            Ok(())
        } else {
            Err(Error::Invalid(errors).into())
        }
    }
}

impl Failure {
    /// Whether the request was turned down with nothing done, rather than failed by a fault of ours on its way.
    pub(crate) const fn is_refusal(&self) -> bool {
        match self {
            Self::Domain(Error::Internal(_)) => false,
            Self::Domain(_)
            | Self::NoRoute(_)
            | Self::WrongMethod(_)
            | Self::KeyReused
            | Self::KeyBusy { .. }
            | Self::NoSuchAgent { .. }
            | Self::Stale { .. }
            | Self::Uploads { .. }
            | Self::Headers { .. }
            | Self::Maintenance { .. }
            | Self::Range { .. } => true,
        }
    }
}

/// A failure on its way to the outer layer, which renders it.
#[derive(Debug, Clone)]
pub(crate) struct Unrendered(pub(crate) Arc<Failure>);

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        // Status and body are the outer layer's to fill in; without it, at least it is no success.
        let mut response = StatusCode::INTERNAL_SERVER_ERROR.into_response();
        response.extensions_mut().insert(Unrendered(Arc::new(self)));
        response
    }
}

/// Error bodies differ by path, so they are documented where paths are known: when the document is finished.
impl OperationOutput for Failure {
    type Inner = ();

    fn inferred_responses(
        _: &mut GenContext,
        _: &mut openapi::Operation,
    ) -> Vec<(Option<u16>, openapi::Response)> {
        Vec::new()
    }
}
