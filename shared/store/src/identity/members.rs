//! The users of a tenant.

use trunkline_domain::{TenantId, User, UserId};

use crate::{Result, Store, item::text, keys};

impl Store {
    /// All users of a tenant, in no order.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn list_users_by_tenant(&self, tenant: TenantId) -> Result<Vec<User>> {
        let places = self
            .directory_rows(&self.tables.identity, &keys::tenant(tenant), "USER#")
            .await?;
        let ids = places
            .iter()
            .filter_map(|row| text(row, "SK")?.strip_prefix("USER#")?.parse::<UserId>().ok());
        let mut users = Vec::new();
        for id in ids {
            // A user who was moved to another tenant, or deleted, meanwhile is none of this one's.
            users.extend(self.user(id).await?.filter(|user| user.tenant == tenant));
        }
        Ok(users)
    }
}
