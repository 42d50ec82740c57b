//! The id of what a POST creates. With an idempotency key it is derived, so a rerun after a crash finds what the first run made.

use aide::OperationInput;
use axum::extract::FromRequestParts;
use http::{HeaderMap, request::Parts};
use trunkline_domain::{Error, id::derived};
use trunkline_service::Ctx;
use uuid::Uuid;

use super::auth::Caller;
use crate::Failure;

/// The id for what is about to be made.
#[derive(Debug, Clone, Copy)]
pub struct NewId {
    /// The id.
    pub id: Uuid,
    /// It comes from an idempotency key: a record of the tenant with this id is what an earlier, broken-off run made.
    pub derived: bool,
}

impl FromRequestParts<Ctx> for NewId {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, ctx: &Ctx) -> Result<Self, Failure> {
        if let (Some(key), Some(Caller::Known(principal, _))) =
            (key_of(&parts.headers)?, parts.extensions.get::<Caller>())
        {
            let scope = format!(
                "idem {} {} {} {key}",
                principal.tenant,
                principal.user,
                parts.uri.path()
            );
            return Ok(Self {
                id: derived(&scope),
                derived: true,
            });
        }
        Ok(Self {
            id: ctx.ids.uuid(),
            derived: false,
        })
    }
}

impl OperationInput for NewId {}

/// The `Idempotency-Key`, if there is one.
pub(crate) fn key_of(headers: &HeaderMap) -> Result<Option<&str>, Error> {
    let Some(value) = headers.get("idempotency-key") else {
        return Ok(None);
    };
    match value.to_str() {
        Ok(key) if (1..=255).contains(&key.len()) => Ok(Some(key)),
        _ => Err(Error::invalid(
            "Idempotency-Key",
            "it must have 1 to 255 visible ASCII characters",
        )),
    }
}
