//! VoiceERA's user, and the list of all of them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use trunkline_domain::{Role, TenantId, User, page::PageQuery};
use trunkline_service::{
    identity::{USER_SORTS, UsersQuery},
    listing,
};
use uuid::Uuid;

use crate::{Result, Seconds, SortKey, choose, sort_keys};

/// A user.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct UserBody {
    /// Its id.
    pub id: Uuid,
    /// Lower-case; unique in the whole directory.
    #[schemars(example = &"user@example.com")]
    pub email: String,
    /// Given name.
    #[schemars(example = &"John")]
    pub first_name: String,
    /// Family name.
    #[schemars(example = &"Doe")]
    pub last_name: String,
    /// Both names.
    #[schemars(example = &"John Doe")]
    pub name: String,
    /// E.164.
    #[schemars(example = &"+14155551234")]
    pub phone: Option<String>,
    /// `admin` or `user`.
    #[schemars(example = &"user")]
    pub role: &'static str,
    /// `admin`, `manager`, `user` or `agent`.
    #[schemars(example = &"manager")]
    pub tenant_role: &'static str,
    /// Whose user.
    pub tenant_id: Uuid,
    /// Whether it may log in.
    pub is_active: bool,
    /// When it registered.
    pub created_at: Seconds,
    /// When it last changed.
    pub updated_at: Seconds,
    /// When it last logged in.
    pub last_login_at: Option<Seconds>,
}

/// The role that VoiceERA's document knows.
#[must_use]
pub const fn shown_role(role: Role) -> &'static str {
    match role {
        Role::Admin => "admin",
        Role::Manager | Role::User | Role::Agent => "user",
    }
}

impl From<User> for UserBody {
    fn from(user: User) -> Self {
        Self {
            id: user.id.0,
            name: user.name(),
            email: user.email,
            first_name: user.first_name,
            last_name: user.last_name,
            phone: user.phone,
            role: shown_role(user.role),
            tenant_role: user.role.as_str(),
            tenant_id: user.tenant.0,
            is_active: user.is_active,
            created_at: Seconds(user.created_at),
            updated_at: Seconds(user.updated_at),
            last_login_at: user.last_login_at.map(Seconds),
        }
    }
}

/// Which users are asked for.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct UserFilters {
    /// In the names or the e-mail address.
    search: Option<String>,
    /// `admin` or `user` as users show it, or `manager` or `agent`.
    role: Option<String>,
    /// `active` or `inactive`.
    status: Option<String>,
    /// `true` or `false`: the same as `status`.
    is_active: Option<bool>,
    /// Of this tenant.
    tenant_id: Option<Uuid>,
    /// Fields, `-` before those that go down: `email,-created_at`.
    sort: Option<String>,
    /// `asc` or `desc`, for the fields without a sign.
    order: Option<String>,
}

/// Newest first, unless told otherwise.
const NEWEST: SortKey = SortKey {
    field: "created_at",
    descending: true,
};

impl UserFilters {
    /// As the service takes it.
    ///
    /// # Errors
    /// A word that is not known, with those that are.
    pub fn query(self, page: &PageQuery) -> Result<UsersQuery> {
        let roles = [
            ("admin", vec![Role::Admin]),
            ("user", vec![Role::Manager, Role::User, Role::Agent]),
            ("manager", vec![Role::Manager]),
            ("agent", vec![Role::Agent]),
        ];
        let role = self.role.as_deref().map(|word| choose("role", word, &roles));
        let statuses = [("active", true), ("inactive", false)];
        let status = self
            .status
            .as_deref()
            .map(|word| choose("status", word, &statuses));
        let keys = sort_keys(
            self.sort.as_deref(),
            self.order.as_deref(),
            &USER_SORTS.map(|sort| sort.0),
            NEWEST,
        )?;
        Ok(UsersQuery {
            search: self.search,
            roles: role.transpose()?.unwrap_or_default(),
            is_active: status.transpose()?.or(self.is_active),
            tenant: self.tenant_id.map(TenantId),
            sorts: listing::by_name(
                keys.into_iter().map(|key| (key.field, key.descending)),
                &USER_SORTS,
            ),
            page: page.clone(),
        })
    }
}
