//! The pump's lease: one dialer works a shard at a time.

use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use trunkline_domain::{CampaignId, Instant};

use crate::{
    Result, Store, StoreError,
    item::{key, ms, n, s},
    keys,
};

impl Store {
    /// Takes or renews the lease until then. `false`: another dialer has it.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn take_pump(
        &self,
        campaign: CampaignId,
        shard: u32,
        owner: &str,
        now: Instant,
        until: Instant,
    ) -> Result<bool> {
        let update = self
            .shard_update(campaign, shard)
            .update_expression("SET pump_until = :until, pump_owner = :me")
            .condition_expression("attribute_exists(PK) AND (pump_until < :now OR pump_owner = :me)")
            .expression_attribute_values(":until", ms(until))
            .expression_attribute_values(":now", ms(now))
            .expression_attribute_values(":me", s(owner));
        won(update.send().await.map_err(StoreError::from_sdk))
    }

    /// Gives the lease back, but only if the shard is still as it was last looked at: what came
    /// since would otherwise wait for the next tick. `false`: look again.
    ///
    /// # Errors
    /// When the store does not answer; the lease then ends by itself.
    pub async fn release_pump(
        &self,
        campaign: CampaignId,
        shard: u32,
        owner: &str,
        seen_ver: i64,
    ) -> Result<bool> {
        let update = self
            .shard_update(campaign, shard)
            .update_expression("SET pump_until = :zero")
            .condition_expression("pump_owner = :me AND ver = :seen")
            .expression_attribute_values(":zero", n(0))
            .expression_attribute_values(":me", s(owner))
            .expression_attribute_values(":seen", n(seen_ver));
        won(update.send().await.map_err(StoreError::from_sdk))
    }

    /// Gives the lease back whatever came since: the shard is looked at again at once.
    ///
    /// # Errors
    /// When the store does not answer; the lease then ends by itself.
    pub async fn yield_pump(&self, campaign: CampaignId, shard: u32, owner: &str) -> Result<bool> {
        let update = self
            .shard_update(campaign, shard)
            .update_expression("SET pump_until = :zero")
            .condition_expression("pump_owner = :me")
            .expression_attribute_values(":zero", n(0))
            .expression_attribute_values(":me", s(owner));
        won(update.send().await.map_err(StoreError::from_sdk))
    }

    /// Notes that the shard will be looked at then. `false`: it will be anyway, no later than that,
    /// so no further wake-up is to be sent: else each ended call would leave one more on the queue.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn plan_wake(
        &self,
        campaign: CampaignId,
        shard: u32,
        now: Instant,
        at: Instant,
    ) -> Result<bool> {
        let update = self
            .shard_update(campaign, shard)
            .update_expression("SET wake_at = :at")
            .condition_expression("attribute_exists(PK) AND (attribute_not_exists(wake_at) OR wake_at <= :now OR wake_at > :at)")
            .expression_attribute_values(":at", ms(at))
            .expression_attribute_values(":now", ms(now));
        won(update.send().await.map_err(StoreError::from_sdk))
    }

    /// Lets whoever works a shard look again before it lets go, though nothing of the shard itself changed.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn touch_shard(&self, campaign: CampaignId, shard: u32) -> Result<()> {
        let update = self
            .shard_update(campaign, shard)
            .update_expression("ADD ver :one")
            .condition_expression("attribute_exists(PK)")
            .expression_attribute_values(":one", n(1));
        won(update.send().await.map_err(StoreError::from_sdk)).map(|_| ())
    }

    /// An update of one shard's row, still without its expression.
    fn shard_update(&self, campaign: CampaignId, shard: u32) -> UpdateItemFluentBuilder {
        let update = self.db.update_item().table_name(&self.tables.dialing);
        update.set_key(Some(key(keys::slot(campaign), shard.to_string())))
    }
}

fn won<T>(result: Result<T>) -> Result<bool> {
    match result {
        Ok(_) => Ok(true),
        Err(error) if error.is_condition() => Ok(false),
        Err(error) => Err(error),
    }
}
