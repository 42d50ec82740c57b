//! Keys of integrations, subscriptions and their deliveries.

use trunkline_domain::{
    Instant,
    id::{DeliveryId, IntegrationId, SubscriptionId},
};

use super::time;

/// An integration's sort key below its tenant.
#[must_use]
pub fn integration(id: IntegrationId) -> String {
    format!("INT#{id}")
}
/// A subscription's sort key below its tenant.
#[must_use]
pub fn subscription(id: SubscriptionId) -> String {
    format!("SUB#{id}")
}
/// Since when a subscription's receiver has only failed, below its tenant.
#[must_use]
pub fn subscription_health(id: SubscriptionId) -> String {
    format!("SUBHEALTH#{id}")
}
/// A delivery: its row in `ephemeral`, and in `dialing` while it is due.
#[must_use]
pub fn delivery(id: DeliveryId) -> String {
    format!("D#{id}")
}
/// A delivery's id, out of its key.
pub(crate) fn read_delivery(pk: &str) -> Option<DeliveryId> {
    pk.strip_prefix("D#")?.parse().ok()
}
/// A subscription's deliveries and tries.
#[must_use]
pub fn subscription_log(id: SubscriptionId) -> String {
    format!("HOOK#{id}")
}
/// Begins the sort keys of a subscription's deliveries.
pub const DELIVERIES: &str = "E#";
/// A delivery's sort key below its subscription.
#[must_use]
pub fn delivered_order(at: Instant, id: DeliveryId) -> String {
    format!("{DELIVERIES}{}#{id}", time(at))
}
/// Begins the sort keys of a subscription's tries.
pub const TRIES: &str = "L#";
/// A try's sort key below its subscription.
#[must_use]
pub fn try_order(at: Instant, id: DeliveryId, attempt: u32) -> String {
    format!("{TRIES}{}#{id}#{attempt:06}", time(at))
}
/// Index `due`, begins the sort keys of deliveries: apart from the times of all else.
pub const HOOK_DUE: &str = "hook#";
/// Index `due`, sort key of a delivery.
#[must_use]
pub fn hook_due(at: Instant) -> String {
    format!("{HOOK_DUE}{}", time(at))
}
