//! The ready leads of a campaign, by zone, priority and when they are due.

use futures::stream::{self, StreamExt};
use trunkline_domain::{CampaignId, Instant, Lead, TenantId, lead::BUCKETS};

use crate::{
    Result, Store, StoreError,
    item::{Item, s, text},
    keys,
    leads::primary,
};

/// The digits of [`trunkline_domain::Priority`], most urgent first.
const PRIORITIES: [char; 4] = ['0', '1', '2', '3'];
/// Parts of the index that are read at once.
const AT_ONCE: usize = 8;

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
        let buckets: Vec<u32> = buckets.filter(|bucket| *bucket < BUCKETS).collect();
        let parts = zones
            .iter()
            .flat_map(|zone| buckets.iter().map(move |bucket| (zone.as_str(), *bucket)));
        let looks: Vec<_> = parts
            .map(|(zone, bucket)| self.due_in(campaign, bucket, zone, now, limit))
            .collect();
        let mut looks = stream::iter(looks).buffer_unordered(AT_ONCE);
        let mut entries = Vec::new();
        let mut next_due = None::<Instant>;
        while let Some(found) = looks.next().await {
            let found = found?;
            entries.extend(found.due);
            next_due = earlier(next_due, found.next_due);
        }
        // By number last, so that leads that are equally urgent have one order too.
        entries.sort_by(|a, b| {
            (a.priority, a.due, text(&a.at, "SK")).cmp(&(b.priority, b.due, text(&b.at, "SK")))
        });
        entries.truncate(limit);
        // The index lags behind the row: the row itself is what counts.
        let mut leads = self
            .leads_by_keys(entries.into_iter().map(|entry| entry.at).collect())
            .await?;
        leads.retain(|lead| lead.tenant == tenant && lead.is_ready(now));
        Ok(Ready { leads, next_due })
    }
    /// What one bucket has of one zone. The index orders by priority, then by when: one page tells
    /// all, unless leads that are not yet due fill it before less urgent ones that are.
    async fn due_in(
        &self,
        campaign: CampaignId,
        bucket: u32,
        zone: &str,
        now: Instant,
        limit: usize,
    ) -> Result<Part> {
        let mut part = Part::default();
        let whole = self
            .ready_page(campaign, bucket, &format!("{zone}#"), limit)
            .await?;
        part.sort_in(&whole.entries, now);
        if !whole.cut || part.due.len() > limit {
            return Ok(part);
        }
        for priority in PRIORITIES {
            let prefix = format!("{zone}#{priority}#");
            let one = self.ready_page(campaign, bucket, &prefix, limit).await?;
            part.due.retain(|entry| entry.priority != priority);
            part.sort_in(&one.entries, now);
        }
        Ok(part)
    }

    /// The first entries of a bucket below a prefix, one more than `limit`.
    async fn ready_page(
        &self,
        campaign: CampaignId,
        bucket: u32,
        prefix: &str,
        limit: usize,
    ) -> Result<Entries> {
        let query = self.db.query().table_name(&self.tables.dialing).index_name("due");
        let query = query
            .key_condition_expression("due_pk = :pk AND begins_with(due_sk, :prefix)")
            .expression_attribute_values(":pk", s(keys::ready(campaign, bucket)))
            .expression_attribute_values(":prefix", s(prefix))
            .limit(i32::try_from(limit + 1).unwrap_or(i32::MAX));
        let found = query.send().await.map_err(StoreError::from_sdk)?;
        Ok(Entries {
            cut: found.last_evaluated_key.is_some(),
            entries: found.items().iter().filter_map(Entry::read).collect(),
        })
    }
}

/// A page of the index.
struct Entries {
    entries: Vec<Entry>,
    /// There are more below the prefix.
    cut: bool,
}

/// A lead's entry in the index.
#[derive(Debug, Clone)]
struct Entry {
    priority: char,
    due: Instant,
    /// The lead's own key.
    at: Item,
}

impl Entry {
    fn read(row: &Item) -> Option<Self> {
        let mut words = text(row, "due_sk")?.rsplit('#');
        Some(Self {
            due: words.next()?.parse().ok()?,
            priority: words.next()?.chars().next()?,
            at: primary(row),
        })
    }
}

/// What is due in one part of the index.
#[derive(Debug, Default)]
struct Part {
    due: Vec<Entry>,
    next_due: Option<Instant>,
}

impl Part {
    fn sort_in(&mut self, entries: &[Entry], now: Instant) {
        for entry in entries {
            if entry.due <= now {
                self.due.push(entry.clone());
            } else {
                self.next_due = earlier(self.next_due, Some(entry.due));
            }
        }
    }
}

fn earlier(one: Option<Instant>, other: Option<Instant>) -> Option<Instant> {
    one.into_iter().chain(other).min()
}
