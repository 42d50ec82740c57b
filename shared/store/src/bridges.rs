//! Bridges: one row beside its call, written whole under its version. While somebody is looked for it is in index `operator` below its group,
//! and in index `check` until nothing is left of it.

use aws_sdk_dynamodb::types::Put;
use trunkline_domain::{
    CallId, Instant, TenantId,
    bridge::{Bridge, Stage},
    id::GroupId,
    operator::Operator,
};
use trunkline_events::Event;

use crate::{
    Result, Store, StoreError,
    guards::put_item,
    item::{Item, item, key, nu, read, s, text},
    keys,
    rows::add_event,
};

/// Why a person was not given a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotFound {
    /// The bridge is not what it was.
    Bridge,
    /// The person is not.
    Operator,
}

impl Store {
    /// A call's bridge, read consistently.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn bridge(&self, call: CallId) -> Result<Option<Bridge>> {
        let get = self
            .db
            .get_item()
            .table_name(&self.tables.calls)
            .consistent_read(true)
            .set_key(Some(key(keys::call(call), keys::BRIDGE)));
        let found = get.send().await.map_err(StoreError::from_sdk)?;
        found.item.map(read).transpose()
    }

    /// Makes a call's bridge.
    ///
    /// # Errors
    /// [`StoreError::Condition`] when it has one.
    pub async fn create_bridge(&self, bridge: &Bridge, now: Instant) -> Result<()> {
        let put = self
            .db
            .put_item()
            .table_name(&self.tables.calls)
            .set_item(Some(row(bridge, None, now)?))
            .condition_expression("attribute_not_exists(PK)");
        put.send().await.map_err(StoreError::from_sdk)?;
        Ok(())
    }

    /// Writes a bridge over its last version.
    ///
    /// # Errors
    /// [`StoreError::Condition`] when somebody else wrote first.
    pub async fn update_bridge(&self, bridge: &Bridge, ev: Option<&Event>, now: Instant) -> Result<()> {
        let put = self
            .db
            .put_item()
            .table_name(&self.tables.calls)
            .set_item(Some(row(bridge, ev, now)?))
            .condition_expression("version = :old")
            .expression_attribute_values(":old", nu(bridge.version.saturating_sub(1)));
        put.send().await.map_err(StoreError::from_sdk)?;
        Ok(())
    }

    /// Gives a bridge a person and the person the call, in one transaction: nobody is held whom no bridge names.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn give_to_operator(
        &self,
        bridge: &Bridge,
        ev: &Event,
        old: &Operator,
        new: &Operator,
        now: Instant,
    ) -> Result<std::result::Result<(), NotFound>> {
        let put = Put::builder()
            .table_name(&self.tables.calls)
            .set_item(Some(row(bridge, Some(ev), now)?))
            .condition_expression("version = :old")
            .expression_attribute_values(":old", nu(bridge.version.saturating_sub(1)));
        let operator = self
            .operator_put(new)?
            .condition_expression("version = :old")
            .expression_attribute_values(":old", nu(old.version));
        let writes = vec![put_item(put)?, put_item(operator)?];
        match self.transact(writes, None).await {
            Ok(()) => Ok(Ok(())),
            Err(error) if error.failed_at(0) => Ok(Err(NotFound::Bridge)),
            Err(error) if error.is_condition() => Ok(Err(NotFound::Operator)),
            Err(error) => Err(error),
        }
    }

    /// The calls that wait for somebody of a group, longest waiting first, at most `most`.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn waiting_for(&self, tenant: TenantId, group: GroupId, most: i32) -> Result<Vec<CallId>> {
        let query = self
            .db
            .query()
            .table_name(&self.tables.calls)
            .index_name("operator")
            .key_condition_expression("operator_pk = :group")
            .expression_attribute_values(":group", s(keys::waiting(tenant, group)))
            .limit(most);
        let found = query.send().await.map_err(StoreError::from_sdk)?;
        let call = |row: &Item| text(row, "PK")?.strip_prefix("C#")?.parse().ok();
        Ok(found.items().iter().filter_map(call).collect())
    }
}

