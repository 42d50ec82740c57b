//! What a tenant's desks were told in the last hour, in the order in which it was written: what a desk that comes back has missed.

use aws_sdk_dynamodb::types::{Put, TransactWriteItem};
use chrono::Duration;
use serde::{Deserialize, Serialize};
use trunkline_domain::{Instant, TenantId};
use trunkline_events::Event;

use crate::{
    Result, Store, StoreError,
    guards::put_item,
    item::{Item, item, n, read, s},
    keys,
};

/// How long it is kept.
const KEPT: Duration = Duration::hours(1);
/// How many a request brings.
const PAGE: i32 = 500;

/// An event in the feed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Fed {
    /// What happened.
    pub ev: Event,
    /// When it was written here, which may be later than it happened, and more than once.
    pub fed_at: Instant,
}

impl Store {
    /// Writes an event to its tenant's feed.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn feed_desks(&self, event: &Event, now: Instant) -> Result<()> {
        let put = self.db.put_item().table_name(&self.tables.ephemeral);
        let put = put.set_item(Some(fed(event, now)?));
        put.send().await.map_err(StoreError::from_sdk)?;
        Ok(())
    }

    /// The same as part of the transaction that makes the event.
    pub(crate) fn feeding_desks(&self, event: &Event, now: Instant) -> Result<TransactWriteItem> {
        let put = Put::builder().table_name(&self.tables.ephemeral);
        put_item(put.set_item(Some(fed(event, now)?)))
    }

    /// What was written to a tenant's feed from `from` on, oldest first, at most `most`; the flag says that there is more.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn desk_feed(&self, tenant: TenantId, from: Instant, most: usize) -> Result<(Vec<Fed>, bool)> {
        let mut found = Vec::new();
        let mut start = None;
        loop {
            let query = self
                .db
                .query()
                .table_name(&self.tables.ephemeral)
                .key_condition_expression("PK = :pk AND SK >= :from")
                .expression_attribute_values(":pk", s(keys::feed(tenant)))
                .expression_attribute_values(":from", s(keys::time(from)))
                .set_exclusive_start_key(start)
                .limit(PAGE);
            let page = query.send().await.map_err(StoreError::from_sdk)?;
            for row in page.items.unwrap_or_default() {
                found.push(read(row)?);
            }
            start = page.last_evaluated_key;
            if start.is_none() || found.len() >= most {
                let more = start.is_some() || found.len() > most;
                found.truncate(most);
                return Ok((found, more));
            }
        }
    }
}

fn fed(event: &Event, now: Instant) -> Result<Item> {
    let entry = Fed {
        ev: event.clone(),
        fed_at: now,
    };
    let mut row = item(keys::feed(event.tenant), keys::feed_entry(now, event.id), &entry)?;
    row.insert("expires_at".to_owned(), n((now + KEPT).timestamp()));
    Ok(row)
}
