//! Campaigns and their slot shards.

use aws_sdk_dynamodb::types::{Delete, Put, TransactWriteItem, Update};
use trunkline_domain::{Campaign, CampaignId, TenantId};
use trunkline_events::Event;

use crate::{
    Result, Store, StoreError,
    dialing::slot::Slot,
    item::{b, key, n, read, s},
    keys,
    rows::campaign_row,
};

impl Store {
    /// Makes a campaign with its slot shards, closed.
    ///
    /// # Errors
    /// [`StoreError::Condition`] when the id is taken.
    pub async fn create_campaign(&self, campaign: &Campaign) -> Result<()> {
        let row = Put::builder()
            .table_name(&self.tables.dialing)
            .set_item(Some(campaign_row(campaign, None)?));
        let row = row
            .condition_expression("attribute_not_exists(PK)")
            .build()
            .map_err(built)?;
        let mut writes = vec![TransactWriteItem::builder().put(row).build()];
        for shard in 0..campaign.shards.max(1) {
            let slot = Slot::closed(campaign, shard).row(campaign.id, shard);
            let put = Put::builder()
                .table_name(&self.tables.dialing)
                .set_item(Some(slot));
            let put = put
                .condition_expression("attribute_not_exists(PK)")
                .build()
                .map_err(built)?;
            writes.push(TransactWriteItem::builder().put(put).build());
        }
        self.transact(writes, None).await
    }

