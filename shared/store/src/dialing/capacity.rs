//! Media capacity: how many conversations may be under way at once, over all campaigns.
//!
//! Each claim takes a place in the transaction that makes the call, each end gives it back in the
//! transaction that ends the call, so no place can leak. Media servers say how many places there are.

use aws_sdk_dynamodb::types::{TransactWriteItem, Update};
use trunkline_domain::Instant;

use crate::{
    Result, Store, StoreError,
    campaigns::built,
    item::{key, ms, n, number},
};

/// Below this many places one row counts them all; above, four share the load.
const ONE_ROW_BELOW: i64 = 200;

/// What all live media servers can carry.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct MediaCapacity {
    /// Places at once.
    pub places: i64,
}

impl MediaCapacity {
    /// How many places are left when that many are taken.
    #[must_use]
    pub fn free(self, used: i64) -> i64 {
        (self.places - used).max(0)
    }

    /// Over how many rows the places are spread.
    #[must_use]
    pub const fn shards(self) -> u32 {
        if self.places < ONE_ROW_BELOW { 1 } else { 4 }
    }

    /// This row's share.
    #[must_use]
    pub fn cap_of(self, shard: u32) -> i64 {
        let shards = i64::from(self.shards());
        self.places / shards + i64::from(i64::from(shard) < self.places % shards)
    }
}

impl Store {
    /// A media server says what it can carry, until then.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn publish_capacity(&self, instance: &str, places: u32, until: Instant) -> Result<()> {
        let put = self
            .db
            .put_item()
            .table_name(&self.tables.ephemeral)
            .set_item(Some(key("HUB", instance)));
        let put = put
            .item("places", n(places))
            .item("until", ms(until))
            .item("expires_at", n(until.timestamp() + 3_600));
        put.send().await.map_err(StoreError::from_sdk)?;
        Ok(())
    }

    /// What all live media servers can carry.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn media_capacity(&self, now: Instant) -> Result<MediaCapacity> {
        let rows = self.directory_rows(&self.tables.ephemeral, "HUB", "").await?;
        let live = rows
            .iter()
            .filter(|row| number(row, "until") > now.timestamp_millis());
        Ok(MediaCapacity {
            places: live.map(|row| number(row, "places")).sum(),
        })
    }

    /// How many places are taken.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn media_used(&self) -> Result<i64> {
        let rows = self.directory_rows(&self.tables.ephemeral, "MEDIA", "").await?;
        Ok(rows.iter().map(|row| number(row, "used")).sum())
    }

    /// Takes a place, as part of a claim.
    pub(crate) fn take_place(&self, shard: u32, cap: i64) -> Result<TransactWriteItem> {
        let update = Update::builder()
            .table_name(&self.tables.ephemeral)
            .set_key(Some(key("MEDIA", shard.to_string())));
        let update = update
            .update_expression("ADD used :one")
            .condition_expression("(attribute_not_exists(used) AND :cap > :zero) OR used < :cap")
            .expression_attribute_values(":one", n(1))
            .expression_attribute_values(":zero", n(0))
            .expression_attribute_values(":cap", n(cap));
        Ok(TransactWriteItem::builder()
            .update(update.build().map_err(built)?)
            .build())
    }

    /// Gives a place back, as part of an end; or takes one back without asking for room, as part
    /// of a call that turned out to be placed after all.
    pub(crate) fn move_place(&self, shard: u32, by: i64) -> Result<TransactWriteItem> {
        let update = Update::builder()
            .table_name(&self.tables.ephemeral)
            .set_key(Some(key("MEDIA", shard.to_string())));
        let update = update
            .update_expression("ADD used :by")
            .expression_attribute_values(":by", n(by));
        Ok(TransactWriteItem::builder()
            .update(update.build().map_err(built)?)
            .build())
    }

    /// Takes one of `per_second` starts of a carrier account, now or at the answered instant:
    /// a leaky bucket (GCRA) over all instances. `None`: the row was contended, ask again.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn take_start(&self, account: &str, per_second: u32, now: Instant) -> Result<Option<Instant>> {
        let at = format!("CPS#{account}");
        let get = self
            .db
            .get_item()
            .table_name(&self.tables.ephemeral)
            .consistent_read(true)
            .set_key(Some(key(&at, "CPS")));
        let row = get
            .send()
            .await
            .map_err(StoreError::from_sdk)?
            .item
            .unwrap_or_default();
        let known = number(&row, "tat");
        let free = known.max(now.timestamp_millis());
        let next = free + 1_000 / i64::from(per_second.max(1));
        let put = self
            .db
            .put_item()
            .table_name(&self.tables.ephemeral)
            .set_item(Some(key(&at, "CPS")));
        let put = put
            .item("tat", n(next))
            .item("expires_at", n(next / 1_000 + 3_600))
            .condition_expression("attribute_not_exists(tat) OR tat = :known")
            .expression_attribute_values(":known", n(known));
        match put.send().await.map_err(StoreError::from_sdk) {
            Ok(_) => Ok(chrono::DateTime::from_timestamp_millis(free)),
            Err(error) if error.is_condition() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Is somebody's capacity row there (for tests and health).
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn media_instances(&self, now: Instant) -> Result<Vec<String>> {
        let rows = self.directory_rows(&self.tables.ephemeral, "HUB", "").await?;
        let live = rows
            .iter()
            .filter(|row| number(row, "until") > now.timestamp_millis());
        Ok(live
            .filter_map(|row| crate::item::text(row, "SK"))
            .map(str::to_owned)
            .collect())
    }
}
