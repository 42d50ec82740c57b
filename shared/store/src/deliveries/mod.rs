//! Deliveries of events to subscriptions. What was sent and how it went lives for [`KEPT`] in `ephemeral`; what is still to be
//! tried stands in the `due` index of `dialing`, so that a crash between sending and noting it is found by the clock.

mod log;
#[cfg(test)]
mod tests;

use aws_sdk_dynamodb::types::{Delete, Put, ReturnValue, TransactWriteItem, Update};
use chrono::Duration;
use trunkline_domain::{Instant, id::DeliveryId};
use trunkline_events::{Delivery, Stage, Try};

use crate::{
    Result, Store, StoreError,
    campaigns::built,
    item::{Item, item, key, n, nu, read, s, text},
    keys,
};

/// How long deliveries and their log are kept.
pub const KEPT: Duration = Duration::days(30);

const META: &str = "META";
/// How long a try may be in one's hands: as long as job-webhooks may run, so that whoever still has it then is dead.
pub const HOLD: Duration = Duration::seconds(30);
/// How long after its time a try that was queued counts as one that nobody woke, or whose sender died: the hold, and what
/// a message may wait before it.
const LOST: Duration = Duration::seconds(40);
/// The longest that a queue can wait.
const QUEUE_MAX_S: i64 = 900;

/// The seconds for which a queue can keep a try's message; none: the clock must.
#[must_use]
pub fn queued_for(wait: Duration) -> Option<u16> {
    // Rounded up, since a queue counts in seconds.
    let wait_s = (wait.num_milliseconds().max(0) + 999) / 1_000;
    u16::try_from(wait_s).ok().filter(|_| wait_s <= QUEUE_MAX_S)
}

impl Store {
    /// Keeps a delivery, once; `false` when it was there already. Who puts it wakes it too: only some time after is it due by
    /// itself.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn put_delivery(&self, delivery: &Delivery, now: Instant) -> Result<bool> {
        let over = (delivery.at + KEPT).timestamp();
        let mut row = item(keys::delivery(delivery.id), META, delivery)?;
        row.insert("expires_at".to_owned(), n(over));
        let mut listed = key(
            keys::subscription_log(delivery.subscription),
            keys::delivered_order(delivery.at, delivery.id),
        );
        listed.insert("expires_at".to_owned(), n(over));
        let row = Put::builder()
            .table_name(&self.tables.ephemeral)
            .set_item(Some(row))
            .condition_expression("attribute_not_exists(PK)");
        let mut writes = vec![put(row)?, self.ephemeral_put(listed)?];
        if delivery.stage == Stage::Pending {
            writes.push(self.due_put(delivery, now)?);
        }
        match self.transact(writes, None).await {
            Ok(()) => Ok(true),
            Err(error) if error.is_condition() => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// A delivery, read consistently.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn delivery(&self, id: DeliveryId, now: Instant) -> Result<Option<Delivery>> {
        let get = self
            .db
            .get_item()
            .table_name(&self.tables.ephemeral)
            .consistent_read(true);
        let got = get.set_key(Some(key(keys::delivery(id), META)));
        let row = got.send().await.map_err(StoreError::from_sdk)?.item;
        let row = row.filter(|row| crate::item::number(row, "expires_at") > now.timestamp());
        row.map(read).transpose()
    }

