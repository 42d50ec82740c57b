//! The state of a conference, and what each change of it makes known. Pure.

use super::{
    heard::Heard,
    model::{Change, Event, Member, Outcome, Phase, Told},
    slots::Slots,
};
use crate::{
    clock::Moment,
    twiml::{Conference, Target},
    voice::Clip,
};

/// A conference's state.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) phase: Phase,
    pub(crate) members: Vec<Member>,
    pub(crate) updated: Moment,
    pub(crate) reason: Option<&'static str>,
    pub(crate) ended_by: Option<String>,
    pub(crate) heard: Heard,
    pub(super) beep_from: Option<u64>,
    subscription: Option<(Target, Vec<String>)>,
    sequence: u32,
}

impl State {
    pub(crate) fn new(now: Moment) -> Self {
        Self {
            phase: Phase::Init,
            members: Vec::new(),
            updated: now,
            reason: None,
            ended_by: None,
            heard: Heard::default(),
            beep_from: None,
            subscription: None,
            sequence: 0,
        }
    }

    /// A participant is being rung.
    pub(crate) fn expect(&mut self, call_sid: &str, call_to: &str, settings: &Conference, now: Moment) {
        self.members.push(Member {
            call_sid: call_sid.to_owned(),
            call_to: call_to.to_owned(),
            settings: settings.clone(),
            hold: false,
            joined: false,
            since: now,
            updated: now,
            wait: None,
            since_tick: 0,
            spoken: Slots::default(),
        });
    }

    /// A call enters at the given tick. The first to name a callback address decides who is told.
    pub(crate) fn join(
        &mut self,
        call_sid: &str,
        call_to: &str,
        settings: &Conference,
        tick: u64,
        now: Moment,
    ) -> Outcome {
        let mut outcome = Outcome::default();
        if self.phase == Phase::Completed {
            outcome.leave.push(call_sid.to_owned());
            return outcome;
        }
        if self.subscription.is_none()
            && let Some(target) = &settings.callback
        {
            self.subscription = Some((target.clone(), settings.callback_events.clone()));
        }
        if self.member(call_sid).is_none() {
            self.expect(call_sid, call_to, settings, now);
        }
        if let Some(member) = self.members.iter_mut().find(|member| member.call_sid == call_sid) {
            (member.joined, member.since, member.updated, member.since_tick) = (true, now, now, tick);
        }
        if settings.beep_on_enter {
            self.beep_from = Some(tick);
        }
        self.updated = now;
        self.tell(&mut outcome, Event::Join, Some(call_sid));
        let joined = self.members.iter().filter(|member| member.joined);
        if self.phase == Phase::Init
            && joined.clone().count() >= 2
            && joined.clone().any(|m| m.settings.start_on_enter)
        {
            self.phase = Phase::InProgress;
            self.tell(&mut outcome, Event::Start, Some(call_sid));
        }
        outcome
    }

    /// A call leaves, or never came.
    pub(crate) fn leave(&mut self, call_sid: &str, tick: u64, now: Moment) -> Outcome {
        let mut outcome = Outcome::default();
        let Some(member) = self.member(call_sid).cloned() else {
            return outcome;
        };
        if self.phase == Phase::Completed {
            self.members.retain(|other| other.call_sid != call_sid);
            return outcome;
        }
        self.updated = now;
        if member.joined {
            self.tell(&mut outcome, Event::Leave, Some(call_sid));
            if member.settings.beep_on_exit {
                self.beep_from = Some(tick);
            }
        }
        self.members.retain(|other| other.call_sid != call_sid);
        if member.joined && member.settings.end_on_exit {
            self.finish(
                &mut outcome,
                "participant-with-end-conference-on-exit-left",
                Some(member),
                now,
            );
        } else if self.members.is_empty() {
            self.finish(&mut outcome, "last-participant-left", Some(member), now);
        }
        outcome
    }

