//! Making and changing integrations.

use serde_json::{Map, Value};
use trunkline_auth::Principal;
use trunkline_domain::{
    Error, FieldError, Role,
    error::Kind,
    id::IntegrationId,
    integration::{Integration, IntegrationKind, IntegrationStatus},
};
use trunkline_store::StoreError;
use url::Url;

use super::{
    credentials::{Changes, Credentials},
    get,
};
use crate::{Ctx, free_form};

/// Integrations of a tenant.
const A_TENANT: usize = 1_000;
/// How often a change that met another is tried anew.
const TRIES: usize = 8;

/// What a new integration is made from.
#[derive(Debug, Clone, PartialEq)]
pub struct NewIntegration {
    /// Whose account it is.
    pub kind: IntegrationKind,
    /// Everything else, as a change of an empty one.
    pub rest: IntegrationPatch,
}

/// A change: the outer none keeps, the inner one clears.
#[derive(Clone, Default, PartialEq)]
pub struct IntegrationPatch {
    /// The tenant's name for it; cannot be cleared.
    pub name: Option<Option<String>>,
    /// Whose account it is, which cannot change.
    pub kind: Option<IntegrationKind>,
    /// By field; what is absent stays.
    pub credentials: Changes,
    /// Free-form; replaced whole.
    pub settings: Option<Option<Map<String, Value>>>,
}

impl std::fmt::Debug for IntegrationPatch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("IntegrationPatch")
            .field("name", &self.name)
            .field("kind", &self.kind)
            .finish_non_exhaustive()
    }
}

/// Makes an integration under this id, which an idempotent request derives from its key.
///
/// # Errors
/// [`Error::Invalid`] names each wrong field; [`Error::Conflict`] when the tenant has too many.
pub async fn create(
    ctx: &Ctx,
    who: &Principal,
    id: IntegrationId,
    new: NewIntegration,
) -> Result<Integration, Error> {
    who.require(Role::User)?;
    let now = ctx.now();
    let none = Credentials::empty(new.kind);
    let empty = Integration {
        id,
        tenant: who.tenant,
        created_by: who.user,
        name: String::new(),
        kind: new.kind,
        sealed: String::new(),
        shown: none.shown(),
        settings: Map::new(),
        status: IntegrationStatus::Untested,
        reason: None,
        last_tested_at: None,
        version: 0,
        created_at: now,
        updated_at: now,
    };
    let made = apply(ctx, &empty, &none, &new.rest).await?;
    if ctx.store.list_integrations_by_tenant(who.tenant).await?.len() >= A_TENANT {
        let what = format!("a tenant has at most {A_TENANT} integrations; delete one first");
        return Err(Error::conflict(Kind::Integration, what));
    }
    match ctx.store.create_integration(&made).await {
        Ok(()) => Ok(made),
        // The id is there already: an earlier run of this very request made it.
        Err(StoreError::Condition(_)) => get(ctx, who, id).await,
        Err(error) => Err(error.into()),
    }
}

/// Changes an integration, if its version is `fresh` to the client.
///
/// # Errors
/// [`Error::Invalid`], [`Error::NotFound`]; what `fresh` says.
pub async fn update<E: From<Error>>(
    ctx: &Ctx,
    who: &Principal,
    id: IntegrationId,
    patch: &IntegrationPatch,
    fresh: impl Fn(u64) -> Result<(), E>,
) -> Result<Integration, E> {
    for _ in 0..TRIES {
        let old = get(ctx, who, id).await?;
        fresh(old.version)?;
        let credentials = Credentials::open(ctx.keys.seal(), old.tenant, old.id, old.kind, &old.sealed)?;
        let new = apply(ctx, &old, &credentials, patch).await?;
        match ctx.store.update_integration(&new).await {
            Ok(()) => return Ok(new),
            Err(StoreError::Condition(_)) => {}
            Err(error) => return Err(Error::from(error).into()),
        }
    }
    let what = "the integration is being changed by others; try again".to_owned();
    Err(Error::Unavailable {
        what,
        retry_after_s: 1,
    }
    .into())
}

