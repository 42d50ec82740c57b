//! How much there is of everything. Users and tenants are counted as they come and go; the rest is what the tenants'
//! counters add up to, summed again when somebody asks and the last sum is a minute old.

use std::time::Duration;

use chrono::TimeDelta;
use futures::future::try_join_all;
use trunkline_auth::Principal;
use trunkline_domain::{
    Error, Outcome, Role, TenantId,
    counters::{CALLS, COST_MICROS, DURATION_S, outcome_counter},
};
use trunkline_store::{
    Period, Scope, Sums,
    identity::{PlatformSums, Totals},
};

use crate::Ctx;

/// How old a sum may be, in seconds.
const FRESH_S: i64 = 60;
/// The longest that one request sums.
const PATIENCE: Duration = Duration::from_secs(20);
/// Tenants that are asked at once.
const AT_ONCE: usize = 8;

/// How much there is of everything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stats {
    /// Users and tenants, as of now.
    pub totals: Totals,
    /// The rest, as of when it was summed.
    pub sums: PlatformSums,
}

/// How much there is of everything: for the admin.
///
/// # Errors
/// [`Error::Forbidden`]; [`Error::Unavailable`] when a first sum takes too long.
pub async fn stats(ctx: &Ctx, by: &Principal) -> Result<Stats, Error> {
    by.require(Role::Admin)?;
    let totals = ctx.store.totals().await?;
    let kept = ctx.store.platform_sums().await?;
    let is_fresh = |sums: &PlatformSums| ctx.now() - sums.as_of < TimeDelta::seconds(FRESH_S);
    if let Some(sums) = kept.clone().filter(is_fresh) {
        return Ok(Stats { totals, sums });
    }
    let summed = tokio::time::timeout(PATIENCE, sum(ctx)).await;
    let sums = match (summed, kept) {
        (Ok(Ok(sums)), _) => {
            ctx.store.put_platform_sums(&sums).await?;
            sums
        }
        (Ok(Err(error)), None) => return Err(error),
        (Ok(Err(error)), Some(kept)) => {
            tracing::warn!("the platform's totals could not be summed; the last ones are shown: {error}");
            kept
        }
        (Err(_), Some(kept)) => kept,
        (Err(_), None) => {
            return Err(Error::Unavailable {
                what: "the platform's totals take longer to sum than a request may".to_owned(),
                retry_after_s: 60,
            });
        }
    };
    Ok(Stats { totals, sums })
}

async fn sum(ctx: &Ctx) -> Result<PlatformSums, Error> {
    let mut all = PlatformSums {
        agents: 0,
        campaigns: 0,
        calls: names().map(|name| (name.to_owned(), 0)).collect(),
        as_of: ctx.now(),
    };
    let tenants = ctx.store.all_tenants().await?;
    for some in tenants.chunks(AT_ONCE) {
        let mut asked = Vec::new();
        for tenant in some {
            asked.push(of_tenant(ctx, *tenant));
        }
        for ((agents, campaigns), calls) in try_join_all(asked).await? {
            all.agents += agents;
            all.campaigns += campaigns;
            for (name, sum) in &mut all.calls {
                *sum += calls.get(name);
            }
        }
    }
    Ok(all)
}

async fn of_tenant(ctx: &Ctx, tenant: TenantId) -> Result<((u64, u64), Sums), Error> {
    Ok(tokio::try_join!(
        ctx.store.count_directory(tenant),
        ctx.store.sums(tenant, Scope::Tenant, Period::default())
    )?)
}

/// The counters that are summed.
fn names() -> impl Iterator<Item = &'static str> {
    let outcomes = [
        Outcome::Answered,
        Outcome::Voicemail,
        Outcome::NoAnswer,
        Outcome::Busy,
        Outcome::Failed,
        Outcome::Cancelled,
        Outcome::Unknown,
    ];
    let others = [CALLS, DURATION_S, COST_MICROS];
    outcomes.map(outcome_counter).into_iter().chain(others)
}
