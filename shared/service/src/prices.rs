//! The platform's prices, which the admin sets.

use std::collections::BTreeMap;

use trunkline_auth::Principal;
use trunkline_domain::{
    Error, FieldError, Role, Usd,
    prices::{PriceTable, Tariff},
};

use crate::Ctx;

/// The most that a unit may cost: a hundred dollars.
const MOST: Usd = Usd::from_micros(100_000_000);
/// The most names of one kind.
const NAMES_MAX: usize = 500;
/// The most letters of a name or a source.
const LETTERS_MAX: usize = 200;
/// How often a change that met another is tried anew.
const TRIES: usize = 8;

/// A change of one kind's prices; what is none stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TariffChange {
    /// A unit of what has no price of its own.
    pub otherwise: Option<Usd>,
    /// All special prices, in place of those that there are.
    pub special: Option<BTreeMap<String, Usd>>,
    /// Where the figures come from.
    pub source: Option<String>,
}

/// A change of the table. An inner none: the list prices again.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PricesChange {
    /// Carrier minutes.
    pub telephony: Option<Option<TariffChange>>,
    /// Speech to text.
    pub speech: Option<Option<TariffChange>>,
    /// Language models.
    pub model: Option<Option<TariffChange>>,
    /// Text to speech.
    pub voice: Option<Option<TariffChange>>,
}

/// The prices that calls are reckoned with from now on.
///
/// # Errors
/// [`Error::Forbidden`] for all but the admin.
pub async fn get(ctx: &Ctx, who: &Principal) -> Result<PriceTable, Error> {
    who.require(Role::Admin)?;
    Ok(ctx.store.prices().await?)
}

/// Changes prices: of calls that are worked up from now on. Those that have their prices keep them.
///
/// # Errors
/// [`Error::Invalid`] names each price that cannot be; what `check` says of the version that is changed.
pub async fn change<E: From<Error>>(
    ctx: &Ctx,
    who: &Principal,
    change: &PricesChange,
    check: impl Fn(u64) -> Result<(), E>,
) -> Result<PriceTable, E> {
    who.require(Role::Admin)?;
    for _ in 0..TRIES {
        let mut table = ctx.store.prices().await.map_err(Error::from)?;
        check(table.version)?;
        let listed = PriceTable::default();
        let mut errors = Vec::new();
        for (name, tariff, listed, change) in [
            (
                "telephony",
                &mut table.telephony,
                listed.telephony,
                &change.telephony,
            ),
            ("speech", &mut table.speech, listed.speech, &change.speech),
            ("model", &mut table.model, listed.model, &change.model),
            ("voice", &mut table.voice, listed.voice, &change.voice),
        ] {
            match change {
                None => {}
                Some(None) => *tariff = listed,
                Some(Some(change)) => apply(tariff, change, name, &mut errors),
            }
        }
        if !errors.is_empty() {
            return Err(Error::Invalid(errors).into());
        }
        table.version += 1;
        table.updated_at = Some(ctx.now());
        table.updated_by = Some(who.email.clone());
        match ctx.store.put_prices(&table).await {
            Ok(()) => return Ok(table),
            Err(error) if error.is_condition() => {}
            Err(error) => return Err(Error::from(error).into()),
        }
    }
    Err(Error::Unavailable {
        what: "the prices are being changed by others; try again".to_owned(),
        retry_after_s: 1,
    }
    .into())
}

fn apply(tariff: &mut Tariff, change: &TariffChange, kind: &str, errors: &mut Vec<FieldError>) {
    let mut check = |field: String, price: Usd| {
        if price < Usd::ZERO || price > MOST {
            let what = format!("must be from 0 to {} dollars", MOST.dollars());
            errors.push(FieldError::new(field, what));
        }
    };
    if let Some(price) = change.otherwise {
        check(format!("{kind}.default"), price);
        tariff.otherwise = price;
    }
    if let Some(special) = &change.special {
        for (name, price) in special {
            check(format!("{kind}.by.{name}"), *price);
        }
        tariff.special = special
            .iter()
            .map(|(name, price)| (plain(kind, name), *price))
            .collect();
        errors.extend(wrong_names(kind, special));
    }
    if let Some(source) = &change.source {
        if source.chars().count() > LETTERS_MAX {
            let what = format!("at most {LETTERS_MAX} characters");
            errors.push(FieldError::new(format!("{kind}.source"), what));
        }
        tariff.source.clone_from(source);
    } else if change.otherwise.is_some() || change.special.is_some() {
        "set by the admin".clone_into(&mut tariff.source);
    }
}

fn wrong_names(kind: &str, special: &BTreeMap<String, Usd>) -> Option<FieldError> {
    let field = format!("{kind}.by");
    if special.len() > NAMES_MAX {
        return Some(FieldError::new(field, format!("at most {NAMES_MAX} names")));
    }
    let wrong = special.keys().find(|name| {
        let name = plain(kind, name);
        let digits = name.bytes().all(|byte| byte.is_ascii_digit());
        name.is_empty()
            || name.chars().count() > LETTERS_MAX
            || (kind == "telephony" && !(digits && name.len() <= 15))
    })?;
    let what = if kind == "telephony" {
        format!("`{wrong}` is no prefix of numbers such as 44 or 1900")
    } else {
        format!("`{wrong}` is no provider such as openai, or model such as openai/gpt-4o")
    };
    Some(FieldError::new(field, what))
}

/// A name as calls have it: prefixes without `+`, providers in small letters.
fn plain(kind: &str, name: &str) -> String {
    if kind == "telephony" {
        name.trim().trim_start_matches('+').to_owned()
    } else {
        name.trim().to_lowercase()
    }
}
