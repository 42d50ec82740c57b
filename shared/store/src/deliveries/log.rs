//! The log of a subscription's tries, newest first, and the list of its deliveries, oldest first.

use aws_sdk_dynamodb::{operation::query::builders::QueryFluentBuilder, types::Select};
use trunkline_domain::{
    Instant,
    id::{DeliveryId, SubscriptionId},
    page::{Page, PageQuery},
};
use trunkline_events::{Delivery, Try};

use super::KEPT;
use crate::{
    Result, Store, StoreError,
    item::{Item, item, key, n, read, s, text},
    keys,
};

/// Up to how many lines are counted.
const COUNTED: u64 = 10_000;

impl Store {
    pub(super) fn log_row(&self, delivery: &Delivery, tried: &Try) -> Result<Item> {
        let mut line = item(
            keys::subscription_log(delivery.subscription),
            keys::try_order(tried.at, tried.delivery, tried.attempt),
            tried,
        )?;
        line.insert("expires_at".to_owned(), n((tried.at + KEPT).timestamp()));
        Ok(line)
    }

    /// Notes a try of what is no delivery: a test.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn note_test(&self, subscription: SubscriptionId, tried: &Try) -> Result<()> {
        let mut line = item(
            keys::subscription_log(subscription),
            keys::try_order(tried.at, tried.delivery, tried.attempt),
            tried,
        )?;
        line.insert("expires_at".to_owned(), n((tried.at + KEPT).timestamp()));
        let put = self.db.put_item().table_name(&self.tables.ephemeral);
        put.set_item(Some(line))
            .send()
            .await
            .map_err(StoreError::from_sdk)?;
        Ok(())
    }

    /// A page of the log, newest first.
    ///
    /// # Errors
    /// [`StoreError::Cursor`] for a cursor that is not of this list.
    pub async fn list_tries(&self, id: SubscriptionId, page: &PageQuery, now: Instant) -> Result<Page<Try>> {
        let start = match &page.cursor {
            Some(cursor) if !cursor.starts_with(keys::TRIES) => return Err(StoreError::Cursor),
            Some(cursor) => Some(key(keys::subscription_log(id), cursor.clone())),
            None => None,
        };
        let skip = if start.is_some() {
            0
        } else {
            usize::try_from(page.skip).unwrap_or(usize::MAX)
        };
        let limit = usize::try_from(page.limit).unwrap_or(usize::MAX);
        // One more than asked tells whether there is a next page.
        let wanted = skip.saturating_add(limit).saturating_add(1);
        let query = self
            .log_query(id, keys::TRIES, now)
            .scan_index_forward(false)
            .set_exclusive_start_key(start);
        let mut rows: Vec<Item> = Vec::new();
        let mut pages = query.into_paginator().items().send();
        while rows.len() < wanted {
            match pages.next().await {
                Some(row) => rows.push(row.map_err(StoreError::from_sdk)?),
                None => break,
            }
        }
        let more = rows.len() == wanted;
        let shown: Vec<Item> = rows.into_iter().skip(skip).take(limit).collect();
        let next_cursor = shown
            .last()
            .filter(|_| more)
            .and_then(|last| text(last, "SK"))
            .map(str::to_owned);
        let (total, total_is_lower_bound) = self.count_tries(id, now).await?;
        Ok(Page {
            items: shown.into_iter().map(read).collect::<Result<_>>()?,
            total,
            total_is_lower_bound,
            next_cursor,
        })
    }

    /// Deliveries of a subscription from a moment on, oldest first, and where the next ones begin.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn list_deliveries(
        &self,
        id: SubscriptionId,
        from: &str,
        limit: i32,
        now: Instant,
    ) -> Result<(Vec<DeliveryId>, Option<String>)> {
        let query = self
            .db
            .query()
            .table_name(&self.tables.ephemeral)
            .key_condition_expression("PK = :pk AND SK BETWEEN :from AND :last")
            .filter_expression("expires_at > :now")
            .expression_attribute_values(":pk", s(keys::subscription_log(id)))
            .expression_attribute_values(":from", s(from))
            .expression_attribute_values(":last", s(format!("{}~", keys::DELIVERIES)))
            .expression_attribute_values(":now", n(now.timestamp()))
            .limit(limit);
        let got = query.send().await.map_err(StoreError::from_sdk)?;
        // `~` comes after every letter of a key: the next page begins behind this one's last row.
        let next = got
            .last_evaluated_key()
            .and_then(|last| text(last, "SK"))
            .map(|last| format!("{last}~"));
        let ids = got.items().iter().filter_map(|row| {
            let (_, id) = text(row, "SK")?.rsplit_once('#')?;
            id.parse().ok()
        });
        Ok((ids.collect(), next))
    }

    async fn count_tries(&self, id: SubscriptionId, now: Instant) -> Result<(u64, bool)> {
        let query = self.log_query(id, keys::TRIES, now).select(Select::Count);
        let mut found = 0;
        let mut pages = query.into_paginator().send();
        while let Some(page) = pages.next().await {
            found += u64::try_from(page.map_err(StoreError::from_sdk)?.count()).unwrap_or(0);
            if found > COUNTED {
                return Ok((found, true));
            }
        }
        Ok((found, false))
    }

    fn log_query(&self, id: SubscriptionId, prefix: &str, now: Instant) -> QueryFluentBuilder {
        self.db
            .query()
            .table_name(&self.tables.ephemeral)
            .key_condition_expression("PK = :pk AND begins_with(SK, :sk)")
            .filter_expression("expires_at > :now")
            .expression_attribute_values(":pk", s(keys::subscription_log(id)))
            .expression_attribute_values(":sk", s(prefix))
            .expression_attribute_values(":now", n(now.timestamp()))
    }
}
