//! Keys of what ends by itself.

/// How often somebody asked in one window of time.
#[must_use]
pub fn rate(who: &str, window: i64) -> String {
    format!("RL#{who}#{window}")
}
/// A request with an idempotency key, by the fingerprint of user, method, path and key.
#[must_use]
pub fn idempotency(fingerprint: &str) -> String {
    format!("IDEM#{fingerprint}")
}
/// A token that is used once, by its purpose and fingerprint.
#[must_use]
pub fn token(purpose: &str, fingerprint: &str) -> String {
    format!("TOK#{purpose}#{fingerprint}")
}
/// Calls that are written into a file.
#[must_use]
pub fn export(export: uuid::Uuid) -> String {
    format!("EXPORT#{export}")
}
/// Something that one holder has for a while.
#[must_use]
pub fn lease(name: &str) -> String {
    format!("LEASE#{name}")
}
/// The instances that hold desks' sockets.
pub const DESKS: &str = "DESKS";
/// What a tenant's desks were told in the last hour.
#[must_use]
pub fn feed(tenant: trunkline_domain::TenantId) -> String {
    format!("FEED#{tenant}")
}
/// One of these, by when it was written; the event's id tells those of one millisecond apart.
#[must_use]
pub fn feed_entry(at: trunkline_domain::Instant, event: trunkline_domain::id::EventId) -> String {
    format!("{}#{event}", super::time(at))
}
/// What a campaign's latest calls came to, by when a slice of time began; and its month.
#[must_use]
pub fn pace(campaign: trunkline_domain::CampaignId) -> String {
    format!("PACE#{campaign}")
}
