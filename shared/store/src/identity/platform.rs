//! What there is once in a deployment: maintenance, and the totals of users and tenants.

use aws_sdk_dynamodb::types::{TransactWriteItem, Update};
use futures::future::try_join_all;
use serde::{Deserialize, Serialize};
use trunkline_domain::{CampaignId, Instant, TenantId, UserId};

use crate::{
    Result, Store, StoreError,
    campaigns::built,
    item::{item, key, n, number, read, s, text},
    keys,
};

/// Whether the API is closed to all but admins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Maintenance {
    /// It is.
    pub enabled: bool,
    /// What who asks is told.
    pub message: String,
    /// Since when it is so.
    pub since: Instant,
}

/// How many users and tenants there are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Totals {
    /// Users.
    pub users: u64,
    /// Tenants.
    pub tenants: u64,
}

/// What the tenants' own counters add up to, as it was summed last.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlatformSums {
    /// Voice agents.
    pub agents: u64,
    /// Campaigns.
    pub campaigns: u64,
    /// Ended calls by how they ended; the names are those of [`trunkline_domain::counters`].
    pub calls: std::collections::BTreeMap<String, i64>,
    /// When they were summed.
    pub as_of: Instant,
}

impl Store {
    /// Maintenance, as it was set last.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn maintenance(&self) -> Result<Option<Maintenance>> {
        let row = self.identity_item(keys::PLATFORM.to_owned(), keys::MAINTENANCE);
        row.await?.map(read).transpose()
    }

    /// Sets maintenance.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn put_maintenance(&self, maintenance: &Maintenance) -> Result<()> {
        self.put_platform(item(keys::PLATFORM, keys::MAINTENANCE, maintenance)?)
            .await
    }

    /// The sums that were kept last.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn platform_sums(&self) -> Result<Option<PlatformSums>> {
        let row = self.identity_item(keys::PLATFORM.to_owned(), keys::SUMS);
        row.await?.map(read).transpose()
    }

    /// Keeps sums.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn put_platform_sums(&self, sums: &PlatformSums) -> Result<()> {
        self.put_platform(item(keys::PLATFORM, keys::SUMS, sums)?).await
    }

    async fn put_platform(&self, row: crate::item::Item) -> Result<()> {
        let put = self.db.put_item().table_name(&self.tables.identity);
        put.set_item(Some(row))
            .send()
            .await
            .map_err(StoreError::from_sdk)?;
        Ok(())
    }

    /// How many users and tenants there are; exact.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn totals(&self) -> Result<Totals> {
        let rows = self
            .directory_rows(&self.tables.identity, keys::TOTALS, "")
            .await?;
        let sum = |name: &str| {
            let sum: i64 = rows.iter().map(|row| number(row, name)).sum();
            u64::try_from(sum).unwrap_or(0)
        };
        Ok(Totals {
            users: sum("n_users"),
            tenants: sum("n_tenants"),
        })
    }

    /// Every tenant's id, in no order.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn all_tenants(&self) -> Result<Vec<TenantId>> {
        let shards = keys::tenant_shards();
        let mut asked = Vec::new();
        for pk in &shards {
            asked.push(self.directory_rows(&self.tables.identity, pk, ""));
        }
        let rows = try_join_all(asked).await?;
        let ids = rows.iter().flatten();
        Ok(ids.filter_map(|row| text(row, "SK")?.parse().ok()).collect())
    }

    /// How many voice agents and campaigns a tenant has.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn count_directory(&self, tenant: TenantId) -> Result<(u64, u64)> {
        let pk = keys::tenant(tenant);
        tokio::try_join!(
            self.count_rows(&self.tables.directory, &pk, "AGENT#"),
            self.count_rows(&self.tables.dialing, &pk, "CAMP#"),
        )
    }

    /// Whether any of these campaigns has a call in progress.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn any_in_progress(&self, campaigns: &[CampaignId]) -> Result<bool> {
        for some in campaigns.chunks(8) {
            let mut asked = Vec::new();
            for id in some {
                asked.push(self.slots(*id));
            }
            let found = try_join_all(asked).await?;
            if found.iter().flatten().any(|slot| slot.used > 0) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    async fn count_rows(&self, table: &str, pk: &str, prefix: &str) -> Result<u64> {
        let query = self.db.query().table_name(table);
        let mut pages = query
            .key_condition_expression("PK = :pk AND begins_with(SK, :sk)")
            .expression_attribute_values(":pk", s(pk))
            .expression_attribute_values(":sk", s(prefix))
            .select(aws_sdk_dynamodb::types::Select::Count)
            .into_paginator()
            .send();
        let mut count = 0;
        while let Some(page) = pages.next().await {
            count += u64::try_from(page.map_err(StoreError::from_sdk)?.count).unwrap_or(0);
        }
        Ok(count)
    }

    /// The write that moves the totals, for the transaction that makes or deletes.
    pub(super) fn totals_moved(&self, user: UserId, users: i64, tenants: i64) -> Result<TransactWriteItem> {
        let update = Update::builder()
            .table_name(&self.tables.identity)
            .set_key(Some(key(keys::TOTALS, keys::shard_of(&user.0).to_string())))
            .update_expression("ADD n_users :users, n_tenants :tenants")
            .expression_attribute_values(":users", n(users))
            .expression_attribute_values(":tenants", n(tenants));
        Ok(TransactWriteItem::builder()
            .update(update.build().map_err(built)?)
            .build())
    }
}
