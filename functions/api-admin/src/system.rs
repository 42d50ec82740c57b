//! The deployment: how much there is, how its parts are, maintenance.

use std::collections::BTreeMap;

use aide::axum::{
    ApiRouter,
    routing::{get_with, post_with},
};
use axum::extract::State;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use trunkline_domain::{
    Outcome,
    counters::{CALLS, COST_MICROS, DURATION_S, outcome_counter},
};
use trunkline_http::{Admin, Body, Deployment, Reply, Result, Seconds};
use trunkline_service::{
    Ctx, platform,
    readiness::{self, PartState},
};

pub(crate) fn router() -> ApiRouter<Ctx> {
    ApiRouter::new()
        .api_route(
            "/admin/system/stats",
            get_with(stats, |op| op.summary("System statistics")),
        )
        .api_route(
            "/admin/system/health",
            get_with(health, |op| op.summary("Health status of every part")),
        )
        .api_route(
            "/admin/system/maintenance",
            post_with(maintenance, |op| op.summary("Enable or end maintenance mode")),
        )
}

/// How much there is of everything.
#[derive(Serialize, JsonSchema)]
struct Stats {
    /// Now.
    #[schemars(example = 12)]
    tenants: u64,
    /// Now.
    #[schemars(example = 40)]
    users: u64,
    /// As of `as_of`, as are campaigns and calls.
    #[schemars(example = 25)]
    agents: u64,
    #[schemars(example = 60)]
    campaigns: u64,
    calls: CallStats,
    /// When agents, campaigns and calls were summed: at most a minute before the first who asks.
    as_of: Seconds,
    /// Since when the process that answers serves.
    #[schemars(example = 86_400)]
    uptime_seconds: i64,
    #[schemars(example = &"0.1.0")]
    version: &'static str,
}

/// Ended calls of all tenants.
#[derive(Serialize, JsonSchema)]
struct CallStats {
    #[schemars(example = 1250)]
    total_calls: i64,
    /// Answered by anyone.
    #[schemars(example = 1200)]
    completed_calls: i64,
    /// The rest.
    #[schemars(example = 50)]
    failed_calls: i64,
    #[schemars(example = 180)]
    voicemail: i64,
    #[schemars(example = 30)]
    no_answer: i64,
    #[schemars(example = 12)]
    busy: i64,
    #[schemars(example = 3)]
    cancelled: i64,
    #[schemars(example = 216_000)]
    total_duration_seconds: i64,
    /// USD.
    #[schemars(example = 562.5)]
    total_cost: f64,
}

async fn stats(State(ctx): State<Ctx>, Admin(by): Admin, deployment: Deployment) -> Result<Reply<Stats>> {
    let found = platform::stats(&ctx, &by).await?;
    let sums = &found.sums;
    let sum = |name: &str| sums.calls.get(name).copied().unwrap_or(0);
    let of = |outcome: Outcome| sum(outcome_counter(outcome));
    let completed_calls = of(Outcome::Answered) + of(Outcome::Voicemail);
    let calls = CallStats {
        total_calls: sum(CALLS),
        completed_calls,
        failed_calls: sum(CALLS) - completed_calls,
        voicemail: of(Outcome::Voicemail),
        no_answer: of(Outcome::NoAnswer),
        busy: of(Outcome::Busy),
        cancelled: of(Outcome::Cancelled),
        total_duration_seconds: sum(DURATION_S),
        total_cost: trunkline_domain::Usd::from_micros(sum(COST_MICROS)).dollars(),
    };
    Ok(Reply::new(Stats {
        tenants: found.totals.tenants,
        users: found.totals.users,
        agents: sums.agents,
        campaigns: sums.campaigns,
        calls,
        as_of: Seconds(sums.as_of),
        uptime_seconds: (ctx.now() - deployment.since()).num_seconds().max(0),
        version: deployment.version(),
    }))
}

/// How the deployment is.
#[derive(Serialize, JsonSchema)]
struct Health {
    /// `ok`, or `degraded` while a part is down.
    #[schemars(example = &"ok")]
    status: &'static str,
    #[schemars(example = json!({"database": {"status": "ok", "latency_ms": 3, "reason": null}}))]
    components: BTreeMap<&'static str, Component>,
}

/// How a part is.
#[derive(Serialize, JsonSchema)]
struct Component {
    /// `ok`, `loading`, `missing` or `error`.
    #[schemars(example = &"ok")]
    status: &'static str,
    /// How long it took to answer.
    #[schemars(example = 3)]
    latency_ms: u64,
    /// What is wrong with it.
    reason: Option<String>,
}

async fn health(State(ctx): State<Ctx>, Admin(_): Admin, deployment: Deployment) -> Result<Reply<Health>> {
    let parts = readiness::measure(&ctx, deployment.parts()).await;
    let is_ok = parts.iter().all(|part| part.state.is_ready());
    let components = parts.into_iter().map(|part| {
        let component = Component {
            status: part.state.word(),
            latency_ms: part.latency_ms,
            reason: match part.state {
                PartState::Ok => None,
                PartState::Loading => Some("it is loading; requests are served meanwhile".to_owned()),
                PartState::Missing => Some("it is not there; what needs it is not done".to_owned()),
                PartState::Down(why) => Some(why),
            },
        };
        (part.name, component)
    });
    Ok(Reply::new(Health {
        status: if is_ok { "ok" } else { "degraded" },
        components: components.collect(),
    }))
}

/// Whether the API is to be closed to all but admins.
#[derive(Deserialize, JsonSchema)]
struct Switch {
    /// `true` unless given.
    #[schemars(example = true)]
    enabled: Option<bool>,
    /// What who asks is told meanwhile; at most 500 characters.
    #[schemars(example = &"The platform is under maintenance until 10:00 UTC")]
    message: Option<String>,
}

/// Whether the API is closed to all but admins.
#[derive(Serialize, JsonSchema)]
struct MaintenanceBody {
    enabled: bool,
    #[schemars(example = &"The platform is under maintenance until 10:00 UTC")]
    message: String,
    since: Seconds,
}

async fn maintenance(
    State(ctx): State<Ctx>,
    Admin(by): Admin,
    Body(switch): Body<Switch>,
) -> Result<Reply<MaintenanceBody>> {
    let enabled = switch.enabled.unwrap_or(true);
    let now = platform::set(&ctx, &by, enabled, switch.message.as_deref()).await?;
    // The envelope's own `message` stands at the top of the body; it is the same sentence.
    Ok(Reply::new(MaintenanceBody {
        enabled: now.enabled,
        message: now.message.clone(),
        since: Seconds(now.since),
    })
    .message(now.message))
}
