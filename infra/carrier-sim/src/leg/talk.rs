//! An answered call: its beat of 20 ms, in which the far party hears, thinks, and speaks.

use std::time::Duration;

use tokio::{
    sync::mpsc,
    time::{Instant, Interval, interval_at},
};

use super::{Leg, RecordingEvent, Source, mouth::Mouth, report::Recorded};
use crate::{
    amd::Amd,
    audio::{FRAME_MS, Frame, SILENCE, is_loud},
    live::Order,
    party::{Deed, Own, Party, Senses},
    stream::{Link, Side},
    tape::Tape,
};

/// Why the present instruction is over before its time.
#[derive(Debug)]
pub(super) enum Halt {
    /// The far party has hung up.
    HungUp,
    /// `TimeLimit` is reached.
    TimeLimit,
    /// The API has ended the call.
    Ended,
    /// The API has other instructions.
    Redirect(Source),
    /// Taken out of the conference it was in.
    OutOfRoom,
    /// The simulator stops.
    Stopped,
}

/// What the far party did in one beat.
#[derive(Debug, Clone, Copy)]
pub(super) struct Said {
    /// None is silence.
    pub(super) frame: Option<Frame>,
    pub(super) key: Option<char>,
    pub(super) own: Own,
}

/// An answered call.
pub(super) struct Talk {
    pub(super) leg: Leg,
    pub(super) party: Box<dyn Party>,
    orders: mpsc::Receiver<Order>,
    ticker: Interval,
    /// The number of this beat on the switch's grid.
    tick: u64,
    last_tick: u64,
    mouth: Mouth,
    amd: Option<Amd>,
    tape: Option<(Tape, Recorded)>,
    /// Copies of the call's sound that go elsewhere.
    pub(super) forks: Vec<Link>,
    /// The conference the call is in.
    pub(super) room_sid: Option<String>,
}

impl Talk {
    pub(super) async fn begin(leg: Leg, party: Box<dyn Party>, orders: mpsc::Receiver<Order>) -> Self {
        let (ticker, tick) = on_the_grid(leg.switch.epoch, &leg.call.sid);
        let beats = u64::from(leg.setup.time_limit_s) * u64::from(1000 / FRAME_MS);
        let amd = leg
            .setup
            .amd
            .as_ref()
            .map(|amd| Amd::new(amd.mode, amd.thresholds));
        let mut tape = None;
        if let Some(setup) = &leg.setup.recording {
            let recorded = Recorded::begin(setup.channels);
            leg.switch
                .ledger
                .save_recording(leg.recording_row(&recorded, "OutboundAPI", false))
                .await;
            leg.tell_recording(setup, RecordingEvent::InProgress, "OutboundAPI", &recorded);
            tape = Some((leg.switch.recorder.tape(&recorded.sid, setup.channels), recorded));
        }
        Self {
            party,
            orders,
            ticker,
            tick,
            last_tick: tick + beats,
            mouth: Mouth::Silent,
            amd,
            tape,
            forks: Vec::new(),
            room_sid: None,
            leg,
        }
    }

    /// Waits for the next 20 ms, or for an order. Safe to cancel. Returns the beat's number on the grid.
    pub(super) async fn beat(&mut self) -> Result<u64, Halt> {
        loop {
            tokio::select! {
                biased;
                order = self.orders.recv() => {
                    if let Some(halt) = order.and_then(|order| self.obey(order)) {
                        return Err(halt);
                    }
                }
                _ = self.ticker.tick() => {
                    self.tick += 1;
                    return if self.tick >= self.last_tick { Err(Halt::TimeLimit) } else { Ok(self.tick) };
                }
            }
        }
    }

    /// The present beat's number on the grid.
    pub(super) fn now(&self) -> u64 {
        self.tick
    }

    fn obey(&self, order: Order) -> Option<Halt> {
        match order {
            Order::End { cancel, done } => {
                let _ = done.send(!cancel);
                (!cancel).then_some(Halt::Ended)
            }
            Order::Redirect { source, done } => {
                let _ = done.send(true);
                Some(Halt::Redirect(source))
            }
            Order::LeaveRoom { room_sid } => {
                (self.room_sid.as_ref() == Some(&room_sid)).then_some(Halt::OutOfRoom)
            }
            Order::Stop => Some(Halt::Stopped),
        }
    }

    /// The far party hears this frame, and says or does something. Call it once a beat.
    pub(super) async fn exchange(&mut self, heard: &Frame) -> Result<Said, Halt> {
        let loud = is_loud(heard);
        if loud {
            self.leg.handle.hears(FRAME_MS);
        }
        let mut key = self.leg.handle.next_key();
        match self.party.tick(Senses {
            loud,
            own: self.mouth.state(),
        }) {
            Deed::Wait => {}
            Deed::Say(line) => self.open_mouth(line),
            Deed::Recite(text) => self.open_mouth(&text),
            Deed::Beep => {
                self.mouth = Mouth::Talking {
                    clip: self.leg.switch.sounds.beep.clone(),
                    at: 0,
                }
            }
            Deed::Press(pressed) => key = Some(pressed),
            Deed::HangUp => return Err(Halt::HungUp),
        }
        let frame = self.mouth.next();
        if let Some((tape, _)) = &mut self.tape {
            tape.push(frame.as_ref(), heard);
        }
        self.feed_forks(frame.as_ref(), heard, key);
        self.detect(frame.as_ref()).await;
        Ok(Said {
            frame,
            key,
            own: self.mouth.state(),
        })
    }

