//! One call from dialling to its end: a task a call.

mod conference;
mod documents;
mod gather;
mod mouth;
mod number;
mod perform;
mod record;
mod report;
mod ring;
mod setup;
mod sound;
mod stream;
mod talk;

use std::sync::Arc;

use tokio::sync::mpsc;

use crate::{
    call::{Call, Status},
    clock,
    live::{Handle, Order},
    number::Fate,
    party::Party,
    switch::Switch,
};
use ring::Rung;
pub(crate) use setup::{
    AmdSetup, CallEvent, Document, Progress, RecordingEvent, RecordingSetup, Setup, Source, Subscription,
};
use talk::Talk;

/// A call's identity and its records: what there is of it before and after anybody talks.
pub(crate) struct Leg {
    switch: Arc<Switch>,
    handle: Arc<Handle>,
    call: Call,
    fate: Fate,
    setup: Setup,
    /// Status callbacks sent so far.
    told: u32,
    /// How long answering machine detection took, once it is done.
    amd_ms: Option<u32>,
    /// The recording that `Record=true` made.
    recording: Option<report::Recorded>,
}

/// How a call ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Ending {
    status: Status,
    sip_code: u16,
    /// The simulator stops: nobody is told.
    silent: bool,
}

impl Ending {
    fn of(status: Status) -> Self {
        let sip_code = match status {
            Status::Completed | Status::InProgress | Status::Queued | Status::Initiated | Status::Ringing => {
                200
            }
            Status::Busy => 486,
            Status::NoAnswer | Status::Canceled => 487,
            Status::Failed => 503,
        };
        Self {
            status,
            sip_code,
            silent: false,
        }
    }

    fn silent(status: Status) -> Self {
        Self {
            silent: true,
            ..Self::of(status)
        }
    }
}

impl Leg {
    pub(crate) fn new(
        switch: Arc<Switch>,
        handle: Arc<Handle>,
        call: Call,
        fate: Fate,
        setup: Setup,
    ) -> Self {
        Self {
            switch,
            handle,
            call,
            fate,
            setup,
            told: 0,
            amd_ms: None,
            recording: None,
        }
    }

    /// Lives the call.
    pub(crate) async fn run(mut self, party: Box<dyn Party>, mut orders: mpsc::Receiver<Order>) {
        let ending = match self.ring(&mut orders).await {
            Rung::Answered(first) => {
                let mut talk = Talk::begin(self, party, orders).await;
                let ending = Box::pin(talk.converse(first)).await;
                self = talk.finish().await;
                ending
            }
            Rung::Over(ending) => ending,
        };
        self.close(ending).await;
    }

    async fn close(mut self, ending: Ending) {
        if let Some((room, _)) = &self.setup.room {
            // One that was rung for a conference and never came; for others this is no change.
            let outcome = room.state().leave(&self.call.sid, 0, clock::now());
            self.switch.announce(room, outcome);
        }
        self.call.said = self.handle.said();
        self.call.heard_ms = self.handle.heard_ms();
        self.call.ended = Some(clock::now());
        self.set_status(ending.status).await;
        if !ending.silent {
            self.tell_end(ending.sip_code);
        }
        if let Some(progress) = &self.setup.progress {
            let duration_s = self.call.duration_s().unwrap_or(0);
            progress.send_replace(Progress::Ended {
                status: ending.status,
                duration_s,
            });
        }
        self.switch.live.leave(&self.call.sid);
        self.handle.over.cancel();
    }

    /// Changes the status, in memory and in the ledger.
    async fn set_status(&mut self, status: Status) {
        self.call.status = status;
        self.save().await;
    }

    async fn save(&mut self) {
        self.call.updated = clock::now();
        self.switch.ledger.save(self.call.clone()).await;
    }
}
