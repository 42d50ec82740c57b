//! The carrier's error answers: `{code, message, more_info, status}`.

use axum::{
    Json,
    http::{StatusCode, header::WWW_AUTHENTICATE},
    response::{IntoResponse, Response},
};
use serde_json::json;

use crate::ledger::LedgerError;

/// An error as the carrier answers it.
#[derive(Debug)]
pub(super) struct ApiError {
    status: StatusCode,
    code: u32,
    message: String,
}

impl ApiError {
    /// 400 with one of the carrier's numbers.
    pub(super) fn bad(code: u32, message: impl Into<String>) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            code,
            message: message.into(),
        }
    }

    pub(super) fn unauthorised() -> Self {
        Self {
            status: StatusCode::UNAUTHORIZED,
            code: 20003,
            message: "Authenticate".to_owned(),
        }
    }

    pub(super) fn not_found(path: &str) -> Self {
        let message = format!("The requested resource {path} was not found");
        Self {
            status: StatusCode::NOT_FOUND,
            code: 20404,
            message,
        }
    }

    pub(super) fn not_allowed(method: &str) -> Self {
        let message = format!("Method {method} is not allowed on this resource");
        Self {
            status: StatusCode::METHOD_NOT_ALLOWED,
            code: 20004,
            message,
        }
    }

    pub(super) fn too_many() -> Self {
        Self {
            status: StatusCode::TOO_MANY_REQUESTS,
            code: 20429,
            message: "Too Many Requests".to_owned(),
        }
    }

    pub(super) fn internal() -> Self {
        let message = "An internal server error has occurred".to_owned();
        Self {
            status: StatusCode::INTERNAL_SERVER_ERROR,
            code: 20500,
            message,
        }
    }
}

impl From<LedgerError> for ApiError {
    fn from(error: LedgerError) -> Self {
        tracing::error!(%error, "a request to the simulated carrier failed");
        Self::internal()
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let body = Json(json!({
            "code": self.code,
            "message": self.message,
            "more_info": format!("https://www.twilio.com/docs/errors/{}", self.code),
            "status": self.status.as_u16(),
        }));
        if self.status == StatusCode::UNAUTHORIZED {
            return (
                self.status,
                [(WWW_AUTHENTICATE, "Basic realm=\"Twilio API\"")],
                body,
            )
                .into_response();
        }
        (self.status, body).into_response()
    }
}
