//! The list of integrations.

use std::cmp::Ordering;

use trunkline_auth::Principal;
use trunkline_domain::{
    Error, Role,
    integration::{Integration, IntegrationKind, IntegrationStatus},
    page::{Page, PageQuery},
};

use crate::{
    Ctx,
    listing::{self, Sort},
};

/// What integrations can be sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IntegrationSort {
    /// When it was made.
    CreatedAt,
    /// When it last changed.
    UpdatedAt,
    /// By name, in any case.
    Name,
    /// By the provider's word.
    Kind,
    /// By the status's word.
    Status,
}

/// The fields by their names.
pub const SORTS: [(&str, IntegrationSort); 5] = [
    ("created_at", IntegrationSort::CreatedAt),
    ("updated_at", IntegrationSort::UpdatedAt),
    ("name", IntegrationSort::Name),
    ("type", IntegrationSort::Kind),
    ("status", IntegrationSort::Status),
];

/// Which integrations are asked for.
#[derive(Debug, Clone, Default)]
pub struct IntegrationsQuery {
    /// In the name.
    pub search: Option<String>,
    /// Of this provider.
    pub kind: Option<IntegrationKind>,
    /// With this status.
    pub status: Option<IntegrationStatus>,
    /// In this order; none: newest first.
    pub sorts: Vec<Sort<IntegrationSort>>,
    /// Which part.
    pub page: PageQuery,
}

/// A page of the tenant's integrations.
///
/// # Errors
/// [`Error::Forbidden`]; [`Error::Invalid`] for a wrong cursor.
pub async fn list(ctx: &Ctx, who: &Principal, asked: &IntegrationsQuery) -> Result<Page<Integration>, Error> {
    who.require(Role::User)?;
    let mut found = ctx.store.list_integrations_by_tenant(who.tenant).await?;
    found.retain(|one| {
        asked.kind.is_none_or(|kind| one.kind == kind)
            && asked.status.is_none_or(|status| one.status == status)
            && asked
                .search
                .as_deref()
                .is_none_or(|search| listing::found(search, &[Some(&one.name)]))
    });
    listing::arrange(&mut found, &asked.sorts, compare, |one| {
        (one.created_at, one.id.0)
    });
    listing::page(found, &asked.page, |one| one.id.0)
}

fn compare(a: &Integration, b: &Integration, field: IntegrationSort) -> Ordering {
    match field {
        IntegrationSort::CreatedAt => a.created_at.cmp(&b.created_at),
        IntegrationSort::UpdatedAt => a.updated_at.cmp(&b.updated_at),
        IntegrationSort::Name => a.name.to_lowercase().cmp(&b.name.to_lowercase()),
        IntegrationSort::Kind => a.kind.as_str().cmp(b.kind.as_str()),
        IntegrationSort::Status => a.status.as_str().cmp(b.status.as_str()),
    }
}
