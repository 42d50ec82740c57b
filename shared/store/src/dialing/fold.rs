//! Writing what became of a call: it moved, it ended, it was placed after all.

use aws_sdk_dynamodb::types::{ConditionCheck, Put, TransactWriteItem, Update};
use trunkline_domain::{Call, CallStatus, Campaign, Instant, Lead, LeadStatus, counters::contribution};
use trunkline_events::Event;

use crate::{
    Result, Store, StoreError,
    campaigns::built,
    dialing::slot::counter,
    item::{key, n, nu},
    keys,
    rows::call_row,
};

/// How a call ended, for the one transaction that ends it.
#[derive(Debug, Clone)]
pub struct End {
    /// The call as it was read: the condition.
    pub before: Call,
    /// The call as it will be: ended, its version raised.
    pub call: Call,
    /// Its lead as it will be, when it has one that still exists.
    pub lead: Option<Lead>,
    /// The number is not to be dialled before.
    pub next_ok_at: Instant,
    /// What happened, for the stream.
    pub event: Event,
    /// The number's row is known not to be locked by this call (a fault; logged by the caller).
    pub number_lost: bool,
}

/// A correction of an ended call that moves its lead.
#[derive(Debug, Clone)]
pub struct CorrectedOutcome {
    /// The call as it was read.
    pub before: Call,
    /// The call as it will be, its version raised.
    pub call: Call,
    /// Its lead as it will be, its version raised.
    pub lead: Lead,
    /// What the lead was.
    pub from: LeadStatus,
    /// Its campaign as it was read.
    pub campaign: Campaign,
    /// What happened, for the stream.
    pub event: Event,
}

impl Store {
    /// Writes a call over its last version.
    ///
    /// # Errors
    /// [`StoreError::Condition`] when somebody else wrote first.
    pub async fn update_call(&self, call: &Call, ev: Option<&Event>) -> Result<()> {
        let put = self
            .db
            .put_item()
            .table_name(&self.tables.calls)
            .set_item(Some(call_row(call, ev)?));
        let put = put
            .condition_expression("version = :old")
            .expression_attribute_values(":old", nu(call.version.saturating_sub(1)));
        put.send().await.map_err(StoreError::from_sdk)?;
        Ok(())
    }

    /// Ends a call: row, slot, lead, number, place and counters in one transaction, so each is
    /// released exactly once.
    ///
    /// # Errors
    /// [`StoreError::Condition`]: 0 the call moved on, 1 the lead changed, 2 the number is not
    /// locked by this call.
    pub async fn end_call(&self, end: &End) -> Result<()> {
        let held = end.before.status.holds_slot();
        let mut writes = vec![self.call_put(&end.call, Some(&end.event))?];
        if let Some(lead) = &end.lead {
            writes.push(self.lead_put(lead)?);
        }
        if end.call.campaign.is_some() {
            let status = end.lead.as_ref().map_or(LeadStatus::Failed, |lead| lead.status);
            if held && !end.number_lost {
                writes.push(self.unlock_number(&end.call, Some(end.next_ok_at), false)?);
            }
            if held {
                let refund = end.call.reserve.micros() - end.call.cost.micros();
                writes.push(self.give_back_slot(&end.call, counter(status), status.is_final(), refund)?);
            } else {
                writes.push(self.close_unsent(&end.call, status)?);
            }
        }
        if held && end.call.direction == trunkline_domain::Direction::Outbound {
            writes.push(self.move_place(end.call.cap_shard, -1)?);
        }
        writes.extend(self.ring_moves(&end.before, &end.call)?);
        writes.extend(self.count(&end.call, &contribution(&end.before), &contribution(&end.call))?);
        self.transact(writes, None).await
    }

    /// A call that was given up as unsent turns out to be placed: slot, lead, number and place
    /// are taken back without asking for room.
    ///
    /// # Errors
    /// [`StoreError::Condition`]: 0 the call moved on, 1 the lead changed, 2 the number is in
    /// another call.
    pub async fn take_back(&self, call: &Call, lead: &Lead, now: Instant) -> Result<()> {
        let mut writes = vec![
            self.call_put(call, None)?,
            self.lead_put(lead)?,
            self.lock_number_if_free(call, now)?,
            self.take_back_slot(call)?,
            self.move_place(call.cap_shard, 1)?,
        ];
        let unsent = Call {
            status: CallStatus::Unsent,
            ..call.clone()
        };
        writes.extend(self.ring_moves(&unsent, call)?);
        self.transact(writes, None).await
    }