async fn apply(
    ctx: &Ctx,
    old: &Integration,
    credentials: &Credentials,
    patch: &IntegrationPatch,
) -> Result<Integration, Error> {
    let mut errors = Vec::new();
    let mut new = old.clone();
    if let Some(name) = &patch.name {
        new.name = name.as_deref().map(str::trim).unwrap_or_default().to_owned();
    }
    if new.name.is_empty() {
        errors.push(FieldError::new(
            "name",
            "is required; give the integration a name",
        ));
    }
    if new.name.chars().count() > 200 {
        errors.push(FieldError::new("name", "must be at most 200 characters"));
    }
    if patch.kind.is_some_and(|kind| kind != old.kind) {
        let what = format!(
            "cannot change; this one is {}, make another for another provider",
            old.kind.as_str()
        );
        errors.push(FieldError::new("type", what));
    }
    if let Some(settings) = &patch.settings {
        new.settings = settings.clone().unwrap_or_default();
        errors.extend(free_form::check("settings", &new.settings, 16_000));
    }
    let next = match credentials.changed(&patch.credentials) {
        Ok(next) => next,
        Err(Error::Invalid(wrong)) => {
            errors.extend(wrong);
            return Err(Error::Invalid(errors));
        }
        Err(other) => return Err(other),
    };
    errors.extend(check_addresses(ctx, &new, &next).await);
    if errors.is_empty() && next.keeps_a_secret_of(credentials) {
        errors.extend(moved(old, credentials, &new, &next));
    }
    if !errors.is_empty() {
        return Err(Error::Invalid(errors));
    }
    let asked_anew = next != *credentials || new.settings.get(BASE_URL) != old.settings.get(BASE_URL);
    if asked_anew {
        new.status = IntegrationStatus::Untested;
        (new.reason, new.last_tested_at) = (None, None);
    }
    if next != *credentials {
        new.sealed = next.seal(ctx.keys.seal(), new.tenant, new.id)?;
        new.shown = next.shown();
    }
    new.version += 1;
    new.updated_at = ctx.now();
    Ok(new)
}

const BASE_URL: &str = "base_url";

/// Where an integration's requests go: for HTTP what its credentials say, else what the settings say, else the provider's own.
pub(super) fn base_url<'a>(integration: &'a Integration, credentials: &'a Credentials) -> Option<&'a str> {
    match integration.kind.base_url() {
        Some(usual) => Some(own_base_url(integration).unwrap_or(usual)),
        None => credentials.get("url"),
    }
}

/// Where the settings say that the provider's API is.
pub(crate) fn own_base_url(integration: &Integration) -> Option<&str> {
    integration.settings.get(BASE_URL).and_then(Value::as_str)
}

async fn check_addresses(ctx: &Ctx, new: &Integration, credentials: &Credentials) -> Vec<FieldError> {
    let mut errors = Vec::new();
    let mut asked: Vec<(String, String)> = Vec::new();
    match new.settings.get(BASE_URL) {
        None | Some(Value::Null) => {}
        Some(Value::String(url)) => asked.push((format!("settings.{BASE_URL}"), url.clone())),
        Some(_) => errors.push(FieldError::new(
            format!("settings.{BASE_URL}"),
            "must be a text: a URL",
        )),
    }
    for field in ["url", "webhook_url"] {
        if let Some(url) = credentials.get(field) {
            asked.push((format!("credentials.{field}"), url.to_owned()));
        }
    }
    for (field, url) in asked {
        match ctx.outbound.check(&field, &url).await {
            Ok(url) if !url.username().is_empty() || url.password().is_some() => {
                let what = "must not hold a user or a password: it is shown; give them as credentials";
                errors.push(FieldError::new(field, what));
            }
            Ok(_) => {}
            Err(Error::Invalid(wrong)) => errors.extend(wrong),
            Err(other) => errors.push(FieldError::new(field, other.to_string())),
        }
    }
    errors
}

/// Who may change an integration may not therefore learn its secrets: sent to another host by the next test, they would be read
/// there. So another host wants them given anew.
fn moved(
    old: &Integration,
    before: &Credentials,
    new: &Integration,
    after: &Credentials,
) -> Option<FieldError> {
    let origin = |url: Option<&str>| url.and_then(|url| Url::parse(url).ok()).map(|url| url.origin());
    let (from, to) = (base_url(old, before), base_url(new, after));
    if origin(from) == origin(to) {
        return None;
    }
    let field = match new.kind.base_url() {
        Some(_) => format!("settings.{BASE_URL}"),
        None => "credentials.url".to_owned(),
    };
    let what = "leads to another host than the credentials were given for; give the secrets again, whole, in the same request";
    Some(FieldError::new(field, what))
}