    /// Takes a due delivery in hand until `until`; none when it is not due, or somebody else is at it.
    ///
    /// # Errors
    /// When the store does not answer: then it may be taken until `until`.
    pub async fn take_delivery(
        &self,
        id: DeliveryId,
        now: Instant,
        until: Instant,
    ) -> Result<Option<Delivery>> {
        let update = self
            .db
            .update_item()
            .table_name(&self.tables.ephemeral)
            .set_key(Some(key(keys::delivery(id), META)))
            .update_expression("SET lease_ms = :until")
            .condition_expression("stage = :pending AND next_ms <= :now AND lease_ms <= :now")
            .expression_attribute_values(":pending", s("pending"))
            .expression_attribute_values(":now", crate::item::ms(now))
            .expression_attribute_values(":until", crate::item::ms(until))
            .return_values(ReturnValue::AllNew);
        match update.send().await.map_err(StoreError::from_sdk) {
            Ok(got) => got.attributes.map(read).transpose(),
            Err(error) if error.is_condition() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Notes a try: the log's line, where the delivery stands now, and when it is due again, in one transaction. `taken` is the
    /// delivery as it was taken, `next` as it will be. `false`: the hold was over, and somebody else has it.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn note_try(&self, taken: &Delivery, next: &Delivery, tried: &Try) -> Result<bool> {
        let moved = Update::builder()
            .table_name(&self.tables.ephemeral)
            .set_key(Some(key(keys::delivery(next.id), META)))
            .update_expression(
                "SET stage = :stage, tries = :tries, step = :step, next_ms = :next, lease_ms = :free",
            )
            .condition_expression("lease_ms = :mine")
            .expression_attribute_values(":stage", serde_word(next.stage)?)
            .expression_attribute_values(":tries", nu(u64::from(next.tries)))
            .expression_attribute_values(":step", nu(u64::from(next.step)))
            .expression_attribute_values(":next", n(next.next_ms))
            .expression_attribute_values(":free", n(0))
            .expression_attribute_values(":mine", n(taken.lease_ms));
        let moved = TransactWriteItem::builder()
            .update(moved.build().map_err(built)?)
            .build();
        let due = if next.stage == Stage::Pending {
            self.due_put(next, tried.at)?
        } else {
            self.due_delete(next.id)?
        };
        let line = self.log_row(next, tried)?;
        match self
            .transact(vec![moved, due, self.ephemeral_put(line)?], None)
            .await
        {
            Ok(()) => Ok(true),
            Err(error) if error.is_condition() => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Begins a delivery anew, whatever came of it. `false`: it is gone, or in somebody's hands just now.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn begin_again(&self, delivery: &Delivery, now: Instant) -> Result<bool> {
        let again = Delivery {
            stage: Stage::Pending,
            step: 0,
            next_ms: now.timestamp_millis(),
            ..delivery.clone()
        };
        let update = Update::builder()
            .table_name(&self.tables.ephemeral)
            .set_key(Some(key(keys::delivery(again.id), META)))
            .update_expression("SET stage = :pending, step = :zero, next_ms = :now")
            .condition_expression("attribute_exists(PK) AND lease_ms <= :now")
            .expression_attribute_values(":pending", s("pending"))
            .expression_attribute_values(":zero", n(0))
            .expression_attribute_values(":now", n(again.next_ms));
        let update = TransactWriteItem::builder()
            .update(update.build().map_err(built)?)
            .build();
        match self
            .transact(vec![update, self.due_put(&again, now)?], None)
            .await
        {
            Ok(()) => Ok(true),
            Err(error) if error.is_condition() => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Deliveries whose try is due, at most `a_shard` of each shard, longest waiting first.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn due_deliveries(&self, now: Instant, a_shard: i32) -> Result<Vec<DeliveryId>> {
        let due = self
            .due_rows(keys::HOOK_DUE, &keys::hook_due(now), a_shard)
            .await?;
        Ok(due
            .iter()
            .filter_map(|row| keys::read_delivery(text(row, "PK")?))
            .collect())
    }

    /// Notes that a due delivery was woken: it is due by itself only once that too may have been lost, so that a clock that
    /// ticks faster than receivers answer does not wake it at each tick.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn note_woken(&self, id: DeliveryId, now: Instant) -> Result<()> {
        let update = self
            .db
            .update_item()
            .table_name(&self.tables.dialing)
            .set_key(Some(key(keys::delivery(id), "DUE")))
            .update_expression("SET due_sk = :later")
            // Who tried it meanwhile has said better when it is due.
            .condition_expression("attribute_exists(PK) AND due_sk <= :now")
            .expression_attribute_values(":now", s(keys::hook_due(now)))
            .expression_attribute_values(":later", s(keys::hook_due(now + LOST)));
        match update.send().await.map_err(StoreError::from_sdk) {
            Ok(_) => Ok(()),
            Err(error) if error.is_condition() => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Forgets that something is due of which nothing is left.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn forget_due(&self, id: DeliveryId) -> Result<()> {
        self.transact(vec![self.due_delete(id)?], None).await
    }

    fn due_put(&self, delivery: &Delivery, now: Instant) -> Result<TransactWriteItem> {
        let at = chrono::DateTime::from_timestamp_millis(delivery.next_ms)
            .ok_or_else(|| StoreError::Corrupt("a delivery's next try is at no time".to_owned()))?;
        let at = if queued_for(at - now).is_some() {
            at + LOST
        } else {
            at
        };
        let mut row = key(keys::delivery(delivery.id), "DUE");
        row.insert("due_pk".to_owned(), s(keys::wake(keys::shard_of(&delivery.id.0))));
        row.insert("due_sk".to_owned(), s(keys::hook_due(at)));
        put(Put::builder()
            .table_name(&self.tables.dialing)
            .set_item(Some(row)))
    }

    fn due_delete(&self, id: DeliveryId) -> Result<TransactWriteItem> {
        let delete = Delete::builder()
            .table_name(&self.tables.dialing)
            .set_key(Some(key(keys::delivery(id), "DUE")));
        Ok(TransactWriteItem::builder()
            .delete(delete.build().map_err(built)?)
            .build())
    }

    fn ephemeral_put(&self, row: Item) -> Result<TransactWriteItem> {
        put(Put::builder()
            .table_name(&self.tables.ephemeral)
            .set_item(Some(row)))
    }
}

fn put(put: aws_sdk_dynamodb::types::builders::PutBuilder) -> Result<TransactWriteItem> {
    Ok(TransactWriteItem::builder()
        .put(put.build().map_err(built)?)
        .build())
}

fn serde_word(stage: Stage) -> Result<aws_sdk_dynamodb::types::AttributeValue> {
    serde_dynamo::aws_sdk_dynamodb_1::to_attribute_value(stage)
        .map_err(|e| StoreError::Corrupt(e.to_string()))
}
