//! Making and changing subscriptions, and their secrets.

use chrono::Duration;
use trunkline_auth::Principal;
use trunkline_domain::{Error, FieldError, Role, error::Kind, id::SubscriptionId};
use trunkline_events::{PreviousSecret, SigningSecret, Subscription, Topic};
use trunkline_store::StoreError;

use super::{get, secrets};
use crate::Ctx;

/// Subscriptions of a tenant: each event is compared with all of them.
const A_TENANT: usize = 100;
/// How often a change that met another is tried anew.
const TRIES: usize = 8;
/// How long a replaced secret goes on signing beside the new one.
const OVERLAP: Duration = Duration::hours(24);

/// What a new subscription is made from.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct NewSubscription {
    /// All fields, as a change of an empty one.
    pub rest: SubscriptionPatch,
}

/// A change: the outer none keeps, the inner one clears.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SubscriptionPatch {
    /// Where events are sent; cannot be cleared.
    pub url: Option<Option<String>>,
    /// Which events, by their names; cannot be cleared.
    pub events: Option<Option<Vec<String>>>,
    /// What it is for.
    pub description: Option<Option<String>>,
    /// Whether events are sent; cleared is true.
    pub is_active: Option<Option<bool>>,
}

/// A subscription with the secret that its owner is shown this once.
#[derive(Debug, Clone)]
pub struct Made {
    /// The subscription.
    pub subscription: Subscription,
    /// What verifies its messages.
    pub secret: SigningSecret,
}

/// Makes a subscription under this id, which an idempotent request derives from its key.
///
/// # Errors
/// [`Error::Invalid`] names each wrong field; [`Error::Conflict`] when the tenant has too many.
pub async fn create(
    ctx: &Ctx,
    who: &Principal,
    id: SubscriptionId,
    new: NewSubscription,
) -> Result<Made, Error> {
    who.require(Role::User)?;
    let now = ctx.now();
    let (secret, sealed) = secrets::fresh(ctx, who.tenant, id)?;
    let empty = Subscription {
        id,
        tenant: who.tenant,
        created_by: who.user,
        url: String::new(),
        events: Vec::new(),
        description: None,
        is_active: true,
        secret: sealed,
        previous: None,
        switched_off_at: None,
        version: 0,
        created_at: now,
        updated_at: now,
    };
    let subscription = apply(ctx, &empty, &new.rest).await?;
    if ctx.store.list_subscriptions_by_tenant(who.tenant).await?.len() >= A_TENANT {
        let what = format!("a tenant has at most {A_TENANT} webhooks; delete one first");
        return Err(Error::conflict(Kind::Subscription, what));
    }
    match ctx.store.create_subscription(&subscription).await {
        Ok(()) => Ok(Made { subscription, secret }),
        // The id is there already: an earlier run of this very request made it, and its answer was lost.
        Err(StoreError::Condition(_)) => {
            let subscription = get(ctx, who, id).await?;
            let secret = secrets::current(ctx, &subscription)?;
            Ok(Made { subscription, secret })
        }
        Err(error) => Err(error.into()),
    }
}

/// Changes a subscription, if its version is `fresh` to the client. Switched on again, it begins with a clean record.
///
/// # Errors
/// [`Error::Invalid`], [`Error::NotFound`]; what `fresh` says.
pub async fn update<E: From<Error>>(
    ctx: &Ctx,
    who: &Principal,
    id: SubscriptionId,
    patch: &SubscriptionPatch,
    fresh: impl Fn(u64) -> Result<(), E>,
) -> Result<Subscription, E> {
    for _ in 0..TRIES {
        let old = get(ctx, who, id).await?;
        fresh(old.version)?;
        let new = apply(ctx, &old, patch).await?;
        if write(ctx, &new).await? {
            if new.url != old.url || (new.is_active && !old.is_active) {
                ctx.store
                    .note_working(new.tenant, new.id)
                    .await
                    .map_err(Error::from)?;
            }
            return Ok(new);
        }
    }
    Err(busy().into())
}

