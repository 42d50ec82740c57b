//! One whole call: whatever the order, repetition and loss of what the carrier tells of it, the
//! same row, slot, lead, number, place and totals come of it.

use std::sync::LazyLock;

use proptest::prelude::*;
use serde_json::Value;
use trunkline_domain::{
    AnsweredBy, Call, CallId, CallStatus, Lead, LeadStatus, Outcome, call_status::Report,
};
use trunkline_service::{
    Ctx,
    dialing::{correct, fold, hooks, place},
};
use trunkline_store::{Slot, dialing::number::Number};

use crate::{
    scene::{Scene, Weather},
    setup::lead_number,
    world::{Parties, on_virtual_clock},
};

/// Something that the carrier tells.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Told {
    /// The answer to the POST.
    Posted,
    /// The status callback.
    Status(Report, Option<u32>),
    /// The answer hook, perhaps with who answered.
    Answered(Option<AnsweredBy>),
    /// The hook of who answered.
    Amd(AnsweredBy),
    /// What the media server heard.
    Heard(AnsweredBy),
}

/// All that is told of one call, in the order in which it happens.
fn history(fate: usize) -> Vec<Told> {
    let early = [
        Told::Posted,
        Told::Status(Report::Queued, None),
        Told::Status(Report::Initiated, None),
        Told::Status(Report::Ringing, None),
    ];
    let answered = |by, told: &[Told]| {
        let end = Told::Status(Report::Completed, Some(20));
        let start = [Told::Status(Report::InProgress, None), Told::Answered(by)];
        [&start[..], told, &[end]].concat()
    };
    let rest = match fate {
        0 => vec![Told::Status(Report::Busy, None)],
        1 => vec![Told::Status(Report::NoAnswer, None)],
        2 => vec![Told::Status(Report::Failed, None)],
        3 => vec![Told::Status(Report::Canceled, None)],
        4 => answered(None, &[]),
        5 => answered(Some(AnsweredBy::Human), &[Told::Amd(AnsweredBy::Human)]),
        6 => answered(None, &[Told::Amd(AnsweredBy::MachineEndBeep)]),
        7 => answered(
            None,
            &[
                Told::Amd(AnsweredBy::MachineStart),
                Told::Heard(AnsweredBy::MachineEndBeep),
            ],
        ),
        _ => answered(None, &[Told::Heard(AnsweredBy::MachineEndSilence)]),
    };
    [&early[..], &rest].concat()
}

const FATES: usize = 9;
/// One network for all, so that rows are made at the same instants.
const SEED: u64 = 1;

/// What a call came to, but for instants and versions.
#[derive(Debug, Clone, PartialEq)]
struct Came {
    call: Call,
    lead: Lead,
    slot: Slot,
    number: Number,
    places: i64,
    totals: Vec<Value>,
    faults: crate::audit::Faults,
}

/// Dials one call, and tells this of it; the `true` ones through a network that loses answers, so
/// that what they wrote is not known to the hook that wrote it.
fn came_of(seed: u64, told: &[(Told, bool)]) -> Came {
    on_virtual_clock(async {
        let mut scene = Scene::calm();
        scene.leads = 1;
        // The answer to the POST is one of the things told.
        scene.carrier.loses_answer = 100;
        let (parties, ctx, campaigns) = Parties::started(seed, &scene).await;
        let campaign = &campaigns[0];
        let phone = lead_number(0);
        let find = async || {
            let lead = ctx.store.lead_by_number(campaign.tenant, campaign.id, &phone);
            lead.await.unwrap().unwrap()
        };
        let capacity = ctx.store.media_capacity(ctx.now()).await.unwrap();
        place::place(&ctx, campaign, &find().await, capacity, None)
            .await
            .unwrap();
        let placed = parties.carrier.calls().pop().unwrap();
        let losing = Weather {
            loses: 300,
            ..Weather::default()
        };
        let (lossy, _) = parties.party("lossy", losing);
        for (told, lost) in told {
            // One that is lost is told again: it is in the list a second time.
            let heard = tell(if *lost { &lossy } else { &ctx }, placed.call, &placed.sid, *told).await;
            assert!(heard || *lost, "{told:?} was not heard");
        }
        let (faults, _) = parties.audit.result();
        Came {
            call: still(ctx.store.call_unchecked(placed.call).await.unwrap().unwrap()),
            lead: still_lead(find().await),
            slot: Slot {
                ver: 0,
                ..ctx.store.slot(campaign.id, 0).await.unwrap().unwrap()
            },
            number: Number {
                next_ok_at: None,
                ..ctx.store.number(campaign.tenant, &phone).await.unwrap()
            },
            places: ctx.store.media_used().await.unwrap(),
            totals: parties.audit.totals().into_iter().map(told_totals).collect(),
            faults,
        }
    })
}

