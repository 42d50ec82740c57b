//! The last frames of a participant, for a mix that runs a little behind.

use crate::audio::{Frame, SILENCE};

/// The last frames somebody spoke, by tick.
#[derive(Debug, Clone)]
pub(crate) struct Slots([(u64, Frame); 4]);

impl Default for Slots {
    fn default() -> Self {
        Self([(0, SILENCE); 4])
    }
}

impl Slots {
    pub(super) fn put(&mut self, tick: u64, frame: &Frame) {
        if let Some(slot) = self.0.get_mut(index(tick)) {
            *slot = (tick, *frame);
        }
    }

    pub(super) fn at(&self, tick: u64) -> Option<&Frame> {
        self.0
            .get(index(tick))
            .filter(|(at, _)| *at == tick)
            .map(|(_, frame)| frame)
    }
}

fn index(tick: u64) -> usize {
    usize::try_from(tick % 4).unwrap_or(0)
}