    fn open_mouth(&mut self, text: &str) {
        self.leg.handle.says(text);
        self.mouth = Mouth::Preparing(self.leg.switch.voice.begin(text));
    }

    /// One beat in which the party hears silence.
    pub(super) async fn idle(&mut self) -> Result<Said, Halt> {
        self.beat().await?;
        self.exchange(&SILENCE).await
    }

    /// Lets the call go on in silence until the work is done.
    pub(super) async fn during<T>(&mut self, work: impl Future<Output = T>) -> Result<T, Halt> {
        let mut work = Box::pin(work);
        loop {
            tokio::select! {
                biased;
                done = &mut work => return Ok(done),
                beat = self.beat() => {
                    beat?;
                }
            }
            self.exchange(&SILENCE).await?;
        }
    }

    /// Whether instructions must wait for the answering machine detection.
    pub(super) fn must_detect_first(&self) -> bool {
        self.amd.is_some() && self.leg.setup.amd.as_ref().is_some_and(|amd| !amd.is_async)
    }

    async fn detect(&mut self, frame: Option<&Frame>) {
        let Some(amd) = &mut self.amd else { return };
        let Some(answered_by) = amd.push(frame) else {
            return;
        };
        let after_ms = amd.elapsed_ms();
        self.amd = None;
        self.found(answered_by, after_ms);
        self.leg.save().await;
    }

    fn found(&mut self, answered_by: &str, after_ms: u32) {
        self.leg.call.answered_by = Some(answered_by.to_owned());
        self.leg.amd_ms = Some(after_ms);
        if let Some(target) = self
            .leg
            .setup
            .amd
            .as_ref()
            .filter(|amd| amd.is_async)
            .and_then(|amd| amd.callback.clone())
        {
            self.leg.tell_amd(target, answered_by, after_ms);
        }
    }

    fn feed_forks(&mut self, said: Option<&Frame>, heard: &Frame, key: Option<char>) {
        for mut link in std::mem::take(&mut self.forks) {
            let fed = link
                .media(Side::Inbound, said)
                .and_then(|()| link.media(Side::Outbound, Some(heard)))
                .and_then(|()| key.map_or(Ok(()), |key| link.dtmf(key)))
                .and_then(|()| link.poll());
            match fed {
                // What comes back on such a stream is not played.
                Ok(_) => self.forks.push(link),
                Err(error) => self.stream_broke(link, &error),
            }
        }
    }

    /// Ends what still runs beside the conversation, and gives the call back.
    pub(super) async fn finish(mut self) -> Leg {
        for link in std::mem::take(&mut self.forks) {
            self.stream_over(link);
        }
        if let Some(amd) = self.amd.take() {
            // The call was over before anybody could tell who it was.
            self.found("unknown", amd.elapsed_ms());
        }
        if let Some((tape, recorded)) = self.tape.take() {
            let recorded = self.keep(tape, recorded, "OutboundAPI").await;
            self.leg.recording = Some(recorded);
        }
        self.leg
    }

    /// Finishes a recording and writes its row.
    pub(super) async fn keep(
        &mut self,
        tape: Tape,
        mut recorded: Recorded,
        source: &'static str,
    ) -> Recorded {
        match tape.finish().await {
            Ok(duration_ms) => recorded.duration_s = (duration_ms + 500) / 1000,
            Err(error) => {
                tracing::warn!(call.id = %self.leg.call.sid, %error, "a recording could not be written and is absent");
                recorded.present = false;
            }
        }
        self.leg
            .switch
            .ledger
            .save_recording(self.leg.recording_row(&recorded, source, true))
            .await;
        recorded
    }
}

/// A 20 ms beat on the switch's grid, at an offset of this call's own: hundreds of calls then do not all wake at once. Returns
/// the number of the beat before the first. Beats that come late are made up for, so sound stays in real time.
fn on_the_grid(epoch: Instant, sid: &str) -> (Interval, u64) {
    let beat = Duration::from_millis(FRAME_MS.into());
    let spread = sid
        .bytes()
        .fold(0_u64, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte.into()))
        % 20;
    let offset = Duration::from_millis(spread);
    let since = Instant::now().saturating_duration_since(epoch).as_millis();
    let passed = u64::try_from(since).unwrap_or(0) / u64::from(FRAME_MS);
    let first = passed + 2;
    let at = epoch + offset + Duration::from_millis(first * u64::from(FRAME_MS));
    (interval_at(at, beat), first - 1)
}