async fn tell(ctx: &Ctx, call: CallId, sid: &str, told: Told) -> bool {
    match told {
        Told::Posted => fold::bind(ctx, call, 1, sid, Report::Queued, None).await.is_ok(),
        Told::Status(report, duration_s) => {
            hooks::status(ctx, call, 1, sid, report, duration_s).await.is_ok()
        }
        Told::Answered(by) => hooks::answered(ctx, call, 1, sid, by).await.is_ok(),
        Told::Amd(by) => hooks::amd(ctx, call, 1, sid, by).await.is_ok(),
        Told::Heard(by) => correct::answered_by(ctx, call, by).await.is_ok(),
    }
}

/// The row without what tells of the order: instants, versions, streams that were offered.
fn still(call: Call) -> Call {
    let at = call.created_at;
    Call {
        placed_at: call.placed_at.map(|_| at),
        answered_at: call.answered_at.map(|_| at),
        ended_at: call.ended_at.map(|_| at),
        claim_nonce: None,
        version: 0,
        gen_next: 0,
        next: None,
        ..call
    }
}

fn still_lead(lead: Lead) -> Lead {
    let at = lead.created_at;
    Lead {
        due_at: lead.due_at.map(|_| at),
        last_call_at: lead.last_call_at.map(|_| at),
        updated_at: at,
        version: 0,
        ..lead
    }
}

/// A row of totals without what came to nothing: there, it is not written at all.
fn told_totals(mut row: Value) -> Value {
    row.as_object_mut().unwrap().retain(|_, sum| *sum != 0);
    row
}

/// A fate, and a history of it: each thing told once to three times in any order, some lost before.
fn histories() -> impl Strategy<Value = (usize, Vec<(Told, bool)>)> {
    (0..FATES).prop_flat_map(|fate| {
        let each = prop::collection::vec((1..3_usize, 0..2_usize), history(fate).len());
        let told = each.prop_flat_map(move |times| {
            let mut all = Vec::new();
            for (told, (heard, lost)) in history(fate).into_iter().zip(times) {
                all.extend(std::iter::repeat_n((told, false), heard));
                all.extend(std::iter::repeat_n((told, true), lost));
            }
            Just(all).prop_shuffle()
        });
        (Just(fate), told)
    })
}

fn in_order(fate: usize) -> Came {
    let told: Vec<_> = history(fate).into_iter().map(|told| (told, false)).collect();
    came_of(SEED, &told)
}

/// What each fate comes to when it is told in order.
static IN_ORDER: LazyLock<Vec<Came>> = LazyLock::new(|| (0..FATES).map(in_order).collect());

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn a_call_comes_to_the_same_in_whatever_order_it_is_told((fate, told) in histories()) {
        let expected = &IN_ORDER[fate];
        prop_assert!(expected.faults.is_empty(), "{:?}", expected.faults);
        let came = came_of(SEED, &told);
        prop_assert_eq!(&came.call, &expected.call);
        prop_assert_eq!(&came.lead, &expected.lead);
        prop_assert_eq!(&came.slot, &expected.slot);
        prop_assert_eq!(&came.number, &expected.number);
        prop_assert_eq!(&came.totals, &expected.totals);
        prop_assert_eq!(&came, expected);
    }
}

#[test]
fn each_fate_comes_to_its_own_end() {
    use LeadStatus::{Completed, Failed, Pending};
    for (fate, outcome, lead) in [
        (0, Outcome::Busy, Pending),
        (1, Outcome::NoAnswer, Pending),
        (2, Outcome::Failed, Failed),
        (3, Outcome::Cancelled, Failed),
        (4, Outcome::Answered, Completed),
        (5, Outcome::Answered, Completed),
        // The campaign tries again where a machine answered.
        (6, Outcome::Voicemail, Pending),
        (7, Outcome::Voicemail, Pending),
        (8, Outcome::Voicemail, Pending),
    ] {
        let came = &IN_ORDER[fate];
        assert_eq!(came.call.status, CallStatus::Ended(outcome));
        assert_eq!(came.lead.status, lead, "{outcome:?}");
        assert_eq!((came.slot.used, came.places, came.number.in_flight), (0, 0, None));
        assert_eq!(came.slot.open_leads, i64::from(lead == Pending));
        assert!(
            came.totals.iter().any(|row| row["calls"] == 1),
            "{:?}",
            came.totals
        );
    }
}
