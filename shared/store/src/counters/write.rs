//! Moving the totals, as part of the transaction that writes a call.

use aws_sdk_dynamodb::types::{TransactWriteItem, Update};
use trunkline_domain::{
    Call, Instant, TenantId,
    counters::{CALLS, Counters, OUTCOMES, RECORDINGS, contribution, outcome_counter},
};

use crate::{
    Result, Store,
    campaigns::built,
    item::{Item, key, n},
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

    /// Moves the totals from a call as it was to what it is; of a person who turns out to have talked in it, by all of it.
    pub(crate) fn recount(&self, before: &Call, call: &Call) -> Result<Vec<TransactWriteItem>> {
        let (old, new) = (contribution(before), contribution(call));
        let (were, are) = (scopes(before), scopes(call));
        let (kept, come): (Vec<_>, Vec<_>) = are.into_iter().partition(|scope| were.contains(scope));
        let gone: Vec<_> = were.into_iter().filter(|scope| !kept.contains(scope)).collect();
        let none = Counters::default();
        let moves = [(kept, new.minus(&old)), (come, new), (gone, none.minus(&old))];
        let mut writes = Vec::new();
        for (scopes, delta) in moves {
            writes.extend(self.count_all(
                &scopes,
                call.tenant,
                call.created_at,
                keys::shard_of(&call.id.0),
                &delta,
            )?);
        }
        Ok(writes)
    }

    /// Adds sums of calls that were made in one quarter of an hour to one shard of their scopes: to the hour's, and to those
    /// over all time.
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
        let whole: Vec<(String, i64)> = delta
            .0
            .iter()
            .map(|(name, value)| ((*name).to_owned(), *value))
            .collect();
        let parts = delta
            .0
            .iter()
            .filter_map(|(name, value)| Some((quarters::name(name, quarter)?, *value)));
        let of_hour: Vec<(String, i64)> = whole.iter().cloned().chain(parts).collect();
        let mut writes = Vec::with_capacity(2 * scopes.len());
        for scope in scopes {
            let (row, of_ever) = (
                scope.key(),
                [whole.clone(), pairs(*scope, scopes, delta)].concat(),
            );
            let hours = key(keys::counters(tenant, &row, shard), hour(made));
            let ever = key(keys::sums(tenant, &row), keys::sums_shard(shard));
            writes.push(self.sums_update(hours, &of_hour)?);
            writes.push(self.sums_update(ever, &of_ever)?);
        }
        Ok(writes)
    }

    fn sums_update(&self, row: Item, sums: &[(String, i64)]) -> Result<TransactWriteItem> {
        let parts: Vec<String> = (0..sums.len()).map(|at| format!("#n{at} :v{at}")).collect();
        let mut update = Update::builder()
            .table_name(&self.tables.calls)
            .set_key(Some(row))
            .update_expression(format!("ADD {}", parts.join(", ")));
        for (at, (name, value)) in sums.iter().enumerate() {
            update = update
                .expression_attribute_names(format!("#n{at}"), name)
                .expression_attribute_values(format!(":v{at}"), n(*value));
        }
        Ok(TransactWriteItem::builder()
            .update(update.build().map_err(built)?)
            .build())
    }
}

/// What a campaign's sums over all time hold besides: how many of its calls are an agent's, by what lists ask for. A campaign
/// has few agents, mostly one.
fn pairs(scope: Scope, scopes: &[Scope], delta: &Counters) -> Vec<(String, i64)> {
    let agent = scopes.iter().find_map(|other| match other {
        Scope::VoiceAgent(agent) => Some(*agent),
        Scope::Tenant | Scope::Campaign(_) | Scope::Operator(_) => None,
    });
    match (scope, agent) {
        (Scope::Campaign(_), Some(agent)) => delta
            .0
            .iter()
            .filter(|(name, _)| is_listed(name))
            .map(|(name, value)| (super::of_agent(name, agent), *value))
            .collect(),
        (Scope::Tenant | Scope::Campaign(_) | Scope::VoiceAgent(_) | Scope::Operator(_), _) => Vec::new(),
    }
}

/// Whether lists count by it.
fn is_listed(name: &str) -> bool {
    let outcomes = OUTCOMES.map(outcome_counter);
    [CALLS, RECORDINGS].contains(&name) || outcomes.contains(&name)
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
