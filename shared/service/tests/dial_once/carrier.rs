//! A carrier that loses answers after placing, lets its list lag, and repeats, delays and loses
//! callbacks. It is the truth about who was called.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicBool, Ordering},
};

use chrono::Duration;
use rand::{Rng, SeedableRng, rngs::StdRng};
use trunkline_domain::{CallId, CallerId, E164, Instant, call_status::Report};
use trunkline_service::Clock;
use trunkline_telephony::{Carrier, CarrierCall, CarrierError, DialError, DialOrder};

use crate::{
    audit::{Audit, Fate},
    scene::Manners,
};

/// A call, as it truly was.
#[derive(Debug, Clone)]
pub(crate) struct TrueCall {
    pub sid: String,
    pub call: CallId,
    pub to: E164,
    pub created_at: Instant,
    pub listed_at: Instant,
    pub ended_at: Option<Instant>,
    pub report: Report,
}

/// What the carrier tells the platform.
#[derive(Debug, Clone)]
pub(crate) struct Callback {
    pub call: CallId,
    pub epoch: u32,
    pub sid: String,
    pub report: Report,
    pub duration_s: Option<u32>,
}

#[derive(Debug)]
pub(crate) struct ModelCarrier {
    clock: Arc<dyn Clock>,
    audit: Arc<Audit>,
    manners: Manners,
    state: Mutex<State>,
    callbacks: tokio::sync::mpsc::UnboundedSender<Callback>,
}

#[derive(Debug)]
struct State {
    rng: StdRng,
    calls: Vec<TrueCall>,
}

impl ModelCarrier {
    pub(crate) fn new(
        seed: u64,
        manners: Manners,
        clock: Arc<dyn Clock>,
        audit: Arc<Audit>,
        callbacks: tokio::sync::mpsc::UnboundedSender<Callback>,
    ) -> Self {
        let state = State {
            rng: StdRng::seed_from_u64(seed ^ 0xca11),
            calls: Vec::new(),
        };
        Self {
            clock,
            audit,
            manners,
            state: Mutex::new(state),
            callbacks,
        }
    }

    pub(crate) fn calls(&self) -> Vec<TrueCall> {
        self.state.lock().unwrap().calls.clone()
    }

    fn chance(&self, of_hundred: u32) -> bool {
        self.state.lock().unwrap().rng.random_range(0..100) < of_hundred
    }

    fn between(&self, from_ms: u64, to_ms: u64) -> std::time::Duration {
        std::time::Duration::from_millis(self.state.lock().unwrap().rng.random_range(from_ms..to_ms))
    }

    fn put(&self, order: &DialOrder) -> String {
        let now = self.clock.now();
        let mut state = self.state.lock().unwrap();
        let sid = format!("CA{:032}", state.calls.len());
        let lag = state.rng.random_range(self.manners.lag_ms.clone());
        state.calls.push(TrueCall {
            sid: sid.clone(),
            call: order.call,
            to: order.to.clone(),
            created_at: now,
            listed_at: now + Duration::milliseconds(lag),
            ended_at: None,
            report: Report::Queued,
        });
        sid
    }

    /// Moves a call that is not over; `false`: it is over.
    fn moves(&self, sid: &str, report: Report) -> bool {
        let now = self.clock.now();
        let mut state = self.state.lock().unwrap();
        let Some(call) = state.calls.iter_mut().find(|call| call.sid == sid) else {
            return false;
        };
        if call.ended_at.is_some() {
            return false;
        }
        call.report = report;
        if report.outcome().is_some() {
            call.ended_at = Some(now);
        }
        true
    }

    /// What happens at the other end, and what is told of it.
    async fn live(self: Arc<Self>, sid: String, call: CallId, epoch: u32) {
        let tell = |report, duration_s| Callback {
            call,
            epoch,
            sid: sid.clone(),
            report,
            duration_s,
        };
        self.clock.sleep(self.between(200, 3_000)).await;
        if !self.moves(&sid, Report::Ringing) {
            return;
        }
        self.clone().tell(tell(Report::Ringing, None));
        self.clock.sleep(self.between(2_000, 25_000)).await;
        let fate = self.state.lock().unwrap().rng.random_range(0..100);
        let end = match fate {
            0..55 => {
                if !self.moves(&sid, Report::InProgress) {
                    return;
                }
                self.clone().tell(tell(Report::InProgress, None));
                self.clock.sleep(self.between(5_000, 40_000)).await;
                Report::Completed
            }
            55..80 => Report::NoAnswer,
            80..95 => Report::Busy,
            _ => Report::Failed,
        };
        if self.moves(&sid, end) {
            self.clone()
                .tell(tell(end, (end == Report::Completed).then_some(20)));
        }
    }

