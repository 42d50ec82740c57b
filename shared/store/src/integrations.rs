//! Integrations: a small collection of each tenant. The credentials come sealed; the store never sees them open.

use trunkline_domain::{
    Instant, TenantId,
    id::IntegrationId,
    integration::{Integration, IntegrationStatus},
};

use crate::{
    Result, Store, StoreError,
    item::{item, key, nu, read, s},
    keys,
};

impl Store {
    /// Makes an integration.
    ///
    /// # Errors
    /// [`StoreError::Condition`] when the id is taken.
    pub async fn create_integration(&self, integration: &Integration) -> Result<()> {
        let put = self.integration_put(integration)?;
        let put = put.condition_expression("attribute_not_exists(PK)");
        put.send().await.map_err(StoreError::from_sdk)?;
        Ok(())
    }

    /// An integration of this tenant, read consistently.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn integration(&self, tenant: TenantId, id: IntegrationId) -> Result<Option<Integration>> {
        let row = self.directory_row(tenant, keys::integration(id)).await?;
        row.map(read).transpose()
    }

    /// All integrations of a tenant, in no order.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn list_integrations_by_tenant(&self, tenant: TenantId) -> Result<Vec<Integration>> {
        let rows = self
            .directory_rows(&self.tables.directory, &keys::tenant(tenant), "INT#")
            .await?;
        rows.into_iter().map(read).collect()
    }

    /// Writes an integration over the version before its own.
    ///
    /// # Errors
    /// [`StoreError::Condition`] when somebody else wrote first.
    pub async fn update_integration(&self, integration: &Integration) -> Result<()> {
        let put = self
            .integration_put(integration)?
            .condition_expression("version = :old")
            .expression_attribute_values(":old", nu(integration.version.saturating_sub(1)));
        put.send().await.map_err(StoreError::from_sdk)?;
        Ok(())
    }

    /// Notes what a test of this version said; of another version's credentials it says nothing. `false`: it changed meanwhile.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn note_integration_test(
        &self,
        tested: &Integration,
        status: IntegrationStatus,
        reason: &str,
        now: Instant,
    ) -> Result<bool> {
        let at = serde_dynamo::aws_sdk_dynamodb_1::to_attribute_value(now);
        let at = at.map_err(|e| StoreError::Corrupt(e.to_string()))?;
        let update = self
            .db
            .update_item()
            .table_name(&self.tables.directory)
            .set_key(Some(key(
                keys::tenant(tested.tenant),
                keys::integration(tested.id),
            )))
            .update_expression("SET #status = :status, #reason = :reason, last_tested_at = :at")
            .condition_expression("version = :tested")
            .expression_attribute_names("#status", "status")
            .expression_attribute_names("#reason", "reason")
            .expression_attribute_values(":status", s(status.as_str()))
            .expression_attribute_values(":reason", s(reason))
            .expression_attribute_values(":at", at)
            .expression_attribute_values(":tested", nu(tested.version));
        match update.send().await.map_err(StoreError::from_sdk) {
            Ok(_) => Ok(true),
            Err(error) if error.is_condition() => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Deletes an integration; `false` when there is none.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn delete_integration(&self, tenant: TenantId, id: IntegrationId) -> Result<bool> {
        let delete = self
            .db
            .delete_item()
            .table_name(&self.tables.directory)
            .set_key(Some(key(keys::tenant(tenant), keys::integration(id))))
            .condition_expression("attribute_exists(PK)");
        match delete.send().await.map_err(StoreError::from_sdk) {
            Ok(_) => Ok(true),
            Err(error) if error.is_condition() => Ok(false),
            Err(error) => Err(error),
        }
    }

    fn integration_put(
        &self,
        integration: &Integration,
    ) -> Result<aws_sdk_dynamodb::operation::put_item::builders::PutItemFluentBuilder> {
        let row = item(
            keys::tenant(integration.tenant),
            keys::integration(integration.id),
            integration,
        )?;
        let put = self.db.put_item().table_name(&self.tables.directory);
        Ok(put.set_item(Some(row)))
    }
}
