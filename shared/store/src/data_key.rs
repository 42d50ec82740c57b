//! The data key that seals what is stored, itself encrypted by the key service: one row for the whole deployment.

use crate::{
    Result, Store, StoreError,
    item::{key, s, text},
};

const PK: &str = "KEYS";
const SK: &str = "DATA";

impl Store {
    /// The encrypted data key, when there is one.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn data_key(&self) -> Result<Option<String>> {
        let get = self
            .db
            .get_item()
            .table_name(&self.tables.directory)
            .consistent_read(true);
        let got = get
            .set_key(Some(key(PK, SK)))
            .send()
            .await
            .map_err(StoreError::from_sdk)?;
        Ok(got
            .item
            .and_then(|row| text(&row, "encrypted").map(str::to_owned)))
    }

    /// Keeps an encrypted data key, once for ever; `false` when there is one already.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn put_data_key(&self, encrypted: &str) -> Result<bool> {
        let mut row = key(PK, SK);
        row.insert("encrypted".to_owned(), s(encrypted));
        let put = self
            .db
            .put_item()
            .table_name(&self.tables.directory)
            .set_item(Some(row))
            .condition_expression("attribute_not_exists(PK)");
        match put.send().await.map_err(StoreError::from_sdk) {
            Ok(_) => Ok(true),
            Err(error) if error.is_condition() => Ok(false),
            Err(error) => Err(error),
        }
    }
}
