//! A carrier that does as it is told, and remembers what it was asked.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use trunkline_domain::{CallerId, E164, Instant, call_status::Report};
use trunkline_telephony::{Carrier, CarrierCall, CarrierError, DialError, DialOrder, RingOrder};

pub(crate) const CALLER: &str = "CAcaller";

pub(crate) fn leg_sid(leg: u32) -> String {
    format!("CAleg{leg}")
}

#[derive(Debug, Default)]
pub(crate) struct Script {
    /// How the next rings are answered; when it is empty, with an id.
    pub(crate) rings: Mutex<VecDeque<Result<String, DialError>>>,
    /// How many hang-ups and redirects are not answered from now on.
    pub(crate) silent: AtomicUsize,
    /// How many questions about a call are not answered from now on.
    pub(crate) unasked: AtomicUsize,
    asked: Mutex<Asked>,
}

#[derive(Debug, Default)]
struct Asked {
    rung: Vec<RingOrder>,
    redirected: Vec<String>,
    over: BTreeSet<String>,
    known: BTreeSet<String>,
    hung_up: BTreeMap<String, usize>,
}

impl Script {
    fn answers(silent: &AtomicUsize) -> Result<(), CarrierError> {
        let left = |left: usize| left.checked_sub(1);
        match silent.fetch_update(Ordering::Relaxed, Ordering::Relaxed, left) {
            Ok(_) => Err(CarrierError::Unreachable("a brownout".to_owned())),
            Err(_) => Ok(()),
        }
    }

    pub(crate) fn rung(&self) -> Vec<RingOrder> {
        self.asked.lock().unwrap().rung.clone()
    }

    pub(crate) fn redirects(&self) -> usize {
        self.asked.lock().unwrap().redirected.len()
    }

    pub(crate) fn hung_up(&self, sid: &str) -> bool {
        self.asked.lock().unwrap().hung_up.contains_key(sid)
    }

    /// A call that ended at the carrier by itself.
    pub(crate) fn ends(&self, sid: &str) {
        self.asked.lock().unwrap().over.insert(sid.to_owned());
    }

    /// Calls that still ring or talk.
    pub(crate) fn live(&self) -> Vec<String> {
        let asked = self.asked.lock().unwrap();
        asked.known.difference(&asked.over).cloned().collect()
    }
}

#[async_trait::async_trait]
impl Carrier for Script {
    fn account(&self) -> &str {
        "AC1"
    }

    async fn dial(&self, _: &DialOrder) -> Result<String, DialError> {
        self.asked.lock().unwrap().known.insert(CALLER.to_owned());
        Ok(CALLER.to_owned())
    }

    async fn ring(&self, order: &RingOrder) -> Result<String, DialError> {
        let scripted = self.rings.lock().unwrap().pop_front();
        let mut asked = self.asked.lock().unwrap();
        asked.rung.push(order.clone());
        let answer = scripted.unwrap_or_else(|| Ok(leg_sid(order.leg)));
        if matches!(answer, Ok(_) | Err(DialError::Ambiguous { .. })) {
            asked.known.insert(leg_sid(order.leg));
        }
        answer
    }

    async fn fetch(&self, sid: &str) -> Result<Option<CarrierCall>, CarrierError> {
        Self::answers(&self.unasked)?;
        let asked = self.asked.lock().unwrap();
        if !asked.known.contains(sid) {
            return Ok(None);
        }
        Ok(Some(CarrierCall {
            sid: sid.to_owned(),
            report: if asked.over.contains(sid) {
                Report::Completed
            } else {
                Report::InProgress
            },
            to: None,
            created_at: None,
            duration_s: None,
            answered_by: None,
        }))
    }

    async fn list(&self, _: &E164, _: &CallerId, _: Instant) -> Result<Vec<CarrierCall>, CarrierError> {
        Ok(Vec::new())
    }

    async fn cancel(&self, sid: &str) -> Result<(), CarrierError> {
        self.hang_up(sid).await
    }

    async fn hang_up(&self, sid: &str) -> Result<(), CarrierError> {
        Self::answers(&self.silent)?;
        let mut asked = self.asked.lock().unwrap();
        asked.over.insert(sid.to_owned());
        *asked.hung_up.entry(sid.to_owned()).or_default() += 1;
        Ok(())
    }

    async fn redirect(&self, _: &str, url: &str) -> Result<(), CarrierError> {
        Self::answers(&self.silent)?;
        self.asked.lock().unwrap().redirected.push(url.to_owned());
        Ok(())
    }

    async fn ping(&self) -> Result<(), CarrierError> {
        Ok(())
    }
}