fn row(bridge: &Bridge, ev: Option<&Event>, now: Instant) -> Result<Item> {
    let mut row = item(keys::call(bridge.call), keys::BRIDGE, bridge)?;
    add_event(&mut row, ev)?;
    if bridge.stage == Stage::Seeking {
        row.insert(
            "operator_pk".to_owned(),
            s(keys::waiting(bridge.tenant, bridge.group)),
        );
        row.insert(
            "operator_sk".to_owned(),
            s(keys::created(bridge.since, bridge.call)),
        );
    }
    if let Some(at) = bridge.check_at(now) {
        let shard = keys::shard_of(&bridge.call.0);
        row.insert("check_pk".to_owned(), s(keys::check(shard)));
        row.insert("check_sk".to_owned(), s(keys::created(at, bridge.call)));
    }
    Ok(row)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{at, call, put_calls, store, tenant};
    use crate::{ToCheck, item::truth};
    use chrono_tz::Tz;
    use trunkline_domain::{CallStatus, OperatorId, bridge, id::derived, operator::OperatorStatus};

    const NOON: &str = "2026-03-06T12:00:00Z";

    fn waiting(name: &str, since: &str) -> Bridge {
        let group = GroupId(derived("group"));
        let (since, until) = (at(since), at("2026-03-06T12:01:00Z"));
        Bridge::new(CallId(derived(name)), tenant(), group, since, until, 20)
    }

    fn operator() -> Operator {
        Operator {
            id: OperatorId(derived("operator")),
            tenant: tenant(),
            name: "John Doe".to_owned(),
            phone: "+14155553333".parse().unwrap(),
            email: None,
            group: GroupId(derived("group")),
            status: OperatorStatus::Available,
            max_concurrent_calls: 1,
            calls: Vec::new(),
            total_calls: 0,
            total_talk_s: 0,
            working_hours: None,
            timezone: Tz::UTC,
            is_active: true,
            idle_since: at(NOON),
            last_active_at: None,
            version: 1,
            created_at: at(NOON),
            updated_at: at(NOON),
        }
    }

    #[tokio::test]
    async fn who_waits_longest_comes_first_until_somebody_is_found() {
        let store = store().await;
        let (early, late) = (
            waiting("early", "2026-03-06T11:59:00Z"),
            waiting("late", "2026-03-06T11:59:30Z"),
        );
        for bridge in [&late, &early] {
            store.create_bridge(bridge, at(NOON)).await.unwrap();
        }
        assert!(store.create_bridge(&early, at(NOON)).await.is_err());
        let line = async || store.waiting_for(tenant(), early.group, 10).await.unwrap();
        assert_eq!(line().await, [early.call, late.call]);
        let found = early
            .observe(&bridge::Event::Found(operator().id), at(NOON))
            .unwrap();
        store.update_bridge(&found, None, at(NOON)).await.unwrap();
        assert_eq!(line().await, [late.call]);
        assert_eq!(store.bridge(early.call).await.unwrap(), Some(found));
    }

    #[tokio::test]
    async fn a_person_and_a_call_are_given_to_each_other_or_not_at_all() {
        let store = store().await;
        let free = operator();
        let made = trunkline_domain::operator::Group {
            id: free.group,
            tenant: tenant(),
            name: "Default".to_owned(),
            description: None,
            members: 0,
            version: 1,
            created_at: at(NOON),
            updated_at: at(NOON),
        };
        store.create_group(&made).await.unwrap().unwrap();
        store.create_operator(&free).await.unwrap().unwrap();
        let (one, two) = (waiting("one", NOON), waiting("two", NOON));
        for bridge in [&one, &two] {
            store.create_bridge(bridge, at(NOON)).await.unwrap();
        }
        let give = async |bridge: &Bridge| {
            let now = at(NOON);
            let found = bridge.observe(&bridge::Event::Found(free.id), now).unwrap();
            let event = Event::of_desk(
                trunkline_events::EventKind::OperatorRung,
                tenant(),
                bridge.call.0,
                free.id,
                found.version,
                now,
            );
            let taking = free.taking(bridge.call, now).unwrap();
            store
                .give_to_operator(&found, &event, &free, &taking, now)
                .await
                .unwrap()
        };
        assert_eq!(give(&one).await, Ok(()));
        assert_eq!(give(&two).await, Err(NotFound::Operator));
        assert_eq!(give(&one).await, Err(NotFound::Bridge));
        assert_eq!(store.bridge(two.call).await.unwrap(), Some(two));
        let held = store.operator(tenant(), free.id).await.unwrap().unwrap();
        assert_eq!(held.calls, [one.call]);
    }

    #[tokio::test]
    async fn the_clock_tells_a_bridge_from_its_call() {
        let store = store().await;
        let mut live = call("one", at(NOON));
        live.status = CallStatus::Talking;
        live.check_at = Some(at(NOON));
        put_calls(&store, std::slice::from_ref(&live)).await;
        let bridge = waiting("one", NOON);
        store.create_bridge(&bridge, at(NOON)).await.unwrap();
        let mut due = store.to_check(at(NOON), 10).await.unwrap();
        due.sort_by_key(|due| matches!(due, ToCheck::Bridge(_)));
        assert_eq!(due, [ToCheck::Call(live.id), ToCheck::Bridge(live.id)]);
        let over = bridge
            .observe(&bridge::Event::CallerLeft, at(NOON))
            .and_then(|over| over.done(&bridge::Owed::Note))
            .unwrap();
        assert!(over.is_settled());
        let mut over = over;
        over.version = 1;
        store.update_bridge(&over, None, at(NOON)).await.unwrap();
        assert_eq!(store.unfinished(10).await.unwrap(), [ToCheck::Call(live.id)]);
        let raw = store.db.get_item().table_name(&store.tables.calls);
        let raw = raw.set_key(Some(key(keys::call(live.id), keys::BRIDGE)));
        let raw = raw.send().await.unwrap().item.unwrap();
        assert!(!raw.contains_key("operator_pk") && !truth(&raw, "ai"));
    }
}
