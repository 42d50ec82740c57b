//! The list of human agents.

use std::collections::HashMap;

use trunkline_auth::Principal;
use trunkline_domain::{
    Error, Role,
    id::GroupId,
    operator::OperatorStatus,
    page::{Page, PageQuery},
};

use super::{Known, own};
use crate::{Ctx, listing};

/// Which human agents are asked for.
#[derive(Debug, Clone, Default)]
pub struct OperatorsQuery {
    /// Who says this of themselves.
    pub status: Option<OperatorStatus>,
    /// In this group.
    pub group: Option<GroupId>,
    /// In the name, the number or the e-mail address.
    pub search: Option<String>,
    /// Which part.
    pub page: PageQuery,
}

/// A page of the tenant's human agents, newest first. One with the role `agent` finds only itself.
///
/// # Errors
/// [`Error::Invalid`] for a wrong cursor.
pub async fn list(ctx: &Ctx, who: &Principal, asked: &OperatorsQuery) -> Result<Page<Known>, Error> {
    let mut found = if who.role == Role::Agent {
        own(ctx, who).await?.into_iter().collect()
    } else {
        ctx.store.list_operators_by_tenant(who.tenant).await?
    };
    found.retain(|one| {
        asked.status.is_none_or(|status| one.status == status)
            && asked.group.is_none_or(|group| one.group == group)
            && asked.search.as_deref().is_none_or(|search| {
                listing::found(
                    search,
                    &[Some(&one.name), Some(one.phone.as_str()), one.email.as_deref()],
                )
            })
    });
    listing::arrange(
        &mut found,
        &[],
        |_, _, field: std::convert::Infallible| match field {},
        |one| (one.created_at, one.id.0),
    );
    let page = listing::page(found, &asked.page, |one| one.id.0)?;
    let users = ctx.store.list_users_by_tenant(who.tenant).await?;
    let by_email: HashMap<String, _> = users.into_iter().map(|user| (user.email, user.id)).collect();
    Ok(page.map(|operator| Known {
        user: operator
            .email
            .as_ref()
            .and_then(|email| by_email.get(email).copied()),
        operator,
    }))
}
