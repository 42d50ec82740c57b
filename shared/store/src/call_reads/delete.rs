//! Deleting a call: what hangs on it first, its own row last, so that what is left after a crash
//! can still be named and deleted.

use aws_sdk_dynamodb::types::{Delete, TransactWriteItem};
use trunkline_domain::{
    Call, CallId,
    counters::{Counters, contribution},
};

use crate::{
    Result, Store,
    campaigns::built,
    item::{Item, key, nu, text},
    keys,
    leads::primary,
};

use super::META;

impl Store {
    /// Deletes a call with its lines, text and notes, and takes what it added out of the totals.
    ///
    /// # Errors
    /// [`crate::StoreError::Condition`] when the call changed meanwhile; repeating is harmless.
    pub async fn delete_call(&self, call: &Call) -> Result<()> {
        self.delete_parts(call.id).await?;
        let row = Delete::builder()
            .table_name(&self.tables.calls)
            .set_key(Some(key(keys::call(call.id), META)))
            .condition_expression("version = :old")
            .expression_attribute_values(":old", nu(call.version));
        let mut writes = vec![
            TransactWriteItem::builder()
                .delete(row.build().map_err(built)?)
                .build(),
        ];
        writes.extend(self.count(call, &contribution(call), &Counters::default())?);
        self.transact(writes, None).await?;
        self.count_phrases(Some(call), None).await;
        Ok(())
    }

    /// Deletes everything of a call but its own row.
    async fn delete_parts(&self, call: CallId) -> Result<()> {
        let rows = self
            .directory_rows(&self.tables.calls, &keys::call(call), "")
            .await?;
        let parts: Vec<Item> = rows
            .iter()
            .filter(|row| text(row, "SK") != Some(META))
            .map(primary)
            .collect();
        // Transactions, since the right to write batches would also be the right to overwrite.
        for chunk in parts.chunks(100) {
            let writes = chunk
                .iter()
                .map(|part| self.part_delete(part.clone()))
                .collect::<Result<_>>()?;
            self.transact(writes, None).await?;
        }
        Ok(())
    }

    fn part_delete(&self, part: Item) -> Result<TransactWriteItem> {
        let delete = Delete::builder()
            .table_name(&self.tables.calls)
            .set_key(Some(part));
        Ok(TransactWriteItem::builder()
            .delete(delete.build().map_err(built)?)
            .build())
    }
}
