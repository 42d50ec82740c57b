//! The switch: what all calls share, and where calls begin.

use std::sync::Arc;

use futures::future::BoxFuture;
use tokio::time::Instant;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    audio::tone,
    call::{Call, Direction, Status},
    clock,
    dice::Dice,
    faults::Faults,
    hooks::{Hooks, Request},
    ids,
    ledger::{Ledger, LedgerError},
    leg::{Leg, Setup},
    live::Live,
    manners::{Does, Manners},
    number::Fate,
    options::SimOptions,
    party::{self, Role},
    room::{Outcome, Room, Rooms},
    tape::Recorder,
    voice::{Clip, VoiceCache},
};

/// The answer address of human agents' phones, by which they are known.
pub(crate) const OPERATOR_PATH: &str = "/webhooks/twilio/agent-answer";

/// What all calls share.
pub(crate) struct Switch {
    pub(crate) options: SimOptions,
    pub(crate) ledger: Ledger,
    pub(crate) hooks: Arc<Hooks>,
    pub(crate) faults: Arc<Faults>,
    pub(crate) manners: Manners,
    pub(crate) voice: Arc<VoiceCache>,
    pub(crate) recorder: Recorder,
    pub(crate) rooms: Rooms,
    pub(crate) live: Live,
    pub(crate) tasks: TaskTracker,
    /// Cancelled when the simulator stops.
    pub(crate) stop: CancellationToken,
    /// Where the simulator is reached: `http://127.0.0.1:8001`.
    pub(crate) url: String,
    /// The zero of the 20 ms grid that all calls beat on.
    pub(crate) epoch: Instant,
    pub(crate) sounds: Sounds,
}

/// Sounds that are always the same.
pub(crate) struct Sounds {
    pub(crate) beep: Clip,
    pub(crate) ringback: Clip,
    pub(crate) music: Clip,
}

impl Sounds {
    pub(crate) fn new() -> Self {
        Self {
            beep: tone::beep().into(),
            ringback: tone::ringback().into(),
            music: tone::hold_music().into(),
        }
    }
}

/// A call to be made.
pub(crate) struct Placement {
    pub(crate) to: String,
    pub(crate) from: String,
    pub(crate) direction: Direction,
    pub(crate) parent_sid: Option<String>,
    pub(crate) setup: Setup,
}

impl Switch {
    /// Places a call: it is on disk when this returns, and its phone begins to ring.
    ///
    /// # Errors
    /// When the ledger cannot be written; then no call was placed.
    ///
    /// Boxed, as a call may place another.
    pub(crate) fn place(
        self: &Arc<Self>,
        placement: Placement,
    ) -> BoxFuture<'static, Result<Call, LedgerError>> {
        Box::pin(Arc::clone(self).place_now(placement))
    }

    async fn place_now(self: Arc<Self>, placement: Placement) -> Result<Call, LedgerError> {
        let Placement {
            to,
            from,
            direction,
            parent_sid,
            mut setup,
        } = placement;
        let inbound = direction == Direction::Inbound;
        let (party_number, role) = if inbound {
            (&from, Role::Caller)
        } else {
            (&to, Role::Called)
        };
        let manner = setup.operator.then(|| self.manners.of(party_number));
        let fate = match (&manner, inbound) {
            (Some(manner), _) => Fate::of_operator(manner.does),
            (None, true) => Fate::of_caller(party_number),
            (None, false) => Fate::of_called(party_number),
        };
        if let Some(manner) = &manner {
            setup.ring_ms = manner
                .after_ms
                .or((manner.does == Does::NoAnswer).then_some(u64::MAX));
        }
        let now = clock::now();
        let call = Call {
            sid: ids::new_sid(ids::Kind::Call),
            parent_sid,
            to: to.clone(),
            from: from.clone(),
            direction,
            status: if inbound { Status::Ringing } else { Status::Queued },
            created: now,
            updated: now,
            started: inbound.then_some(now),
            answered: None,
            ended: None,
            answered_by: None,
            fate: fate.name().to_owned(),
            said: Vec::new(),
            heard_ms: 0,
        };
        let nth = self.ledger.place(call.clone()).await?;
        let mut dice = Dice::new(self.options.seed, party_number, nth);
        let talk_ms = u32::try_from(self.options.talk_ms).unwrap_or(u32::MAX);
        let party = match manner {
            Some(manner) => party::operator(manner),
            None => party::of(fate, role, talk_ms, &mut dice),
        };
        if let Some((room, settings)) = &setup.room {
            room.state().expect(&call.sid, &call.to, settings, now);
        }
        let (handle, orders) = self.live.enter(&call.sid);
        if self.stop.is_cancelled() {
            // Placed just as everything was told to stop.
            self.live.stop();
        }
        let leg = Leg::new(Arc::clone(&self), handle, call.clone(), fate, setup);
        self.tasks.spawn(Box::pin(leg.run(party, orders)));
        Ok(call)
    }

    /// Tells the platform what happened in a conference, and takes out those who must leave.
    pub(crate) fn announce(&self, room: &Room, outcome: Outcome) {
        for sid in &outcome.leave {
            self.live.leave_room(sid, &room.sid);
        }
        for told in outcome.told {
            let mut params = vec![
                ("AccountSid".to_owned(), self.options.account_sid.clone()),
                ("ConferenceSid".to_owned(), room.sid.clone()),
                ("FriendlyName".to_owned(), room.name.clone()),
                ("StatusCallbackEvent".to_owned(), told.event.name().to_owned()),
                ("SequenceNumber".to_owned(), told.sequence.to_string()),
                ("Timestamp".to_owned(), clock::rfc2822(clock::now())),
            ];
            let mut add = |name: &str, value: String| params.push((name.to_owned(), value));
            let ended = told.event == crate::room::Event::End;
            if let Some(reason) = told.reason {
                add("ReasonConferenceEnded", reason.to_owned());
            }
            let (mut call_sid, mut call_to) = (String::new(), String::new());
            if let Some(member) = told.member {
                if ended {
                    add("CallSidEndingConference", member.call_sid.clone());
                } else {
                    add("CallSid", member.call_sid.clone());
                    add("Muted", member.settings.muted.to_string());
                    add("Hold", member.hold.to_string());
                    add("Coaching", member.settings.coaching.to_string());
                    add(
                        "StartConferenceOnEnter",
                        member.settings.start_on_enter.to_string(),
                    );
                    add("EndConferenceOnExit", member.settings.end_on_exit.to_string());
                    if let Some(coached) = member.settings.coach {
                        add("CallSidToCoach", coached);
                    }
                    if let Some(label) = member.settings.label {
                        add("ParticipantLabel", label);
                    }
                }
                (call_sid, call_to) = (member.call_sid, member.call_to);
            }
            self.hooks.notify(Request {
                target: told.target,
                params,
                call_sid,
                call_to,
            });
        }
    }
}
