//! Calls from browsers: a row and a place among the conversations, no carrier, number, slot or lead.

use aws_sdk_dynamodb::types::{Put, TransactWriteItem};
use trunkline_domain::{Call, counters::contribution};
use trunkline_events::Event;

use crate::{Result, Store, StoreError, campaigns::built, rows::call_row};

impl Store {
    /// Makes the call and takes its place in one transaction; false: there is no place for it.
    ///
    /// # Errors
    /// [`StoreError::NoAnswer`]: it may have been made; its check ends it then.
    pub async fn open_web_call(&self, call: &Call, place_cap: i64, event: &Event) -> Result<bool> {
        let put = Put::builder()
            .table_name(&self.tables.calls)
            .set_item(Some(call_row(call, Some(event))?))
            .condition_expression("attribute_not_exists(PK)");
        let row = TransactWriteItem::builder()
            .put(put.build().map_err(built)?)
            .build();
        let writes = vec![row, self.take_place(call.cap_shard, place_cap)?];
        match self.transact(writes, call.claim_nonce.clone()).await {
            Ok(()) => Ok(true),
            Err(StoreError::Condition(at)) if at.first() == Some(&1) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Ends the call over its last version: row, place and counters in one transaction.
    ///
    /// # Errors
    /// [`StoreError::Condition`] when somebody else wrote first.
    pub async fn end_web_call(&self, before: &Call, call: &Call, event: &Event) -> Result<()> {
        let mut writes = vec![
            self.call_put(call, Some(event))?,
            self.move_place(call.cap_shard, -1)?,
        ];
        writes.extend(self.count(call, &contribution(before), &contribution(call))?);
        self.transact(writes, None).await
    }
}
