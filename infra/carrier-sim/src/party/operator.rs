//! A human agent's phone: presses 1 when a whisper asks for a key, and listens.

use super::{Deed, Party, Senses};
use crate::audio::FRAME_MS;

/// From being asked to pressing.
const REACTION_MS: u32 = 700;
/// Even an operator puts the phone down when nothing was heard for so long.
const SILENCE_MS_MAX: u32 = 10 * 60 * 1000;

/// A human agent.
#[derive(Debug, Default)]
pub(crate) struct Operator {
    press_in_ms: Option<u32>,
    quiet_ms: u32,
}

impl Party for Operator {
    fn tick(&mut self, senses: Senses) -> Deed {
        self.quiet_ms = if senses.loud { 0 } else { self.quiet_ms + FRAME_MS };
        if self.quiet_ms >= SILENCE_MS_MAX {
            return Deed::HangUp;
        }
        match self.press_in_ms {
            Some(0) => {
                self.press_in_ms = None;
                Deed::Press('1')
            }
            Some(left) => {
                self.press_in_ms = Some(left.saturating_sub(FRAME_MS));
                Deed::Wait
            }
            None => Deed::Wait,
        }
    }

    fn key_wanted(&mut self) {
        self.press_in_ms = Some(REACTION_MS);
    }
}

#[cfg(test)]
mod tests {
    use super::{super::testing::*, *};

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
        assert!(stage.said.is_empty() && stage.hung_up.is_none());
    }
}
