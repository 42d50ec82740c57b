//! Audio that was sent and whose text is not fixed yet, to send it again when
//! the connection is lost.

use std::collections::VecDeque;

use crate::RATE_HZ;

/// What is kept: 8 s, 128 kB a call. Older audio of one turn is given up.
const SAMPLES_MAX: usize = 8 * RATE_HZ as usize;

/// The latest samples, by their number in the call.
#[derive(Debug, Default)]
pub(super) struct Unheard {
    first: u64,
    samples: VecDeque<i16>,
}

impl Unheard {
    /// The number of the first sample that is kept.
    pub(super) fn first(&self) -> u64 {
        self.first
    }

    /// The number that the next sample will have.
    pub(super) fn next(&self) -> u64 {
        self.first + self.samples.len() as u64
    }

    pub(super) fn push(&mut self, samples: &[i16]) {
        self.samples.extend(samples);
        self.forget_first(self.samples.len().saturating_sub(SAMPLES_MAX));
    }

    /// Nobody needs what comes before this number.
    pub(super) fn heard(&mut self, until: u64) {
        let count = until.saturating_sub(self.first);
        self.forget_first(usize::try_from(count).unwrap_or(usize::MAX));
    }

    /// The samples from one number to before another.
    pub(super) fn between(&self, from: u64, until: u64) -> impl Iterator<Item = i16> {
        let place = |number: u64| {
            let place = usize::try_from(number.saturating_sub(self.first)).unwrap_or(usize::MAX);
            place.min(self.samples.len())
        };
        let (from, until) = (place(from), place(until));
        self.samples.range(from..until.max(from)).copied()
    }

    fn forget_first(&mut self, count: usize) {
        let count = count.min(self.samples.len());
        self.samples.drain(..count);
        self.first += count as u64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_heard_goes_and_numbers_stay() {
        let mut unheard = Unheard::default();
        unheard.push(&[0, 1, 2, 3, 4, 5]);
        unheard.heard(2);
        unheard.heard(1);
        assert_eq!((unheard.first(), unheard.next()), (2, 6));
        assert_eq!(unheard.between(0, 4).collect::<Vec<_>>(), [2, 3]);
        assert_eq!(unheard.between(5, 9).collect::<Vec<_>>(), [5]);
        assert_eq!(unheard.between(9, 3).count(), 0);
        unheard.heard(u64::MAX);
        assert_eq!((unheard.first(), unheard.next()), (6, 6));
    }

    #[test]
    fn a_long_turn_keeps_its_end() {
        let mut unheard = Unheard::default();
        unheard.push(&vec![1; SAMPLES_MAX + 5]);
        assert_eq!(unheard.first(), 5);
        assert_eq!(unheard.next(), SAMPLES_MAX as u64 + 5);
    }
}
