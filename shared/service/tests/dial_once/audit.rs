//! The audit: sees every committed state and everything asked of the carrier, and notes each
//! breach of the invariants I1 to I8 of ARCHITECTURE.md, "Dial once".

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex},
};

use aws_smithy_runtime_api::client::http::SharedHttpConnector;
use serde_json::Value;
use trunkline_domain::{
    Call, CallId, CallStatus, CampaignId, E164, Instant, Lead, LeadId, LeadStatus,
    dial::{POST_BY, POST_TIMEOUT, Protocol},
};
use trunkline_service::Clock;
use trunkline_telephony::DialOrder;

use crate::rows::{self, Place};

/// What the carrier made of a POST.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// The POST is under way.
    Asked,
    /// Answered: certainly not placed.
    NotPlaced,
    /// Placed, or nobody knows.
    Unknown,
}

#[derive(Debug)]
pub(crate) struct Audit {
    clock: Arc<dyn Clock>,
    protocol: Protocol,
    seen: Mutex<Seen>,
}

/// The breaches, each with its invariant's name.
pub(crate) type Faults = BTreeMap<&'static str, Vec<String>>;

#[derive(Debug, Default)]
struct Seen {
    calls: BTreeMap<CallId, Call>,
    leads: BTreeMap<LeadId, Lead>,
    slots: BTreeMap<(CampaignId, u32), Value>,
    numbers: BTreeMap<E164, Value>,
    places: i64,
    totals: BTreeMap<(String, String), Value>,
    /// Since when a campaign is not to be dialled.
    closed: HashMap<CampaignId, Instant>,
    /// Since when a number is not to be called.
    dnc: HashMap<E164, Instant>,
    claimed_at: HashMap<(CallId, u32), Instant>,
    posts: HashMap<(CallId, u32), (Fate, usize)>,
    /// Looks at the carrier's list that showed nothing, by number.
    empty_looks: HashMap<E164, Vec<Instant>>,
    requests: usize,
    faults: Faults,
}

impl Audit {
    pub(crate) fn new(clock: Arc<dyn Clock>, protocol: Protocol) -> Self {
        Self {
            clock,
            protocol,
            seen: Mutex::default(),
        }
    }

    /// The breaches so far, and how many requests the store was sent.
    pub(crate) fn result(&self) -> (Faults, usize) {
        let seen = self.seen.lock().unwrap();
        (seen.faults.clone(), seen.requests)
    }

    /// The rows of the totals.
    pub(crate) fn totals(&self) -> Vec<Value> {
        self.seen.lock().unwrap().totals.values().cloned().collect()
    }

    pub(crate) fn requested(&self) {
        self.seen.lock().unwrap().requests += 1;
    }

    /// A write was carried out, or refused: what is there now?
    pub(crate) fn committed(&self, operation: &str, body: &[u8], eyes: &SharedHttpConnector) {
        let now = self.clock.now();
        let mut seen = self.seen.lock().unwrap();
        let mut claimed = Vec::new();
        let before = (seen.closed.clone(), seen.dnc.clone());
        for place in rows::written(operation, body) {
            claimed.extend(seen.take_in(&place, rows::read(eyes, &place), now));
        }
        for id in claimed {
            seen.judge_claim(id, &before, &self.protocol, now);
        }
        seen.judge();
    }

    /// A dialer asks for a call.
    pub(crate) fn asked(&self, order: &DialOrder) {
        let now = self.clock.now();
        let mut seen = self.seen.lock().unwrap();
        let count = &mut seen
            .posts
            .entry((order.call, order.epoch))
            .or_insert((Fate::Asked, 0))
            .1;
        *count += 1;
        if *count > 1 {
            seen.fault("I1", format!("{} epoch {} posted twice", order.call, order.epoch));
        }
        let row = seen.calls.get(&order.call).map(|row| (row.epoch, row.status));
        if row != Some((order.epoch, CallStatus::Claimed)) {
            seen.fault(
                "I2",
                format!("{} posted as epoch {} when {row:?}", order.call, order.epoch),
            );
        }
        let campaign = seen.calls.get(&order.call).and_then(|row| row.campaign);
        let closed = campaign.and_then(|campaign| seen.closed.get(&campaign).copied());
        let dnc = seen.dnc.get(&order.to).copied();
        for since in [closed, dnc].into_iter().flatten() {
            if now - since > POST_BY {
                let late = now - since;
                seen.fault(
                    "I6",
                    format!("{} posted {late} after it was forbidden", order.call),
                );
            }
        }
    }

    /// A POST was answered, or its answer was lost.
    pub(crate) fn answered(&self, order: &DialOrder, fate: Fate) {
        let mut seen = self.seen.lock().unwrap();
        if let Some(post) = seen.posts.get_mut(&(order.call, order.epoch)) {
            post.0 = fate;
        }
    }

    /// The carrier's list was looked at.
    pub(crate) fn looked(&self, to: &E164, found: usize) {
        let now = self.clock.now();
        let mut seen = self.seen.lock().unwrap();
        if found == 0 {
            seen.empty_looks.entry(to.clone()).or_default().push(now);
        }
    }
}

impl Seen {
    fn fault(&mut self, which: &'static str, what: String) {
        self.faults.entry(which).or_default().push(what);
    }

