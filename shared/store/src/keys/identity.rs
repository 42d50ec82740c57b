//! Keys of people: users, tenants, logins, the trail, and what there is once in a deployment.

use trunkline_domain::{SessionId, TenantId, UserId};

/// A user.
#[must_use]
pub fn user(user: UserId) -> String {
    format!("U#{user}")
}
/// An e-mail address, lower-case: unique in the whole directory.
#[must_use]
pub fn email(email: &str) -> String {
    format!("E#{email}")
}
/// A tenant: its row, and its users under `USER#…`.
#[must_use]
pub fn tenant(tenant: TenantId) -> String {
    format!("T#{tenant}")
}
/// A login.
#[must_use]
pub fn session(session: SessionId) -> String {
    format!("S#{session}")
}

/// A tenant's user, below the tenant.
#[must_use]
pub fn tenant_user(user: UserId) -> String {
    format!("USER#{user}")
}
/// An invitation, by its token's fingerprint.
#[must_use]
pub fn invitation(fingerprint: &str) -> String {
    format!("INV#{fingerprint}")
}
/// Index `all`: the users of one of 4 shards, by when they came.
#[must_use]
pub fn all_users(user: UserId) -> String {
    format!("USERS#{}", user.0.as_bytes()[15] % LISTED)
}

/// How many shards index `all` has of a list.
const LISTED: u8 = 4;
/// Index `all`: every partition of the users' list.
#[must_use]
pub fn user_shards() -> Vec<String> {
    (0..LISTED).map(|shard| format!("USERS#{shard}")).collect()
}
/// What a tenant's people did, by when.
#[must_use]
pub fn audit(tenant: TenantId) -> String {
    format!("AUD#{tenant}")
}
/// Index `all`: what everybody did, one of 4 shards, by when.
#[must_use]
pub fn all_audit(entry: uuid::Uuid) -> String {
    format!("AUDIT#{}", entry.as_bytes()[15] % LISTED)
}
/// Index `all`: every partition of the trail.
#[must_use]
pub fn audit_shards() -> Vec<String> {
    (0..LISTED).map(|shard| format!("AUDIT#{shard}")).collect()
}
/// One of 4 lists of all tenants; the sort key is the tenant's id.
#[must_use]
pub fn tenants(tenant: TenantId) -> String {
    format!("TENANTS#{}", tenant.0.as_bytes()[15] % LISTED)
}
/// Every list of tenants.
#[must_use]
pub fn tenant_shards() -> Vec<String> {
    (0..LISTED).map(|shard| format!("TENANTS#{shard}")).collect()
}
/// What there is once in a deployment.
pub const PLATFORM: &str = "PLATFORM";
/// Whether it is under maintenance.
pub const MAINTENANCE: &str = "MAINTENANCE";
/// What all tenants' counters add up to.
pub const SUMS: &str = "SUMS";
/// How many users and tenants there are, in 8 shards.
pub const TOTALS: &str = "TOTALS";
