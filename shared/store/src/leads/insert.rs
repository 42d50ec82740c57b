//! Leads on their way in: each once a campaign and number, in the transaction that counts them.

use aws_sdk_dynamodb::types::{AttributeValue, Put, TransactWriteItem, Update};
use futures::{StreamExt, future::try_join_all, stream::FuturesUnordered};
use trunkline_domain::{Campaign, CampaignId, E164, Lead, LeadStatus, lead::bucket};

use crate::{
    Result, Store, StoreError,
    campaigns::built,
    item::{key, n},
    keys,
    rows::lead_row,
};

/// What became of leads that were to be inserted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Inserted {
    /// How many are there now that were not.
    pub inserted: u64,
    /// Numbers that the campaign had already.
    pub duplicates: Vec<E164>,
}

/// Leads in one transaction, its shard counter beside them: a transaction takes 100 items,
const LEADS_MAX: usize = 99;
/// and 4 MB, of which the attributes' names and the index keys, about 1 KB a lead, are not counted here.
const BYTES_MAX: usize = 3_000_000;
/// Transactions of one shard on their way at once, so that one is made ready while another is carried out; only one once they met at
/// the shard's counter, as DynamoDB lets them where it carries them out side by side.
const AT_ONCE: usize = 2;

impl Store {
    /// Inserts leads, each once a campaign and number; a number may be among them only once. Repeating an insert after a lost
    /// answer counts what the first one did: a lead that is there with the same id and import is this lead.
    ///
    /// # Errors
    /// When the store does not answer; what was inserted so far stays, and repeating is harmless.
    pub async fn insert_leads(&self, campaign: &Campaign, leads: &[Lead]) -> Result<Inserted> {
        let shards = (0..campaign.shards.max(1)).map(|shard| self.insert_shard(campaign, shard, leads));
        let mut all = Inserted::default();
        for done in try_join_all(shards).await? {
            all.add(done);
        }
        Ok(all)
    }

    async fn insert_shard(&self, campaign: &Campaign, shard: u32, leads: &[Lead]) -> Result<Inserted> {
        let (mut done, mut at_once) = (Inserted::default(), AT_ONCE);
        let mut under_way = FuturesUnordered::new();
        for chunk in chunks(campaign, shard, leads) {
            while under_way.len() >= at_once {
                if let Some(inserted) = under_way.next().await {
                    let (inserted, met) = inserted?;
                    done.add(inserted);
                    at_once = if met { 1 } else { at_once };
                }
            }
            under_way.push(self.insert_chunk(campaign, shard, chunk));
        }
        while let Some(inserted) = under_way.next().await {
            done.add(inserted?.0);
        }
        Ok(done)
    }

    /// Inserts what goes into one transaction; also answers whether it met another on its way.
    async fn insert_chunk(
        &self,
        campaign: &Campaign,
        shard: u32,
        mut chunk: Vec<&Lead>,
    ) -> Result<(Inserted, bool)> {
        let (mut done, mut met_any) = (Inserted::default(), false);
        // Each round drops at least one collision, so there are at most as many rounds as leads.
        while !chunk.is_empty() {
            let mut writes = Vec::with_capacity(chunk.len() + 1);
            for lead in &chunk {
                let put = Put::builder()
                    .table_name(&self.tables.dialing)
                    .set_item(Some(lead_row(lead)?));
                let put = put
                    .condition_expression("attribute_not_exists(PK)")
                    .build()
                    .map_err(built)?;
                writes.push(TransactWriteItem::builder().put(put).build());
            }
            writes.push(self.count_inserted(campaign.id, shard, &chunk)?);
            let (result, met) = self.transact_counting(writes, None).await;
            met_any |= met > 0;
            match result {
                Ok(()) => {
                    done.inserted += u64::try_from(chunk.len()).unwrap_or(u64::MAX);
                    break;
                }
                Err(StoreError::Condition(at)) => {
                    if at.contains(&chunk.len()) {
                        return Err(StoreError::Refused(
                            "the campaign has no slot shard: it was deleted".to_owned(),
                        ));
                    }
                    let (met, rest) = split(chunk, &at);
                    chunk = rest;
                    self.tell_apart(campaign, met, &mut done).await?;
                }
                Err(error) => return Err(error),
            }
        }
        Ok((done, met_any))
    }