/// Gives a subscription a new secret, shown this once. For a day messages are signed with both.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn rotate_secret(ctx: &Ctx, who: &Principal, id: SubscriptionId) -> Result<Made, Error> {
    for _ in 0..TRIES {
        let old = get(ctx, who, id).await?;
        let (secret, sealed) = secrets::fresh(ctx, old.tenant, id)?;
        let now = ctx.now();
        let subscription = Subscription {
            previous: Some(PreviousSecret {
                secret: old.secret.clone(),
                until: now + OVERLAP,
            }),
            secret: sealed,
            version: old.version + 1,
            updated_at: now,
            ..old
        };
        if write(ctx, &subscription).await? {
            return Ok(Made { subscription, secret });
        }
    }
    Err(busy())
}

/// Writes a subscription; `false`: somebody else was first.
pub(super) async fn write(ctx: &Ctx, subscription: &Subscription) -> Result<bool, Error> {
    match ctx.store.update_subscription(subscription).await {
        Ok(()) => Ok(true),
        Err(StoreError::Condition(_)) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

async fn apply(ctx: &Ctx, old: &Subscription, patch: &SubscriptionPatch) -> Result<Subscription, Error> {
    let mut errors = Vec::new();
    let mut new = old.clone();
    if let Some(url) = &patch.url {
        new.url = url.as_deref().map(str::trim).unwrap_or_default().to_owned();
    }
    if new.url.is_empty() {
        errors.push(FieldError::new(
            "url",
            "is required; give the URL that events are sent to",
        ));
    } else if new.url != old.url {
        errors.extend(check_url(ctx, &new.url).await?);
    }
    match patch
        .events
        .as_ref()
        .map(|events| events.as_deref().unwrap_or_default())
    {
        Some([]) => errors.push(no_events()),
        Some(words) => match topics(words) {
            Ok(topics) => new.events = topics,
            Err(error) => errors.push(error),
        },
        None if new.events.is_empty() => errors.push(no_events()),
        None => {}
    }
    if let Some(description) = &patch.description {
        let text = description.as_deref().map(str::trim);
        new.description = text.filter(|text| !text.is_empty()).map(str::to_owned);
    }
    if new
        .description
        .as_ref()
        .is_some_and(|text| text.chars().count() > 1_000)
    {
        errors.push(FieldError::new("description", "must be at most 1000 characters"));
    }
    if let Some(active) = patch.is_active {
        new.is_active = active.unwrap_or(true);
        // Whoever decides about it, decides: what the platform did is over.
        new.switched_off_at = None;
    }
    if !errors.is_empty() {
        return Err(Error::Invalid(errors));
    }
    new.version += 1;
    new.updated_at = ctx.now();
    Ok(new)
}

async fn check_url(ctx: &Ctx, url: &str) -> Result<Vec<FieldError>, Error> {
    match ctx.outbound.check("url", url).await {
        Ok(url) if !url.username().is_empty() || url.password().is_some() => {
            let what = "must not hold a user or a password; verify the signature instead";
            Ok(vec![FieldError::new("url", what)])
        }
        Ok(_) => Ok(Vec::new()),
        Err(Error::Invalid(errors)) => Ok(errors),
        Err(other) => Err(other),
    }
}

fn no_events() -> FieldError {
    FieldError::new("events", "is required; name at least one event, or `*` for all")
}

fn topics(words: &[String]) -> Result<Vec<Topic>, FieldError> {
    let mut topics = Vec::new();
    for (at, word) in words.iter().enumerate() {
        let Some(topic) = Topic::choices().find(|topic| topic.as_str() == word.trim()) else {
            let known: Vec<&str> = Topic::choices().map(Topic::as_str).collect();
            // What is sent back is cut: a text of any length may stand there.
            let word: String = word.chars().take(64).collect();
            let what = format!("`{word}` is not known; allowed: {}", known.join(", "));
            return Err(FieldError::new(format!("events[{at}]"), what));
        };
        if !topics.contains(&topic) {
            topics.push(topic);
        }
    }
    Ok(topics)
}

fn busy() -> Error {
    Error::Unavailable {
        what: "the webhook is being changed by others; try again".to_owned(),
        retry_after_s: 1,
    }
}
