//! `<Dial><Number>`: another phone is rung, and connected when it answers.

use std::sync::Arc;

use tokio::sync::watch;

use super::{
    CallEvent, Progress, Setup, Source, Subscription,
    conference::bridge,
    perform::Next,
    report::params,
    talk::{Halt, Talk},
};
use crate::{
    audio::{FRAME_LEN, SILENCE, frame_at},
    call::{Direction, Status},
    live::Order,
    room::Room,
    switch::{OPERATOR_PATH, Placement},
    twiml::{Dial, Target},
};

impl Talk {
    pub(super) async fn dial_number(
        &mut self,
        dial: Dial,
        to: String,
        whisper: Option<Target>,
        callback: Option<(Target, Vec<String>)>,
    ) -> Result<Next, Halt> {
        let room = Room::hidden();
        let (progress, watched) = watch::channel(Progress::Ringing);
        let setup = Setup {
            status: callback.map(|(target, events)| Subscription {
                target,
                events: events_of(&events),
            }),
            ring_timeout_s: dial.timeout_s,
            operator: whisper
                .as_ref()
                .is_some_and(|target| target.url.path().contains(OPERATOR_PATH)),
            bridge: Some(Arc::clone(&room)),
            progress: Some(progress),
            ..Setup::new(whisper.map_or_else(|| Source::verbs(Vec::new()), Source::of))
        };
        let caller = if self.leg.call.direction == Direction::Inbound {
            &self.leg.call.from
        } else {
            &self.leg.call.to
        };
        let placement = Placement {
            from: dial.caller_id.clone().unwrap_or_else(|| caller.clone()),
            to,
            direction: Direction::OutboundDial,
            parent_sid: Some(self.leg.call.sid.clone()),
            setup,
        };
        let switch = Arc::clone(&self.leg.switch);
        let child = match self.during(async move { switch.place(placement).await }).await? {
            Ok(child) => child.sid,
            Err(error) => {
                tracing::error!(call.id = %self.leg.call.sid, %error, "a number could not be dialled");
                return Ok(Next::action(
                    dial.action,
                    params([("DialCallStatus", "failed".to_owned())]),
                ));
            }
        };
        self.enter(&room, &bridge());
        let talked = self.talk_to(&room, watched, &dial).await;
        self.leave(&room);
        let ended = self.end_child(&child, talked.as_ref().ok().copied().flatten());
        talked?;
        let (status, duration_s) = ended.await;
        Ok(Next::action(
            dial.action,
            params([
                ("DialCallStatus", status.name().to_owned()),
                ("DialCallSid", child),
                ("DialCallDuration", duration_s.to_string()),
            ]),
        ))
    }

    /// Ringback, then the bridge, until the other call ends (how it did is returned), the bridge is left, or time is up.
    async fn talk_to(
        &mut self,
        room: &Arc<Room>,
        watched: watch::Receiver<Progress>,
        dial: &Dial,
    ) -> Result<Option<(Status, i64)>, Halt> {
        let mut rung = 0;
        let mut left = dial.time_limit_s.map_or(u64::MAX, |limit| u64::from(limit) * 50);
        while left > 0 {
            let progress = *watched.borrow();
            let beat = match progress {
                Progress::Ended { status, duration_s } => return Ok(Some((status, duration_s))),
                Progress::Ringing => self.ring_back(&mut rung).await,
                Progress::Connected => {
                    left -= 1;
                    self.beat_in(room).await
                }
            };
            match beat {
                Ok(Some('*')) if dial.hangup_on_star => return Ok(None),
                Ok(_) => {}
                Err(Halt::OutOfRoom) => return Ok(None),
                Err(halt) => return Err(halt),
            }
        }
        Ok(None)
    }

    async fn ring_back(&mut self, rung: &mut usize) -> Result<Option<char>, Halt> {
        let ringback = self.leg.switch.sounds.ringback.clone();
        let frame = frame_at(&ringback, *rung).unwrap_or(SILENCE);
        *rung = (*rung + FRAME_LEN) % ringback.len().max(1);
        self.beat().await?;
        Ok(self.exchange(&frame).await?.key)
    }

    /// Hangs up the dialled call, unless it is over. The future waits for how it ended.
    fn end_child(
        &self,
        sid: &str,
        ended: Option<(Status, i64)>,
    ) -> impl Future<Output = (Status, i64)> + Send + use<> {
        let handle = self.leg.switch.live.get(sid).filter(|_| ended.is_none());
        if let Some(handle) = &handle {
            let (done, _) = tokio::sync::oneshot::channel();
            if handle
                .orders
                .try_send(Order::End { cancel: false, done })
                .is_err()
            {
                tracing::warn!(
                    call.id = sid,
                    "a dialled call that does not obey orders was not hung up"
                );
            }
        }
        let (switch, sid) = (Arc::clone(&self.leg.switch), sid.to_owned());
        async move {
            if let Some(ended) = ended {
                return ended;
            }
            if let Some(handle) = handle {
                handle.over.cancelled().await;
            }
            match switch.ledger.call(&sid).await {
                Ok(Some(call)) => (call.status, call.duration_s().unwrap_or(0)),
                Ok(None) | Err(_) => (Status::Completed, 0),
            }
        }
    }
}

fn events_of(names: &[String]) -> Vec<CallEvent> {
    if names.is_empty() {
        return vec![CallEvent::Completed];
    }
    names.iter().filter_map(|name| CallEvent::parse(name)).collect()
}
