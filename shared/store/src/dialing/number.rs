//! A number in a tenant: the lock that keeps it out of two calls, and its do-not-call mark.

use trunkline_domain::{CallId, E164, Instant, TenantId};
use trunkline_events::Event;

use crate::{
    DncEntry, Result, Store, StoreError,
    item::{Item, key, number, text, truth},
    keys,
};

/// What is known of a number.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Number {
    /// Not to be called.
    pub dnc: bool,
    /// The unfinished call that it is in.
    pub in_flight: Option<CallId>,
    /// Not to be dialled before.
    pub next_ok_at: Option<Instant>,
}

/// What a claim asks of a number's row, as a condition; [`Number::holds`] says the same of a row that was read.
pub(super) const FREE: &str = "attribute_not_exists(dnc) AND (attribute_not_exists(in_flight) OR in_flight = :call) AND (attribute_not_exists(next_ok) OR next_ok <= :now)";

/// What keeps a number from being dialled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hold {
    /// It is not to be called.
    DoNotCall,
    /// It is in this other call.
    InCall(CallId),
    /// A call of it ended just now; it may be dialled from then on.
    Gap(Instant),
}

impl Number {
    /// All that keeps `call` from claiming this number now; nothing: it may.
    #[must_use]
    pub fn holds(&self, call: CallId, now: Instant) -> Vec<Hold> {
        let dnc = self.dnc.then_some(Hold::DoNotCall);
        let other = self.in_flight.filter(|other| *other != call).map(Hold::InCall);
        let gap = self.next_ok_at.filter(|at| *at > now).map(Hold::Gap);
        [dnc, other, gap].into_iter().flatten().collect()
    }
}

impl Store {
    /// What is known of a number, read consistently.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn number(&self, tenant: TenantId, phone: &E164) -> Result<Number> {
        let row = self.number_row(tenant, phone).await?;
        Ok(row.as_ref().map(read).unwrap_or_default())
    }

    /// The same with its entry on the do-not-call list, in one read.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn number_with_mark(
        &self,
        tenant: TenantId,
        phone: &E164,
    ) -> Result<(Number, Option<DncEntry>)> {
        let row = self.number_row(tenant, phone).await?;
        let mark = row.as_ref().and_then(|row| super::dnc::read(tenant, row));
        Ok((row.as_ref().map(read).unwrap_or_default(), mark))
    }

    async fn number_row(&self, tenant: TenantId, phone: &E164) -> Result<Option<Item>> {
        let get = self
            .db
            .get_item()
            .table_name(&self.tables.dialing)
            .consistent_read(true);
        let got = get
            .set_key(Some(key(keys::phone_number(tenant, phone), "NUM")))
            .send()
            .await
            .map_err(StoreError::from_sdk)?;
        Ok(got.item)
    }
}

fn read(row: &Item) -> Number {
    Number {
        dnc: truth(row, "dnc"),
        in_flight: text(row, "in_flight").and_then(|id| id.parse().ok()),
        next_ok_at: Some(number(row, "next_ok"))
            .filter(|at| *at > 0)
            .and_then(chrono::DateTime::from_timestamp_millis),
    }
}

pub(super) fn event(event: &Event) -> Result<aws_sdk_dynamodb::types::AttributeValue> {
    serde_dynamo::aws_sdk_dynamodb_1::to_attribute_value(event)
        .map_err(|e| StoreError::Corrupt(e.to_string()))
}
