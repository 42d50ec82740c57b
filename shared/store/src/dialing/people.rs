//! Calls that ring for a group of human agents: one row a group counts them, in the very transactions that claim calls, take them
//! over and end them, so that all campaigns and shards that dial for the same people keep to one bound. And what a campaign's latest
//! calls came to, in slices of time.

#[cfg(test)]
#[path = "people_tests.rs"]
mod tests;

use aws_sdk_dynamodb::types::{TransactWriteItem, Update};
use chrono::{Duration, DurationRound};
use trunkline_domain::{
    Call, CallStatus, Campaign, CampaignId, Instant, TenantId, id::GroupId, pacing::Pacing,
};

use crate::{
    Result, Store, StoreError,
    campaigns::built,
    item::{Item, key, n, number, s, text},
    keys,
};

/// Calls that ring for a group.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Ringing {
    /// How many: claimed, and neither taken over by anybody nor over.
    pub calls: i64,
    /// How many were ever taken over. It moves with every one: who was free then may talk now.
    pub taken: i64,
}

/// What a claim asks of a group's row: that fewer ring than people are free, as far as that is still what was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bound {
    /// Whose people.
    pub group: GroupId,
    /// How many calls may ring for them, this one included.
    pub most: i64,
    /// [`Ringing::taken`] when that was reckoned.
    pub taken: i64,
}

const FEWER_RING: &str = "attribute_not_exists(PK) OR (calls < :most AND taken = :taken)";

impl Bound {
    /// Whether a claim under it would be allowed.
    #[must_use]
    pub const fn allows(&self, ringing: Ringing) -> bool {
        ringing.calls < self.most && ringing.taken == self.taken
    }
}

/// A campaign that dials for a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dialling {
    /// Which.
    pub campaign: CampaignId,
    /// Its slot shards.
    pub shards: u32,
    /// How it dials.
    pub pacing: Pacing,
}

impl Dialling {
    /// Its sort key in index `list`.
    pub(crate) fn entry(campaign: &Campaign) -> String {
        format!(
            "{}#{}#{}",
            campaign.id,
            campaign.shards.max(1),
            campaign.pacing.as_str()
        )
    }

    fn read(row: &Item) -> Option<Self> {
        let mut words = text(row, "list_sk")?.split('#');
        let (campaign, shards, pacing) = (words.next()?, words.next()?, words.next()?);
        Some(Self {
            campaign: campaign.parse().ok()?,
            shards: shards.parse().ok()?,
            pacing: Pacing::ALL.into_iter().find(|known| known.as_str() == pacing)?,
        })
    }
}

/// What a campaign's latest calls came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Latest {
    /// Calls that ring no more.
    pub over: i64,
    /// Those that were answered.
    pub answered: i64,
    /// How long these rang, in milliseconds.
    pub rang_ms: i64,
}

/// The answered calls of a campaign up to an instant.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Answered {
    /// Calls that a person answered.
    pub calls: i64,
    /// Those of them whom nobody came for.
    pub abandoned: i64,
    /// Seconds that they lasted.
    pub lasted_s: i64,
}

/// How long a slice of time is.
fn slice() -> Duration {
    Duration::seconds(15)
}
/// Slices that are looked at.
const SLICES: i32 = 40;
/// How many of the latest calls are asked after; then older slices do not count.
const ENOUGH: i64 = 100;

