//! Claiming a lead and finding that its call was never placed: the two ways between
//! "ready" and "may be asked of the carrier".

use aws_sdk_dynamodb::types::{Put, TransactWriteItem, Update};
use trunkline_domain::{Call, CallStatus, Instant, Lead};
use trunkline_events::Event;

#[cfg(test)]
#[path = "claim_tests.rs"]
mod tests;

use crate::{
    Result, Store, StoreError,
    campaigns::built,
    dialing::people::Bound,
    item::{key, ms, n, nu, s},
    keys,
    rows::call_row,
};

/// What a claim writes.
#[derive(Debug, Clone)]
pub struct Claim {
    /// The lead as it will be: calling, one attempt more, its version raised.
    pub lead: Lead,
    /// The call as it will be: claimed, its epoch and version raised.
    pub call: Call,
    /// The version of the call's unsent row; none: there is no row yet.
    pub unsent_version: Option<u64>,
    /// How many calls the capacity row allows.
    pub place_cap: i64,
    /// Where human agents take the campaign's calls: how many may ring for them.
    pub bound: Option<Bound>,
    /// Whether the number's lock is asked for; always, but in the model that shows why.
    pub number_lock: bool,
}

/// Why a claim did not happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// The shard is closed, full, or out of budget.
    Slot,
    /// The lead changed.
    Lead,
    /// The number is in a call, was dialled just now, or is not to be called.
    Number,
    /// The call's row is not as was thought.
    Call,
    /// No conversation can be carried now.
    Place,
    /// As many calls ring as people are free, or one of them was taken meanwhile.
    People,
}

impl Store {
    /// Claims a lead: slot, lead, number, call, place and, for human agents, one of them in one transaction. With the claim's
    /// nonce as request token, a repetition within the client changes nothing.
    ///
    /// # Errors
    /// [`StoreError::NoAnswer`]: it may have been done; reread the call and compare the nonce.
    pub async fn claim(&self, claim: &Claim, now: Instant) -> Result<std::result::Result<(), Refused>> {
        let Claim { lead, call, .. } = claim;
        let mut writes = vec![self.take_slot(call)?, self.lead_put_if_pending(lead)?];
        writes.push(self.lock_number(call, now, claim.number_lock)?);
        let created = Event::new(
            trunkline_events::EventKind::CallCreated,
            call.tenant,
            call.id.0,
            call.version,
            now,
        );
        let put = Put::builder()
            .table_name(&self.tables.calls)
            .set_item(Some(call_row(call, Some(&created))?));
        let put = match claim.unsent_version {
            None => put.condition_expression("attribute_not_exists(PK)"),
            Some(version) => put
                .condition_expression("version = :old")
                .expression_attribute_values(":old", nu(version)),
        };
        writes.push(
            TransactWriteItem::builder()
                .put(put.build().map_err(built)?)
                .build(),
        );
        writes.push(self.take_place(call.cap_shard, claim.place_cap)?);
        if let Some(bound) = &claim.bound {
            writes.push(self.ring(call.tenant, bound)?);
        }
        match self.transact(writes, call.claim_nonce.clone()).await {
            Ok(()) => Ok(Ok(())),
            Err(StoreError::Condition(at)) => Ok(Err(match at.first() {
                Some(0) => Refused::Slot,
                Some(1) => Refused::Lead,
                Some(2) => Refused::Number,
                Some(3) => Refused::Call,
                Some(4) | None => Refused::Place,
                Some(_) => Refused::People,
            })),
            Err(error) => Err(error),
        }
    }

    /// A claimed call was certainly not placed: the row waits for its next epoch, and slot, place,
    /// lead and number are given back. `call` and `lead` are as they will be.
    ///
    /// # Errors
    /// [`StoreError::Condition`]: 0 the call moved on, 2 the lead changed, 3 the number is not
    /// to be called any more or not locked by this call.
    pub async fn unsend(&self, call: &Call, lead: &Lead) -> Result<()> {
        let mut writes = vec![
            self.call_put(call, None)?,
            self.give_back_slot(call, "n_pending", false, call.reserve.micros())?,
        ];
        writes.push(self.lead_put(lead)?);
        writes.push(self.unlock_number(call, None, true)?);
        writes.push(self.move_place(call.cap_shard, -1)?);
        let claimed = Call {
            status: CallStatus::Claimed,
            ..call.clone()
        };
        writes.extend(self.ring_moves(&claimed, call)?);
        self.transact(writes, None).await
    }

