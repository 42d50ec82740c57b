//! A stream as the call sees it: frames in, frames out, without waiting.

use std::sync::Arc;

use tokio::{sync::mpsc, task::AbortHandle, time::Instant};

use super::{
    StreamError,
    socket::{self, Outgoing},
    wire::{self, Incoming},
};
use crate::{
    audio::Frame,
    call::Call,
    faults::{Kind, Victim},
    ids,
    switch::Switch,
    twiml::{StreamSpec, Tracks},
};

/// So many messages (five seconds of one track) may wait for a platform that does not read.
const WAITING_MAX: usize = 250;

/// Whose sound a frame is: the far party's, or what it hears.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Inbound,
    Outbound,
}

/// An open stream.
pub(crate) struct Link {
    pub(crate) sid: String,
    pub(crate) spec: StreamSpec,
    switch: Arc<Switch>,
    call_sid: String,
    call_to: String,
    outgoing: mpsc::Sender<Outgoing>,
    incoming: mpsc::Receiver<Result<Incoming, StreamError>>,
    pump: AbortHandle,
    sequence: u64,
    chunks: [u64; 2],
    faults_seen: Option<u64>,
    cut_at: Option<Instant>,
}

impl Link {
    /// Opens the socket and sends `connected` and `start`.
    pub(crate) async fn open(
        switch: Arc<Switch>,
        call: &Call,
        spec: StreamSpec,
    ) -> Result<Self, StreamError> {
        let socket = socket::connect(spec.url.as_str(), &switch.options.auth_token).await?;
        let sid = ids::new_sid(ids::Kind::Stream);
        let (outgoing, to_send) = mpsc::channel(WAITING_MAX);
        let (arrived, incoming) = mpsc::channel(WAITING_MAX);
        let pump = switch
            .tasks
            .spawn(socket::pump(socket, sid.clone(), to_send, arrived))
            .abort_handle();
        let link = Self {
            sid,
            spec,
            call_sid: call.sid.clone(),
            call_to: call.to.clone(),
            outgoing,
            incoming,
            pump,
            sequence: 1,
            chunks: [0, 0],
            faults_seen: None,
            cut_at: None,
            switch,
        };
        link.send(wire::connected())?;
        link.send(wire::start(&wire::Start {
            account_sid: &link.switch.options.account_sid,
            call_sid: &link.call_sid,
            stream_sid: &link.sid,
            tracks: match link.spec.tracks {
                Tracks::Inbound => &["inbound"],
                Tracks::Outbound => &["outbound"],
                Tracks::Both => &["inbound", "outbound"],
            },
            params: &link.spec.params,
        }))?;
        Ok(link)
    }

    /// Sends 20 ms of one side's sound, unless the stream does not carry that side. None is silence.
    ///
    /// # Errors
    /// When the socket is gone, cut by a fault, or not read.
    pub(crate) fn media(&mut self, side: Side, frame: Option<&Frame>) -> Result<(), StreamError> {
        if side == Side::Inbound && self.is_cut() {
            self.pump.abort();
            return Err(StreamError::Closed);
        }
        let (carried, index, name) = match side {
            Side::Inbound => (self.spec.tracks != Tracks::Outbound, 0, "inbound"),
            Side::Outbound => (self.spec.tracks != Tracks::Inbound, 1, "outbound"),
        };
        if !carried {
            return Ok(());
        }
        let sequence = self.next_sequence();
        let chunk = self.chunks.get_mut(index).map_or(1, |chunk| {
            *chunk += 1;
            *chunk
        });
        self.send(wire::media(&self.sid, sequence, name, chunk, frame))
    }

    pub(crate) fn mark(&mut self, name: &str) -> Result<(), StreamError> {
        let sequence = self.next_sequence();
        self.send(wire::mark(&self.sid, sequence, name))
    }

    pub(crate) fn dtmf(&mut self, digit: char) -> Result<(), StreamError> {
        let sequence = self.next_sequence();
        self.send(wire::dtmf(&self.sid, sequence, digit))
    }

    /// The platform's next message; none once it has closed. Safe to cancel.
    pub(crate) async fn next(&mut self) -> Option<Result<Incoming, StreamError>> {
        self.incoming.recv().await
    }

    /// The platform's next message if there is one, for streams that only carry sound away.
    pub(crate) fn poll(&mut self) -> Result<Option<Incoming>, StreamError> {
        match self.incoming.try_recv() {
            Ok(message) => message.map(Some),
            Err(mpsc::error::TryRecvError::Empty) => Ok(None),
            Err(mpsc::error::TryRecvError::Disconnected) => Err(StreamError::Closed),
        }
    }

    /// The stream is over: tells the platform and closes.
    pub(crate) fn stop(mut self) {
        let sequence = self.next_sequence();
        let stop = wire::stop(
            &self.switch.options.account_sid,
            &self.call_sid,
            &self.sid,
            sequence,
        );
        // A socket that is gone, or full to the brim, needs no farewell.
        let _ = self.send(stop);
        let _ = self.outgoing.try_send(Outgoing::Close);
    }

    fn next_sequence(&mut self) -> u64 {
        self.sequence += 1;
        self.sequence
    }

    fn send(&self, text: String) -> Result<(), StreamError> {
        self.outgoing
            .try_send(Outgoing::Text(text))
            .map_err(|error| match error {
                mpsc::error::TrySendError::Full(_) => StreamError::Stalled,
                mpsc::error::TrySendError::Closed(_) => StreamError::Closed,
            })
    }

    /// Whether a `cut_stream` fault breaks the connection now.
    fn is_cut(&mut self) -> bool {
        let version = self.switch.faults.version();
        if self.cut_at.is_none() && self.faults_seen != Some(version) {
            self.faults_seen = Some(version);
            let victim = Victim {
                to: &self.call_to,
                path: self.spec.url.path(),
                only_by_path: false,
            };
            self.cut_at = self
                .switch
                .faults
                .strike(Kind::CutStream, victim)
                .map(|after| Instant::now() + after);
        }
        self.cut_at.is_some_and(|at| Instant::now() >= at)
    }
}
