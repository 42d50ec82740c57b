//! Testing an integration: the provider is really asked.

use std::time::Duration;

use trunkline_auth::Principal;
use trunkline_domain::{
    Error, Instant, Role,
    id::IntegrationId,
    integration::{Integration, IntegrationStatus},
};
use trunkline_outbound::Failure;

use super::{
    credentials::Credentials,
    edit::base_url,
    get,
    probe::{Said, probe},
};
use crate::Ctx;

/// For all of the request; somebody waits for the answer.
const TIMEOUT: Duration = Duration::from_secs(10);

/// What a test found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tested {
    /// Whether the provider took the credentials.
    pub connected: bool,
    /// In words; nothing of what the provider wrote.
    pub reason: String,
    /// How long it took.
    pub latency_ms: u64,
    /// When.
    pub tested_at: Instant,
}

/// Asks the provider's cheapest request that needs the credentials, and notes what came of it.
///
/// # Errors
/// [`Error::NotFound`]; whatever the provider says is no error.
pub async fn test(ctx: &Ctx, who: &Principal, id: IntegrationId) -> Result<Tested, Error> {
    who.require(Role::User)?;
    let integration = get(ctx, who, id).await?;
    let sealed = &integration.sealed;
    let credentials = Credentials::open(ctx.keys.seal(), integration.tenant, id, integration.kind, sealed)?;
    let began_ms = ctx.clock.boot_ms();
    let (connected, reason) = ask(ctx, &integration, &credentials).await;
    let latency_ms = ctx.clock.boot_ms().saturating_sub(began_ms);
    let tested_at = ctx.now();
    let status = if connected {
        IntegrationStatus::Connected
    } else {
        IntegrationStatus::Failed
    };
    if !ctx
        .store
        .note_integration_test(&integration, status, &reason, tested_at)
        .await?
    {
        tracing::info!(integration.id = %id, "an integration was changed while it was tested; its status stays");
    }
    Ok(Tested {
        connected,
        reason,
        latency_ms,
        tested_at,
    })
}

async fn ask(ctx: &Ctx, integration: &Integration, credentials: &Credentials) -> (bool, String) {
    let Some(base) = base_url(integration, credentials) else {
        return (false, "there is no address to ask".to_owned());
    };
    let probe = probe(integration.kind, base, credentials);
    let request = probe.request(TIMEOUT);
    match ctx.outbound.send(request.as_request()).await {
        Ok(answer) => match probe.judge(&answer) {
            Said::Yes => (true, "the provider accepted the credentials".to_owned()),
            Said::No(why) => (false, why),
        },
        Err(Failure::TimedOut) => (false, format!("no answer within {} s", TIMEOUT.as_secs())),
        Err(failure) => (false, failure.to_string()),
    }
}
