//! Addresses that others give us to call: never our own house.

use trunkline_domain::Error;

use crate::Ctx;

/// Refuses a URL that is none, is not HTTP, or is known to point to a private address. One whose
/// name does not resolve now is accepted: what calls it checks again.
///
/// # Errors
/// [`Error::Invalid`] on `field`.
pub async fn check(ctx: &Ctx, field: &str, text: &str) -> Result<(), Error> {
    ctx.outbound.check(field, text).await.map(|_| ())
}
