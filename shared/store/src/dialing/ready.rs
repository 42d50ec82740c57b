//! The ready leads of a campaign, by zone, priority and when they are due.

use trunkline_domain::{CampaignId, Instant, Lead, TenantId, lead::BUCKETS};

use crate::{
    Result, Store, StoreError,
    item::{s, text},
    keys,
    leads::primary,
};

/// What a shard has to dial.
#[derive(Debug, Default)]
pub struct Ready {
    /// Leads that may be dialled now, most urgent first.
    pub leads: Vec<Lead>,
    /// When the next of the others is due, in the zones that were asked for.
    pub next_due: Option<Instant>,
}

impl Store {
    /// Up to `limit` leads of these zones that are due, most urgent first; and when more will be.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn ready_leads(
        &self,
        tenant: TenantId,
        campaign: CampaignId,
        buckets: impl Iterator<Item = u32>,
        zones: &[String],
        now: Instant,
        limit: usize,
    ) -> Result<Ready> {
        let mut entries = Vec::new();
        let mut next_due = None::<Instant>;
        let buckets: Vec<u32> = buckets.filter(|bucket| *bucket < BUCKETS).collect();
        for zone in zones {
            for priority in ['0', '1', '2', '3'] {
                for bucket in &buckets {
                    let query = self.db.query().table_name(&self.tables.dialing).index_name("due");
                    let query = query
                        .key_condition_expression("due_pk = :pk AND begins_with(due_sk, :zone)")
                        .expression_attribute_values(":pk", s(keys::ready(campaign, *bucket)))
                        .expression_attribute_values(":zone", s(format!("{zone}#{priority}#")))
                        .limit(i32::try_from(limit + 1).unwrap_or(i32::MAX));
                    let found = query.send().await.map_err(StoreError::from_sdk)?;
                    for entry in found.items() {
                        let Some(due) = text(entry, "due_sk")
                            .and_then(|sk| sk.rsplit('#').next()?.parse::<Instant>().ok())
                        else {
                            continue;
                        };
                        if due <= now {
                            entries.push((priority, due, primary(entry)));
                        } else {
                            next_due = Some(next_due.map_or(due, |known| known.min(due)));
                        }
                    }
                }
            }
        }
        entries.sort_by_key(|entry| (entry.0, entry.1));
        entries.truncate(limit);
        // The index lags behind the row: the row itself is what counts.
        let mut leads = self
            .leads_by_keys(entries.into_iter().map(|entry| entry.2).collect())
            .await?;
        leads.retain(|lead| {
            lead.tenant == tenant
                && lead.status == trunkline_domain::LeadStatus::Pending
                && lead.due_at.is_some_and(|due| due <= now)
        });
        Ok(Ready { leads, next_due })
    }
}
