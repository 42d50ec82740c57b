//! What lives for minutes: rate limits, idempotency keys, one-use tokens, leases. Every end is compared when read; the table's TTL only cleans.

mod idempotency;
mod leases;
mod rates;
#[cfg(test)]
mod tests;
mod tokens;

pub use idempotency::{Begun, StoredAnswer};
pub use rates::Counted;
pub use tokens::RESET;

use trunkline_domain::Instant;

use crate::{
    Result, Store, StoreError,
    item::{key, n},
};

impl Store {
    /// Writes one small row to the table: what readiness wants to know.
    ///
    /// # Errors
    /// When the table is missing or does not answer.
    pub async fn ping_ephemeral(&self, now: Instant) -> Result<()> {
        let mut row = key("PING", "PING");
        row.insert("expires_at".to_owned(), n(now.timestamp() + 60));
        let put = self
            .db
            .put_item()
            .table_name(&self.tables.ephemeral)
            .set_item(Some(row));
        put.send().await.map_err(StoreError::from_sdk)?;
        Ok(())
    }
}
