//! A number in a tenant: the lock that keeps it out of two calls, and its do-not-call mark.

use trunkline_domain::{CallId, E164, Instant, TenantId};
use trunkline_events::Event;

use crate::{
    Result, Store, StoreError,
    item::{key, number, text, truth},
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

impl Store {
    /// What is known of a number, read consistently.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn number(&self, tenant: TenantId, phone: &E164) -> Result<Number> {
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
        let Some(row) = got.item else {
            return Ok(Number::default());
        };
        Ok(Number {
            dnc: truth(&row, "dnc"),
            in_flight: text(&row, "in_flight").and_then(|id| id.parse().ok()),
            next_ok_at: Some(number(&row, "next_ok"))
                .filter(|at| *at > 0)
                .and_then(chrono::DateTime::from_timestamp_millis),
        })
    }
}

pub(super) fn event(event: &Event) -> Result<aws_sdk_dynamodb::types::AttributeValue> {
    serde_dynamo::aws_sdk_dynamodb_1::to_attribute_value(event)
        .map_err(|e| StoreError::Corrupt(e.to_string()))
}
