//! The platform's price table: one row, that the admin changes.

use trunkline_domain::prices::PriceTable;

use crate::{
    Result, Store, StoreError,
    item::{item, key, nu, read},
    keys,
};

impl Store {
    /// The price table; the list prices while nobody has changed it.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn prices(&self) -> Result<PriceTable> {
        let get = self
            .db
            .get_item()
            .table_name(&self.tables.directory)
            .consistent_read(true);
        let get = get.set_key(Some(key(keys::PRICES, keys::PRICES)));
        let got = get.send().await.map_err(StoreError::from_sdk)?;
        Ok(got.item.map(read).transpose()?.unwrap_or_default())
    }

    /// Writes the price table over the version before its own.
    ///
    /// # Errors
    /// [`StoreError::Condition`] when somebody else changed it first.
    pub async fn put_prices(&self, table: &PriceTable) -> Result<()> {
        let put = self
            .db
            .put_item()
            .table_name(&self.tables.directory)
            .set_item(Some(item(keys::PRICES, keys::PRICES, table)?));
        let put = match table.version {
            0 | 1 => put.condition_expression("attribute_not_exists(PK)"),
            later => put
                .condition_expression("version = :old")
                .expression_attribute_values(":old", nu(later - 1)),
        };
        put.send().await.map_err(StoreError::from_sdk)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::store;

    #[tokio::test]
    async fn the_list_prices_hold_until_somebody_changes_them_and_only_one_does_at_a_time() {
        let store = store().await;
        let listed = store.prices().await.unwrap();
        assert_eq!(listed, PriceTable::default());
        for version in 1..=2 {
            let next = PriceTable {
                version,
                ..listed.clone()
            };
            store.put_prices(&next).await.unwrap();
            assert_eq!(store.prices().await.unwrap(), next);
            assert!(store.put_prices(&next).await.unwrap_err().is_condition());
        }
    }
}
