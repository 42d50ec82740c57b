//! What is unique among a tenant's records: a name, an e-mail address. A row of its own says who has it, written in the record's transaction.

use aws_sdk_dynamodb::types::{Delete, Put, TransactWriteItem, builders::PutBuilder};
use trunkline_domain::TenantId;

use crate::{
    Result, Store, StoreError,
    campaigns::built,
    item::{Item, key, s, text},
    keys,
};

impl Store {
    /// Takes what `guard` stands for; refused while another has it.
    pub(crate) fn take_guard(
        &self,
        tenant: TenantId,
        guard: String,
        holder: impl ToString,
    ) -> Result<TransactWriteItem> {
        let mut row = key(keys::tenant(tenant), guard);
        row.insert("held_by".to_owned(), s(holder.to_string()));
        let put = Put::builder()
            .table_name(&self.tables.directory)
            .set_item(Some(row));
        put_item(put.condition_expression("attribute_not_exists(PK)"))
    }

    /// Gives it back; refused when another has it.
    pub(crate) fn give_guard_back(
        &self,
        tenant: TenantId,
        guard: String,
        holder: impl ToString,
    ) -> Result<TransactWriteItem> {
        let delete = Delete::builder()
            .table_name(&self.tables.directory)
            .set_key(Some(key(keys::tenant(tenant), guard)))
            .condition_expression("held_by = :mine")
            .expression_attribute_values(":mine", s(holder.to_string()));
        Ok(TransactWriteItem::builder()
            .delete(delete.build().map_err(built)?)
            .build())
    }

    /// Who has it.
    pub(crate) async fn guard_holder<T: std::str::FromStr>(
        &self,
        tenant: TenantId,
        guard: String,
    ) -> Result<Option<T>> {
        let row = self.directory_row(tenant, guard).await?;
        let holder = row.as_ref().and_then(|row| text(row, "held_by"));
        Ok(holder.and_then(|id| id.parse().ok()))
    }

    /// A row of the directory below its tenant, read consistently.
    pub(crate) async fn directory_row(&self, tenant: TenantId, sk: String) -> Result<Option<Item>> {
        let get = self
            .db
            .get_item()
            .table_name(&self.tables.directory)
            .consistent_read(true)
            .set_key(Some(key(keys::tenant(tenant), sk)));
        Ok(get.send().await.map_err(StoreError::from_sdk)?.item)
    }
}

/// A put as part of a transaction.
pub(crate) fn put_item(put: PutBuilder) -> Result<TransactWriteItem> {
    Ok(TransactWriteItem::builder()
        .put(put.build().map_err(built)?)
        .build())
}
