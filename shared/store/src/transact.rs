//! Transactions, with the one retry that is always safe.

use aws_sdk_dynamodb::types::TransactWriteItem;

use crate::{Result, Store, StoreError};

/// How often a transaction that met another at the same item is tried again.
const TRIES: u32 = 12;

impl Store {
    /// Writes all or nothing. A transaction that met another one at an item was certainly not
    /// done, so it is tried again at once; `token` makes a repetition after a lost answer harmless.
    pub(crate) async fn transact(&self, writes: Vec<TransactWriteItem>, token: Option<String>) -> Result<()> {
        self.transact_counting(writes, token).await.0
    }

    /// The same, and how often it met another.
    pub(crate) async fn transact_counting(
        &self,
        writes: Vec<TransactWriteItem>,
        token: Option<String>,
    ) -> (Result<()>, u32) {
        let mut met = 0;
        loop {
            let request = self
                .db
                .transact_write_items()
                .set_transact_items(Some(writes.clone()))
                .set_client_request_token(token.clone());
            match request.send().await.map_err(StoreError::from_transaction) {
                Err(StoreError::Contended) if met < TRIES => met += 1,
                result => return (result.map(|_| ()), met),
            }
            // Another task's turn: with many at one item the retries spread by themselves.
            tokio::task::yield_now().await;
        }
    }
}
