//! What a tenant may do to phones: with a real carrier nothing, until it is granted here.

use aide::axum::{ApiRouter, routing::get_with};
use axum::extract::State;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use trunkline_domain::{TenantId, Usd, tenant::Tenant};
use trunkline_http::{Admin, Body, Failure, Patch, PathId, Reply, Result, Seconds, example};
use trunkline_service::{
    Ctx,
    tenants::{self, Grant},
};

pub(crate) fn router() -> ApiRouter<Ctx> {
    ApiRouter::new().api_route(
        "/admin/tenants/{tenant_id}",
        get_with(one, |op| op.summary("Get what a tenant is granted")).put_with(grant, |op| {
            op.summary("Grant a tenant its calls, with its countries and its spend a day")
        }),
    )
}

/// A tenant and its grant.
#[derive(Serialize, JsonSchema)]
struct TenantBody {
    #[schemars(example = example::id("tenant_id"))]
    id: String,
    /// Whether its campaigns may ring phones.
    #[schemars(example = true)]
    may_dial: bool,
    /// Country calling codes that it may dial; empty: all.
    #[schemars(example = ["1", "44"])]
    countries: Vec<String>,
    /// The most it may spend on calls a UTC day, in USD; `null`: no limit.
    #[schemars(example = 100.0)]
    daily_cap: Option<f64>,
    /// Default country of its national numbers, ISO 3166.
    #[schemars(example = &"US")]
    country: Option<String>,
    created_at: Seconds,
}

impl From<Tenant> for TenantBody {
    fn from(tenant: Tenant) -> Self {
        Self {
            id: tenant.id.to_string(),
            may_dial: tenant.may_dial,
            countries: tenant.countries,
            daily_cap: tenant.daily_cap.map(Usd::dollars),
            country: tenant.country,
            created_at: Seconds(tenant.created_at),
        }
    }
}

/// What is granted; absent is unchanged.
#[derive(Deserialize, JsonSchema)]
struct Fields {
    #[schemars(example = true)]
    may_dial: Option<bool>,
    /// Calling codes such as `1` or `+44`; empty: all.
    #[schemars(example = ["1", "44"])]
    countries: Option<Vec<String>>,
    /// USD a day; `null`: no limit.
    #[serde(default)]
    #[schemars(example = 100.0)]
    daily_cap: Patch<f64>,
    /// ISO 3166, two letters; `null`: none.
    #[serde(default)]
    #[schemars(example = &"US")]
    country: Patch<String>,
}

async fn one(
    State(ctx): State<Ctx>,
    Admin(by): Admin,
    PathId(id): PathId<TenantId>,
) -> Result<Reply<TenantBody>> {
    Ok(Reply::new(tenants::get(&ctx, &by, id).await?.into()))
}

async fn grant(
    State(ctx): State<Ctx>,
    Admin(by): Admin,
    PathId(id): PathId<TenantId>,
    Body(fields): Body<Fields>,
) -> Result<Reply<TenantBody>> {
    let not_money = || Failure::invalid("daily_cap", "it must be an amount of dollars such as 100");
    let daily_cap = fields
        .daily_cap
        .try_map(|dollars| Usd::from_dollars(dollars).ok_or_else(not_money))?;
    let asked = Grant {
        may_dial: fields.may_dial,
        countries: fields.countries,
        daily_cap: daily_cap.change(),
        country: fields.country.change(),
    };
    Ok(Reply::new(tenants::grant(&ctx, &by, id, asked).await?.into()))
}
