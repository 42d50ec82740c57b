//! Tenants: whose data it is.

use serde::{Deserialize, Serialize};

use crate::{Instant, TenantId, Usd};

/// A tenant, as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tenant {
    /// Its id.
    pub id: TenantId,
    /// Default country for national numbers, ISO 3166.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// Whether it may dial: with a real carrier the admin grants it.
    pub may_dial: bool,
    /// Country calling codes it may dial, such as `1`; empty: all.
    #[serde(default)]
    pub countries: Vec<String>,
    /// The most it may spend a day.
    pub daily_cap: Usd,
    /// When it came.
    pub created_at: Instant,
}
