//! `<Dial><Conference>`, and the bridge behind `<Dial><Number>`.

use std::sync::Arc;

use super::{
    perform::Next,
    report::params,
    sound,
    talk::{Halt, Talk},
};
use crate::{
    audio::SILENCE,
    clock,
    hooks::Request,
    room::{Phase, Room},
    switch::Switch,
    twiml::{self, Conference, Dial, Verb, Wait},
    voice::Clip,
};

/// A waiting sound is rendered to at most so many samples (a minute), then looped.
const WAIT_SAMPLES_MAX: usize = 60 * 8000;
/// A conference may end just as somebody enters; then its successor is entered.
const TRIES: u32 = 3;

impl Talk {
    pub(super) async fn dial_conference(&mut self, dial: Dial, settings: Conference) -> Result<Next, Halt> {
        let before = clock::now();
        for _ in 0..TRIES {
            let room = self.leg.switch.rooms.named(&settings.name);
            if !self.enter(&room, &settings) {
                continue;
            }
            self.provide_wait(&room, &settings.wait);
            let stayed = self.stay(&room, dial.time_limit_s, dial.hangup_on_star).await;
            self.leave(&room);
            stayed?;
            break;
        }
        let duration_s = (clock::now() - before).num_seconds();
        Ok(Next::action(
            dial.action,
            params([
                ("DialCallStatus", "answered".to_owned()),
                ("DialCallDuration", duration_s.to_string()),
            ]),
        ))
    }

    /// Connects a call to the one that dialled it, until either hangs up.
    pub(super) async fn stay_in_bridge(&mut self, room: &Arc<Room>) -> Result<(), Halt> {
        if !self.enter(room, &bridge()) {
            return Ok(());
        }
        let stayed = self.stay(room, None, false).await;
        self.leave(room);
        stayed
    }

    /// Enters; false if the conference has just ended.
    pub(super) fn enter(&mut self, room: &Arc<Room>, settings: &Conference) -> bool {
        let call = &self.leg.call;
        let mut state = room.state();
        if state.phase == Phase::Completed {
            return false;
        }
        let outcome = state.join(&call.sid, &call.to, settings, self.now(), clock::now());
        drop(state);
        self.party.joined();
        self.room_sid = Some(room.sid.clone());
        self.leg.switch.announce(room, outcome);
        true
    }

    pub(super) fn leave(&mut self, room: &Arc<Room>) {
        self.room_sid = None;
        let outcome = room.state().leave(&self.leg.call.sid, self.now(), clock::now());
        self.leg.switch.announce(room, outcome);
    }

    async fn stay(
        &mut self,
        room: &Arc<Room>,
        time_limit_s: Option<u32>,
        hang_up_on_star: bool,
    ) -> Result<(), Halt> {
        let beats = time_limit_s.map_or(u64::MAX, |limit| u64::from(limit) * 50);
        for _ in 0..beats {
            match self.beat_in(room).await {
                Ok(Some('*')) if hang_up_on_star => return Ok(()),
                Ok(_) => {}
                Err(Halt::OutOfRoom) => return Ok(()),
                Err(halt) => return Err(halt),
            }
        }
        Ok(())
    }

    /// One beat in a conference. Returns the key that was pressed.
    pub(super) async fn beat_in(&mut self, room: &Arc<Room>) -> Result<Option<char>, Halt> {
        let tick = self.beat().await?;
        let heard = room
            .state()
            .hear(&self.leg.call.sid, tick, &self.leg.switch.sounds.beep);
        let said = self.exchange(&heard).await?;
        if let Some(frame) = &said.frame {
            room.state().speak(&self.leg.call.sid, tick, frame);
        }
        Ok(said.key)
    }

    fn provide_wait(&self, room: &Arc<Room>, wait: &Wait) {
        let switch = Arc::clone(&self.leg.switch);
        let sid = self.leg.call.sid.clone();
        match wait {
            Wait::Silence => {}
            Wait::Music => room.state().set_wait(&sid, switch.sounds.music.clone()),
            Wait::From(target) => {
                let request = self.leg.request(target.clone(), &[]);
                let (room, stop) = (Arc::clone(room), switch.stop.clone());
                self.leg.switch.tasks.spawn(async move {
                    tokio::select! {
                        () = stop.cancelled() => {}
                        sound = waiting_sound(&switch, request) => room.state().set_wait(&sid, sound),
                    }
                });
            }
        }
    }
}

/// The two ends of a bridge leave together.
pub(super) fn bridge() -> Conference {
    Conference {
        end_on_exit: true,
        beep_on_enter: false,
        beep_on_exit: false,
        wait: Wait::Silence,
        ..Conference::named("")
    }
}

/// What a waiting address has to be heard: a file, or the sound of its document. Silence if it has none.
async fn waiting_sound(switch: &Switch, request: Request) -> Clip {
    let Ok(reply) = switch.hooks.fetch(&request, 64 * 1024).await else {
        return sound::fetch(&switch.hooks, request).await;
    };
    if reply.content_type.starts_with("audio/") {
        return sound::fetch(&switch.hooks, request).await;
    }
    let verbs = match twiml::parse(&String::from_utf8_lossy(&reply.body), Some(&reply.url)) {
        Ok(verbs) => verbs,
        Err(error) => {
            tracing::warn!(call.id = %request.call_sid, %error, "a waitUrl gave no TwiML; the conference waits in silence");
            return SILENCE.as_slice().into();
        }
    };
    let mut all = Vec::new();
    for verb in verbs {
        match verb {
            Verb::Say { text, .. } => all.extend_from_slice(&switch.voice.clip(&text).await),
            Verb::Play { url: Some(url), .. } => {
                let target = twiml::Target {
                    url,
                    method: twiml::Method::Get,
                };
                let file = Request {
                    target,
                    params: Vec::new(),
                    ..request.clone()
                };
                all.extend_from_slice(&sound::fetch(&switch.hooks, file).await);
            }
            Verb::Pause { length_s } => {
                let samples = usize::try_from(length_s)
                    .unwrap_or(0)
                    .saturating_mul(8000)
                    .min(WAIT_SAMPLES_MAX);
                all.resize(all.len() + samples, 0);
            }
            // A redirect begins the loop again, as the end does; nothing else is carried out while waiting.
            Verb::Play { url: None, .. }
            | Verb::Gather(_)
            | Verb::Redirect(_)
            | Verb::Hangup
            | Verb::Reject { .. }
            | Verb::Record(_)
            | Verb::Dial(_)
            | Verb::Connect { .. }
            | Verb::StartStream(_)
            | Verb::StopStream { .. } => break,
        }
        if all.len() >= WAIT_SAMPLES_MAX {
            break;
        }
    }
    all.truncate(WAIT_SAMPLES_MAX);
    all.into()
}