    /// Writes a call over its last version when its own fields change, and moves the totals by
    /// what that changes in them; so does what rings for human agents.
    ///
    /// # Errors
    /// [`StoreError::Condition`] when somebody else wrote first.
    pub async fn correct_call(&self, before: &Call, call: &Call, ev: Option<&Event>) -> Result<()> {
        let mut moves = self.recount(before, call)?;
        moves.extend(self.ring_moves(before, call)?);
        if moves.is_empty() {
            return self.update_call(call, ev).await;
        }
        let mut writes = vec![self.call_put(call, ev)?];
        writes.extend(moves);
        self.transact(writes, None).await
    }

    /// Corrects how an ended call ended, when that changes what becomes of its lead: row, lead, slot
    /// and totals in one transaction, and only while the campaign is as it was read.
    ///
    /// # Errors
    /// [`StoreError::Condition`] when somebody else wrote call, lead or campaign first.
    pub async fn correct_outcome(&self, outcome: &CorrectedOutcome) -> Result<()> {
        let CorrectedOutcome {
            before,
            call,
            lead,
            from,
            campaign,
            event,
        } = outcome;
        let unchanged = ConditionCheck::builder()
            .table_name(&self.tables.dialing)
            .set_key(Some(key(
                keys::tenant(campaign.tenant),
                keys::campaign(campaign.id),
            )))
            .condition_expression("version = :seen")
            .expression_attribute_values(":seen", nu(campaign.version));
        let opened = i64::from(from.is_final()) - i64::from(lead.status.is_final());
        let slot = Update::builder()
            .table_name(&self.tables.dialing)
            .set_key(Some(key(keys::slot(campaign.id), call.shard.to_string())))
            .update_expression(format!(
                "ADD {} :less, {} :one, ver :one, open_leads :opened",
                counter(*from),
                counter(lead.status)
            ))
            .condition_expression("attribute_exists(PK)")
            .expression_attribute_values(":one", n(1))
            .expression_attribute_values(":less", n(-1))
            .expression_attribute_values(":opened", n(opened));
        let mut writes = vec![
            self.call_put(call, Some(event))?,
            self.lead_put(lead)?,
            TransactWriteItem::builder()
                .condition_check(unchanged.build().map_err(built)?)
                .build(),
            TransactWriteItem::builder()
                .update(slot.build().map_err(built)?)
                .build(),
        ];
        writes.extend(self.count(call, &contribution(before), &contribution(call))?);
        self.transact(writes, None).await
    }

    /// A call's row as part of a transaction, over its last version.
    pub(crate) fn call_put(&self, call: &Call, ev: Option<&Event>) -> Result<TransactWriteItem> {
        let put = Put::builder()
            .table_name(&self.tables.calls)
            .set_item(Some(call_row(call, ev)?));
        let put = put
            .condition_expression("version = :old")
            .expression_attribute_values(":old", nu(call.version.saturating_sub(1)));
        Ok(TransactWriteItem::builder()
            .put(put.build().map_err(built)?)
            .build())
    }

    /// An unsent call ends: it holds nothing, only its lead is counted anew.
    fn close_unsent(&self, call: &Call, status: LeadStatus) -> Result<TransactWriteItem> {
        let campaign = call
            .campaign
            .ok_or_else(|| StoreError::Refused("a call without a campaign holds no slot".to_owned()))?;
        let update = Update::builder()
            .table_name(&self.tables.dialing)
            .set_key(Some(key(keys::slot(campaign), call.shard.to_string())));
        let update = update
            .update_expression(format!(
                "ADD n_pending :less, {} :one, ver :one, open_leads :closed",
                counter(status)
            ))
            .condition_expression("attribute_exists(PK)")
            .expression_attribute_values(":one", n(1))
            .expression_attribute_values(":less", n(-1))
            .expression_attribute_values(":closed", n(-i64::from(status.is_final())));
        Ok(TransactWriteItem::builder()
            .update(update.build().map_err(built)?)
            .build())
    }

    fn lock_number_if_free(&self, call: &Call, now: Instant) -> Result<TransactWriteItem> {
        let update = Update::builder()
            .table_name(&self.tables.dialing)
            .set_key(Some(key(keys::phone_number(call.tenant, &call.to), "NUM")));
        let update = update
            .update_expression("SET in_flight = :call, last_dial = :now")
            .condition_expression("attribute_not_exists(in_flight) OR in_flight = :call")
            .expression_attribute_values(":call", crate::item::s(call.id.to_string()))
            .expression_attribute_values(":now", crate::item::ms(now));
        Ok(TransactWriteItem::builder()
            .update(update.build().map_err(built)?)
            .build())
    }
}
