//! Moving the totals, as part of the transaction that writes a call.

use aws_sdk_dynamodb::types::{TransactWriteItem, Update};
use trunkline_domain::{Call, Instant, TenantId, counters::Counters};

use crate::{
    Result, Store,
    campaigns::built,
    item::{key, n},
    keys,
};

use super::{Scope, hour, quarters};

impl Store {
    /// Moves the totals by what the call's contribution changed.
    pub(crate) fn count(
        &self,
        call: &Call,
        old: &Counters,
        new: &Counters,
    ) -> Result<Vec<TransactWriteItem>> {
        self.count_all(
            &scopes(call),
            call.tenant,
            call.created_at,
            keys::shard_of(&call.id.0),
            &new.minus(old),
        )
    }

    /// Adds sums of calls that were made in one quarter of an hour to one shard of their scopes.
    pub(crate) fn count_all(
        &self,
        scopes: &[Scope],
        tenant: TenantId,
        made: Instant,
        shard: u32,
        delta: &Counters,
    ) -> Result<Vec<TransactWriteItem>> {
        if delta.is_empty() {
            return Ok(Vec::new());
        }
        let quarter = quarters::of(made);
        let whole = delta.0.iter().map(|(name, value)| ((*name).to_owned(), *value));
        let part = delta
            .0
            .iter()
            .filter_map(|(name, value)| Some((quarters::name(name, quarter)?, *value)));
        let sums: Vec<(String, i64)> = whole.chain(part).collect();
        let parts: Vec<String> = (0..sums.len()).map(|at| format!("#n{at} :v{at}")).collect();
        let adds = format!("ADD {}", parts.join(", "));
        let mut writes = Vec::with_capacity(scopes.len());
        for scope in scopes {
            let row = key(keys::counters(tenant, &scope.key(), shard), hour(made));
            let mut update = Update::builder()
                .table_name(&self.tables.calls)
                .set_key(Some(row))
                .update_expression(adds.clone());
            for (at, (name, value)) in sums.iter().enumerate() {
                update = update
                    .expression_attribute_names(format!("#n{at}"), name)
                    .expression_attribute_values(format!(":v{at}"), n(*value));
            }
            writes.push(
                TransactWriteItem::builder()
                    .update(update.build().map_err(built)?)
                    .build(),
            );
        }
        Ok(writes)
    }
}

/// Whose totals a call is part of.
pub(crate) fn scopes(call: &Call) -> Vec<Scope> {
    let scopes = [
        Some(Scope::Tenant),
        call.campaign.map(Scope::Campaign),
        call.voice_agent.map(Scope::VoiceAgent),
        call.operator.map(Scope::Operator),
    ];
    scopes.into_iter().flatten().collect()
}
