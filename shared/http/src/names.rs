//! The one table that names each failure in each dialect: status, code, words.

use http::StatusCode;
use trunkline_domain::{Error, FieldError, error::Kind};

use crate::{Dialect, Failure, dialect::Family};

/// A failure in a dialect's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Named {
    pub(crate) status: StatusCode,
    pub(crate) code: String,
    pub(crate) message: String,
    pub(crate) fields: Vec<FieldError>,
    pub(crate) retry_after_s: Option<u32>,
}

/// Names a failure.
pub(crate) fn name(failure: &Failure, dialect: Dialect) -> Named {
    let family = dialect.family();
    let dialer = family == Family::Dialer;
    // The Dialer's document knows no 413, 415 and 422.
    let or_400 = |status| if dialer { StatusCode::BAD_REQUEST } else { status };
    let unprocessable = or_400(StatusCode::UNPROCESSABLE_ENTITY);
    let (status, voiceera, v1) = match failure {
        Failure::NoRoute(_) => (StatusCode::NOT_FOUND, "REQUEST_003".to_owned(), "NOT_FOUND"),
        Failure::WrongMethod(_) => (
            StatusCode::METHOD_NOT_ALLOWED,
            "REQUEST_004".to_owned(),
            "METHOD_NOT_ALLOWED",
        ),
        Failure::KeyReused => (unprocessable, "REQUEST_002".to_owned(), "VALIDATION_ERROR"),
        Failure::KeyBusy { .. } => (StatusCode::CONFLICT, "REQUEST_002".to_owned(), "CONFLICT"),
        Failure::NoSuchAgent { .. } => (unprocessable, "REQUEST_002".to_owned(), "INVALID_AGENT_ID"),
        Failure::Stale { .. } => (StatusCode::CONFLICT, "REQUEST_002".to_owned(), "CONFLICT"),
        Failure::Uploads { .. } => (
            StatusCode::TOO_MANY_REQUESTS,
            "REQUEST_005".to_owned(),
            "RATE_LIMIT_EXCEEDED",
        ),
        Failure::Headers { .. } => (
            or_400(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE),
            "REQUEST_001".to_owned(),
            "PAYLOAD_TOO_LARGE",
        ),
        Failure::Maintenance { .. } => (
            StatusCode::SERVICE_UNAVAILABLE,
            "SERVER_002".to_owned(),
            "SERVICE_UNAVAILABLE",
        ),
        Failure::Range { .. } => (
            StatusCode::RANGE_NOT_SATISFIABLE,
            "REQUEST_002".to_owned(),
            "VALIDATION_ERROR",
        ),
        Failure::Domain(error) => match error {
            Error::Malformed(_) => (
                StatusCode::BAD_REQUEST,
                "REQUEST_001".to_owned(),
                "VALIDATION_ERROR",
            ),
            Error::Invalid(fields) => {
                let phone = !fields.is_empty() && fields.iter().all(|field| field.phone);
                let v1 = if phone {
                    "INVALID_PHONE_NUMBER"
                } else {
                    "VALIDATION_ERROR"
                };
                (unprocessable, "REQUEST_002".to_owned(), v1)
            }
            Error::NotFound(kind) => (StatusCode::NOT_FOUND, coded(*kind, "001"), "NOT_FOUND"),
            Error::Conflict { kind, what } => {
                let duplicate = what.contains("already exists") || what.contains("already taken");
                let v1 = if duplicate {
                    "DUPLICATE_RESOURCE"
                } else {
                    "CONFLICT"
                };
                (StatusCode::CONFLICT, coded(*kind, "002"), v1)
            }
            Error::BadCredentials => (
                StatusCode::UNAUTHORIZED,
                "AUTH_001".to_owned(),
                "INVALID_CREDENTIALS",
            ),
            Error::TokenExpired => (StatusCode::UNAUTHORIZED, "AUTH_002".to_owned(), "TOKEN_EXPIRED"),
            Error::TokenInvalid(_) => (StatusCode::UNAUTHORIZED, "AUTH_003".to_owned(), "UNAUTHORIZED"),
            Error::Forbidden(_) => (StatusCode::FORBIDDEN, "AUTH_004".to_owned(), "FORBIDDEN"),
            Error::RateLimited { .. } => (
                StatusCode::TOO_MANY_REQUESTS,
                "REQUEST_005".to_owned(),
                "RATE_LIMIT_EXCEEDED",
            ),
            Error::Unavailable { .. } => (
                StatusCode::SERVICE_UNAVAILABLE,
                "SERVER_002".to_owned(),
                "SERVICE_UNAVAILABLE",
            ),
            Error::TooLarge { .. } => (
                or_400(StatusCode::PAYLOAD_TOO_LARGE),
                "REQUEST_001".to_owned(),
                "PAYLOAD_TOO_LARGE",
            ),
            Error::UnsupportedMedia(_) => (
                or_400(StatusCode::UNSUPPORTED_MEDIA_TYPE),
                "REQUEST_001".to_owned(),
                "VALIDATION_ERROR",
            ),
            Error::Internal(_) => (
                StatusCode::INTERNAL_SERVER_ERROR,
                "SERVER_001".to_owned(),
                "INTERNAL_SERVER_ERROR",
            ),
        },
    };
    let code = match family {
        Family::VoiceEra | Family::Dialer => voiceera,
        Family::V1 => v1.to_owned(),
    };
    Named {
        status,
        code,
        message: words(failure),
        fields: fields(failure),
        retry_after_s: retry_after(failure),
    }
}

