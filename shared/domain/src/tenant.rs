//! Tenants: whose data it is, and whom they may ring.

use serde::{Deserialize, Serialize};

use crate::{E164, Instant, TenantId, Usd};

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
    /// The most it may spend on calls a day, in UTC; none: no limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub daily_cap: Option<Usd>,
    /// When it came.
    pub created_at: Instant,
}

impl Tenant {
    /// Whether a number lies in a country that it may dial.
    #[must_use]
    pub fn reaches(&self, phone: &E164) -> bool {
        self.countries.is_empty()
            || self
                .countries
                .iter()
                .any(|code| phone.digits().starts_with(code.as_str()))
    }

    /// Whether its day has room for one more call, when that much is spent or set aside.
    #[must_use]
    pub fn affords(&self, spent: Usd, next: Usd) -> bool {
        self.daily_cap.is_none_or(|cap| spent + next <= cap)
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    fn tenant(countries: &[&str], daily_cap: Option<i64>) -> Tenant {
        Tenant {
            id: TenantId(uuid::Uuid::nil()),
            country: None,
            may_dial: true,
            countries: countries.iter().map(|&code| code.to_owned()).collect(),
            daily_cap: daily_cap.map(Usd::from_micros),
            created_at: DateTime::UNIX_EPOCH,
        }
    }

    #[test]
    fn a_tenant_reaches_the_countries_it_was_granted_and_all_when_none_is_named() {
        let paris: E164 = "+33142685300".parse().unwrap();
        assert!(tenant(&[], None).reaches(&paris));
        assert!(tenant(&["1", "33"], None).reaches(&paris));
        assert!(!tenant(&["1", "44"], None).reaches(&paris));
    }

    #[test]
    fn the_days_last_call_is_the_one_that_still_fits_whole() {
        let capped = tenant(&[], Some(1_000_000));
        assert!(capped.affords(Usd::from_micros(500_000), Usd::from_micros(500_000)));
        assert!(!capped.affords(Usd::from_micros(500_001), Usd::from_micros(500_000)));
        assert!(tenant(&[], None).affords(Usd::from_micros(i64::MAX), Usd::from_micros(1)));
    }
}