    /// The API ends the conference.
    pub(crate) fn end(&mut self, now: Moment) -> Outcome {
        let mut outcome = Outcome::default();
        if self.phase != Phase::Completed {
            self.finish(&mut outcome, "conference-ended-via-api", None, now);
        }
        outcome
    }

    /// The API changes a participant.
    pub(crate) fn change(&mut self, call_sid: &str, change: Change, now: Moment) -> Outcome {
        let mut outcome = Outcome::default();
        let Some(member) = self.members.iter_mut().find(|member| member.call_sid == call_sid) else {
            return outcome;
        };
        let mut events = Vec::new();
        if let Some(muted) = change.muted
            && std::mem::replace(&mut member.settings.muted, muted) != muted
        {
            events.push(if muted { Event::Mute } else { Event::Unmute });
        }
        if let Some(hold) = change.hold
            && std::mem::replace(&mut member.hold, hold) != hold
        {
            events.push(if hold { Event::Hold } else { Event::Unhold });
        }
        let before = member.settings.clone();
        member.settings.end_on_exit = change.end_on_exit.unwrap_or(before.end_on_exit);
        member.settings.beep_on_exit = change.beep_on_exit.unwrap_or(before.beep_on_exit);
        member.settings.coaching = change.coaching.unwrap_or(before.coaching);
        if change.coach.is_some() {
            member.settings.coach = change.coach;
        }
        if !member.settings.coaching {
            member.settings.coach = None;
        }
        if member.settings != before {
            events.push(Event::Modify);
        }
        member.updated = now;
        for event in events {
            self.tell(&mut outcome, event, Some(call_sid));
        }
        outcome
    }

    /// What a member hears before the conference begins, and on hold.
    pub(crate) fn set_wait(&mut self, call_sid: &str, sound: Clip) {
        if let Some(member) = self.members.iter_mut().find(|member| member.call_sid == call_sid) {
            member.wait = Some(sound);
        }
    }

    /// The participant with this call, or this label.
    pub(crate) fn participant(&self, sid_or_label: &str) -> Option<&Member> {
        self.member(sid_or_label).or_else(|| {
            self.members
                .iter()
                .find(|member| member.settings.label.as_deref() == Some(sid_or_label))
        })
    }

    pub(super) fn member(&self, call_sid: &str) -> Option<&Member> {
        self.members.iter().find(|member| member.call_sid == call_sid)
    }

    fn finish(&mut self, outcome: &mut Outcome, reason: &'static str, by: Option<Member>, now: Moment) {
        // A conference that nobody ever entered has no end to tell of.
        let entered = self.sequence > 0
            || by.as_ref().is_some_and(|member| member.joined)
            || self.phase == Phase::InProgress;
        self.phase = Phase::Completed;
        (self.reason, self.updated) = (Some(reason), now);
        self.ended_by = by.as_ref().map(|member| member.call_sid.clone());
        outcome
            .leave
            .extend(self.members.iter().map(|member| member.call_sid.clone()));
        for member in std::mem::take(&mut self.members)
            .into_iter()
            .filter(|member| member.joined)
        {
            self.tell_of(outcome, Event::Leave, Some(member));
        }
        if entered {
            self.tell_of(outcome, Event::End, by);
        }
    }

    fn tell(&mut self, outcome: &mut Outcome, event: Event, call_sid: Option<&str>) {
        let member = call_sid.and_then(|sid| self.member(sid)).cloned();
        self.tell_of(outcome, event, member);
    }

    fn tell_of(&mut self, outcome: &mut Outcome, event: Event, member: Option<Member>) {
        let Some((target, words)) = &self.subscription else {
            return;
        };
        if words.iter().any(|word| word == event.word()) {
            self.sequence += 1;
            let reason = (event == Event::End).then_some(self.reason).flatten();
            outcome.told.push(Told {
                event,
                sequence: self.sequence,
                member,
                target: target.clone(),
                reason,
            });
        }
    }
}