    /// Sends a callback: perhaps never, twice, or much later.
    fn tell(self: Arc<Self>, callback: Callback) {
        if self.chance(self.manners.loses_callback) {
            return;
        }
        for _ in 0..1 + u32::from(self.chance(self.manners.repeats_callback)) {
            let late = if self.chance(self.manners.delays_callback) {
                self.between(self.manners.late_ms.start, self.manners.late_ms.end)
            } else {
                self.between(5, 400)
            };
            let (carrier, callback) = (self.clone(), callback.clone());
            tokio::spawn(async move {
                carrier.clock.sleep(late).await;
                // The world may be over.
                let _ = carrier.callbacks.send(callback);
            });
        }
    }

    fn report(call: &TrueCall) -> CarrierCall {
        CarrierCall {
            sid: call.sid.clone(),
            report: call.report,
            to: Some(call.to.clone()),
            created_at: Some(call.created_at),
            duration_s: None,
            answered_by: None,
        }
    }
}

/// A party's line to the carrier: what it asks after its death does not arrive.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    pub carrier: Arc<ModelCarrier>,
    pub dead: Arc<AtomicBool>,
}

impl Line {
    async fn alive(&self) {
        if self.dead.load(Ordering::Relaxed) {
            std::future::pending::<()>().await;
        }
    }

    async fn place(&self, order: &DialOrder) -> Result<String, DialError> {
        let carrier = &self.carrier;
        carrier.clock.sleep(carrier.between(5, 300)).await;
        if carrier.chance(carrier.manners.slow_down) {
            return Err(DialError::SlowDown {
                retry_after_s: Some(2),
            });
        }
        if carrier.chance(carrier.manners.breaks) {
            return Err(DialError::Ambiguous {
                what: "500 without placing".to_owned(),
            });
        }
        let sid = carrier.put(order);
        tokio::spawn(carrier.clone().live(sid.clone(), order.call, order.epoch));
        if carrier.chance(carrier.manners.loses_answer) {
            carrier.clock.sleep(std::time::Duration::from_secs(10)).await;
            return Err(DialError::Ambiguous {
                what: "the answer was lost after placing".to_owned(),
            });
        }
        carrier.clock.sleep(carrier.between(5, 300)).await;
        Ok(sid)
    }
}

#[async_trait::async_trait]
impl Carrier for Line {
    fn account(&self) -> &str {
        "ACmodel"
    }

    async fn dial(&self, order: &DialOrder) -> Result<String, DialError> {
        self.alive().await;
        self.carrier.audit.asked(order);
        let answer = self.place(order).await;
        let fate = match &answer {
            Err(DialError::SlowDown { .. } | DialError::Refused { .. }) => Fate::NotPlaced,
            Ok(_) | Err(DialError::Ambiguous { .. }) => Fate::Unknown,
        };
        self.carrier.audit.answered(order, fate);
        answer
    }

    async fn fetch(&self, sid: &str) -> Result<Option<CarrierCall>, CarrierError> {
        self.alive().await;
        if self.carrier.chance(self.carrier.manners.browns_out) {
            return Err(CarrierError::Unreachable("brownout".to_owned()));
        }
        let calls = self.carrier.calls();
        Ok(calls
            .iter()
            .find(|call| call.sid == sid)
            .map(ModelCarrier::report))
    }

    async fn list(
        &self,
        to: &E164,
        _from: &CallerId,
        since: Instant,
    ) -> Result<Vec<CarrierCall>, CarrierError> {
        self.alive().await;
        if self.carrier.chance(self.carrier.manners.browns_out) {
            return Err(CarrierError::Unreachable("brownout".to_owned()));
        }
        let now = self.carrier.clock.now();
        let calls = self.carrier.calls();
        let shown: Vec<CarrierCall> = calls
            .iter()
            .filter(|call| call.to == *to && call.created_at >= since && call.listed_at <= now)
            .map(ModelCarrier::report)
            .collect();
        self.carrier.audit.looked(to, shown.len());
        Ok(shown)
    }

    async fn cancel(&self, sid: &str) -> Result<(), CarrierError> {
        self.alive().await;
        self.carrier.moves(sid, Report::Canceled);
        Ok(())
    }

    async fn hang_up(&self, sid: &str) -> Result<(), CarrierError> {
        self.alive().await;
        self.carrier.moves(sid, Report::Completed);
        Ok(())
    }

    async fn redirect(&self, _sid: &str, _url: &str) -> Result<(), CarrierError> {
        Ok(())
    }

    async fn ping(&self) -> Result<(), CarrierError> {
        Ok(())
    }
}
