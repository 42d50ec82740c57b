//! Counting requests, across all instances: one unconditional `ADD` a request.

use aws_sdk_dynamodb::types::ReturnValue;
use chrono::Duration;
use trunkline_domain::Instant;

use crate::{
    Result, Store, StoreError,
    item::{key, n, nu, number},
    keys,
};

/// What somebody has used in a window, this request included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counted {
    /// Requests.
    pub requests: u64,
    /// Bytes of bodies.
    pub bytes: u64,
}

impl Store {
    /// Counts `requests` and `bytes` of `who` in the window that began at `window`.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn count_request(
        &self,
        who: &str,
        window: Instant,
        window_s: u32,
        requests: u64,
        bytes: u64,
    ) -> Result<Counted> {
        let end = window + Duration::seconds(i64::from(window_s) + 60);
        let update = self.db.update_item().table_name(&self.tables.ephemeral);
        let update = update
            .set_key(Some(key(keys::rate(who, window.timestamp()), "RL")))
            .update_expression("SET expires_at = :end ADD #n :requests, #b :bytes")
            .expression_attribute_names("#n", "n")
            .expression_attribute_names("#b", "b")
            .expression_attribute_values(":end", n(end.timestamp()))
            .expression_attribute_values(":requests", nu(requests))
            .expression_attribute_values(":bytes", nu(bytes))
            .return_values(ReturnValue::UpdatedNew);
        let got = update.send().await.map_err(StoreError::from_sdk)?;
        let row = got.attributes.unwrap_or_default();
        let count = |name: &str| u64::try_from(number(&row, name)).unwrap_or(0);
        Ok(Counted {
            requests: count("n"),
            bytes: count("b"),
        })
    }
}
