//! What a world came to, by the carrier's truth, by the audit, and by what is left in the store.

use std::collections::HashMap;

use trunkline_domain::{Campaign, CampaignState, Instant};
use trunkline_service::Ctx;

use crate::{
    audit::{Audit, Faults},
    carrier::{ModelCarrier, TrueCall},
};

/// What a world came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Verdict {
    pub leads: usize,
    /// Leads whose number was opted out.
    pub dnc: usize,
    /// Calls that the carrier placed.
    pub placed: usize,
    /// Requests to the store.
    pub requests: usize,
    /// Whether some party that was to die after a given write did.
    pub died: bool,
    /// Breaches: `I1` to `I8`, and `double`, `overlap`, `unfinished`, `leaked`.
    pub faults: Faults,
}

impl Verdict {
    pub(crate) fn shows(&self, fault: &str) -> bool {
        self.faults.contains_key(fault)
    }
}

pub(crate) async fn judge(
    ctx: &Ctx,
    campaigns: &[Campaign],
    carrier: &ModelCarrier,
    audit: &Audit,
    died: bool,
) -> Verdict {
    let calls = carrier.calls();
    let (faults, requests) = audit.result();
    let mut verdict = Verdict {
        placed: calls.len(),
        requests,
        faults,
        died,
        ..Verdict::default()
    };
    let faults = &mut verdict.faults;
    let mut fault = |which, what| faults.entry(which).or_default().push(what);
    let mut attempts: HashMap<_, Vec<&str>> = HashMap::new();
    for call in &calls {
        attempts.entry(call.call).or_default().push(&call.sid);
    }
    for (call, placed) in attempts.iter().filter(|(_, placed)| placed.len() > 1) {
        fault("double", format!("{call} was placed as {placed:?}"));
    }
    for (at, one) in calls.iter().enumerate() {
        for other in calls[at + 1..].iter().filter(|other| at_once(one, other)) {
            fault(
                "overlap",
                format!("{} and {} rang one number", one.sid, other.sid),
            );
        }
    }
    for campaign in campaigns {
        let now = ctx.store.campaign(campaign.tenant, campaign.id).await.unwrap();
        let now = now.unwrap();
        let slots = ctx.store.slots(campaign.id).await.unwrap();
        if now.state != CampaignState::Completed {
            fault(
                "unfinished",
                format!("{} is {:?}: {slots:?}", now.name, now.state),
            );
        }
        for slot in slots {
            verdict.leads += usize::try_from(slot.leads()).unwrap();
            verdict.dnc += usize::try_from(slot.n_dnc).unwrap();
            if slot.used != 0 {
                fault("leaked", format!("{slot:?}"));
            }
        }
    }
    if ctx.store.media_used().await.unwrap() != 0 {
        fault("leaked", "a media place is held at the end".to_owned());
    }
    verdict
}

fn at_once(one: &TrueCall, other: &TrueCall) -> bool {
    let end = |call: &TrueCall| call.ended_at.unwrap_or(Instant::MAX_UTC);
    one.to == other.to && one.created_at < end(other) && other.created_at < end(one)
}
