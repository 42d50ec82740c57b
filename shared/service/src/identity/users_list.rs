//! The list of all users, for the admin.

use std::cmp::Ordering;

use trunkline_auth::Principal;
use trunkline_domain::{
    Error, Role, TenantId, User,
    page::{Page, PageQuery},
};

use crate::{
    Ctx,
    listing::{self, Sort},
};

/// Users that are read at most to search or sort them.
const SEARCHED: u32 = 10_000;
/// Users that are read at a time.
const A_TIME: u32 = 500;

/// What the list may be sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UserSort {
    /// When it registered.
    CreatedAt,
    /// When it last changed.
    UpdatedAt,
    /// When it last logged in.
    LastLoginAt,
    /// Its address.
    Email,
    /// Both names, in any case.
    Name,
    /// The given name, in any case.
    FirstName,
    /// The family name, in any case.
    LastName,
    /// What it may do.
    Role,
}

/// The names of the sorts.
pub const USER_SORTS: [(&str, UserSort); 8] = [
    ("created_at", UserSort::CreatedAt),
    ("updated_at", UserSort::UpdatedAt),
    ("last_login_at", UserSort::LastLoginAt),
    ("email", UserSort::Email),
    ("name", UserSort::Name),
    ("first_name", UserSort::FirstName),
    ("last_name", UserSort::LastName),
    ("role", UserSort::Role),
];

/// Which users are asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UsersQuery {
    /// In the names or the address.
    pub search: Option<String>,
    /// With one of these roles; empty: any.
    pub roles: Vec<Role>,
    /// Active, or not.
    pub is_active: Option<bool>,
    /// Of this tenant.
    pub tenant: Option<TenantId>,
    /// In this order; none: newest first.
    pub sorts: Vec<Sort<UserSort>>,
    /// Which part.
    pub page: PageQuery,
}

impl UsersQuery {
    /// Whether it is the whole list in the order that the store has it in.
    fn is_plain(&self) -> bool {
        let newest = Sort {
            field: UserSort::CreatedAt,
            descending: true,
        };
        self.search.is_none()
            && self.roles.is_empty()
            && self.is_active.is_none()
            && self.tenant.is_none()
            && (self.sorts.is_empty() || self.sorts == [newest])
    }

    fn wants(&self, user: &User) -> bool {
        self.is_active.is_none_or(|active| user.is_active == active)
            && self.tenant.is_none_or(|tenant| user.tenant == tenant)
            && (self.roles.is_empty() || self.roles.contains(&user.role))
            && self
                .search
                .as_deref()
                .is_none_or(|search| listing::found(search, &[Some(&user.name()), Some(&user.email)]))
    }
}

/// A page of all users. Searched and sorted are the 10,000 newest; `total` is then a lower bound.
///
/// # Errors
/// [`Error::Forbidden`] for all but admins; [`Error::Invalid`] for a wrong cursor.
pub async fn list_users(ctx: &Ctx, by: &Principal, asked: &UsersQuery) -> Result<Page<User>, Error> {
    by.require(Role::Admin)?;
    if asked.is_plain() {
        let (items, next_cursor) = ctx.store.list_users(&asked.page).await?;
        return Ok(Page {
            items,
            total: ctx.store.totals().await?.users,
            total_is_lower_bound: false,
            next_cursor,
        });
    }
    let (mut users, all) = newest(ctx).await?;
    users.retain(|user| asked.wants(user));
    listing::arrange(&mut users, &asked.sorts, compare, |user| {
        (user.created_at, user.id.0)
    });
    let page = listing::page(users, &asked.page, |user| user.id.0)?;
    Ok(Page {
        total_is_lower_bound: !all,
        ..page
    })
}

/// The newest users, and whether they are all.
async fn newest(ctx: &Ctx) -> Result<(Vec<User>, bool), Error> {
    let mut users = Vec::new();
    let mut page = PageQuery {
        limit: A_TIME,
        ..PageQuery::default()
    };
    for _ in 0..SEARCHED / A_TIME {
        let (found, next) = ctx.store.list_users(&page).await?;
        users.extend(found);
        if next.is_none() {
            return Ok((users, true));
        }
        page.cursor = next;
    }
    Ok((users, false))
}

fn compare(a: &User, b: &User, field: UserSort) -> Ordering {
    let lower = |text: &str| text.to_lowercase();
    match field {
        UserSort::CreatedAt => a.created_at.cmp(&b.created_at),
        UserSort::UpdatedAt => a.updated_at.cmp(&b.updated_at),
        UserSort::LastLoginAt => a.last_login_at.cmp(&b.last_login_at),
        UserSort::Email => a.email.cmp(&b.email),
        UserSort::Name => lower(&a.name()).cmp(&lower(&b.name())),
        UserSort::FirstName => lower(&a.first_name).cmp(&lower(&b.first_name)),
        UserSort::LastName => lower(&a.last_name).cmp(&lower(&b.last_name)),
        UserSort::Role => a.role.rank().cmp(&b.role.rank()),
    }
}
