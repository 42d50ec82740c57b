//! The list of subscriptions.

use std::cmp::Ordering;

use trunkline_auth::Principal;
use trunkline_domain::{
    Error, Role,
    page::{Page, PageQuery},
};
use trunkline_events::{Subscription, Topic};

use crate::{
    Ctx,
    listing::{self, Sort},
};

/// What subscriptions can be sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SubscriptionSort {
    /// When it was made.
    CreatedAt,
    /// When it last changed.
    UpdatedAt,
    /// By address.
    Url,
    /// By description.
    Description,
    /// The active ones last.
    IsActive,
}

/// The fields by their names.
pub const SORTS: [(&str, SubscriptionSort); 5] = [
    ("created_at", SubscriptionSort::CreatedAt),
    ("updated_at", SubscriptionSort::UpdatedAt),
    ("url", SubscriptionSort::Url),
    ("description", SubscriptionSort::Description),
    ("is_active", SubscriptionSort::IsActive),
];

/// Which subscriptions are asked for.
#[derive(Debug, Clone, Default)]
pub struct SubscriptionsQuery {
    /// In the address or the description.
    pub search: Option<String>,
    /// Whether events are sent.
    pub is_active: Option<bool>,
    /// Those that are told of this.
    pub event: Option<Topic>,
    /// In this order; none: newest first.
    pub sorts: Vec<Sort<SubscriptionSort>>,
    /// Which part.
    pub page: PageQuery,
}

/// A page of the tenant's subscriptions.
///
/// # Errors
/// [`Error::Forbidden`]; [`Error::Invalid`] for a wrong cursor.
pub async fn list(
    ctx: &Ctx,
    who: &Principal,
    asked: &SubscriptionsQuery,
) -> Result<Page<Subscription>, Error> {
    who.require(Role::User)?;
    let mut found = ctx.store.list_subscriptions_by_tenant(who.tenant).await?;
    found.retain(|one| {
        asked.is_active.is_none_or(|active| one.is_active == active)
            && asked.event.is_none_or(|topic| one.asks_for(topic))
            && asked
                .search
                .as_deref()
                .is_none_or(|search| listing::found(search, &[Some(&one.url), one.description.as_deref()]))
    });
    listing::arrange(&mut found, &asked.sorts, compare, |one| {
        (one.created_at, one.id.0)
    });
    listing::page(found, &asked.page, |one| one.id.0)
}

fn compare(a: &Subscription, b: &Subscription, field: SubscriptionSort) -> Ordering {
    match field {
        SubscriptionSort::CreatedAt => a.created_at.cmp(&b.created_at),
        SubscriptionSort::UpdatedAt => a.updated_at.cmp(&b.updated_at),
        SubscriptionSort::Url => a.url.cmp(&b.url),
        SubscriptionSort::Description => a.description.cmp(&b.description),
        SubscriptionSort::IsActive => a.is_active.cmp(&b.is_active),
    }
}
