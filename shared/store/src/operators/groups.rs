//! Groups of human agents: a small collection of each tenant, names unique in any case.

use aws_sdk_dynamodb::types::{Delete, Put, TransactWriteItem, Update};
use trunkline_domain::{TenantId, id::GroupId, operator::Group};

use crate::{
    Result, Store, StoreError,
    campaigns::built,
    guards::put_item,
    item::{item, key, nu, read, s},
    keys,
};

/// Why a group was not written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GroupNotWritten {
    /// Another group of the tenant has this name.
    NameTaken,
    /// Human agents are in it.
    HasMembers,
    /// It was changed or deleted meanwhile; or, for a new one, the id is taken.
    Changed,
}

type Written = Result<std::result::Result<(), GroupNotWritten>>;

impl Store {
    /// Makes a group without members.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn create_group(&self, group: &Group) -> Written {
        let row = Put::builder()
            .table_name(&self.tables.directory)
            .set_item(Some(item(
                keys::tenant(group.tenant),
                keys::group(group.id),
                group,
            )?))
            .condition_expression("attribute_not_exists(PK)");
        let writes = vec![
            put_item(row)?,
            self.take_guard(group.tenant, keys::group_name(&group.name), group.id)?,
        ];
        outcome(self.transact(writes, None).await, GroupNotWritten::Changed)
    }

    /// A group of this tenant, read consistently.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn group(&self, tenant: TenantId, id: GroupId) -> Result<Option<Group>> {
        let row = self.directory_row(tenant, keys::group(id)).await?;
        row.map(read).transpose()
    }

    /// The group of this tenant that has a name, in any case.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn group_by_name(&self, tenant: TenantId, name: &str) -> Result<Option<Group>> {
        match self.guard_holder(tenant, keys::group_name(name)).await? {
            Some(id) => self.group(tenant, id).await,
            None => Ok(None),
        }
    }

    /// All groups of a tenant, in no order.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn list_groups_by_tenant(&self, tenant: TenantId) -> Result<Vec<Group>> {
        let rows = self
            .directory_rows(&self.tables.directory, &keys::tenant(tenant), keys::GROUPS)
            .await?;
        rows.into_iter().map(read).collect()
    }

    /// Writes a group's name and description over `old`, which was read; who is in it is not touched.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn update_group(&self, old: &Group, new: &Group) -> Written {
        let update = Update::builder()
            .table_name(&self.tables.directory)
            .set_key(Some(key(keys::tenant(new.tenant), keys::group(new.id))))
            .update_expression(
                "SET #name = :name, description = :description, version = :version, updated_at = :at",
            )
            .condition_expression("version = :old")
            .expression_attribute_names("#name", "name")
            .expression_attribute_values(":name", s(&new.name))
            .expression_attribute_values(
                ":description",
                new.description
                    .as_ref()
                    .map_or(aws_sdk_dynamodb::types::AttributeValue::Null(true), s),
            )
            .expression_attribute_values(":version", nu(new.version))
            .expression_attribute_values(":at", s(new.updated_at.to_rfc3339()))
            .expression_attribute_values(":old", nu(old.version));
        let row = TransactWriteItem::builder()
            .update(update.build().map_err(built)?)
            .build();
        let mut writes = vec![row];
        if keys::group_name(&old.name) != keys::group_name(&new.name) {
            writes.push(self.take_guard(new.tenant, keys::group_name(&new.name), new.id)?);
            writes.push(self.give_guard_back(old.tenant, keys::group_name(&old.name), old.id)?);
        }
        outcome(self.transact(writes, None).await, GroupNotWritten::Changed)
    }

    /// Deletes a group that nobody is in.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn delete_group(&self, group: &Group) -> Written {
        let row = Delete::builder()
            .table_name(&self.tables.directory)
            .set_key(Some(key(keys::tenant(group.tenant), keys::group(group.id))))
            .condition_expression("members = :none AND version = :old")
            .expression_attribute_values(":none", nu(0))
            .expression_attribute_values(":old", nu(group.version));
        let row = TransactWriteItem::builder()
            .delete(row.build().map_err(built)?)
            .build();
        let writes = vec![
            row,
            self.give_guard_back(group.tenant, keys::group_name(&group.name), group.id)?,
        ];
        outcome(self.transact(writes, None).await, GroupNotWritten::HasMembers)
    }
}

/// A refused transaction: the first write is the row's, the second the name's.
fn outcome(result: Result<()>, row: GroupNotWritten) -> Written {
    match result {
        Ok(()) => Ok(Ok(())),
        Err(StoreError::Condition(at)) if at == [1] && row == GroupNotWritten::Changed => {
            Ok(Err(GroupNotWritten::NameTaken))
        }
        Err(StoreError::Condition(_)) => Ok(Err(row)),
        Err(error) => Err(error),
    }
}
