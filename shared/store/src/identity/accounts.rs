//! Users with their password hashes, and tenants.

use serde::{Deserialize, Serialize};
use trunkline_domain::{Instant, TenantId, User, UserId, tenant::Tenant};

use crate::{
    Result, Store, StoreError,
    campaigns::built,
    ephemeral::RESET,
    item::{Item, item, key, read, s},
    keys,
};
use aws_sdk_dynamodb::types::{Delete, TransactWriteItem, Update};

/// A user with the hash of its password.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// The user.
    #[serde(flatten)]
    pub user: User,
    /// The password's argon2id hash, as a PHC string.
    pub password_hash: String,
}

impl std::fmt::Debug for Account {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Account")
            .field("user", &self.user.id)
            .finish_non_exhaustive()
    }
}

/// An account's row: in index `all` by when it came.
pub(super) fn account_row(account: &Account) -> Result<Item> {
    let user = &account.user;
    let mut row = item(keys::user(user.id), "USER", account)?;
    row.insert("all_pk".to_owned(), s(keys::all_users(user.id)));
    row.insert(
        "all_sk".to_owned(),
        s(format!("{}#{}", keys::time(user.created_at), user.id)),
    );
    Ok(row)
}

impl Store {
    /// The account with this e-mail address (lower-case), in any tenant.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn account_by_email(&self, email: &str) -> Result<Option<Account>> {
        #[derive(Deserialize)]
        struct Guard {
            user: UserId,
        }
        let row = self.identity_item(keys::email(email), "EMAIL").await?;
        let guard: Option<Guard> = row.map(read).transpose()?;
        // Nobody's row is asked for too, so that the time does not tell who has an account.
        let user = guard.map_or(UserId(uuid::Uuid::nil()), |guard| guard.user);
        self.identity_item(keys::user(user), "USER")
            .await?
            .map(read)
            .transpose()
    }

    /// A user by its id, in any tenant.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn user(&self, id: UserId) -> Result<Option<User>> {
        self.identity_item(keys::user(id), "USER")
            .await?
            .map(read)
            .transpose()
    }

    /// A tenant.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn tenant(&self, id: TenantId) -> Result<Option<Tenant>> {
        self.identity_item(keys::tenant(id), "TENANT")
            .await?
            .map(read)
            .transpose()
    }

    /// Writes what a tenant was granted.
    ///
    /// # Errors
    /// [`StoreError::Condition`] when there is no such tenant.
    pub async fn update_tenant(&self, tenant: &Tenant) -> Result<()> {
        let put = self
            .db
            .put_item()
            .table_name(&self.tables.identity)
            .set_item(Some(item(keys::tenant(tenant.id), "TENANT", tenant)?))
            .condition_expression("attribute_exists(PK)");
        put.send().await.map_err(StoreError::from_sdk)?;
        Ok(())
    }

    /// Notes a login.
    ///
    /// # Errors
    /// When the store does not answer, or the user is gone.
    pub async fn touch_last_login(&self, id: UserId, now: Instant) -> Result<()> {
        let update = self.db.update_item().table_name(&self.tables.identity);
        let update = update
            .set_key(Some(key(keys::user(id), "USER")))
            .update_expression("SET last_login_at = :now")
            .condition_expression("attribute_exists(PK)")
            .expression_attribute_values(":now", s(rfc3339(now)));
        update.send().await.map_err(StoreError::from_sdk)?;
        Ok(())
    }

    /// Sets a new password against a reset token, spends the token and ends all of the user's tokens: all or nothing.
    ///
    /// # Errors
    /// [`StoreError::Condition`] at 0 when the token is spent or over.
    pub async fn reset_password(
        &self,
        token: &str,
        user: UserId,
        password_hash: &str,
        now: Instant,
    ) -> Result<()> {
        let spend = Delete::builder()
            .table_name(&self.tables.ephemeral)
            .set_key(Some(key(keys::token(RESET, token), "TOK")))
            .condition_expression("payload = :user AND until_ms > :now")
            .expression_attribute_values(":user", s(user.to_string()))
            .expression_attribute_values(":now", crate::item::ms(now));
        let set = Update::builder()
            .table_name(&self.tables.identity)
            .set_key(Some(key(keys::user(user), "USER")))
            .update_expression("SET password_hash = :hash, updated_at = :now ADD token_epoch :one")
            .condition_expression("attribute_exists(PK)")
            .expression_attribute_values(":hash", s(password_hash))
            .expression_attribute_values(":now", s(rfc3339(now)))
            .expression_attribute_values(":one", crate::item::n(1));
        let writes = vec![
            TransactWriteItem::builder()
                .delete(spend.build().map_err(built)?)
                .build(),
            TransactWriteItem::builder()
                .update(set.build().map_err(built)?)
                .build(),
        ];
        self.transact(writes, None).await
    }

    pub(super) async fn identity_item(&self, pk: String, sk: &str) -> Result<Option<Item>> {
        let get = self
            .db
            .get_item()
            .table_name(&self.tables.identity)
            .consistent_read(true);
        let got = get
            .set_key(Some(key(pk, sk)))
            .send()
            .await
            .map_err(StoreError::from_sdk)?;
        Ok(got.item)
    }
}

/// As serde writes it, so that an updated row reads like a put one.
pub(super) fn rfc3339(at: Instant) -> String {
    at.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true)
}
