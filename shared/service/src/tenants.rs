//! What a tenant may do to phones: with a real carrier nothing, until the platform's admin grants it.

use chrono::{NaiveTime, TimeZone, Utc};
use trunkline_auth::Principal;
use trunkline_domain::{
    Error, FieldError, Instant, Role, TenantId, Usd, counters::COST_MICROS, error::Kind, phone::is_country,
    tenant::Tenant,
};
use trunkline_store::{
    StoreError,
    counters::{Period, Scope},
};

use crate::Ctx;

/// The most calling codes that a grant names.
const COUNTRIES_MAX: usize = 300;
/// The most that a tenant may be granted a day; more is a slip of the keyboard.
const DAILY_CAP_MAX: Usd = Usd::from_micros(1_000_000_000_000);

/// What the admin changes of a tenant's grant; none leaves it.
#[derive(Debug, Clone, Default)]
pub struct Grant {
    /// Whether it may dial.
    pub may_dial: Option<bool>,
    /// Country calling codes, such as `1` or `44`, with or without `+`; empty: all.
    pub countries: Option<Vec<String>>,
    /// The most it may spend a day; `Some(None)`: no limit.
    pub daily_cap: Option<Option<Usd>>,
    /// Default country for national numbers, ISO 3166; `Some(None)`: none.
    pub country: Option<Option<String>>,
}

/// A tenant, for the admin.
///
/// # Errors
/// [`Error::Forbidden`] for others, [`Error::NotFound`].
pub async fn get(ctx: &Ctx, who: &Principal, id: TenantId) -> Result<Tenant, Error> {
    who.require(Role::Admin)?;
    ctx.store.tenant(id).await?.ok_or(Error::NotFound(Kind::Tenant))
}

/// Grants a tenant its calls, or takes them back: in force with the next call that is dialled.
///
/// # Errors
/// As [`get`]; [`Error::Invalid`] names each wrong field.
pub async fn grant(ctx: &Ctx, who: &Principal, id: TenantId, asked: Grant) -> Result<Tenant, Error> {
    let mut tenant = get(ctx, who, id).await?;
    let mut errors = Vec::new();
    if let Some(codes) = asked.countries {
        match calling_codes(&codes) {
            Ok(codes) => tenant.countries = codes,
            Err(error) => errors.push(error),
        }
    }
    if let Some(cap) = asked.daily_cap {
        if cap.is_some_and(|cap| cap < Usd::ZERO || cap > DAILY_CAP_MAX) {
            let what = format!("it must be from 0 to {} dollars", DAILY_CAP_MAX.dollars());
            errors.push(FieldError::new("daily_cap", what));
        }
        tenant.daily_cap = cap;
    }
    if let Some(country) = asked.country {
        if country.as_deref().is_some_and(|code| !is_country(code)) {
            errors.push(FieldError::new(
                "country",
                "it must be a two-letter country code such as `US`",
            ));
        }
        tenant.country = country.map(|code| code.to_ascii_uppercase());
    }
    if !errors.is_empty() {
        return Err(Error::Invalid(errors));
    }
    tenant.may_dial = asked.may_dial.unwrap_or(tenant.may_dial);
    match ctx.store.update_tenant(&tenant).await {
        Ok(()) => Ok(tenant),
        Err(error) if error.is_condition() => Err(Error::NotFound(Kind::Tenant)),
        Err(error) => Err(error.into()),
    }
}

/// What a tenant's calls of this UTC day have cost so far, by those that have their price.
///
/// # Errors
/// When the store does not answer.
pub async fn spent_today(ctx: &Ctx, tenant: TenantId) -> Result<Usd, StoreError> {
    let period = Period {
        from: Some(midnight(ctx.now())),
        before: None,
    };
    let sums = ctx.store.sums(tenant, Scope::Tenant, period).await?;
    Ok(Usd::from_micros(sums.get(COST_MICROS)))
}

/// When this UTC day, and with it what was spent on it, is over.
#[must_use]
pub fn day_ends(now: Instant) -> Instant {
    midnight(now) + chrono::Duration::days(1)
}

fn midnight(now: Instant) -> Instant {
    Utc.from_utc_datetime(&now.date_naive().and_time(NaiveTime::MIN))
}

fn calling_codes(texts: &[String]) -> Result<Vec<String>, FieldError> {
    if texts.len() > COUNTRIES_MAX {
        return Err(FieldError::new(
            "countries",
            format!("at most {COUNTRIES_MAX} calling codes"),
        ));
    }
    let mut codes = Vec::with_capacity(texts.len());
    for (at, text) in texts.iter().enumerate() {
        let code = text.trim().trim_start_matches('+');
        let digits = (1..=7).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_digit());
        if !digits || code.starts_with('0') {
            return Err(FieldError::new(
                format!("countries[{at}]"),
                "it must be a calling code such as `1` or `44`",
            ));
        }
        codes.push(code.to_owned());
    }
    codes.sort_unstable();
    codes.dedup();
    Ok(codes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(codes: &[&str]) -> Result<Vec<String>, FieldError> {
        calling_codes(&codes.iter().map(|&code| code.to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn calling_codes_are_read_with_and_without_a_plus_and_kept_once() {
        assert_eq!(read(&["+44", "1", " 44 "]).unwrap(), ["1", "44"]);
    }

    #[test]
    fn what_is_no_calling_code_is_named_by_its_place() {
        for wrong in ["US", "", "0", "+", "12345678"] {
            assert_eq!(
                read(&["1", wrong]).unwrap_err().field,
                "countries[1]",
                "{wrong:?}"
            );
        }
    }
}
