//! Subscriptions: a small collection of each tenant; and, beside each, since when it has only failed.

use aws_sdk_dynamodb::types::{Delete, ReturnValue, TransactWriteItem};
use trunkline_domain::{Instant, TenantId, id::SubscriptionId};
use trunkline_events::Subscription;

use crate::{
    Result, Store, StoreError,
    campaigns::built,
    item::{item, key, ms, nu, number, read},
    keys,
};

impl Store {
    /// Makes a subscription.
    ///
    /// # Errors
    /// [`StoreError::Condition`] when the id is taken.
    pub async fn create_subscription(&self, subscription: &Subscription) -> Result<()> {
        let put = self.subscription_put(subscription)?;
        let put = put.condition_expression("attribute_not_exists(PK)");
        put.send().await.map_err(StoreError::from_sdk)?;
        Ok(())
    }

    /// A subscription of this tenant, read consistently.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn subscription(&self, tenant: TenantId, id: SubscriptionId) -> Result<Option<Subscription>> {
        let row = self.directory_row(tenant, keys::subscription(id)).await?;
        row.map(read).transpose()
    }

    /// All subscriptions of a tenant, in no order.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn list_subscriptions_by_tenant(&self, tenant: TenantId) -> Result<Vec<Subscription>> {
        let rows = self
            .directory_rows(&self.tables.directory, &keys::tenant(tenant), "SUB#")
            .await?;
        rows.into_iter().map(read).collect()
    }

    /// Writes a subscription over the version before its own.
    ///
    /// # Errors
    /// [`StoreError::Condition`] when somebody else wrote first.
    pub async fn update_subscription(&self, subscription: &Subscription) -> Result<()> {
        let put = self
            .subscription_put(subscription)?
            .condition_expression("version = :old")
            .expression_attribute_values(":old", nu(subscription.version.saturating_sub(1)));
        put.send().await.map_err(StoreError::from_sdk)?;
        Ok(())
    }

    /// Deletes a subscription; `false` when there is none.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn delete_subscription(&self, tenant: TenantId, id: SubscriptionId) -> Result<bool> {
        let delete = |sk: String| {
            Delete::builder()
                .table_name(&self.tables.directory)
                .set_key(Some(key(keys::tenant(tenant), sk)))
        };
        let row = delete(keys::subscription(id)).condition_expression("attribute_exists(PK)");
        let health = delete(keys::subscription_health(id));
        let mut writes = Vec::new();
        for delete in [row, health] {
            let delete = delete.build().map_err(built)?;
            writes.push(TransactWriteItem::builder().delete(delete).build());
        }
        match self.transact(writes, None).await {
            Ok(()) => Ok(true),
            Err(error) if error.is_condition() => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// A try failed: since when none has succeeded.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn note_failing(&self, tenant: TenantId, id: SubscriptionId, now: Instant) -> Result<Instant> {
        let update = self
            .db
            .update_item()
            .table_name(&self.tables.directory)
            .set_key(Some(key(keys::tenant(tenant), keys::subscription_health(id))))
            .update_expression("SET failing_since_ms = if_not_exists(failing_since_ms, :now)")
            .expression_attribute_values(":now", ms(now))
            .return_values(ReturnValue::AllNew);
        let row = update.send().await.map_err(StoreError::from_sdk)?.attributes;
        let since = row.map_or(0, |row| number(&row, "failing_since_ms"));
        Ok(chrono::DateTime::from_timestamp_millis(since).unwrap_or(now))
    }

    /// A try succeeded. Costs a read; a write only after failures.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn note_working(&self, tenant: TenantId, id: SubscriptionId) -> Result<()> {
        let health = key(keys::tenant(tenant), keys::subscription_health(id));
        let get = self.db.get_item().table_name(&self.tables.directory);
        let got = get
            .set_key(Some(health.clone()))
            .send()
            .await
            .map_err(StoreError::from_sdk)?;
        if got.item.is_some() {
            let delete = self.db.delete_item().table_name(&self.tables.directory);
            delete
                .set_key(Some(health))
                .send()
                .await
                .map_err(StoreError::from_sdk)?;
        }
        Ok(())
    }

    fn subscription_put(
        &self,
        subscription: &Subscription,
    ) -> Result<aws_sdk_dynamodb::operation::put_item::builders::PutItemFluentBuilder> {
        let row = item(
            keys::tenant(subscription.tenant),
            keys::subscription(subscription.id),
            subscription,
        )?;
        let put = self.db.put_item().table_name(&self.tables.directory);
        Ok(put.set_item(Some(row)))
    }
}
