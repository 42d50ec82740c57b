//! What each participant hears: the sum of the others, two beats old, so that nobody has to wait for anybody.

use super::{
    model::{Member, Phase},
    state::State,
};
use crate::audio::{self, FRAME_LEN, Frame, SILENCE, frame_at, is_loud};

/// How far behind the mix is, in ticks. All calls beat on one grid of 20 ms, each at its own offset, so that what was said
/// two ticks ago has been said by all.
const BEHIND: u64 = 2;
/// How long a beep sounds, in ticks.
const BEEP_TICKS: u64 = 15;

impl State {
    /// What a participant said at this tick; silence need not be given.
    pub(crate) fn speak(&mut self, call_sid: &str, tick: u64, frame: &Frame) {
        if let Some(member) = self.members.iter_mut().find(|member| member.call_sid == call_sid) {
            member.spoken.put(tick, frame);
        }
    }

    /// What a participant hears at this tick; it is kept who was heard.
    pub(crate) fn hear(&mut self, call_sid: &str, tick: u64, beep: &[i16]) -> Frame {
        let Some(listener) = self.members.iter().find(|member| member.call_sid == call_sid) else {
            return SILENCE;
        };
        if self.phase != Phase::InProgress || listener.hold {
            let frame = waiting(listener, tick);
            if is_loud(&frame) {
                self.heard.waiting(call_sid);
            }
            return frame;
        }
        let then = tick.saturating_sub(BEHIND);
        let mut sum = SILENCE;
        for speaker in &self.members {
            if speaker.call_sid != call_sid
                && reaches(speaker, call_sid)
                && let Some(frame) = speaker.spoken.at(then)
            {
                audio::mix(&mut sum, frame);
                if is_loud(frame) {
                    self.heard.speech(call_sid, &speaker.call_sid);
                }
            }
        }
        if let Some(since) = self
            .beep_from
            .and_then(|from| tick.checked_sub(from))
            .filter(|since| *since < BEEP_TICKS)
            && let Some(frame) = usize::try_from(since)
                .ok()
                .and_then(|n| frame_at(beep, n * FRAME_LEN))
        {
            audio::mix(&mut sum, &frame);
        }
        sum
    }
}

/// Whether the speaker is heard by that call: a coach by the coached alone.
fn reaches(speaker: &Member, call_sid: &str) -> bool {
    let aimed = speaker
        .settings
        .coach
        .as_deref()
        .is_none_or(|coached| coached == call_sid);
    speaker.joined && !speaker.settings.muted && !speaker.hold && aimed
}

fn waiting(listener: &Member, tick: u64) -> Frame {
    let Some(sound) = listener.wait.as_ref() else {
        return SILENCE;
    };
    let frames = sound.len() / FRAME_LEN;
    let n = usize::try_from(tick.saturating_sub(listener.since_tick)).unwrap_or(0);
    n.checked_rem(frames)
        .and_then(|n| frame_at(sound, n * FRAME_LEN))
        .unwrap_or(SILENCE)
}

#[cfg(test)]
mod tests {
    use super::{
        super::{model::Change, state::State},
        *,
    };
    use crate::{clock, twiml::Conference};

    fn three() -> State {
        let mut state = State::new(clock::now());
        let settings = Conference {
            beep_on_enter: false,
            ..Conference::named("r")
        };
        for sid in ["A", "B", "C"] {
            state.join(sid, "+1", &settings, 0, clock::now());
        }
        state
    }

    fn everyone_speaks(state: &mut State, tick: u64) {
        for (sid, level) in [("A", 100), ("B", 20), ("C", 3)] {
            state.speak(sid, tick, &[level; FRAME_LEN]);
        }
    }

    fn heard(state: &mut State, tick: u64) -> [i16; 3] {
        ["A", "B", "C"].map(|sid| state.hear(sid, tick, &[])[0])
    }

    #[test]
    fn each_hears_the_sum_of_the_others() {
        let mut state = three();
        everyone_speaks(&mut state, 10);
        assert_eq!(heard(&mut state, 12), [23, 103, 120]);
        assert_eq!(heard(&mut state, 13), [0, 0, 0], "a frame is heard once");
    }

    #[test]
    fn the_muted_the_held_and_the_coach_are_heard_by_whom_they_should() {
        let mut state = three();
        let now = clock::now();
        state.change(
            "B",
            Change {
                muted: Some(true),
                ..Change::default()
            },
            now,
        );
        everyone_speaks(&mut state, 10);
        assert_eq!(heard(&mut state, 12), [3, 103, 100]);
        state.change(
            "B",
            Change {
                muted: Some(false),
                coaching: Some(true),
                coach: Some("A".into()),
                ..Change::default()
            },
            now,
        );
        assert_eq!(heard(&mut state, 12), [23, 103, 100]);
        state.change(
            "A",
            Change {
                hold: Some(true),
                ..Change::default()
            },
            now,
        );
        assert_eq!(heard(&mut state, 12), [0, 3, 0]);
    }

    #[test]
    fn it_is_kept_who_has_heard_whom_and_who_was_on_hold() {
        let mut state = three();
        let now = clock::now();
        let set = |coach: Option<&str>, hold| Change {
            coaching: Some(coach.is_some()),
            coach: coach.map(str::to_owned),
            hold: Some(hold),
            ..Change::default()
        };
        state.change("B", set(Some("A"), false), now);
        state.change("C", set(None, true), now);
        state.set_wait("C", vec![2000; FRAME_LEN].into());
        for tick in 10..20 {
            for sid in ["A", "B", "C"] {
                state.speak(sid, tick, &[1000; FRAME_LEN]);
            }
            heard(&mut state, tick + 2);
        }
        let all: Vec<_> = state.heard.all().collect();
        assert_eq!(all, [("A", "B", 200), ("B", "A", 200)]);
        assert_eq!(state.heard.all_waiting().collect::<Vec<_>>(), [("C", 200)]);
    }

    #[test]
    fn whoever_waits_hears_the_waiting_sound_in_a_loop() {
        let mut state = State::new(clock::now());
        state.join("A", "+1", &Conference::named("r"), 7, clock::now());
        let sound: Vec<i16> = (0..2).flat_map(|n| vec![n + 1; FRAME_LEN]).collect();
        state.set_wait("A", sound.into());
        let heard: Vec<i16> = (7..11).map(|tick| state.hear("A", tick, &[])[0]).collect();
        assert_eq!(heard, [1, 2, 1, 2]);
    }
}
