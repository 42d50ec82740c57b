//! From dialling to the answer, or to whatever else happens.

use std::time::Duration;

use tokio::{sync::mpsc, time::Instant};

use super::{CallEvent, Ending, Leg, Progress, Source};
use crate::{
    call::{Direction, Status},
    clock,
    live::Order,
    number::Fate,
    twiml::Verb,
};

/// What came of ringing.
pub(super) enum Rung {
    /// Somebody picked up; these are the first instructions.
    Answered(Source),
    Over(Ending),
}

impl Leg {
    /// Rings.
    pub(super) async fn ring(&mut self, orders: &mut mpsc::Receiver<Order>) -> Rung {
        let rung = match self.call.direction {
            Direction::Inbound => self.ask_before_answering(orders).await,
            Direction::OutboundApi | Direction::OutboundDial => self.ring_out(orders).await,
        };
        if matches!(rung, Rung::Answered(_)) {
            self.call.answered = Some(clock::now());
            self.set_status(Status::InProgress).await;
            self.tell(CallEvent::Answered, &[]);
        }
        rung
    }

    async fn ring_out(&mut self, orders: &mut mpsc::Receiver<Order>) -> Rung {
        self.call.started = Some(clock::now());
        self.set_status(Status::Initiated).await;
        self.tell(CallEvent::Initiated, &[]);
        // A busy line and a failing route never ring.
        if !matches!(self.fate, Fate::Busy | Fate::Fails) {
            self.set_status(Status::Ringing).await;
            self.tell(CallEvent::Ringing, &[]);
            if let Some(progress) = &self.setup.progress {
                progress.send_replace(Progress::Ringing);
            }
        }
        let ring = Duration::from_millis(self.setup.ring_ms.unwrap_or(self.switch.options.ring_ms));
        let longest = Duration::from_secs(self.setup.ring_timeout_s.into());
        let too_long = ring > longest;
        if let Some(ending) = wait(orders, ring.min(longest)).await {
            return Rung::Over(ending);
        }
        match self.fate {
            Fate::Busy => Rung::Over(Ending::of(Status::Busy)),
            Fate::Fails => Rung::Over(Ending::of(Status::Failed)),
            Fate::NoAnswer => Rung::Over(Ending::of(Status::NoAnswer)),
            Fate::Talks
            | Fate::Machine
            | Fate::DeadAir
            | Fate::AsksForHuman
            | Fate::StopsCalls
            | Fate::TalksOver
            | Fate::HangsUp
            | Fate::Operator => {
                if too_long {
                    return Rung::Over(Ending::of(Status::NoAnswer));
                }
                Rung::Answered(self.setup.source.clone())
            }
        }
    }

    /// An inbound call is answered by its instructions, unless the first of them rejects it.
    async fn ask_before_answering(&mut self, orders: &mut mpsc::Receiver<Order>) -> Rung {
        let source = self.setup.source.clone();
        let mut asking = Box::pin(self.loading(source));
        let loaded = loop {
            tokio::select! {
                biased;
                order = orders.recv() => {
                    if let Some(ending) = order.and_then(obey) {
                        return Rung::Over(ending);
                    }
                }
                loaded = &mut asking => break loaded,
            }
        };
        match loaded {
            Err(error) => {
                tracing::warn!(call.id = %self.call.sid, %error, "an inbound call got no instructions and fails");
                Rung::Over(Ending::of(Status::Failed))
            }
            Ok(document) => {
                if let Some(Verb::Reject { busy }) = document.verbs.first() {
                    return Rung::Over(Ending::of(if *busy { Status::Busy } else { Status::NoAnswer }));
                }
                Rung::Answered(Source::Ready(document))
            }
        }
    }
}

/// Waits, unless an order ends the call first.
async fn wait(orders: &mut mpsc::Receiver<Order>, how_long: Duration) -> Option<Ending> {
    let until = Instant::now() + how_long;
    loop {
        tokio::select! {
            biased;
            order = orders.recv() => {
                if let Some(ending) = order.and_then(obey) {
                    return Some(ending);
                }
            }
            () = tokio::time::sleep_until(until) => return None,
        }
    }
}

/// An order to a call that nobody has answered yet.
fn obey(order: Order) -> Option<Ending> {
    match order {
        Order::End { done, .. } => {
            let _ = done.send(true);
            Some(Ending::of(Status::Canceled))
        }
        Order::Redirect { done, .. } => {
            let _ = done.send(false);
            None
        }
        Order::LeaveRoom { .. } => None,
        Order::Stop => Some(Ending::silent(Status::Failed)),
    }
}
