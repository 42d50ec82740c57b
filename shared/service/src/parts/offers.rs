//! A tenant's integrations with vendors, as far as a call may use them.

use trunkline_domain::{
    Error, TenantId,
    integration::{Integration, IntegrationKind, IntegrationStatus},
};
use trunkline_providers::cloud::{Account, Vendor};

use super::choose::Offer;
use crate::{Ctx, integrations};

/// Whether credentials are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Opening {
    /// For a call.
    Open,
    /// To show what a call would use.
    Closed,
}

/// The tenant's integrations with these vendors: what the last test liked first, then the newest.
pub(super) async fn of(
    ctx: &Ctx,
    tenant: TenantId,
    wanted: &[Vendor],
    opening: Opening,
) -> Result<Vec<(Offer, Option<Account>)>, Error> {
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let mut found: Vec<(Vendor, Integration)> = ctx
        .store
        .list_integrations_by_tenant(tenant)
        .await?
        .into_iter()
        .filter_map(|one| Some((vendor(one.kind)?, one)))
        .filter(|(vendor, _)| wanted.contains(vendor))
        .collect();
    found.sort_by_key(|(_, one)| {
        let untested = one.status != IntegrationStatus::Connected;
        (untested, std::cmp::Reverse((one.created_at, one.id.0)))
    });
    let mut offers = Vec::new();
    for (vendor, integration) in found {
        let (account, problem) = match account(ctx, vendor, &integration, opening).await {
            Ok(account) => (account, None),
            Err(problem) => (None, Some(problem)),
        };
        offers.push((
            Offer {
                integration,
                vendor,
                problem,
            },
            account,
        ));
    }
    Ok(offers)
}

/// The account behind an integration, or what is in the way, in words for its owner.
async fn account(
    ctx: &Ctx,
    vendor: Vendor,
    integration: &Integration,
    opening: Opening,
) -> Result<Option<Account>, String> {
    if integration.status == IntegrationStatus::Failed {
        let why = integration.reason.as_deref().unwrap_or("it failed");
        return Err(format!("its last test failed: {why}"));
    }
    let own = integrations::own_base_url(integration);
    if let Some(url) = own {
        check(ctx, url).await?;
    }
    if opening == Opening::Closed {
        return Ok(None);
    }
    let credentials = integrations::credentials_of(ctx, integration).map_err(|error| {
        tracing::error!(integration.id = %integration.id, "an integration's credentials cannot be opened: {error}");
        "its credentials cannot be opened; give them again".to_owned()
    })?;
    let Some(api_key) = credentials.get("api_key") else {
        return Err("it has no API key".to_owned());
    };
    Ok(Some(Account {
        vendor,
        api_key: api_key.to_owned(),
        organization: credentials.get("organization").map(str::to_owned),
        base_url: own
            .unwrap_or_else(|| ctx.settings.vendors.base_url(vendor))
            .trim_end_matches('/')
            .to_owned(),
    }))
}

/// An address that a tenant gave. The clients of live calls resolve it once more, so it has to be HTTPS: a name that led
/// inside by then would find nobody there with that name's certificate.
async fn check(ctx: &Ctx, url: &str) -> Result<(), String> {
    let checked = ctx.outbound.check("base_url", url).await;
    let checked = checked.map_err(|_| "its base_url cannot be called from here".to_owned())?;
    if checked.scheme() != "https" && !ctx.settings.allow_private_urls {
        return Err("its base_url does not begin with https://".to_owned());
    }
    Ok(())
}

const fn vendor(kind: IntegrationKind) -> Option<Vendor> {
    match kind {
        IntegrationKind::Openai => Some(Vendor::Openai),
        IntegrationKind::Deepgram => Some(Vendor::Deepgram),
        IntegrationKind::Cartesia => Some(Vendor::Cartesia),
        IntegrationKind::Elevenlabs => Some(Vendor::Elevenlabs),
        IntegrationKind::Twilio
        | IntegrationKind::Exotel
        | IntegrationKind::Slack
        | IntegrationKind::Http => None,
    }
}
