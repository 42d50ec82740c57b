//! A new user: its row, its e-mail's guard and its place in the tenant are one transaction, with the tenant
//! that it founds or the invitation that it spends.

use aws_sdk_dynamodb::types::{Delete, Put, TransactWriteItem};
use trunkline_domain::{Instant, tenant::Tenant};

use super::accounts::{Account, account_row};
use crate::{
    Result, Store, StoreError,
    campaigns::built,
    item::{Item, item, key, ms, s},
    keys,
};

/// What a registration writes.
#[derive(Debug, Clone)]
pub struct NewAccount<'a> {
    /// The user and its password.
    pub account: &'a Account,
    /// The tenant that comes into being with it.
    pub founds: Option<&'a Tenant>,
    /// The fingerprint of the invitation that it spends.
    pub spends: Option<&'a str>,
    /// It is the platform's first admin: there is only one such.
    pub first_admin: bool,
}

/// Why nothing was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotRegistered {
    /// Another user has this e-mail address.
    EmailTaken,
    /// Somebody founded this tenant meanwhile.
    TenantTaken,
    /// The invitation is spent or over.
    InvitationSpent,
    /// There is a first admin already.
    AdminThere,
}

impl Store {
    /// Registers a user, all or nothing.
    ///
    /// # Errors
    /// When the store does not answer; the inner error says what stood in the way.
    pub async fn register(
        &self,
        new: NewAccount<'_>,
        now: Instant,
    ) -> Result<std::result::Result<(), NotRegistered>> {
        let user = &new.account.user;
        let mut guard = key(keys::email(&user.email), "EMAIL");
        guard.insert("user".to_owned(), s(user.id.to_string()));
        let mut place = key(keys::tenant(user.tenant), keys::tenant_user(user.id));
        place.insert("user".to_owned(), s(user.id.to_string()));
        let mut writes = vec![
            self.put_new(guard)?,
            self.put_new(account_row(new.account)?)?,
            self.put_new(place)?,
        ];
        let mut reasons = vec![NotRegistered::EmailTaken; 3];
        if let Some(tenant) = new.founds {
            writes.push(self.put_new(item(keys::tenant(tenant.id), "TENANT", tenant)?)?);
            reasons.push(NotRegistered::TenantTaken);
            writes.push(self.put_new(key(keys::tenants(tenant.id), tenant.id.to_string()))?);
            reasons.push(NotRegistered::TenantTaken);
        }
        if let Some(invitation) = new.spends {
            let spend = Delete::builder()
                .table_name(&self.tables.identity)
                .set_key(Some(key(keys::invitation(invitation), "INV")))
                .condition_expression("until_ms > :now")
                .expression_attribute_values(":now", ms(now));
            writes.push(
                TransactWriteItem::builder()
                    .delete(spend.build().map_err(built)?)
                    .build(),
            );
            reasons.push(NotRegistered::InvitationSpent);
        }
        if new.first_admin {
            let mut first = key("ADMIN", "FIRST");
            first.insert("user".to_owned(), s(user.id.to_string()));
            writes.push(self.put_new(first)?);
            reasons.push(NotRegistered::AdminThere);
        }
        writes.push(self.totals_moved(user.id, 1, i64::from(new.founds.is_some()))?);
        match self.transact(writes, None).await {
            Ok(()) => Ok(Ok(())),
            Err(StoreError::Condition(at)) => {
                let first = at.first().and_then(|at| reasons.get(*at)).copied();
                Ok(Err(first.unwrap_or(NotRegistered::EmailTaken)))
            }
            Err(error) => Err(error),
        }
    }

    /// Whether the platform has had its first admin.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn has_admin(&self) -> Result<bool> {
        Ok(self.identity_item("ADMIN".to_owned(), "FIRST").await?.is_some())
    }

    fn put_new(&self, row: Item) -> Result<TransactWriteItem> {
        let put = Put::builder()
            .table_name(&self.tables.identity)
            .set_item(Some(row));
        let put = put
            .condition_expression("attribute_not_exists(PK)")
            .build()
            .map_err(built)?;
        Ok(TransactWriteItem::builder().put(put).build())
    }
}
