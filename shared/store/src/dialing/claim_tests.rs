//! The claim's conditions and the rules that explain them say the same of every row.

use aws_sdk_dynamodb::types::AttributeValue;
use trunkline_domain::{Call, CallId, CampaignId, Usd, id::derived};

use crate::{
    Store,
    item::{b, key, ms, n, s},
    keys,
    testing::{at, call, store},
};

fn asking() -> Call {
    Call {
        campaign: Some(CampaignId(derived("campaign"))),
        reserve: Usd::from_micros(500_000),
        ..call("asking", at("2026-11-22T10:00:00Z"))
    }
}

async fn put(store: &Store, pk: String, sk: &str, fields: Vec<(&str, AttributeValue)>) {
    let mut put = store.db.put_item().table_name(&store.tables.dialing);
    put = put.set_item(Some(key(pk, sk)));
    for (name, value) in fields {
        put = put.item(name, value);
    }
    put.send().await.unwrap();
}

#[tokio::test]
async fn a_number_is_claimed_exactly_when_nothing_holds_it() {
    let store = store().await;
    let call = asking();
    let now = call.created_at;
    let second = chrono::Duration::seconds(1);
    let flights = [None, Some(call.id), Some(CallId(derived("another")))];
    let gaps = [None, Some(now - second), Some(now), Some(now + second)];
    let mut claimed = 0;
    for dnc in [false, true] {
        for flight in flights {
            for gap in gaps {
                let mut fields = vec![("last_dial", ms(now - second))];
                fields.extend(dnc.then(|| ("dnc", b(true))));
                fields.extend(flight.map(|id| ("in_flight", s(id.to_string()))));
                fields.extend(gap.map(|at| ("next_ok", ms(at))));
                put(&store, keys::phone_number(call.tenant, &call.to), "NUM", fields).await;
                let holds = store
                    .number(call.tenant, &call.to)
                    .await
                    .unwrap()
                    .holds(call.id, now);
                let lock = store.lock_number(&call, now, true).unwrap();
                let locked = store.transact(vec![lock], None).await.is_ok();
                assert_eq!(locked, holds.is_empty(), "{dnc} {flight:?} {gap:?}: {holds:?}");
                claimed += u32::from(locked);
            }
        }
    }
    assert_eq!(claimed, 6);
}

#[tokio::test]
async fn a_shard_gives_a_place_exactly_when_it_says_so() {
    let store = store().await;
    let call = asking();
    let campaign = call.campaign.unwrap();
    let mut taken = 0;
    for open in [false, true] {
        for used in [0, 1, 2, 3] {
            for budget in [0, 499_999, 500_000, 500_001] {
                let fields = vec![
                    ("open", b(open)),
                    ("cap", n(2)),
                    ("used", n(used)),
                    ("budget", n(budget)),
                ];
                put(&store, keys::slot(campaign), "0", fields).await;
                let slot = store.slot(campaign, 0).await.unwrap().unwrap();
                let take = store.take_slot(&call).unwrap();
                let took = store.transact(vec![take], None).await.is_ok();
                assert_eq!(took, slot.takes(call.reserve), "{slot:?}");
                taken += u32::from(took);
            }
        }
    }
    assert_eq!(taken, 4);
}
