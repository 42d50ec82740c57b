//! Taking leads away: one that nobody is calling, or all of a campaign that is no more.

use std::collections::{BTreeMap, HashSet};

use aws_sdk_dynamodb::types::{Delete, TransactWriteItem, Update};
use futures::{StreamExt, TryStreamExt, stream};
use trunkline_domain::{
    Campaign, E164, Lead, TenantId,
    lead::{BUCKETS, bucket},
};

use crate::{
    Result, Store, StoreError,
    campaigns::built,
    dialing::slot::counter,
    item::{Item, key, n, nu, s, truth},
    keys,
    leads::primary,
};

impl Store {
    /// Deletes a lead, and takes it out of its shard's counts.
    ///
    /// # Errors
    /// [`StoreError::Condition`] when it changed meanwhile: a call to it may have begun.
    pub async fn delete_lead(&self, campaign: &Campaign, lead: &Lead) -> Result<()> {
        self.delete_leads(campaign, std::slice::from_ref(lead)).await
    }

    /// Deletes leads, and takes them out of their shards' counts.
    ///
    /// # Errors
    /// [`StoreError::Condition`] when one changed meanwhile: a call to it may have begun. Those before it are
    /// gone then; repeating with what is left is harmless.
    pub async fn delete_leads(&self, campaign: &Campaign, leads: &[Lead]) -> Result<()> {
        let shards = campaign.shards.max(1);
        for shard in 0..shards {
            let mine: Vec<&Lead> = leads
                .iter()
                .filter(|lead| bucket(&lead.phone) % shards == shard)
                .collect();
            // A transaction takes 100 items, the shard among them.
            for chunk in mine.chunks(99) {
                let mut writes = Vec::with_capacity(chunk.len() + 1);
                for lead in chunk {
                    let row = Delete::builder()
                        .table_name(&self.tables.dialing)
                        .set_key(Some(lead_key(campaign, &lead.phone)))
                        .condition_expression("version = :old")
                        .expression_attribute_values(":old", nu(lead.version));
                    writes.push(
                        TransactWriteItem::builder()
                            .delete(row.build().map_err(built)?)
                            .build(),
                    );
                }
                writes.push(self.count_deleted(campaign, shard, chunk)?);
                self.transact(writes, None).await?;
            }
        }
        Ok(())
    }

    fn count_deleted(&self, campaign: &Campaign, shard: u32, leads: &[&Lead]) -> Result<TransactWriteItem> {
        let mut less: BTreeMap<&str, i64> = BTreeMap::new();
        for lead in leads {
            *less.entry(counter(lead.status)).or_default() -= 1;
            *less.entry("open_leads").or_default() -= i64::from(!lead.status.is_final());
        }
        let names: Vec<String> = less.keys().map(|name| format!("{name} :{name}")).collect();
        let mut slot = Update::builder()
            .table_name(&self.tables.dialing)
            .set_key(Some(key(keys::slot(campaign.id), shard.to_string())))
            .update_expression(format!("ADD {}, ver :one", names.join(", ")))
            .condition_expression("attribute_exists(PK)")
            .expression_attribute_values(":one", n(1));
        for (name, count) in less {
            slot = slot.expression_attribute_values(format!(":{name}"), n(count));
        }
        Ok(TransactWriteItem::builder()
            .update(slot.build().map_err(built)?)
            .build())
    }

    /// A campaign's leads with these numbers; one that it does not have is left out.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn leads_by_number(&self, campaign: &Campaign, phones: &[E164]) -> Result<Vec<Lead>> {
        let wanted = phones.iter().map(|phone| lead_key(campaign, phone));
        self.leads_by_keys(wanted.collect()).await
    }

    /// Deletes every lead of a campaign that is over and about to be deleted itself; its counts go
    /// with it. Repeating is harmless.
    ///
    /// # Errors
    /// When the store does not answer; what is left is found again.
    pub async fn delete_leads_of(&self, campaign: &Campaign) -> Result<()> {
        for bucket in 0..BUCKETS {
            let part = keys::lead_bucket(campaign.tenant, campaign.id, bucket);
            loop {
                // A page at a time: an import may have brought a million.
                let query = self
                    .db
                    .query()
                    .table_name(&self.tables.dialing)
                    .consistent_read(true);
                let query = query
                    .key_condition_expression("PK = :pk")
                    .projection_expression("PK, SK")
                    .expression_attribute_values(":pk", s(part.clone()));
                let found = query.limit(1_000).send().await.map_err(StoreError::from_sdk)?;
                if found.items().is_empty() {
                    break;
                }
                for chunk in found.items().chunks(100) {
                    let deletes = chunk.iter().map(|row| self.lead_delete(primary(row)));
                    self.transact(deletes.collect::<Result<_>>()?, None).await?;
                }
            }
        }
        Ok(())
    }

    fn lead_delete(&self, at: Item) -> Result<TransactWriteItem> {
        let delete = Delete::builder()
            .table_name(&self.tables.dialing)
            .set_key(Some(at));
        Ok(TransactWriteItem::builder()
            .delete(delete.build().map_err(built)?)
            .build())
    }

    /// Which of these numbers the tenant is not to call.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn not_to_call(&self, tenant: TenantId, phones: &[E164]) -> Result<HashSet<E164>> {
        let chunks: Vec<Vec<E164>> = phones.chunks(100).map(<[E164]>::to_vec).collect();
        let looks = chunks.into_iter().map(|chunk| async move {
            let wanted = chunk
                .iter()
                .map(|phone| key(keys::phone_number(tenant, phone), "NUM"));
            let rows = self.batch_get(&self.tables.dialing, wanted.collect()).await?;
            let marked: HashSet<String> = rows
                .iter()
                .filter(|row| truth(row, "dnc"))
                .filter_map(|row| crate::item::text(row, "PK").map(str::to_owned))
                .collect();
            let is_marked = |phone: &E164| marked.contains(&keys::phone_number(tenant, phone));
            Ok::<Vec<E164>, StoreError>(chunk.into_iter().filter(is_marked).collect())
        });
        let found: Vec<Vec<E164>> = stream::iter(looks).buffer_unordered(8).try_collect().await?;
        Ok(found.into_iter().flatten().collect())
    }
}

