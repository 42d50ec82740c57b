//! Tokens that are used once, kept by their fingerprint.

use aws_sdk_dynamodb::types::ReturnValue;
use trunkline_domain::Instant;

use crate::{
    Result, Store, StoreError,
    item::{key, ms, n, number, s, text},
    keys,
};

/// The purpose of tokens that reset a password; their payload is the user's id.
pub const RESET: &str = "reset";

impl Store {
    /// Keeps a token.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn put_token(
        &self,
        purpose: &str,
        fingerprint: &str,
        payload: &str,
        expires: Instant,
    ) -> Result<()> {
        let mut row = key(keys::token(purpose, fingerprint), "TOK");
        row.insert("payload".to_owned(), s(payload));
        row.insert("until_ms".to_owned(), ms(expires));
        row.insert("expires_at".to_owned(), n(expires.timestamp() + 60));
        let put = self
            .db
            .put_item()
            .table_name(&self.tables.ephemeral)
            .set_item(Some(row));
        put.send().await.map_err(StoreError::from_sdk)?;
        Ok(())
    }

    /// A token's payload, unspent and not over; it stays.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn peek_token(&self, purpose: &str, fingerprint: &str, now: Instant) -> Result<Option<String>> {
        let get = self
            .db
            .get_item()
            .table_name(&self.tables.ephemeral)
            .consistent_read(true);
        let got = get.set_key(Some(key(keys::token(purpose, fingerprint), "TOK")));
        let row = got.send().await.map_err(StoreError::from_sdk)?.item;
        let row = row.filter(|row| number(row, "until_ms") > now.timestamp_millis());
        Ok(row.and_then(|row| text(&row, "payload").map(str::to_owned)))
    }

    /// Spends a token and answers its payload; `None` when it is spent or over.
    ///
    /// # Errors
    /// When the store does not answer: then it may be spent.
    pub async fn take_token(&self, purpose: &str, fingerprint: &str, now: Instant) -> Result<Option<String>> {
        let delete = self.db.delete_item().table_name(&self.tables.ephemeral);
        let delete = delete
            .set_key(Some(key(keys::token(purpose, fingerprint), "TOK")))
            .condition_expression("until_ms > :now")
            .expression_attribute_values(":now", ms(now))
            .return_values(ReturnValue::AllOld);
        match delete.send().await.map_err(StoreError::from_sdk) {
            Ok(got) => Ok(got
                .attributes
                .and_then(|row| text(&row, "payload").map(str::to_owned))),
            Err(StoreError::Condition(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Whether this is the first use of something that may be used once before `expires`, such as a media-stream token.
    ///
    /// # Errors
    /// When the store does not answer: then it may count as used.
    pub async fn use_once(
        &self,
        purpose: &str,
        fingerprint: &str,
        now: Instant,
        expires: Instant,
    ) -> Result<bool> {
        let mut row = key(keys::token(purpose, fingerprint), "USED");
        row.insert("expires_at".to_owned(), n(expires.timestamp() + 60));
        let put = self
            .db
            .put_item()
            .table_name(&self.tables.ephemeral)
            .set_item(Some(row));
        let put = put
            .condition_expression("attribute_not_exists(PK) OR expires_at <= :now")
            .expression_attribute_values(":now", n(now.timestamp()));
        match put.send().await.map_err(StoreError::from_sdk) {
            Ok(_) => Ok(true),
            Err(StoreError::Condition(_)) => Ok(false),
            Err(error) => Err(error),
        }
    }
}
