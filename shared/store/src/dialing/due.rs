//! What the clock wakes for: index `due` of `dialing`, where each kind of thing has sort keys of its own beginning.

use futures::future::try_join_all;

use crate::{
    Result, Store, StoreError,
    item::{Item, s},
    keys,
};

impl Store {
    /// Index entries from the sort key `first` to `last`, at most `a_shard` of each shard, longest waiting first within one.
    pub(crate) async fn due_rows(&self, first: &str, last: &str, a_shard: i32) -> Result<Vec<Item>> {
        let shards = (0..keys::SHARDS).map(|shard| {
            let query = self.db.query().table_name(&self.tables.dialing).index_name("due");
            query
                .key_condition_expression("due_pk = :pk AND due_sk BETWEEN :first AND :last")
                .expression_attribute_values(":pk", s(keys::wake(shard)))
                .expression_attribute_values(":first", s(first))
                .expression_attribute_values(":last", s(last))
                .limit(a_shard)
                .send()
        });
        let found = try_join_all(shards).await.map_err(StoreError::from_sdk)?;
        Ok(found
            .into_iter()
            .flat_map(|shard| shard.items.unwrap_or_default())
            .collect())
    }
}
