//! Human agents: a small collection of each tenant. Each is in its group's row as a number, so that no group is deleted under it;
//! e-mail addresses are unique in a tenant; whoever could take a call is in index `idle`, longest idle first.

mod groups;

use aws_sdk_dynamodb::types::{Delete, Put, Select, TransactWriteItem, Update};
use trunkline_domain::{OperatorId, TenantId, id::GroupId, operator::Operator};
use trunkline_events::Event;

use crate::{
    Result, Store, StoreError,
    campaigns::built,
    guards::put_item,
    item::{Item, item, key, n, nu, read, s, text},
    keys,
};

pub use groups::GroupNotWritten;

/// Why a human agent was not written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OperatorNotWritten {
    /// Another one of the tenant has this e-mail address.
    EmailTaken,
    /// There is no such group.
    NoGroup,
    /// It was changed or deleted meanwhile; or, for a new one, the id is taken.
    Changed,
}

/// A transaction's writes, each with what its refusal means.
struct Writes(Vec<(TransactWriteItem, OperatorNotWritten)>);

impl Store {
    /// Makes a human agent in its group.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn create_operator(
        &self,
        operator: &Operator,
    ) -> Result<std::result::Result<(), OperatorNotWritten>> {
        let row = self
            .operator_put(operator)?
            .condition_expression("attribute_not_exists(PK)");
        let mut writes = Writes(vec![(put_item(row)?, OperatorNotWritten::Changed)]);
        writes.push(
            self.count_member(operator, operator.group, 1)?,
            OperatorNotWritten::NoGroup,
        );
        if let Some(email) = &operator.email {
            writes.push(
                self.take_guard(operator.tenant, keys::operator_email(email), operator.id)?,
                OperatorNotWritten::EmailTaken,
            );
        }
        self.write_operator(writes).await
    }

    /// A human agent of this tenant, read consistently.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn operator(&self, tenant: TenantId, id: OperatorId) -> Result<Option<Operator>> {
        let row = self.directory_row(tenant, keys::operator(id)).await?;
        row.map(read).transpose()
    }

    /// The human agent of this tenant that has an e-mail address, which is in lower case.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn operator_by_email(&self, tenant: TenantId, email: &str) -> Result<Option<Operator>> {
        match self.guard_holder(tenant, keys::operator_email(email)).await? {
            Some(id) => self.operator(tenant, id).await,
            None => Ok(None),
        }
    }

    /// These human agents of a tenant; those that are gone are left out.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn operators_by_id(
        &self,
        tenant: TenantId,
        ids: impl IntoIterator<Item = OperatorId>,
    ) -> Result<Vec<Operator>> {
        let ids: std::collections::BTreeSet<OperatorId> = ids.into_iter().collect();
        let wanted = ids
            .into_iter()
            .map(|id| key(keys::tenant(tenant), keys::operator(id)));
        let rows = self.batch_get(&self.tables.directory, wanted.collect()).await?;
        rows.into_iter().map(read).collect()
    }

    /// All human agents of a tenant, in no order.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn list_operators_by_tenant(&self, tenant: TenantId) -> Result<Vec<Operator>> {
        let rows = self
            .directory_rows(&self.tables.directory, &keys::tenant(tenant), keys::OPERATORS)
            .await?;
        rows.into_iter().map(read).collect()
    }

    /// Those of a group that could take a call as far as the index knows, longest idle first, at most `most`.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn idle_operators(
        &self,
        tenant: TenantId,
        group: GroupId,
        most: i32,
    ) -> Result<Vec<OperatorId>> {
        let query = self
            .db
            .query()
            .table_name(&self.tables.directory)
            .index_name("idle")
            .key_condition_expression("idle_pk = :group")
            .expression_attribute_values(":group", s(keys::idle(tenant, group)))
            .limit(most);
        let found = query.send().await.map_err(StoreError::from_sdk)?;
        let id = |row: &Item| text(row, "SK")?.strip_prefix(keys::OPERATORS)?.parse().ok();
        Ok(found.items().iter().filter_map(id).collect())
    }

    /// How many of a group are in as many calls as they take, as far as the index knows; counted up to `most`.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn count_busy_operators(&self, tenant: TenantId, group: GroupId, most: i32) -> Result<u32> {
        let query = self
            .db
            .query()
            .table_name(&self.tables.directory)
            .index_name("idle")
            .key_condition_expression("idle_pk = :group")
            .expression_attribute_values(":group", s(keys::busy(tenant, group)))
            .select(Select::Count)
            .limit(most);
        let found = query.send().await.map_err(StoreError::from_sdk)?;
        Ok(u32::try_from(found.count()).unwrap_or(0))
    }

    /// Writes a human agent over `old`, which was read; its place in index `idle` moves with it.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn update_operator(
        &self,
        old: &Operator,
        new: &Operator,
    ) -> Result<std::result::Result<(), OperatorNotWritten>> {
        let row = self
            .operator_put(new)?
            .condition_expression("version = :old")
            .expression_attribute_values(":old", nu(old.version));
        let mut writes = Writes(vec![(put_item(row)?, OperatorNotWritten::Changed)]);
        if old.group != new.group {
            writes.push(self.count_member(new, new.group, 1)?, OperatorNotWritten::NoGroup);
            writes.push(
                self.count_member(old, old.group, -1)?,
                OperatorNotWritten::Changed,
            );
        }
        if old.status != new.status {
            // With the row itself, so that no desk misses it whoever dies in between.
            let event = Event::of_status(new);
            writes.push(
                self.feeding_desks(&event, new.updated_at)?,
                OperatorNotWritten::Changed,
            );
        }
        if old.email != new.email {
            if let Some(email) = &new.email {
                writes.push(
                    self.take_guard(new.tenant, keys::operator_email(email), new.id)?,
                    OperatorNotWritten::EmailTaken,
                );
            }
            if let Some(email) = &old.email {
                writes.push(
                    self.give_guard_back(old.tenant, keys::operator_email(email), old.id)?,
                    OperatorNotWritten::Changed,
                );
            }
        }
        self.write_operator(writes).await
    }

    /// Deletes a human agent as it was read.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn delete_operator(
        &self,
        operator: &Operator,
    ) -> Result<std::result::Result<(), OperatorNotWritten>> {
        let row = Delete::builder()
            .table_name(&self.tables.directory)
            .set_key(Some(key(
                keys::tenant(operator.tenant),
                keys::operator(operator.id),
            )))
            .condition_expression("version = :old")
            .expression_attribute_values(":old", nu(operator.version));
        let row = TransactWriteItem::builder()
            .delete(row.build().map_err(built)?)
            .build();
        let mut writes = Writes(vec![(row, OperatorNotWritten::Changed)]);
        writes.push(
            self.count_member(operator, operator.group, -1)?,
            OperatorNotWritten::Changed,
        );
        if let Some(email) = &operator.email {
            writes.push(
                self.give_guard_back(operator.tenant, keys::operator_email(email), operator.id)?,
                OperatorNotWritten::Changed,
            );
        }
        self.write_operator(writes).await
    }

    async fn write_operator(&self, writes: Writes) -> Result<std::result::Result<(), OperatorNotWritten>> {
        let (writes, meanings): (Vec<_>, Vec<_>) = writes.0.into_iter().unzip();
        match self.transact(writes, None).await {
            Ok(()) => Ok(Ok(())),
            Err(StoreError::Condition(at)) => {
                let refused = at.iter().filter_map(|at| meanings.get(*at));
                // A row that changed meanwhile is read anew, whatever else was wrong.
                let why = refused
                    .copied()
                    .max_by_key(|why| u8::from(*why == OperatorNotWritten::Changed));
                Ok(Err(why.unwrap_or(OperatorNotWritten::Changed)))
            }
            Err(error) => Err(error),
        }
    }

    pub(crate) fn operator_put(
        &self,
        operator: &Operator,
    ) -> Result<aws_sdk_dynamodb::types::builders::PutBuilder> {
        let mut row = item(
            keys::tenant(operator.tenant),
            keys::operator(operator.id),
            operator,
        )?;
        let line = if operator.is_free() {
            Some(keys::idle(operator.tenant, operator.group))
        } else if operator.calls.is_empty() {
            None
        } else {
            Some(keys::busy(operator.tenant, operator.group))
        };
        if let Some(line) = line {
            row.insert("idle_pk".to_owned(), s(line));
            row.insert(
                "idle_sk".to_owned(),
                s(format!("{}#{}", keys::time(operator.idle_since), operator.id)),
            );
        }
        Ok(Put::builder()
            .table_name(&self.tables.directory)
            .set_item(Some(row)))
    }

    fn count_member(&self, operator: &Operator, group: GroupId, by: i64) -> Result<TransactWriteItem> {
        let update = Update::builder()
            .table_name(&self.tables.directory)
            .set_key(Some(key(keys::tenant(operator.tenant), keys::group(group))))
            .update_expression("SET members = members + :by")
            .condition_expression("attribute_exists(PK)")
            .expression_attribute_values(":by", n(by));
        Ok(TransactWriteItem::builder()
            .update(update.build().map_err(built)?)
            .build())
    }
}

impl Writes {
    fn push(&mut self, write: TransactWriteItem, refused: OperatorNotWritten) {
        self.0.push((write, refused));
    }
}