    /// A campaign of this tenant.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn campaign(&self, tenant: TenantId, id: CampaignId) -> Result<Option<Campaign>> {
        let get = self
            .db
            .get_item()
            .table_name(&self.tables.dialing)
            .consistent_read(true);
        let got = get
            .set_key(Some(key(keys::tenant(tenant), keys::campaign(id))))
            .send()
            .await
            .map_err(StoreError::from_sdk)?;
        got.item.map(read).transpose()
    }

    /// All campaigns of a tenant, in no order; at most 5,000.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn list_campaigns_by_tenant(&self, tenant: TenantId) -> Result<Vec<Campaign>> {
        let rows = self
            .directory_rows(&self.tables.dialing, &keys::tenant(tenant), "CAMP#")
            .await?;
        rows.into_iter().map(read).collect()
    }

    /// These campaigns of a tenant; those that are gone are left out.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn campaigns_by_id(
        &self,
        tenant: TenantId,
        ids: impl IntoIterator<Item = CampaignId>,
    ) -> Result<Vec<Campaign>> {
        let ids: std::collections::BTreeSet<CampaignId> = ids.into_iter().collect();
        let wanted = ids
            .into_iter()
            .map(|id| key(keys::tenant(tenant), keys::campaign(id)));
        let rows = self.batch_get(&self.tables.dialing, wanted.collect()).await?;
        rows.into_iter().map(read).collect()
    }

    /// Writes a campaign over its last version; a changed concurrency moves the shards' caps,
    /// a changed state opens or closes them, in the same transaction.
    ///
    /// # Errors
    /// [`StoreError::Condition`] when somebody else wrote first.
    pub async fn update_campaign(&self, campaign: &Campaign, ev: Option<&Event>) -> Result<()> {
        let mut writes = vec![self.campaign_put(campaign, ev)?];
        let open = campaign.state == trunkline_domain::CampaignState::Active;
        for shard in 0..campaign.shards.max(1) {
            let update = Update::builder()
                .table_name(&self.tables.dialing)
                .set_key(Some(key(keys::slot(campaign.id), shard.to_string())));
            // `ver` moves too: a pump that looks at this shard looks again.
            let update = update
                .update_expression("SET #open = :open, cap = :cap, ver = ver + :one")
                .condition_expression("attribute_exists(PK)")
                .expression_attribute_names("#open", "open")
                .expression_attribute_values(":open", b(open))
                .expression_attribute_values(":cap", n(Slot::cap_of(campaign, shard)))
                .expression_attribute_values(":one", n(1));
            writes.push(
                TransactWriteItem::builder()
                    .update(update.build().map_err(built)?)
                    .build(),
            );
        }
        self.transact(writes, None).await
    }

    /// Marks a campaign completed, in one transaction that finds every shard without calls and
    /// without leads to dial, and no import under way. `false`: there is something left.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn complete_campaign(&self, campaign: &Campaign, ev: &Event) -> Result<bool> {
        let mut writes = vec![self.campaign_put(campaign, Some(ev))?];
        for shard in 0..campaign.shards.max(1) {
            let update = Update::builder()
                .table_name(&self.tables.dialing)
                .set_key(Some(key(keys::slot(campaign.id), shard.to_string())));
            let update = update
                .update_expression("SET #open = :f, ver = ver + :one")
                // A list that is on its way in may bring more.
                .condition_expression(
                    "used = :zero AND open_leads = :zero AND (attribute_not_exists(imports) OR imports = :zero)",
                )
                .expression_attribute_names("#open", "open")
                .expression_attribute_values(":f", b(false))
                .expression_attribute_values(":zero", n(0))
                .expression_attribute_values(":one", n(1));
            writes.push(
                TransactWriteItem::builder()
                    .update(update.build().map_err(built)?)
                    .build(),
            );
        }
        match self.transact(writes, None).await {
            Ok(()) => Ok(true),
            Err(error) if error.is_condition() => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Deletes a campaign that nothing is in progress of, with its slot shards.
    ///
    /// # Errors
    /// [`StoreError::Condition`] when it changed, or a call of it or an import is in progress.
    pub async fn delete_campaign(&self, campaign: &Campaign) -> Result<()> {
        let row = Delete::builder().table_name(&self.tables.dialing);
        let row = row
            .set_key(Some(key(
                keys::tenant(campaign.tenant),
                keys::campaign(campaign.id),
            )))
            .condition_expression("version = :v")
            .expression_attribute_values(":v", crate::item::nu(campaign.version));
        let mut writes = vec![
            TransactWriteItem::builder()
                .delete(row.build().map_err(built)?)
                .build(),
        ];
        for shard in 0..campaign.shards.max(1) {
            let slot = Delete::builder().table_name(&self.tables.dialing);
            let slot = slot
                .set_key(Some(key(keys::slot(campaign.id), shard.to_string())))
                .condition_expression("used = :zero AND (attribute_not_exists(imports) OR imports = :zero)")
                .expression_attribute_values(":zero", n(0));
            writes.push(
                TransactWriteItem::builder()
                    .delete(slot.build().map_err(built)?)
                    .build(),
            );
        }
        self.transact(writes, None).await
    }

    /// Campaigns that the clock may start (`Scheduled`, start time over) and those that dial:
    /// `(tenant, campaign)`.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn campaigns_to_wake(
        &self,
        now: trunkline_domain::Instant,
    ) -> Result<Vec<(TenantId, CampaignId)>> {
        let mut found = Vec::new();
        for shard in 0..keys::SHARDS {
            for (expression, bound) in [
                ("due_pk = :pk AND due_sk <= :sk", keys::time(now)),
                (
                    "due_pk = :pk AND begins_with(due_sk, :sk)",
                    keys::ACTIVE.to_owned(),
                ),
            ] {
                let query = self.db.query().table_name(&self.tables.dialing).index_name("due");
                let query = query
                    .key_condition_expression(expression)
                    .expression_attribute_values(":pk", s(keys::wake(shard)))
                    .expression_attribute_values(":sk", s(bound));
                let mut pages = query.into_paginator().items().send();
                while let Some(row) = pages.next().await {
                    let row = row.map_err(StoreError::from_sdk)?;
                    found.extend(keys::read_campaign(&row));
                }
            }
        }
        Ok(found)
    }

    pub(crate) fn campaign_put(&self, campaign: &Campaign, ev: Option<&Event>) -> Result<TransactWriteItem> {
        let put = Put::builder()
            .table_name(&self.tables.dialing)
            .set_item(Some(campaign_row(campaign, ev)?));
        let put = put
            .condition_expression("version = :old")
            .expression_attribute_values(":old", crate::item::nu(campaign.version.saturating_sub(1)));
        Ok(TransactWriteItem::builder()
            .put(put.build().map_err(built)?)
            .build())
    }
}

pub(crate) fn built(error: aws_sdk_dynamodb::error::BuildError) -> StoreError {
    StoreError::Refused(error.to_string())
}
