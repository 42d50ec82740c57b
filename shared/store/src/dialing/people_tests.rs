//! Who is counted where while a call goes its way.

use trunkline_domain::{Outcome, id::derived};

use super::*;
use crate::testing::{at, call, campaign, store, tenant};

fn group() -> GroupId {
    GroupId(derived("group"))
}

fn claimed() -> Call {
    Call {
        campaign: Some(campaign("spring").id),
        dialled_for: Some(group()),
        status: CallStatus::Claimed,
        ..call("one", at("2026-03-06T12:00:00Z"))
    }
}

async fn moved(store: &Store, before: &Call, after: &Call) -> Ringing {
    let writes = store.ring_moves(before, after).unwrap();
    if !writes.is_empty() {
        store.transact(writes, None).await.unwrap();
    }
    store.ringing(tenant(), group()).await.unwrap()
}

#[tokio::test]
async fn a_claim_is_allowed_exactly_as_its_bound_says_of_the_row() {
    let store = store().await;
    let claimed = claimed();
    let unsent = Call {
        status: CallStatus::Unsent,
        ..claimed.clone()
    };
    let taken = Call {
        taken: true,
        status: CallStatus::Talking,
        ..claimed.clone()
    };
    let mut allowed = 0;
    for (before, after) in [(&unsent, &claimed), (&unsent, &claimed), (&claimed, &taken)] {
        for most in 1..4 {
            for seen in 0..2 {
                let now = store.ringing(tenant(), group()).await.unwrap();
                let bound = Bound {
                    group: group(),
                    most,
                    taken: seen,
                };
                let ring = store.ring(tenant(), &bound).unwrap();
                let rings = store.transact(vec![ring], None).await.is_ok();
                assert_eq!(rings, bound.allows(now), "{bound:?} of {now:?}");
                if rings {
                    allowed += 1;
                    moved(&store, &claimed, &unsent).await;
                }
            }
        }
        moved(&store, before, after).await;
    }
    assert_eq!(allowed, 3 + 2 + 1);
}

#[tokio::test]
async fn a_call_rings_for_people_until_it_is_taken_over_or_ends() {
    let store = store().await;
    let claimed = claimed();
    let with = |status, taken| Call {
        status,
        taken,
        answered_at: Some(claimed.created_at + Duration::seconds(8)),
        ..claimed.clone()
    };
    let (unsent, talking) = (with(CallStatus::Unsent, false), with(CallStatus::Talking, false));
    let ended = CallStatus::Ended(Outcome::Answered);
    let steps = [
        (&unsent, &claimed, (1, 0)),
        (&claimed, &talking, (1, 0)),
        (&talking, &with(CallStatus::Talking, true), (0, 1)),
        (&with(CallStatus::Talking, true), &with(ended, true), (0, 1)),
        (&unsent, &claimed, (1, 1)),
        (&talking, &with(ended, false), (0, 1)),
    ];
    for (before, after, (calls, taken)) in steps {
        let found = moved(&store, before, after).await;
        assert_eq!(
            found,
            Ringing { calls, taken },
            "{:?} to {:?}",
            before.status,
            after.status
        );
    }
    let latest = store
        .latest(campaign("spring").id, at("2026-03-06T12:01:00Z"))
        .await;
    let both = Latest {
        over: 2,
        answered: 2,
        rang_ms: 16_000,
    };
    assert_eq!(latest.unwrap(), both);
}

#[tokio::test]
async fn only_campaigns_that_dial_for_a_group_are_found_there() {
    let store = store().await;
    let mut with_people = campaign("people");
    with_people.group = Some(group());
    with_people.pacing = Pacing::Predictive;
    let mut with_ai = campaign("ai");
    with_ai.group = Some(group());
    with_ai.voice_agent = Some(trunkline_domain::VoiceAgentId(derived("agent")));
    for made in [&mut with_people, &mut with_ai] {
        store.create_campaign(made).await.unwrap();
        made.version += 1;
        made.state = trunkline_domain::CampaignState::Active;
        store.update_campaign(made, None).await.unwrap();
    }
    let found = store.dialling_for(tenant(), group()).await.unwrap();
    let one = Dialling {
        campaign: with_people.id,
        shards: 1,
        pacing: Pacing::Predictive,
    };
    assert_eq!(found, [one]);
    with_people.version += 1;
    with_people.state = trunkline_domain::CampaignState::Paused;
    store.update_campaign(&with_people, None).await.unwrap();
    assert_eq!(store.dialling_for(tenant(), group()).await.unwrap(), []);
}

#[tokio::test]
async fn a_months_sum_is_kept_for_its_own_end_only() {
    let store = store().await;
    let (id, upto) = (campaign("spring").id, at("2026-03-06T12:00:00Z"));
    let sum = Answered {
        calls: 1_000,
        abandoned: 7,
        lasted_s: 90_000,
    };
    store.keep_month(id, upto, &sum).await.unwrap();
    assert_eq!(store.summed_month(id, upto).await.unwrap(), Some(sum));
    let later = upto + Duration::minutes(15);
    assert_eq!(store.summed_month(id, later).await.unwrap(), None);
}
