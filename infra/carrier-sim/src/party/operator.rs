//! A human agent's phone: presses 1 when a whisper asks for a key, and listens; or what a test has asked for.

use super::{Deed, Party, Senses};
use crate::{
    audio::FRAME_MS,
    manners::{Does, Manner},
};

/// From being asked to pressing, or to hanging up.
const REACTION_MS: u32 = 700;
/// From coming into a conference to speaking.
const BREATH_MS: u32 = 500;
/// Even an operator puts the phone down when nothing was heard for so long.
const SILENCE_MS_MAX: u32 = 10 * 60 * 1000;

/// A human agent.
#[derive(Debug, Default)]
pub(crate) struct Operator {
    manner: Manner,
    react_in_ms: Option<u32>,
    speak_in_ms: Option<u32>,
    leave_in_ms: Option<u32>,
    quiet_ms: u32,
}

impl Operator {
    pub(crate) fn new(manner: Manner) -> Self {
        Self {
            manner,
            ..Self::default()
        }
    }

    fn react(&self) -> Deed {
        match self.manner.does {
            Does::Accepts => Deed::Press('1'),
            Does::Declines => Deed::HangUp,
            // The last two never answer; should one be asked for a key, it has none.
            Does::Ignores | Does::NoAnswer | Does::Busy => Deed::Wait,
        }
    }

    fn speak(&mut self) -> Deed {
        self.speak_in_ms = self.manner.every_ms;
        self.manner.says.clone().map_or(Deed::Wait, Deed::Recite)
    }
}

impl Party for Operator {
    fn tick(&mut self, senses: Senses) -> Deed {
        self.quiet_ms = if senses.loud { 0 } else { self.quiet_ms + FRAME_MS };
        if self.quiet_ms >= SILENCE_MS_MAX || due(&mut self.leave_in_ms) {
            return Deed::HangUp;
        }
        if due(&mut self.react_in_ms) {
            return self.react();
        }
        if due(&mut self.speak_in_ms) {
            return self.speak();
        }
        Deed::Wait
    }

    fn key_wanted(&mut self) {
        self.react_in_ms = Some(REACTION_MS);
    }

    fn joined(&mut self) {
        self.speak_in_ms = Some(BREATH_MS);
        self.leave_in_ms = self.manner.hang_up_after_ms;
    }
}

/// Whether it is time now; a tick has passed. Told once.
fn due(in_ms: &mut Option<u32>) -> bool {
    match *in_ms {
        Some(0) => {
            *in_ms = None;
            true
        }
        Some(left) => {
            *in_ms = Some(left.saturating_sub(FRAME_MS));
            false
        }
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::{super::testing::*, *};

    fn that(does: Does) -> Operator {
        Operator::new(Manner {
            does,
            ..Manner::default()
        })
    }

    #[test]
    fn presses_one_each_time_a_key_is_wanted_and_says_nothing() {
        let (mut operator, mut stage) = (Operator::default(), Stage::new());
        stage.pass(&mut operator, 2000, true);
        assert!(stage.pressed.is_empty());
        for _ in 0..2 {
            operator.key_wanted();
            stage.pass(&mut operator, 2000, true);
        }
        assert_eq!(
            stage.pressed.iter().map(|(_, key)| *key).collect::<Vec<_>>(),
            ['1', '1']
        );
        operator.joined();
        stage.pass(&mut operator, 2000, true);
        assert!(stage.said.is_empty() && stage.recited.is_empty() && stage.hung_up.is_none());
    }

    #[test]
    fn declines_by_hanging_up_when_a_key_is_wanted() {
        let (mut operator, mut stage) = (that(Does::Declines), Stage::new());
        stage.pass(&mut operator, 2000, true);
        assert_eq!(stage.hung_up, None);
        operator.key_wanted();
        stage.pass(&mut operator, 2000, true);
        assert!(stage.pressed.is_empty() && stage.hung_up.is_some());
    }

    #[test]
    fn ignores_the_whisper_and_stays() {
        let (mut operator, mut stage) = (that(Does::Ignores), Stage::new());
        operator.key_wanted();
        stage.pass(&mut operator, 20_000, true);
        assert!(stage.pressed.is_empty() && stage.hung_up.is_none());
    }

    #[test]
    fn speaks_once_it_is_in_the_room_again_and_again_and_vanishes_when_told() {
        let mut operator = Operator::new(Manner {
            says: Some("This is Ada.".into()),
            every_ms: Some(2000),
            hang_up_after_ms: Some(5000),
            ..Manner::default()
        });
        let mut stage = Stage::new();
        stage.pass(&mut operator, 3000, true);
        assert!(stage.recited.is_empty(), "not before");
        operator.joined();
        let joined = stage.now_ms;
        stage.pass(&mut operator, 20_000, true);
        let said: Vec<u32> = stage.recited.iter().map(|(at, _)| at - joined).collect();
        assert_eq!((said.len(), &*stage.recited[0].1), (3, "This is Ada."));
        assert!(
            (500..600).contains(&said[0]) && (2400..2700).contains(&said[1]),
            "{said:?}"
        );
        let after = stage.hung_up.unwrap() - joined;
        assert!((5000..5100).contains(&after), "{after}");
    }
}
