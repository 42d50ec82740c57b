//! What the platform has sent and the caller has not heard yet, with the marks in between.

use std::collections::VecDeque;

use crate::audio::{FRAME_LEN, Frame, mulaw};

const BYTES_MAX: usize = Playout::SECONDS_MAX * 8000;
/// So many marks may be outstanding.
const MARKS_MAX: usize = 10_000;

/// A buffer of mu-law with marks.
#[derive(Debug, Default)]
pub(crate) struct Playout {
    sound: VecDeque<u8>,
    /// Each mark with the number of bytes that must have been played before it.
    marks: VecDeque<(u64, String)>,
    played: u64,
    queued: u64,
}

/// The buffer is full.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Full;

impl Playout {
    /// So much sound is kept; more is an error of the platform's.
    pub(crate) const SECONDS_MAX: usize = 300;

    /// Sound to be played after all before it.
    ///
    /// # Errors
    /// [`Full`] when more than five minutes are waiting; nothing is taken then.
    pub(crate) fn push(&mut self, sound: &[u8]) -> Result<(), Full> {
        if self.sound.len() + sound.len() > BYTES_MAX {
            return Err(Full);
        }
        self.sound.extend(sound);
        self.queued += u64::try_from(sound.len()).unwrap_or(0);
        Ok(())
    }

    /// A mark behind what was sent so far.
    ///
    /// # Errors
    /// [`Full`] when too many marks are outstanding.
    pub(crate) fn mark(&mut self, name: String) -> Result<(), Full> {
        if self.marks.len() >= MARKS_MAX {
            return Err(Full);
        }
        self.marks.push_back((self.queued, name));
        Ok(())
    }

    /// Forgets what was not played: its marks are due at once.
    pub(crate) fn clear(&mut self) {
        self.sound.clear();
        self.queued = self.played;
        for (at, _) in &mut self.marks {
            *at = (*at).min(self.played);
        }
    }

    /// The next 20 ms; silence where nothing is left.
    pub(crate) fn next(&mut self) -> Frame {
        let len = self.sound.len().min(FRAME_LEN);
        self.played += u64::try_from(len).unwrap_or(0);
        mulaw::decode_frame(self.sound.drain(..len))
    }

    /// The next mark whose sound has been played.
    pub(crate) fn due_mark(&mut self) -> Option<String> {
        let (at, _) = self.marks.front()?;
        if *at > self.played {
            return None;
        }
        self.marks.pop_front().map(|(_, name)| name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::SILENCE;

    fn due(playout: &mut Playout) -> Vec<String> {
        std::iter::from_fn(|| playout.due_mark()).collect()
    }

    #[test]
    fn a_mark_is_due_when_what_was_sent_before_it_has_been_played() {
        let mut playout = Playout::default();
        playout.mark("at once".into()).unwrap();
        playout.push(&[0x80; 400]).unwrap();
        playout.mark("after".into()).unwrap();
        assert_eq!(due(&mut playout), ["at once"]);
        for _ in 0..2 {
            assert_eq!(playout.next(), [32_124; FRAME_LEN]);
            assert!(due(&mut playout).is_empty());
        }
        let last = playout.next();
        assert_eq!((last[79], last[80]), (32_124, 0), "the rest is silence");
        assert_eq!(due(&mut playout), ["after"]);
        assert_eq!(playout.next(), SILENCE);
    }

    #[test]
    fn clear_makes_marks_due_and_later_sound_plays_on() {
        let mut playout = Playout::default();
        playout.push(&[0x80; 16_000]).unwrap();
        playout.mark("one".into()).unwrap();
        playout.next();
        playout.clear();
        assert_eq!(due(&mut playout), ["one"]);
        assert_eq!(playout.next(), SILENCE);
        playout.push(&[0x80; 160]).unwrap();
        playout.mark("two".into()).unwrap();
        assert!(due(&mut playout).is_empty());
        playout.next();
        assert_eq!(due(&mut playout), ["two"]);
    }

    #[test]
    fn it_is_bounded() {
        let mut playout = Playout::default();
        assert_eq!(playout.push(&vec![0; BYTES_MAX]), Ok(()));
        assert_eq!(playout.push(&[0]), Err(Full));
        for _ in 0..MARKS_MAX {
            playout.mark(String::new()).unwrap();
        }
        assert_eq!(playout.mark(String::new()), Err(Full));
    }
}