fn lead_key(campaign: &Campaign, phone: &E164) -> Item {
    key(keys::lead(campaign.tenant, campaign.id, phone), phone.as_str())
}

#[cfg(test)]
mod tests {
    use crate::testing::{at, campaign, lead, store, tenant};
    use trunkline_domain::{Campaign, E164, Lead, LeadStatus};

    fn phones(count: u32) -> Vec<String> {
        (0..count).map(|n| format!("+1415555{n:04}")).collect()
    }

    #[tokio::test]
    async fn a_lead_that_is_taken_away_is_counted_no_more() {
        let store = store().await;
        let campaign = campaign("a");
        store.create_campaign(&campaign).await.unwrap();
        let leads: Vec<Lead> = phones(3).iter().map(|phone| lead(&campaign, phone)).collect();
        store.insert_leads(&campaign, &leads).await.unwrap();
        let stale = Lead {
            version: 4,
            ..leads[0].clone()
        };
        assert!(
            store
                .delete_lead(&campaign, &stale)
                .await
                .unwrap_err()
                .is_condition()
        );
        store.delete_lead(&campaign, &leads[0]).await.unwrap();
        let [slot] = store.slots(campaign.id).await.unwrap().try_into().unwrap();
        assert_eq!((slot.leads(), slot.n_pending, slot.open_leads), (2, 2, 2));
        assert_eq!(store.lead(tenant(), leads[0].id).await.unwrap(), None);
    }

    #[tokio::test]
    async fn many_leads_are_found_and_taken_away_with_their_counts() {
        let store = store().await;
        let campaign = Campaign {
            shards: 4,
            ..campaign("many")
        };
        store.create_campaign(&campaign).await.unwrap();
        let mut leads: Vec<Lead> = phones(600).iter().map(|phone| lead(&campaign, phone)).collect();
        for dnc in &mut leads[..50] {
            dnc.status = LeadStatus::Dnc;
            dnc.due_at = None;
        }
        store.insert_leads(&campaign, &leads).await.unwrap();
        let wanted: Vec<E164> = leads[20..570].iter().map(|lead| lead.phone.clone()).collect();
        let found = store.leads_by_number(&campaign, &wanted).await.unwrap();
        assert_eq!(found, leads[20..570]);
        store.delete_leads(&campaign, &found).await.unwrap();
        let slots = store.slots(campaign.id).await.unwrap();
        let sum = |count: fn(&crate::Slot) -> i64| slots.iter().map(count).sum::<i64>();
        assert_eq!(
            (
                sum(|slot| slot.n_pending),
                sum(|slot| slot.n_dnc),
                sum(|slot| slot.open_leads)
            ),
            (30, 20, 30)
        );
        assert!(
            store
                .leads_by_number(&campaign, &wanted)
                .await
                .unwrap()
                .is_empty()
        );
    }

    #[tokio::test]
    async fn a_deleted_campaign_leaves_no_lead_and_another_keeps_its_own() {
        let store = store().await;
        let (gone, kept) = (campaign("gone"), campaign("kept"));
        for campaign in [&gone, &kept] {
            store.create_campaign(campaign).await.unwrap();
            let leads: Vec<Lead> = phones(250).iter().map(|phone| lead(campaign, phone)).collect();
            assert_eq!(store.insert_leads(campaign, &leads).await.unwrap().inserted, 250);
        }
        store.delete_leads_of(&gone).await.unwrap();
        store.delete_campaign(&gone).await.unwrap();
        for phone in phones(250) {
            let phone: E164 = phone.parse().unwrap();
            assert_eq!(
                store.lead_by_number(tenant(), gone.id, &phone).await.unwrap(),
                None
            );
            let other = store.lead_by_number(tenant(), kept.id, &phone).await.unwrap();
            assert_eq!(other.map(|lead| lead.status), Some(LeadStatus::Pending));
        }
    }

    #[tokio::test]
    async fn marked_numbers_are_found_among_many() {
        let store = store().await;
        let now = at("2026-11-22T08:00:00Z");
        let phones: Vec<E164> = phones(250).iter().map(|phone| phone.parse().unwrap()).collect();
        for phone in [&phones[3], &phones[180]] {
            let mark = crate::DncEntry::lasting(tenant(), phone, "test", now);
            store.mark_dnc(&mark).await.unwrap();
        }
        let found = store.not_to_call(tenant(), &phones).await.unwrap();
        assert_eq!(found, [phones[3].clone(), phones[180].clone()].into());
    }
}
