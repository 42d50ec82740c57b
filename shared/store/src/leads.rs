//! Leads: inserted once a campaign and number, found by id, listed newest first.

mod insert;
mod list;

use std::collections::HashMap;

use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes, Put, TransactWriteItem, Update};
use trunkline_domain::{CampaignId, E164, Lead, LeadId, LeadStatus, TenantId};

use crate::{
    Result, Store, StoreError,
    campaigns::built,
    dialing::slot::counter,
    item::{Item, key, n, nu, read, s},
    keys,
    rows::lead_row,
};

pub use insert::Inserted;

impl Store {
    /// A campaign's lead by its number, read consistently.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn lead_by_number(
        &self,
        tenant: TenantId,
        campaign: CampaignId,
        phone: &E164,
    ) -> Result<Option<Lead>> {
        let get = self
            .db
            .get_item()
            .table_name(&self.tables.dialing)
            .consistent_read(true);
        let got = get
            .set_key(Some(key(keys::lead(tenant, campaign, phone), phone.as_str())))
            .send()
            .await
            .map_err(StoreError::from_sdk)?;
        got.item.map(read).transpose()
    }

    /// The leads of these numbers in their campaigns; those that are gone are left out.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn leads_by_numbers(
        &self,
        tenant: TenantId,
        numbers: impl IntoIterator<Item = (CampaignId, &E164)>,
    ) -> Result<Vec<Lead>> {
        let wanted: std::collections::BTreeSet<(String, String)> = numbers
            .into_iter()
            .map(|(campaign, phone)| (keys::lead(tenant, campaign, phone), phone.to_string()))
            .collect();
        let wanted = wanted.into_iter().map(|(pk, sk)| key(pk, sk)).collect();
        self.leads_by_keys(wanted).await
    }

    /// A lead of this tenant.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn lead(&self, tenant: TenantId, id: LeadId) -> Result<Option<Lead>> {
        let query = self
            .db
            .query()
            .table_name(&self.tables.dialing)
            .index_name("lead")
            .key_condition_expression("lead_pk = :pk");
        let found = query
            .expression_attribute_values(":pk", s(keys::lead_id(id)))
            .send()
            .await
            .map_err(StoreError::from_sdk)?;
        let Some(entry) = found.items().first() else {
            return Ok(None);
        };
        let leads = self.leads_by_keys(vec![primary(entry)]).await?;
        Ok(leads.into_iter().find(|lead| lead.tenant == tenant))
    }

    /// Writes a lead over its last version, when nothing but its own fields changes.
    ///
    /// # Errors
    /// [`StoreError::Condition`] when somebody else wrote first.
    pub async fn update_lead(&self, lead: &Lead) -> Result<()> {
        self.transact(vec![self.lead_put(lead)?], None).await
    }

    /// Writes a lead over its last version under another zone key, and the key with its shard: what no shard names no pump looks under.
    ///
    /// # Errors
    /// [`StoreError::Condition`] when somebody else wrote first.
    pub async fn move_lead_zone(&self, lead: &Lead, shard: u32) -> Result<()> {
        let update = Update::builder()
            .table_name(&self.tables.dialing)
            .set_key(Some(key(keys::slot(lead.campaign), shard.to_string())))
            .update_expression("ADD zones :zones, ver :one")
            .condition_expression("attribute_exists(PK)")
            .expression_attribute_values(":zones", AttributeValue::Ss(vec![lead.zone_key.clone()]))
            .expression_attribute_values(":one", n(1));
        let update = TransactWriteItem::builder()
            .update(update.build().map_err(built)?)
            .build();
        self.transact(vec![self.lead_put(lead)?, update], None).await
    }

    /// Leads by their keys, in that order; those that are gone are left out.
    pub(crate) async fn leads_by_keys(&self, wanted: Vec<Item>) -> Result<Vec<Lead>> {
        let rows = self.batch_get(&self.tables.dialing, wanted).await?;
        rows.into_iter().map(read).collect()
    }

    /// Rows by their keys, in that order, read consistently.
    pub(crate) async fn batch_get(&self, table: &str, wanted: Vec<Item>) -> Result<Vec<Item>> {
        let mut found: HashMap<(String, String), Item> = HashMap::new();
        for chunk in wanted.chunks(100) {
            let mut ask = Some(chunk.to_vec());
            // DynamoDB may answer a part; each round asks for the rest.
            for _ in 0..20 {
                let Some(keys) = ask.take().filter(|keys| !keys.is_empty()) else {
                    break;
                };
                let keys = KeysAndAttributes::builder()
                    .set_keys(Some(keys))
                    .consistent_read(true)
                    .build()
                    .map_err(built)?;
                let got = self
                    .db
                    .batch_get_item()
                    .request_items(table, keys)
                    .send()
                    .await
                    .map_err(StoreError::from_sdk)?;
                for row in got
                    .responses()
                    .and_then(|tables| tables.get(table))
                    .into_iter()
                    .flatten()
                {
                    found.insert(id_of(row), row.clone());
                }
                ask = got
                    .unprocessed_keys()
                    .and_then(|tables| tables.get(table))
                    .map(|rest| rest.keys().to_vec());
            }
            if ask.is_some_and(|rest| !rest.is_empty()) {
                return Err(StoreError::Throttled);
            }
        }
        Ok(wanted
            .iter()
            .filter_map(|key| found.remove(&id_of(key)))
            .collect())
    }

    pub(crate) fn lead_put(&self, lead: &Lead) -> Result<TransactWriteItem> {
        let put = Put::builder()
            .table_name(&self.tables.dialing)
            .set_item(Some(lead_row(lead)?));
        let put = put
            .condition_expression("version = :old")
            .expression_attribute_values(":old", nu(lead.version.saturating_sub(1)));
        Ok(TransactWriteItem::builder()
            .put(put.build().map_err(built)?)
            .build())
    }

    /// A lead that goes from one status to another without a call, with its shard's counters.
    ///
    /// # Errors
    /// [`StoreError::Condition`] when somebody else wrote first.
    pub async fn move_lead(&self, lead: &Lead, from: LeadStatus, shard: u32) -> Result<()> {
        let mut writes = vec![self.lead_put(lead)?];
        let closed = i64::from(lead.status.is_final() && !from.is_final());
        let update = Update::builder()
            .table_name(&self.tables.dialing)
            .set_key(Some(key(keys::slot(lead.campaign), shard.to_string())));
        let update = update
            .update_expression(format!(
                "ADD {} :less, {} :one, ver :one, open_leads :closed",
                counter(from),
                counter(lead.status)
            ))
            .condition_expression("attribute_exists(PK)")
            .expression_attribute_values(":one", n(1))
            .expression_attribute_values(":less", n(-1))
            .expression_attribute_values(":closed", n(-closed));
        writes.push(
            TransactWriteItem::builder()
                .update(update.build().map_err(built)?)
                .build(),
        );
        self.transact(writes, None).await
    }
}

fn id_of(row: &Item) -> (String, String) {
    let text = |name| crate::item::text(row, name).unwrap_or_default().to_owned();
    (text("PK"), text("SK"))
}

/// Only the table's key of an index entry.
pub(crate) fn primary(entry: &Item) -> Item {
    entry
        .iter()
        .filter(|(name, _)| *name == "PK" || *name == "SK")
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}
