//! A campaign's leads, newest first. The index keeps them by status, in four parts: those asked for are read side by side
//! and merged, so a page costs the same wherever in the list it is.

use std::collections::VecDeque;

use futures::future::try_join_all;
use trunkline_domain::{
    Campaign, CampaignId, Lead, LeadStatus, TenantId,
    lead::BUCKETS,
    page::{Page, PageQuery},
};

use super::primary;
use crate::{
    Result, Slot, Store, StoreError,
    item::{Item, s, text},
    keys,
    position::Position,
};

/// Index entries that one look at a part brings, at most.
const LOOK: u32 = 1_000;

/// The leads of one status in one part of the index, as far as they were read.
struct Part {
    pk: String,
    status: LeadStatus,
    /// Read and not yet taken, newest first; with the row's key.
    waiting: VecDeque<(Position, Item)>,
    /// Where the next look begins.
    start: Option<Item>,
    ended: bool,
}

/// The rows of a page, and where the next one begins.
struct Taken {
    keys: Vec<Item>,
    next: Option<Position>,
}

impl Store {
    /// A campaign's leads, newest first; all statuses when none is given.
    ///
    /// # Errors
    /// [`StoreError::Cursor`] for a cursor that is not of such a list; when the store does not answer.
    pub async fn list_leads(
        &self,
        tenant: TenantId,
        campaign: &Campaign,
        status: Option<LeadStatus>,
        page: &PageQuery,
    ) -> Result<Page<Lead>> {
        let slots = self.slots(campaign.id).await?;
        let total = slots.iter().map(|slot| count(slot, status)).sum::<i64>();
        let taken = self.take(campaign.id, status, page).await?;
        let mut items = self.leads_by_keys(taken.keys).await?;
        items.retain(|lead| lead.tenant == tenant);
        Ok(Page {
            items,
            total: u64::try_from(total).unwrap_or(0),
            total_is_lower_bound: false,
            next_cursor: taken.next.map(|position| position.write()),
        })
    }

    async fn take(
        &self,
        campaign: CampaignId,
        status: Option<LeadStatus>,
        page: &PageQuery,
    ) -> Result<Taken> {
        let after = page.cursor.as_deref().map(Position::read).transpose()?;
        let mut skip = if after.is_some() { 0 } else { page.skip };
        let wanted = usize::try_from(page.limit).unwrap_or(usize::MAX);
        // One more than is wanted tells whether there is a next page, and one may be the cursor's own.
        let look = skip.saturating_add(page.limit).saturating_add(2).min(LOOK);
        let mut parts = parts(campaign, status);
        let mut taken = Vec::new();
        let mut last: Option<Position> = None;
        loop {
            self.refill(&mut parts, after.as_ref(), look).await?;
            let heads = parts.iter_mut().filter(|part| !part.waiting.is_empty());
            let newest = heads.max_by(|a, b| a.waiting[0].0.cmp(&b.waiting[0].0));
            let Some((position, key)) = newest.and_then(|part| part.waiting.pop_front()) else {
                return Ok(Taken {
                    keys: taken,
                    next: None,
                });
            };
            // One that changed its status between two looks is found twice.
            if last.as_ref() == Some(&position) {
                continue;
            }
            if taken.len() == wanted {
                return Ok(Taken {
                    keys: taken,
                    next: last,
                });
            }
            last = Some(position);
            if skip > 0 {
                skip -= 1;
            } else {
                taken.push(key);
            }
        }
    }

    /// Reads on in the parts of which nothing waits, all at once.
    async fn refill(&self, parts: &mut [Part], after: Option<&Position>, look: u32) -> Result<()> {
        let empty = parts
            .iter_mut()
            .filter(|part| part.waiting.is_empty() && !part.ended);
        try_join_all(empty.map(|part| self.read_on(part, after, look))).await?;
        Ok(())
    }

    async fn read_on(&self, part: &mut Part, after: Option<&Position>, look: u32) -> Result<()> {
        let status = part.status.as_str();
        let newest = after.map_or("~", Position::as_str);
        let query = self
            .db
            .query()
            .table_name(&self.tables.dialing)
            .index_name("list");
        let query = query
            .key_condition_expression("list_pk = :pk AND list_sk BETWEEN :oldest AND :newest")
            .expression_attribute_values(":pk", s(part.pk.clone()))
            .expression_attribute_values(":oldest", s(format!("{status}#")))
            .expression_attribute_values(":newest", s(format!("{status}#{newest}")))
            .scan_index_forward(false)
            .limit(i32::try_from(look).unwrap_or(i32::MAX))
            .set_exclusive_start_key(part.start.take());
        let found = query.send().await.map_err(StoreError::from_sdk)?;
        for entry in found.items() {
            let position = text(entry, "list_sk").and_then(Position::of_key);
            let position =
                position.ok_or_else(|| StoreError::Corrupt("a lead has no place in lists".to_owned()))?;
            if after != Some(&position) {
                part.waiting.push_back((position, primary(entry)));
            }
        }
        part.start = found.last_evaluated_key;
        part.ended = part.start.is_none();
        Ok(())
    }
}

fn parts(campaign: CampaignId, status: Option<LeadStatus>) -> Vec<Part> {
    let wanted = LeadStatus::ALL
        .into_iter()
        .filter(|one| status.is_none_or(|status| status == *one));
    let parts = wanted.flat_map(|status| (0..BUCKETS).map(move |bucket| (status, bucket)));
    parts
        .map(|(status, bucket)| Part {
            pk: keys::leads_list(campaign, bucket),
            status,
            waiting: VecDeque::new(),
            start: None,
            ended: false,
        })
        .collect()
}

fn count(slot: &Slot, status: Option<LeadStatus>) -> i64 {
    match status {
        None => slot.leads(),
        Some(LeadStatus::Pending) => slot.n_pending,
        Some(LeadStatus::Calling) => slot.n_calling,
        Some(LeadStatus::Completed) => slot.n_completed,
        Some(LeadStatus::Failed) => slot.n_failed,
        Some(LeadStatus::Dnc) => slot.n_dnc,
    }
}

#[cfg(test)]
#[path = "list_tests.rs"]
mod tests;
