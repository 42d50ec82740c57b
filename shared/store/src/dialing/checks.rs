//! What somebody must look after: every unfinished call has its instant, and so has its bridge.

use trunkline_domain::{Call, CallId, CampaignId, Instant, TenantId};

use crate::{
    Result, Store, StoreError,
    item::{Item, s, text},
    keys,
};

/// Something to look after.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ToCheck {
    /// A call.
    Call(CallId),
    /// A call's bridge.
    Bridge(CallId),
}

impl Store {
    /// The unfinished calls and bridges whose instant has come, oldest first, at most `limit` a shard.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn to_check(&self, now: Instant, limit: i32) -> Result<Vec<ToCheck>> {
        let mut found = Vec::new();
        for shard in 0..keys::SHARDS {
            found.extend(self.checks(shard, Some(now), limit).await?);
        }
        Ok(found)
    }

    /// Every unfinished call and bridge, at most `limit` a shard: what a start looks after.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn unfinished(&self, limit: i32) -> Result<Vec<ToCheck>> {
        let mut found = Vec::new();
        for shard in 0..keys::SHARDS {
            found.extend(self.checks(shard, None, limit).await?);
        }
        Ok(found)
    }

    /// A campaign's unfinished calls, all of them: as many as it has slots, and those that wait unsent.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn unfinished_calls_of(&self, tenant: TenantId, campaign: CampaignId) -> Result<Vec<Call>> {
        let mut ids = Vec::new();
        for shard in 0..keys::SHARDS {
            let query = self.db.query().table_name(&self.tables.calls).index_name("check");
            let query = query
                .key_condition_expression("check_pk = :pk")
                .filter_expression("contains(f, :campaign)")
                .expression_attribute_values(":pk", s(keys::check(shard)))
                .expression_attribute_values(":campaign", s(format!("|{campaign}|")));
            let mut pages = query.into_paginator().items().send();
            while let Some(row) = pages.next().await {
                ids.extend(call_id(&row.map_err(StoreError::from_sdk)?));
            }
        }
        self.calls_by_id(tenant, &ids).await
    }

    /// The call that the carrier's id is bound to.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn call_by_sid(&self, account: &str, sid: &str) -> Result<Option<CallId>> {
        let query = self
            .db
            .query()
            .table_name(&self.tables.calls)
            .index_name("sid")
            .key_condition_expression("sid_pk = :pk");
        let query = query
            .expression_attribute_values(":pk", s(format!("{account}#{sid}")))
            .limit(1);
        let rows = query.send().await.map_err(StoreError::from_sdk)?;
        Ok(rows.items().first().and_then(call_id))
    }

    async fn checks(&self, shard: u32, until: Option<Instant>, limit: i32) -> Result<Vec<ToCheck>> {
        let query = self
            .db
            .query()
            .table_name(&self.tables.calls)
            .index_name("check")
            .limit(limit);
        let query = query.expression_attribute_values(":pk", s(keys::check(shard)));
        let query = match until {
            Some(until) => query
                .key_condition_expression("check_pk = :pk AND check_sk <= :until")
                .expression_attribute_values(":until", s(format!("{}~", keys::time(until)))),
            None => query.key_condition_expression("check_pk = :pk"),
        };
        let rows = query.send().await.map_err(StoreError::from_sdk)?;
        Ok(rows.items().iter().filter_map(to_check).collect())
    }
}

fn call_id(row: &Item) -> Option<CallId> {
    text(row, "PK")?.strip_prefix("C#")?.parse().ok()
}

/// The sort key tells a bridge from its call.
fn to_check(row: &Item) -> Option<ToCheck> {
    let id = call_id(row)?;
    match text(row, "SK")? {
        keys::BRIDGE => Some(ToCheck::Bridge(id)),
        _ => Some(ToCheck::Call(id)),
    }
}
