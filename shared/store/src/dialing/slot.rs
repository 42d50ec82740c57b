//! A slot shard: how many calls at once, how many leads are left, under one lock-free row.

use std::collections::HashMap;

use trunkline_domain::{Campaign, CampaignId, LeadStatus, Usd};

use crate::{
    Result, Store, StoreError,
    item::{Item, b, key, n, number, s, text, truth},
    keys,
};

/// A campaign's slot shard. `used` is the number of its unfinished calls in every committed state.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Slot {
    /// Whether it may claim.
    pub open: bool,
    /// Calls at once.
    pub cap: i64,
    /// Calls that hold a place.
    pub used: i64,
    /// Leads that are not final.
    pub open_leads: i64,
    /// Leads by status.
    pub n_pending: i64,
    /// Leads by status.
    pub n_calling: i64,
    /// Leads by status.
    pub n_completed: i64,
    /// Leads by status.
    pub n_failed: i64,
    /// Leads by status.
    pub n_dnc: i64,
    /// What may still be spent, in micro-dollars.
    pub budget_micros: i64,
    /// Imports under way; only the first shard counts them.
    pub imports: i64,
    /// Rises with every change that a pump must see.
    pub ver: i64,
    /// The zone keys that its leads wait under.
    pub zones: Vec<String>,
}

/// What a claim asks of the row, as a condition; [`Slot::takes`] says the same of a row that was read.
pub(super) const TAKES: &str = "#open = :t AND used < cap AND budget >= :reserve";

/// No cap of its own: the tenant's daily one holds.
const NO_BUDGET_MICROS: i64 = 1_000_000_000_000_000;

impl Slot {
    /// A new shard of a campaign.
    #[must_use]
    pub fn closed(campaign: &Campaign, shard: u32) -> Self {
        Self {
            cap: Self::cap_of(campaign, shard),
            budget_micros: NO_BUDGET_MICROS,
            ..Self::default()
        }
    }

    /// This shard's share of the campaign's concurrency; the shares add up to it.
    #[must_use]
    pub fn cap_of(campaign: &Campaign, shard: u32) -> i64 {
        let shards = campaign.shards.max(1);
        let whole = campaign.max_concurrent_calls / shards;
        i64::from(whole + u32::from(shard < campaign.max_concurrent_calls % shards))
    }

    /// How many more calls may begin now.
    #[must_use]
    pub fn free(&self) -> i64 {
        (self.cap - self.used).max(0)
    }

    /// Whether its budget lasts for one more call, when that much is set aside for it.
    #[must_use]
    pub const fn affords(&self, reserve: Usd) -> bool {
        self.budget_micros >= reserve.micros()
    }

    /// Whether a claim would be given a place now.
    #[must_use]
    pub fn takes(&self, reserve: Usd) -> bool {
        self.open && self.free() > 0 && self.affords(reserve)
    }

    /// All leads.
    #[must_use]
    pub const fn leads(&self) -> i64 {
        self.n_pending + self.n_calling + self.n_completed + self.n_failed + self.n_dnc
    }

    pub(crate) fn row(&self, campaign: CampaignId, shard: u32) -> Item {
        let mut row = key(keys::slot(campaign), shard.to_string());
        row.insert("open".to_owned(), b(self.open));
        for (name, value) in [
            ("cap", self.cap),
            ("used", self.used),
            ("open_leads", self.open_leads),
            ("n_pending", self.n_pending),
            ("n_calling", self.n_calling),
            ("n_completed", self.n_completed),
            ("n_failed", self.n_failed),
            ("n_dnc", self.n_dnc),
            ("budget", self.budget_micros),
            ("ver", self.ver),
            ("pump_until", 0),
        ] {
            row.insert(name.to_owned(), n(value));
        }
        row
    }

    pub(crate) fn read(row: &Item) -> Self {
        Self {
            open: truth(row, "open"),
            cap: number(row, "cap"),
            used: number(row, "used"),
            open_leads: number(row, "open_leads"),
            n_pending: number(row, "n_pending"),
            n_calling: number(row, "n_calling"),
            n_completed: number(row, "n_completed"),
            n_failed: number(row, "n_failed"),
            n_dnc: number(row, "n_dnc"),
            budget_micros: number(row, "budget"),
            imports: number(row, "imports"),
            ver: number(row, "ver"),
            zones: row
                .get("zones")
                .and_then(|z| z.as_ss().ok())
                .cloned()
                .unwrap_or_default(),
        }
    }
}

/// The shard's counter of a lead status.
pub(crate) const fn counter(status: LeadStatus) -> &'static str {
    match status {
        LeadStatus::Pending => "n_pending",
        LeadStatus::Calling => "n_calling",
        LeadStatus::Completed => "n_completed",
        LeadStatus::Failed => "n_failed",
        LeadStatus::Dnc => "n_dnc",
    }
}

impl Store {
    /// All of a campaign's shards, in order.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn slots(&self, campaign: CampaignId) -> Result<Vec<Slot>> {
        let rows = self
            .directory_rows(&self.tables.dialing, &keys::slot(campaign), "")
            .await?;
        Ok(rows.iter().map(Slot::read).collect())
    }

    /// All shards of these campaigns, in the campaigns' order: a request for a hundred shards.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn slots_of(&self, campaigns: &[Campaign]) -> Result<Vec<Vec<Slot>>> {
        let rows_of = |campaign: &Campaign| {
            let pk = keys::slot(campaign.id);
            (0..campaign.shards.max(1)).map(move |shard| key(pk.clone(), shard.to_string()))
        };
        let wanted = campaigns.iter().flat_map(rows_of).collect();
        let mut by_campaign: HashMap<String, Vec<Slot>> = HashMap::new();
        for row in self.batch_get(&self.tables.dialing, wanted).await? {
            let campaign = text(&row, "PK").unwrap_or_default().to_owned();
            by_campaign.entry(campaign).or_default().push(Slot::read(&row));
        }
        let mut of = |campaign: &Campaign| by_campaign.remove(&keys::slot(campaign.id)).unwrap_or_default();
        Ok(campaigns.iter().map(&mut of).collect())
    }

    /// One shard, read consistently.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn slot(&self, campaign: CampaignId, shard: u32) -> Result<Option<Slot>> {
        let get = self
            .db
            .get_item()
            .table_name(&self.tables.dialing)
            .consistent_read(true);
        let got = get
            .set_key(Some(key(keys::slot(campaign), shard.to_string())))
            .send()
            .await
            .map_err(StoreError::from_sdk)?;
        Ok(got.item.as_ref().map(Slot::read))
    }

    /// Every row of a small collection, in key order.
    pub(crate) async fn directory_rows(&self, table: &str, pk: &str, prefix: &str) -> Result<Vec<Item>> {
        let query = self
            .db
            .query()
            .table_name(table)
            .consistent_read(true)
            .expression_attribute_values(":pk", s(pk));
        let query = if prefix.is_empty() {
            query.key_condition_expression("PK = :pk")
        } else {
            query
                .key_condition_expression("PK = :pk AND begins_with(SK, :sk)")
                .expression_attribute_values(":sk", s(prefix))
        };
        let mut rows = Vec::new();
        let mut pages = query.into_paginator().items().send();
        while let Some(row) = pages.next().await {
            rows.push(row.map_err(StoreError::from_sdk)?);
        }
        Ok(rows)
    }
}