    /// Notes a row as it is; answers the call when it was claimed just now.
    fn take_in(&mut self, place: &Place, row: Option<Value>, now: Instant) -> Option<CallId> {
        let row = row?;
        if place.table.ends_with("-calls") && place.sk == "META" {
            let call: Call = serde_json::from_value(row.clone()).unwrap();
            if !call.status.is_ended() && (call.check_at.is_none() || row.get("check_pk").is_none()) {
                self.fault("I7", format!("{} is {:?} without check_at", call.id, call.status));
            }
            let before = self.calls.insert(call.id, call.clone());
            let anew = before.is_none_or(|before| before.epoch < call.epoch);
            return (anew && call.status == CallStatus::Claimed).then_some(call.id);
        }
        if place.pk.starts_with("L#") {
            let lead: Lead = serde_json::from_value(row).unwrap();
            self.leads.insert(lead.id, lead);
        } else if let Some(campaign) = place.pk.strip_prefix("SLOT#") {
            let campaign = CampaignId(campaign.parse().unwrap());
            if row["open"] == true {
                self.closed.remove(&campaign);
            } else {
                self.closed.entry(campaign).or_insert(now);
            }
            self.slots.insert((campaign, place.sk.parse().unwrap()), row);
        } else if place.pk.starts_with("N#") {
            let phone: E164 = place.pk.rsplit('#').next().unwrap().parse().unwrap();
            if row["dnc"] == true {
                self.dnc.entry(phone.clone()).or_insert(now);
            }
            self.numbers.insert(phone, row);
        } else if place.sk.starts_with("CAMP#") {
            // I8: whatever else is lost, the next tick wakes what dials.
            if row["state"] == "active" && row["due_sk"] != "active" {
                self.fault("I8", format!("{} dials, and no tick will wake it", place.sk));
            }
        } else if place.pk.starts_with("K#") {
            self.totals.insert((place.pk.clone(), place.sk.clone()), row);
        } else if place.pk == "MEDIA" {
            self.places = row["used"].as_i64().unwrap();
        }
        None
    }

    /// A claim committed: was it allowed to, and did it wait for the epoch before it?
    fn judge_claim(
        &mut self,
        id: CallId,
        before: &(HashMap<CampaignId, Instant>, HashMap<E164, Instant>),
        protocol: &Protocol,
        now: Instant,
    ) {
        let call = self.calls[&id].clone();
        if call.campaign.is_some_and(|id| before.0.contains_key(&id)) || before.1.contains_key(&call.to) {
            self.fault("I6", format!("{id} claimed after a pause or an opt-out"));
        }
        self.claimed_at.insert((id, call.epoch), now);
        if call.epoch == 1 || self.settled(&call, protocol) {
            return;
        }
        self.fault("I2", format!("{id} claimed as epoch {} too soon", call.epoch));
    }

    /// Whether the epoch before this was certainly not placed, or was looked for in vain twice, a
    /// settle time apart, once its POST could not be under way any more.
    fn settled(&self, call: &Call, protocol: &Protocol) -> bool {
        let last = (call.id, call.epoch - 1);
        match self.posts.get(&last) {
            None | Some((Fate::NotPlaced, _)) => return true,
            Some((Fate::Asked | Fate::Unknown, _)) => {}
        }
        let from = self.claimed_at[&last] + POST_TIMEOUT;
        let looks = self.empty_looks.get(&call.to).map_or(&[][..], Vec::as_slice);
        let mut since = looks.iter().filter(|look| **look >= from);
        match (since.next(), since.next_back()) {
            (Some(first), Some(last)) => *last - *first >= protocol.settle,
            (Some(_) | None, _) => false,
        }
    }

    /// What holds in every committed state.
    fn judge(&mut self) {
        let mut used: HashMap<(CampaignId, u32), i64> = HashMap::new();
        let mut at: HashMap<&E164, CallId> = HashMap::new();
        let mut faults = Vec::new();
        for call in self.calls.values().filter(|call| call.status.holds_slot()) {
            let campaign = call.campaign.unwrap();
            *used.entry((campaign, call.shard)).or_default() += 1;
            if let Some(other) = at.insert(&call.to, call.id) {
                faults.push(("I3", format!("{} and {other} are to one number", call.id)));
            }
            let holder = self
                .numbers
                .get(&call.to)
                .and_then(|number| number["in_flight"].as_str());
            if holder != Some(call.id.to_string().as_str()) {
                faults.push(("I3", format!("{} does not hold its number", call.id)));
            }
        }
        for (shard, slot) in &self.slots {
            let found = used.get(shard).copied().unwrap_or(0);
            if slot["used"] != found {
                faults.push(("I4", format!("used is {}, calls {found}", slot["used"])));
            }
            let mut by_status: HashMap<LeadStatus, i64> = HashMap::new();
            for lead in self.leads.values().filter(|lead| lead.campaign == shard.0) {
                *by_status.entry(lead.status).or_default() += 1;
            }
            let open: i64 = by_status
                .iter()
                .filter(|(status, _)| !status.is_final())
                .map(|(_, count)| count)
                .sum();
            if slot["open_leads"] != open {
                faults.push((
                    "I5",
                    format!("open_leads is {}, leads {open}", slot["open_leads"]),
                ));
            }
            for status in LeadStatus::ALL {
                let told = &slot[format!("n_{}", status.as_str())];
                let found = by_status.get(&status).copied().unwrap_or(0);
                if *told != found {
                    faults.push(("I5", format!("n_{} is {told}, leads {found}", status.as_str())));
                }
            }
        }
        let all: i64 = used.values().sum();
        if self.places != all {
            faults.push(("I4", format!("{} places are taken by {all} calls", self.places)));
        }
        for (which, what) in faults {
            self.fault(which, what);
        }
    }
}
