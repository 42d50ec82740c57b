//! Leases: one holder at a time, for a while.

use trunkline_domain::Instant;

use crate::{
    Result, Store, StoreError,
    item::{key, ms, n, s},
    keys,
};

impl Store {
    /// Takes or renews a lease; `false` while another holds it.
    ///
    /// # Errors
    /// When the store does not answer: then it may be held until `until`.
    pub async fn take_lease(&self, name: &str, holder: &str, now: Instant, until: Instant) -> Result<bool> {
        let mut row = key(keys::lease(name), "LEASE");
        row.insert("holder".to_owned(), s(holder));
        row.insert("until_ms".to_owned(), ms(until));
        row.insert("expires_at".to_owned(), n(until.timestamp() + 60));
        let put = self
            .db
            .put_item()
            .table_name(&self.tables.ephemeral)
            .set_item(Some(row));
        let put = put
            .condition_expression("attribute_not_exists(PK) OR until_ms <= :now OR holder = :me")
            .expression_attribute_values(":now", ms(now))
            .expression_attribute_values(":me", s(holder));
        match put.send().await.map_err(StoreError::from_sdk) {
            Ok(_) => Ok(true),
            Err(StoreError::Condition(_)) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Gives a lease back, if this holder still has it.
    ///
    /// # Errors
    /// When the store does not answer: then it ends by itself.
    pub async fn release_lease(&self, name: &str, holder: &str) -> Result<()> {
        let delete = self.db.delete_item().table_name(&self.tables.ephemeral);
        let delete = delete
            .set_key(Some(key(keys::lease(name), "LEASE")))
            .condition_expression("holder = :me")
            .expression_attribute_values(":me", s(holder));
        match delete.send().await.map_err(StoreError::from_sdk) {
            Ok(_) | Err(StoreError::Condition(_)) => Ok(()),
            Err(error) => Err(error),
        }
    }
}