    fn take_slot(&self, call: &Call) -> Result<TransactWriteItem> {
        let update = self.slot_of(call)?;
        let update = update
            .update_expression("ADD used :one, ver :one, n_pending :less, n_calling :one, budget :spend")
            .condition_expression(super::slot::TAKES)
            .expression_attribute_names("#open", "open")
            .expression_attribute_values(":t", crate::item::b(true))
            .expression_attribute_values(":one", n(1))
            .expression_attribute_values(":less", n(-1))
            .expression_attribute_values(":reserve", n(call.reserve.micros()))
            .expression_attribute_values(":spend", n(-call.reserve.micros()));
        Ok(TransactWriteItem::builder()
            .update(update.build().map_err(built)?)
            .build())
    }

    /// Gives a call's place in its shard back; `to` counts what the lead becomes.
    pub(crate) fn give_back_slot(
        &self,
        call: &Call,
        to: &str,
        closed: bool,
        refund_micros: i64,
    ) -> Result<TransactWriteItem> {
        let update = self.slot_of(call)?;
        let update = update
            .update_expression(format!(
                "ADD used :less, ver :one, n_calling :less, {to} :one, open_leads :closed, budget :refund"
            ))
            .condition_expression("attribute_exists(PK)")
            .expression_attribute_values(":one", n(1))
            .expression_attribute_values(":less", n(-1))
            .expression_attribute_values(":closed", n(-i64::from(closed)))
            .expression_attribute_values(":refund", n(refund_micros));
        Ok(TransactWriteItem::builder()
            .update(update.build().map_err(built)?)
            .build())
    }

    /// Takes a place in the shard without asking for room: the carrier has the call already.
    pub(crate) fn take_back_slot(&self, call: &Call) -> Result<TransactWriteItem> {
        let update = self.slot_of(call)?;
        let update = update
            .update_expression("ADD used :one, ver :one, n_pending :less, n_calling :one, budget :spend")
            .condition_expression("attribute_exists(PK)")
            .expression_attribute_values(":one", n(1))
            .expression_attribute_values(":less", n(-1))
            .expression_attribute_values(":spend", n(-call.reserve.micros()));
        Ok(TransactWriteItem::builder()
            .update(update.build().map_err(built)?)
            .build())
    }

    fn slot_of(&self, call: &Call) -> Result<aws_sdk_dynamodb::types::builders::UpdateBuilder> {
        let campaign = call
            .campaign
            .ok_or_else(|| StoreError::Refused("a call without a campaign holds no slot".to_owned()))?;
        let at = key(keys::slot(campaign), call.shard.to_string());
        Ok(Update::builder()
            .table_name(&self.tables.dialing)
            .set_key(Some(at)))
    }

    fn lead_put_if_pending(&self, lead: &Lead) -> Result<TransactWriteItem> {
        // The version alone says it: every change of a lead's status raises it.
        self.lead_put(lead)
    }

    /// Locks the number for this call; without `ask` whatever held it is written over.
    pub(crate) fn lock_number(&self, call: &Call, now: Instant, ask: bool) -> Result<TransactWriteItem> {
        let update = Update::builder()
            .table_name(&self.tables.dialing)
            .set_key(Some(key(keys::phone_number(call.tenant, &call.to), "NUM")));
        let update = update
            .update_expression("SET in_flight = :call, last_dial = :now")
            .expression_attribute_values(":call", s(call.id.to_string()))
            .expression_attribute_values(":now", ms(now));
        let update = if ask {
            update.condition_expression(super::number::FREE)
        } else {
            update
        };
        Ok(TransactWriteItem::builder()
            .update(update.build().map_err(built)?)
            .build())
    }

    /// Frees the number; `next_ok`: not to be dialled before; `unless_dnc`: refuse when it is not
    /// to be called any more.
    pub(crate) fn unlock_number(
        &self,
        call: &Call,
        next_ok: Option<Instant>,
        unless_dnc: bool,
    ) -> Result<TransactWriteItem> {
        let update = Update::builder()
            .table_name(&self.tables.dialing)
            .set_key(Some(key(keys::phone_number(call.tenant, &call.to), "NUM")));
        let update = match next_ok {
            Some(at) => update
                .update_expression("SET next_ok = :at REMOVE in_flight")
                .expression_attribute_values(":at", ms(at)),
            None => update.update_expression("REMOVE in_flight"),
        };
        let condition = if unless_dnc {
            "in_flight = :call AND attribute_not_exists(dnc)"
        } else {
            "in_flight = :call"
        };
        let update = update
            .condition_expression(condition)
            .expression_attribute_values(":call", s(call.id.to_string()));
        Ok(TransactWriteItem::builder()
            .update(update.build().map_err(built)?)
            .build())
    }
}