    /// Of leads whose numbers are taken: those that are there by an earlier try, and those that others are.
    async fn tell_apart(&self, campaign: &Campaign, met: Vec<&Lead>, done: &mut Inserted) -> Result<()> {
        let phones: Vec<E164> = met.iter().map(|lead| lead.phone.clone()).collect();
        let there = self.leads_by_number(campaign, &phones).await?;
        for lead in met {
            let ours = there
                .iter()
                .any(|one| one.phone == lead.phone && one.import == lead.import && one.id == lead.id);
            if ours {
                done.inserted += 1;
            } else {
                done.duplicates.push(lead.phone.clone());
            }
        }
        Ok(())
    }

    fn count_inserted(&self, campaign: CampaignId, shard: u32, chunk: &[&Lead]) -> Result<TransactWriteItem> {
        let count = |wanted: fn(LeadStatus) -> bool| {
            i64::try_from(chunk.iter().filter(|l| wanted(l.status)).count()).unwrap_or(i64::MAX)
        };
        let zones: Vec<String> = chunk
            .iter()
            .map(|lead| lead.zone_key.clone())
            .collect::<std::collections::BTreeSet<_>>()
            .into_iter()
            .collect();
        let update = Update::builder()
            .table_name(&self.tables.dialing)
            .set_key(Some(key(keys::slot(campaign), shard.to_string())));
        let update = update
            .update_expression("ADD open_leads :open, n_pending :open, n_dnc :dnc, ver :one, zones :zones")
            .condition_expression("attribute_exists(PK)")
            .expression_attribute_values(":open", n(count(|status| !status.is_final())))
            .expression_attribute_values(":dnc", n(count(|status| status == LeadStatus::Dnc)))
            .expression_attribute_values(":one", n(1))
            .expression_attribute_values(":zones", AttributeValue::Ss(zones));
        Ok(TransactWriteItem::builder()
            .update(update.build().map_err(built)?)
            .build())
    }
}

impl Inserted {
    fn add(&mut self, more: Self) {
        self.inserted += more.inserted;
        self.duplicates.extend(more.duplicates);
    }
}

/// A shard's leads by what fits into one transaction.
fn chunks<'a>(campaign: &Campaign, shard: u32, leads: &'a [Lead]) -> Vec<Vec<&'a Lead>> {
    let mut chunks: Vec<Vec<&Lead>> = Vec::new();
    let mut room = 0;
    for lead in leads {
        if bucket(&lead.phone) % campaign.shards.max(1) != shard {
            continue;
        }
        let size = size(lead);
        match chunks.last_mut() {
            Some(chunk) if chunk.len() < LEADS_MAX && size <= room => {
                chunk.push(lead);
                room -= size;
            }
            Some(_) | None => {
                chunks.push(vec![lead]);
                room = BYTES_MAX.saturating_sub(size);
            }
        }
    }
    chunks
}

/// Those at these positions, and the others.
fn split<'a>(chunk: Vec<&'a Lead>, at: &[usize]) -> (Vec<&'a Lead>, Vec<&'a Lead>) {
    let (met, rest): (Vec<_>, Vec<_>) = chunk
        .into_iter()
        .enumerate()
        .partition(|(position, _)| at.contains(position));
    let leads = |of: Vec<(usize, &'a Lead)>| of.into_iter().map(|(_, lead)| lead).collect();
    (leads(met), leads(rest))
}

/// How many bytes of a transaction a lead takes, of what may be long.
fn size(lead: &Lead) -> usize {
    let texts = [
        &lead.first_name,
        &lead.last_name,
        &lead.email,
        &lead.kind,
        &lead.timezone,
        &lead.notes,
    ];
    let texts: usize = texts.into_iter().flatten().map(String::len).sum();
    let custom: usize = lead
        .custom_fields
        .iter()
        .map(|(name, value)| name.len() + value.as_str().map_or_else(|| value.to_string().len(), str::len))
        .sum();
    1_000 + texts + custom
}
