//! Whether the platform lives, and whether it can serve.

use std::collections::BTreeMap;

use aide::axum::{ApiRouter, routing::get_with};
use axum::extract::State;
use schemars::JsonSchema;
use serde::Serialize;
use trunkline_http::{Deployment, Reply, Result};
use trunkline_service::{
    Ctx,
    readiness::{self, PartState},
};

pub(crate) fn router() -> ApiRouter<Ctx> {
    ApiRouter::new()
        .api_route("/health", get_with(alive, |op| op.summary("Service health")))
        .api_route("/liveness", get_with(alive, |op| op.summary("Liveness probe")))
        .api_route(
            "/readiness",
            get_with(ready, |op| op.summary("Readiness probe: asks each part")),
        )
        .api_route("/version", get_with(version, |op| op.summary("API version")))
}

/// It answers.
#[derive(Serialize, JsonSchema)]
struct Alive {
    #[schemars(example = &"ok")]
    status: &'static str,
}

/// How each part is: `ok`, `loading`, `missing` or `error`; also queues, carrier, speech, and what else the deployment has.
#[derive(Serialize, JsonSchema)]
struct Ready {
    #[schemars(example = &"ok")]
    database: String,
    #[schemars(example = &"ok")]
    storage: String,
    #[schemars(example = &"ok")]
    cache: String,
    #[serde(flatten)]
    #[schemars(skip)]
    others: BTreeMap<String, String>,
}

/// What runs.
#[derive(Serialize, JsonSchema)]
struct Version {
    #[schemars(example = &"0.1.0")]
    version: &'static str,
    /// The commit that it was built from, where known.
    commit: Option<&'static str>,
}

async fn alive() -> Result<Reply<Alive>> {
    Ok(Reply::new(Alive { status: "ok" }))
}

async fn ready(State(ctx): State<Ctx>, deployment: Deployment) -> Result<Reply<Ready>> {
    let parts = readiness::check(&ctx, deployment.parts()).await;
    let mut down = Vec::new();
    let mut words = BTreeMap::new();
    for (name, state) in parts {
        words.insert(name.to_owned(), state.word().to_owned());
        if let PartState::Down(why) = state {
            // Who asks needs no token, so the reason is for the log.
            tracing::warn!(part = name, why, "a part is down");
            down.push(name);
        }
    }
    let mut take = |name: &str| words.remove(name).unwrap_or_default();
    let body = Ready {
        database: take("database"),
        storage: take("storage"),
        cache: take("cache"),
        others: words,
    };
    let reply = Reply::new(body);
    Ok(if down.is_empty() {
        reply
    } else {
        reply.unavailable(format!("down: {}", down.join(", ")))
    })
}

async fn version(deployment: Deployment) -> Result<Reply<Version>> {
    Ok(Reply::new(Version {
        version: deployment.version(),
        commit: deployment.commit(),
    }))
}