/// VoiceERA's code of a kind of record: `001` not found, `002` conflict.
fn coded(kind: Kind, number: &str) -> String {
    let prefix = match kind {
        Kind::User => "USER",
        Kind::VoiceAgent | Kind::Operator => "AGENT",
        Kind::Group => "GROUP",
        Kind::DoNotCall => "DNC",
        Kind::Campaign => "CAMPAIGN",
        Kind::Lead => "LEAD",
        Kind::Call => "CALL",
        Kind::Recording => "RECORDING",
        Kind::Tenant => "TENANT",
        Kind::Integration => "INTEGRATION",
        Kind::Subscription => "WEBHOOK",
        Kind::Export => "EXPORT",
        Kind::Import => "IMPORT",
    };
    format!("{prefix}_{number}")
}

/// The sentence for a person. A fault of ours says nothing of itself.
fn words(failure: &Failure) -> String {
    match failure {
        Failure::Domain(Error::Internal(_)) => "Internal server error".to_owned(),
        Failure::Domain(Error::Invalid(_)) => "The request is not valid".to_owned(),
        Failure::Domain(error) => capital(&error.to_string()),
        Failure::Maintenance { message } => message.clone(),
        other @ (Failure::NoRoute(_)
        | Failure::WrongMethod(_)
        | Failure::KeyReused
        | Failure::KeyBusy { .. }
        | Failure::NoSuchAgent { .. }
        | Failure::Stale { .. }
        | Failure::Uploads { .. }
        | Failure::Headers { .. }
        | Failure::Range { .. }) => capital(&other.to_string()),
    }
}

fn fields(failure: &Failure) -> Vec<FieldError> {
    match failure {
        Failure::Domain(Error::Invalid(fields)) => fields.clone(),
        Failure::NoSuchAgent { field } => vec![FieldError::new(field, "there is no agent with this id")],
        Failure::KeyReused => vec![FieldError::new(
            "Idempotency-Key",
            "it was used with another body",
        )],
        Failure::Domain(_)
        | Failure::NoRoute(_)
        | Failure::WrongMethod(_)
        | Failure::KeyBusy { .. }
        | Failure::Stale { .. }
        | Failure::Uploads { .. }
        | Failure::Headers { .. }
        | Failure::Maintenance { .. }
        | Failure::Range { .. } => Vec::new(),
    }
}

fn retry_after(failure: &Failure) -> Option<u32> {
    match failure {
        Failure::Maintenance { .. } => Some(60),
        Failure::KeyBusy { retry_after_s }
        | Failure::Uploads { retry_after_s }
        | Failure::Domain(
            Error::RateLimited { retry_after_s, .. } | Error::Unavailable { retry_after_s, .. },
        ) => Some(*retry_after_s),
        Failure::Domain(_)
        | Failure::NoRoute(_)
        | Failure::WrongMethod(_)
        | Failure::KeyReused
        | Failure::NoSuchAgent { .. }
        | Failure::Stale { .. }
        | Failure::Headers { .. }
        | Failure::Range { .. } => None,
    }
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}
