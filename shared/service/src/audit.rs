//! The trail of who did what.
//!
//! An entry is written before the deed and taken back when the deed is refused: no change goes without its entry,
//! whatever dies in between; at worst an entry tells of what was only tried.

use trunkline_auth::Principal;
use trunkline_domain::{
    Error, Role, User,
    page::{Page, PageQuery},
};
pub use trunkline_store::identity::{AuditEntry, AuditFilter};
use uuid::Uuid;

use crate::Ctx;

/// What somebody is about to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deed {
    /// Such as `campaigns.launch`.
    pub action: String,
    /// Such as `campaign`.
    pub target_type: String,
    /// On which record, where it is known before.
    pub target_id: Option<Uuid>,
    /// From which address.
    pub address: Option<String>,
}

/// Writes what somebody is about to do.
///
/// # Errors
/// When the store does not answer: then it is not to be done.
pub async fn begin(ctx: &Ctx, by: &Principal, deed: Deed) -> Result<AuditEntry, Error> {
    let entry = AuditEntry {
        id: ctx.ids.uuid(),
        at: ctx.now(),
        tenant: by.tenant,
        actor: by.user,
        actor_email: by.email.clone(),
        action: deed.action,
        target_type: deed.target_type,
        target_id: deed.target_id,
        address: deed.address,
    };
    ctx.store.put_audit(&entry).await?;
    Ok(entry)
}

/// Takes an entry back: the deed was refused, nothing changed. If that fails the entry stays, and tells of a try.
pub async fn refused(ctx: &Ctx, entry: &AuditEntry) {
    if let Err(error) = ctx.store.remove_audit(entry).await {
        tracing::warn!(audit.id = %entry.id, "an entry of the trail tells of what was refused: {error}");
    }
}

/// Notes on which record it was, now that it is known.
pub async fn aimed(ctx: &Ctx, mut entry: AuditEntry, target: Uuid) {
    entry.target_id = Some(target);
    if let Err(error) = ctx.store.put_audit(&entry).await {
        tracing::warn!(audit.id = %entry.id, target.id = %target, "an entry of the trail does not name its record: {error}");
    }
}

/// Notes what a user did who had no token yet: a login, a registration.
///
/// # Errors
/// When the store does not answer.
pub async fn note(ctx: &Ctx, user: &User, action: &str, address: Option<String>) -> Result<(), Error> {
    let entry = AuditEntry {
        id: ctx.ids.uuid(),
        at: ctx.now(),
        tenant: user.tenant,
        actor: user.id,
        actor_email: user.email.clone(),
        action: action.to_owned(),
        target_type: "user".to_owned(),
        target_id: Some(user.id.0),
        address,
    };
    Ok(ctx.store.put_audit(&entry).await?)
}

/// A page of the trail, newest first: for the admin, who sees all.
///
/// # Errors
/// [`Error::Forbidden`]; [`Error::Invalid`] for a wrong cursor.
pub async fn list(
    ctx: &Ctx,
    by: &Principal,
    filter: &AuditFilter,
    page: &PageQuery,
) -> Result<Page<AuditEntry>, Error> {
    by.require(Role::Admin)?;
    Ok(ctx.store.list_audit(filter, page).await?)
}
