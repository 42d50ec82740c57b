//! Changing and deleting users.

use aws_sdk_dynamodb::types::{ConditionCheck, Delete, TransactWriteItem, Update};
use trunkline_domain::{Role, User, UserId};

use super::accounts::rfc3339;
use crate::{
    Result, Store, StoreError,
    campaigns::built,
    item::{b, key, n, s},
    keys,
};

/// Why a user was not written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UserNotWritten {
    /// It was changed or deleted meanwhile.
    Changed,
    /// The admin who takes another's rights has lost their own meanwhile.
    NoAdminLeft,
}

impl Store {
    /// Writes a user over `old`; with `password_hash`, that too. `ends_tokens` ends all of its tokens. `admin_stays` is
    /// an admin who must still be one: of two who take each other's rights, one is left.
    ///
    /// # Errors
    /// When the store does not answer; the inner error says what stood in the way.
    pub async fn update_user(
        &self,
        old: &User,
        new: &User,
        password_hash: Option<&str>,
        ends_tokens: bool,
        admin_stays: Option<UserId>,
    ) -> Result<std::result::Result<(), UserNotWritten>> {
        let mut set = String::from(
            "SET first_name = :first, last_name = :last, #role = :role, is_active = :active, updated_at = :now",
        );
        let mut update = Update::builder()
            .table_name(&self.tables.identity)
            .set_key(Some(key(keys::user(old.id), "USER")))
            .condition_expression("updated_at = :old AND token_epoch = :epoch")
            .expression_attribute_names("#role", "role")
            .expression_attribute_values(":first", s(&new.first_name))
            .expression_attribute_values(":last", s(&new.last_name))
            .expression_attribute_values(":role", s(new.role.as_str()))
            .expression_attribute_values(":active", b(new.is_active))
            .expression_attribute_values(":now", s(rfc3339(new.updated_at)))
            .expression_attribute_values(":old", s(rfc3339(old.updated_at)))
            .expression_attribute_values(":epoch", n(old.token_epoch))
            .expression_attribute_values(":ends", n(i64::from(ends_tokens)));
        if let Some(hash) = password_hash {
            set.push_str(", password_hash = :hash");
            update = update.expression_attribute_values(":hash", s(hash));
        }
        match &new.phone {
            Some(phone) => {
                set.push_str(", phone = :phone");
                update = update.expression_attribute_values(":phone", s(phone));
            }
            None => set.push_str(" REMOVE phone"),
        }
        set.push_str(" ADD token_epoch :ends");
        let update = update.update_expression(set).build().map_err(built)?;
        let mut writes = vec![TransactWriteItem::builder().update(update).build()];
        writes.extend(self.stays_admin(admin_stays)?);
        outcome(self.transact(writes, None).await, 1)
    }

    /// Deletes a user: the row, the address's guard, the place in the tenant; the tokens end with the row.
    ///
    /// # Errors
    /// When the store does not answer; the inner error says what stood in the way.
    pub async fn delete_user(
        &self,
        user: &User,
        admin_stays: Option<UserId>,
    ) -> Result<std::result::Result<(), UserNotWritten>> {
        let table = &self.tables.identity;
        let row = Delete::builder()
            .table_name(table)
            .set_key(Some(key(keys::user(user.id), "USER")))
            .condition_expression("updated_at = :old AND token_epoch = :epoch")
            .expression_attribute_values(":old", s(rfc3339(user.updated_at)))
            .expression_attribute_values(":epoch", n(user.token_epoch));
        let guard = Delete::builder()
            .table_name(table)
            .set_key(Some(key(keys::email(&user.email), "EMAIL")));
        let place = Delete::builder()
            .table_name(table)
            .set_key(Some(key(keys::tenant(user.tenant), keys::tenant_user(user.id))));
        let mut writes = Vec::new();
        for delete in [row, guard, place] {
            let delete = delete.build().map_err(built)?;
            writes.push(TransactWriteItem::builder().delete(delete).build());
        }
        writes.push(self.totals_moved(user.id, -1, 0)?);
        let position = writes.len();
        writes.extend(self.stays_admin(admin_stays)?);
        outcome(self.transact(writes, None).await, position)
    }

    fn stays_admin(&self, admin: Option<UserId>) -> Result<Option<TransactWriteItem>> {
        let Some(admin) = admin else { return Ok(None) };
        let check = ConditionCheck::builder()
            .table_name(&self.tables.identity)
            .set_key(Some(key(keys::user(admin), "USER")))
            .condition_expression("#role = :admin AND is_active = :yes")
            .expression_attribute_names("#role", "role")
            .expression_attribute_values(":admin", s(Role::Admin.as_str()))
            .expression_attribute_values(":yes", b(true));
        let check = check.build().map_err(built)?;
        Ok(Some(TransactWriteItem::builder().condition_check(check).build()))
    }
}

fn outcome(result: Result<()>, admin_at: usize) -> Result<std::result::Result<(), UserNotWritten>> {
    match result {
        Ok(()) => Ok(Ok(())),
        Err(StoreError::Condition(at)) if at.contains(&admin_at) => Ok(Err(UserNotWritten::NoAdminLeft)),
        Err(StoreError::Condition(_)) => Ok(Err(UserNotWritten::Changed)),
        Err(error) => Err(error),
    }
}
