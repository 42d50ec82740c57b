//! The price table, at the address of VoiceERA's admin.

use std::collections::BTreeMap;

use aide::axum::{ApiRouter, routing::get_with};
use axum::extract::State;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use trunkline_domain::{
    Usd,
    prices::{PriceTable, Tariff},
};
use trunkline_http::{Admin, Body, IfMatch, Patch, Reply, Result, Seconds};
use trunkline_service::{
    Ctx,
    prices::{self, PricesChange, TariffChange},
};

pub(crate) fn router() -> ApiRouter<Ctx> {
    ApiRouter::new().api_route(
        "/admin/prices",
        get_with(show, |op| {
            op.summary("The prices that calls are reckoned with (admin)")
        })
        .put_with(change, |op| {
            op.summary("Set prices (admin)")
                .description("A call keeps the prices that it was first reckoned with. `null` brings the list prices back.")
        }),
    )
}

/// Prices in US dollars.
#[derive(Debug, Serialize, JsonSchema)]
struct PricesBody {
    #[schemars(example = &"USD")]
    currency: &'static str,
    /// By the longest prefix of the called number.
    telephony: TariffBody,
    /// Speech to text, by provider.
    speech: TariffBody,
    /// Language models, by `provider/model` or provider.
    model: TariffBody,
    /// Text to speech, by provider.
    voice: TariffBody,
    /// Rises with every change; 0 for the list prices.
    #[schemars(example = 1)]
    version: u64,
    updated_at: Option<Seconds>,
    #[schemars(example = &"admin@example.com")]
    updated_by: Option<String>,
}

/// Prices of one kind. Built-in parts cost nothing, unless they are named.
#[derive(Debug, Serialize, JsonSchema)]
struct TariffBody {
    /// What one price is for.
    #[schemars(example = &"started minute")]
    unit: &'static str,
    /// Of what has no price of its own.
    #[schemars(example = 0.013)]
    default: f64,
    /// Of what has one.
    #[schemars(example = json!({"+44": 0.02}))]
    by: BTreeMap<String, f64>,
    /// Where the figures come from.
    #[schemars(example = &"the carrier's list of January 2024")]
    source: String,
}

impl TariffBody {
    fn of(tariff: Tariff, unit: &'static str) -> Self {
        let by = tariff
            .special
            .into_iter()
            .map(|(name, price)| (name, price.dollars()));
        Self {
            unit,
            default: tariff.otherwise.dollars(),
            by: by.collect(),
            source: tariff.source,
        }
    }
}

fn reply(table: PriceTable) -> Reply<PricesBody> {
    let version = table.version;
    let body = PricesBody {
        currency: "USD",
        telephony: TariffBody::of(table.telephony, "started minute"),
        speech: TariffBody::of(table.speech, "started minute"),
        model: TariffBody::of(table.model, "1,000 characters read or written"),
        voice: TariffBody::of(table.voice, "1,000 characters spoken"),
        version,
        updated_at: table.updated_at.map(Seconds),
        updated_by: table.updated_by,
    };
    Reply::new(body).etag(version)
}

/// Prices to set.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
struct Prices {
    #[schemars(example = json!({"default": 0.013, "by": {"+44": 0.02}, "source": "the carrier's list of January 2024"}))]
    telephony: Patch<TariffFields>,
    speech: Patch<TariffFields>,
    model: Patch<TariffFields>,
    voice: Patch<TariffFields>,
}

/// Prices of one kind to set.
#[derive(Debug, Default, Clone, Deserialize, JsonSchema)]
#[serde(default)]
struct TariffFields {
    /// US dollars, 0 to 100.
    default: Option<f64>,
    /// All of them, US dollars, 0 to 100; null for none.
    by: Patch<BTreeMap<String, f64>>,
    /// Where the figures come from.
    source: Option<String>,
}

impl From<TariffFields> for TariffChange {
    fn from(fields: TariffFields) -> Self {
        let special = fields.by.change().map(Option::unwrap_or_default);
        Self {
            otherwise: fields.default.map(micros),
            special: special.map(|by| {
                by.into_iter()
                    .map(|(name, price)| (name, micros(price)))
                    .collect()
            }),
            source: fields.source,
        }
    }
}

/// Dollars as millionths; far out of range stays out of range.
fn micros(dollars: f64) -> Usd {
    let micros = (dollars * 1e6).round().clamp(-1.0, 1e12);
    #[expect(clippy::cast_possible_truncation, reason = "clamped to what fits")]
    Usd::from_micros(micros as i64)
}

async fn show(State(ctx): State<Ctx>, Admin(by): Admin) -> Result<Reply<PricesBody>> {
    Ok(reply(prices::get(&ctx, &by).await?))
}

async fn change(
    State(ctx): State<Ctx>,
    Admin(by): Admin,
    if_match: IfMatch,
    Body(body): Body<Prices>,
) -> Result<Reply<PricesBody>> {
    let part = |patch: Patch<TariffFields>| patch.change().map(|fields| fields.map(TariffChange::from));
    let wanted = PricesChange {
        telephony: part(body.telephony),
        speech: part(body.speech),
        model: part(body.model),
        voice: part(body.voice),
    };
    let table = prices::change(&ctx, &by, &wanted, |version| if_match.check(version)).await?;
    Ok(reply(table))
}