impl Store {
    /// How many calls ring for a group, read consistently.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn ringing(&self, tenant: TenantId, group: GroupId) -> Result<Ringing> {
        let get = self
            .db
            .get_item()
            .table_name(&self.tables.dialing)
            .consistent_read(true)
            .set_key(Some(key(keys::people(tenant, group), RINGING)));
        let row = get.send().await.map_err(StoreError::from_sdk)?.item;
        Ok(row.map_or_else(Ringing::default, |row| Ringing {
            calls: number(&row, "calls"),
            taken: number(&row, "taken"),
        }))
    }

    /// The campaigns that dial for a group now.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn dialling_for(&self, tenant: TenantId, group: GroupId) -> Result<Vec<Dialling>> {
        let query = self
            .db
            .query()
            .table_name(&self.tables.dialing)
            .index_name("list")
            .key_condition_expression("list_pk = :people")
            .expression_attribute_values(":people", s(keys::people(tenant, group)));
        let mut pages = query.into_paginator().items().send();
        let mut found = Vec::new();
        while let Some(row) = pages.next().await {
            found.extend(Dialling::read(&row.map_err(StoreError::from_sdk)?));
        }
        Ok(found)
    }

    /// What a campaign's latest calls came to: about a hundred of them, or those of the latest [`SLICES`] slices with any.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn latest(&self, campaign: CampaignId, now: Instant) -> Result<Latest> {
        let query = self
            .db
            .query()
            .table_name(&self.tables.ephemeral)
            .key_condition_expression("PK = :pk AND SK BETWEEN :from AND :upto")
            .expression_attribute_values(":pk", s(keys::pace(campaign)))
            .expression_attribute_values(":from", s(keys::time(now - Duration::hours(1))))
            .expression_attribute_values(":upto", s(keys::time(now)))
            .scan_index_forward(false)
            .limit(SLICES);
        let found = query.send().await.map_err(StoreError::from_sdk)?;
        let mut latest = Latest::default();
        for row in found.items() {
            if latest.over >= ENOUGH {
                break;
            }
            latest.over += number(row, "over");
            latest.answered += number(row, "answered");
            latest.rang_ms += number(row, "rang_ms");
        }
        Ok(latest)
    }

    /// A campaign's answered calls of a month up to that instant, if they were summed before.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn summed_month(&self, campaign: CampaignId, upto: Instant) -> Result<Option<Answered>> {
        let get = self
            .db
            .get_item()
            .table_name(&self.tables.ephemeral)
            .set_key(Some(key(keys::pace(campaign), MONTH)));
        let row = get.send().await.map_err(StoreError::from_sdk)?.item;
        let row = row.filter(|row| number(row, "upto") == upto.timestamp_millis());
        Ok(row.map(|row| Answered {
            calls: number(&row, "answered"),
            abandoned: number(&row, "abandoned"),
            lasted_s: number(&row, "lasted_s"),
        }))
    }

    /// Keeps that sum.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn keep_month(&self, campaign: CampaignId, upto: Instant, sum: &Answered) -> Result<()> {
        let put = self
            .db
            .put_item()
            .table_name(&self.tables.ephemeral)
            .set_item(Some(key(keys::pace(campaign), MONTH)))
            .item("upto", crate::item::ms(upto))
            .item("answered", n(sum.calls))
            .item("abandoned", n(sum.abandoned))
            .item("lasted_s", n(sum.lasted_s))
            .item("expires_at", n((upto + Duration::days(1)).timestamp()));
        put.send().await.map_err(StoreError::from_sdk)?;
        Ok(())
    }

    /// One call more rings for a group, as part of its claim, if the bound allows it.
    pub(crate) fn ring(&self, tenant: TenantId, bound: &Bound) -> Result<TransactWriteItem> {
        let update = self
            .move_ringing(tenant, bound.group, 1, 0)
            .condition_expression(FEWER_RING)
            .expression_attribute_values(":most", n(bound.most))
            .expression_attribute_values(":taken", n(bound.taken));
        Ok(TransactWriteItem::builder()
            .update(update.build().map_err(built)?)
            .build())
    }

    /// What a call that becomes another one moves for the people that it rings for; nothing for an AI agent's.
    pub(crate) fn ring_moves(&self, before: &Call, after: &Call) -> Result<Vec<TransactWriteItem>> {
        let (group, by) = match (before.rings_for(), after.rings_for()) {
            (Some(group), None) => (group, -1),
            (None, Some(group)) => (group, 1),
            (None, None) | (Some(_), Some(_)) => return Ok(Vec::new()),
        };
        let update = self.move_ringing(after.tenant, group, by, i64::from(after.taken));
        let mut writes = vec![
            TransactWriteItem::builder()
                .update(update.build().map_err(built)?)
                .build(),
        ];
        if let Some(campaign) = after
            .campaign
            .filter(|_| by < 0 && after.status != CallStatus::Unsent)
        {
            writes.push(self.count_latest(campaign, after)?);
        }
        Ok(writes)
    }

    fn move_ringing(
        &self,
        tenant: TenantId,
        group: GroupId,
        calls: i64,
        taken: i64,
    ) -> aws_sdk_dynamodb::types::builders::UpdateBuilder {
        Update::builder()
            .table_name(&self.tables.dialing)
            .set_key(Some(key(keys::people(tenant, group), RINGING)))
            .update_expression("ADD calls :calls, taken :more")
            .expression_attribute_values(":calls", n(calls))
            .expression_attribute_values(":more", n(taken))
    }

    fn count_latest(&self, campaign: CampaignId, call: &Call) -> Result<TransactWriteItem> {
        let over_at = call.answered_at.or(call.ended_at).unwrap_or(call.created_at);
        let begun = over_at.duration_trunc(slice()).unwrap_or(over_at);
        let rang = call
            .answered_at
            .map(|at| at - call.placed_at.unwrap_or(call.created_at));
        let update = Update::builder()
            .table_name(&self.tables.ephemeral)
            .set_key(Some(key(keys::pace(campaign), keys::time(begun))))
            .update_expression("SET expires_at = :end ADD #over :one, answered :answered, rang_ms :rang")
            .expression_attribute_names("#over", "over")
            .expression_attribute_values(":end", n((begun + Duration::hours(2)).timestamp()))
            .expression_attribute_values(":one", n(1))
            .expression_attribute_values(":answered", n(i64::from(rang.is_some())))
            .expression_attribute_values(
                ":rang",
                n(rang.map_or(0, |rang| rang.num_milliseconds().clamp(0, 600_000))),
            );
        Ok(TransactWriteItem::builder()
            .update(update.build().map_err(built)?)
            .build())
    }
}

const RINGING: &str = "RINGING";
const MONTH: &str = "MONTH";
