//! What comes after a call: recording, text, analysis and price, in one transaction.

use aws_sdk_dynamodb::types::{Put, TransactWriteItem};
use trunkline_domain::{Call, counters::contribution};
use trunkline_events::Event;

use crate::{
    Result, Store,
    campaigns::built,
    item::{item, key, nu},
    keys,
    rows::{add_event, call_row},
};

use super::{CallText, TEXT};

/// The row that carries the event of a readable transcript.
const SAID: &str = "SAID";

/// A call after its end was worked on.
#[derive(Debug, Clone)]
pub struct AfterCall<'a> {
    /// The call as it was read: the condition.
    pub before: &'a Call,
    /// The call as it will be.
    pub call: &'a Call,
    /// All that was said.
    pub text: &'a CallText,
    /// What happened to the call, on its own row.
    pub analyzed: Option<&'a Event>,
    /// That its recording can be fetched, on the text's row: one row carries one event, and both
    /// happen in this write.
    pub recorded: Option<&'a Event>,
}

impl Store {
    /// Writes what came after a call, and moves the totals by what it changed.
    ///
    /// # Errors
    /// [`crate::StoreError::Condition`] when somebody else wrote the call first.
    pub async fn write_after_call(&self, after: &AfterCall<'_>) -> Result<()> {
        self.write_after_call_and_tell(after, None).await
    }

    /// As [`Store::write_after_call`], and tells that what was said can be read: on a row of its own, since one row carries one event
    /// and all of them happen in this write.
    ///
    /// # Errors
    /// [`crate::StoreError::Condition`] when somebody else wrote the call first.
    pub async fn write_after_call_and_tell(&self, after: &AfterCall<'_>, said: Option<&Event>) -> Result<()> {
        let AfterCall { before, call, .. } = after;
        let row = Put::builder()
            .table_name(&self.tables.calls)
            .set_item(Some(call_row(call, after.analyzed)?))
            .condition_expression("version = :old")
            .expression_attribute_values(":old", nu(before.version));
        let mut text = item(keys::call(call.id), TEXT, after.text)?;
        add_event(&mut text, after.recorded)?;
        let text = Put::builder().table_name(&self.tables.calls).set_item(Some(text));
        let mut writes = vec![
            TransactWriteItem::builder()
                .put(row.build().map_err(built)?)
                .build(),
            TransactWriteItem::builder()
                .put(text.build().map_err(built)?)
                .build(),
        ];
        if let Some(said) = said {
            let mut row = key(keys::call(call.id), SAID);
            add_event(&mut row, Some(said))?;
            let row = Put::builder().table_name(&self.tables.calls).set_item(Some(row));
            writes.push(
                TransactWriteItem::builder()
                    .put(row.build().map_err(built)?)
                    .build(),
            );
        }
        writes.extend(self.count(call, &contribution(before), &contribution(call))?);
        self.transact(writes, None).await?;
        self.count_phrases(Some(before), Some(call)).await;
        Ok(())
    }
}
