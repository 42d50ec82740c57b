//! Both sides of a call on one timeline, cut into segments of 5 s.
//!
//! A segment is mu-law at 8 kHz with the tracks interleaved byte by byte:
//! caller, agent, caller, agent, … Segment `n` covers 5 s from `5 s * n` after the
//! stream's start; all but the last are [`SEGMENT_BYTES`] long. Silence is `0xff`.

use crate::audio::{FRAME, FRAME_MS, SAMPLES_PER_MS, UlawFrame, mulaw};
use crate::session::Track;

/// What a segment lasts.
pub const SEGMENT_MS: u64 = 5_000;

/// Samples of each track in a segment.
pub const SEGMENT_SAMPLES: usize = 40_000;

/// Bytes of a whole segment, both tracks.
pub const SEGMENT_BYTES: usize = 2 * SEGMENT_SAMPLES;

/// A segment is cut this long after its end: until then audio may still be
/// late, or be taken back.
const MARGIN_MS: u64 = 500;

/// The most that is held, whatever timestamps say.
const HELD_SAMPLES: usize = SEGMENT_SAMPLES + 16_000;

/// Frames that are late or early by no more than this follow one another.
const JITTER_MS: u64 = 200;

/// Records one stream. Holds at most 7 s.
#[derive(Debug)]
pub struct Recorder {
    /// Interleaved, from sample `base` on.
    bytes: Vec<u8>,
    base: u64,
    number: u32,
    /// Where the caller's next frame is expected.
    caller_ms: u64,
}

impl Default for Recorder {
    fn default() -> Self {
        Self {
            bytes: Vec::with_capacity(SEGMENT_BYTES),
            base: 0,
            number: 0,
            caller_ms: 0,
        }
    }
}

impl Recorder {
    /// The caller's next frame, heard now; `stamp_ms` is the carrier's own time
    /// of it, which is exact where frames arrive in bursts.
    pub fn caller(&mut self, now_ms: u64, stamp_ms: Option<u64>, frame: &UlawFrame) {
        let arrived = now_ms.saturating_sub(FRAME_MS);
        let credible = stamp_ms.filter(|stamp| *stamp + 3_000 > arrived && *stamp <= now_ms + JITTER_MS);
        let at = credible.unwrap_or(arrived);
        // Without a gap worth hearing, frames follow one another without clicks.
        let tolerance = if credible.is_some() {
            2 * FRAME_MS
        } else {
            JITTER_MS
        };
        let at = if self.caller_ms.abs_diff(at) <= tolerance {
            self.caller_ms
        } else {
            at
        };
        self.caller_ms = at + FRAME_MS;
        self.write(Track::Caller, at, frame);
    }

    /// A frame of the agent's, played from `at_ms` on.
    pub fn agent(&mut self, at_ms: u64, frame: &UlawFrame) {
        self.write(Track::Agent, at_ms, frame);
    }

    /// The agent's audio from `from_ms` on was not played after all.
    pub fn clear(&mut self, from_ms: u64) {
        let from = (from_ms * SAMPLES_PER_MS).saturating_sub(self.base);
        let from = usize::try_from(from).unwrap_or(usize::MAX);
        for pair in self.bytes.chunks_exact_mut(2).skip(from) {
            if let [_, agent] = pair {
                *agent = mulaw::SILENCE;
            }
        }
    }

    /// The next segment, once it is over.
    pub fn due(&mut self, now_ms: u64) -> Option<(u32, Vec<u8>)> {
        let over = self.base + SAMPLES_PER_MS * (SEGMENT_MS + MARGIN_MS);
        (now_ms * SAMPLES_PER_MS >= over).then(|| self.cut())
    }

    /// The rest, at the stream's end.
    pub fn finish(&mut self, now_ms: u64) -> Vec<(u32, Vec<u8>)> {
        let mut rest = Vec::new();
        while now_ms * SAMPLES_PER_MS >= self.base + SAMPLES_PER_MS * SEGMENT_MS {
            rest.push(self.cut());
        }
        // What would have been played after the end was not.
        let end = usize::try_from(now_ms * SAMPLES_PER_MS - self.base).unwrap_or(0);
        self.bytes.resize(2 * end, mulaw::SILENCE);
        if !self.bytes.is_empty() {
            rest.push((self.number, std::mem::take(&mut self.bytes)));
        }
        rest
    }

    fn cut(&mut self) -> (u32, Vec<u8>) {
        self.bytes
            .resize(self.bytes.len().max(SEGMENT_BYTES), mulaw::SILENCE);
        let mut next = Vec::with_capacity(SEGMENT_BYTES);
        next.extend_from_slice(&self.bytes[SEGMENT_BYTES..]);
        let mut segment = std::mem::replace(&mut self.bytes, next);
        segment.truncate(SEGMENT_BYTES);
        let number = self.number;
        self.number += 1;
        self.base += SAMPLES_PER_MS * SEGMENT_MS;
        (number, segment)
    }

    fn write(&mut self, track: Track, at_ms: u64, frame: &UlawFrame) {
        // What is too late for its segment is lost; it happens after stalls of seconds only.
        let Some(at) = (at_ms * SAMPLES_PER_MS).checked_sub(self.base) else {
            return;
        };
        let Ok(at) = usize::try_from(at) else { return };
        if at + FRAME > HELD_SAMPLES {
            return;
        }
        let end = 2 * (at + FRAME);
        if self.bytes.len() < end {
            self.bytes.resize(end, mulaw::SILENCE);
        }
        let side = match track {
            Track::Caller => 0,
            Track::Agent => 1,
        };
        for (pair, sample) in self.bytes[2 * at..end].chunks_exact_mut(2).zip(frame) {
            pair[side] = *sample;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caller(bytes: &[u8]) -> Vec<u8> {
        bytes.iter().step_by(2).copied().collect()
    }

    fn agent(bytes: &[u8]) -> Vec<u8> {
        bytes.iter().skip(1).step_by(2).copied().collect()
    }

    #[test]
    fn each_five_seconds_become_a_segment_and_nothing_is_lost_between() {
        let mut recorder = Recorder::default();
        let mut segments = Vec::new();
        for n in 0..600_u64 {
            let now = (n + 1) * FRAME_MS;
            recorder.caller(now, None, &[n.to_le_bytes()[0]; FRAME]);
            segments.extend(recorder.due(now));
        }
        segments.extend(recorder.finish(12_000));
        assert_eq!(segments.iter().map(|(n, _)| *n).collect::<Vec<_>>(), [0, 1, 2]);
        let lens: Vec<_> = segments.iter().map(|(_, bytes)| bytes.len()).collect();
        assert_eq!(lens, [SEGMENT_BYTES, SEGMENT_BYTES, 32_000]);
        let track: Vec<u8> = segments.iter().flat_map(|(_, bytes)| caller(bytes)).collect();
        let want: Vec<u8> = (0..600_u64).flat_map(|n| [n.to_le_bytes()[0]; FRAME]).collect();
        assert!(track == want, "every frame at its place");
    }

    #[test]
    fn the_agent_is_recorded_when_it_is_played_and_what_was_cleared_is_silence() {
        let mut recorder = Recorder::default();
        for n in 0..5 {
            recorder.agent(1_000 + n * FRAME_MS, &[7; FRAME]);
        }
        recorder.clear(1_040);
        let [(_, bytes)] = recorder.finish(2_000).try_into().unwrap();
        let track = agent(&bytes);
        assert_eq!(track.len(), 16_000);
        assert!(track[..8_000].iter().all(|b| *b == mulaw::SILENCE));
        assert!(track[8_000..8_320].iter().all(|b| *b == 7));
        assert!(track[8_320..].iter().all(|b| *b == mulaw::SILENCE));
    }

    #[test]
    fn frames_in_a_burst_lie_where_the_carrier_says() {
        let mut recorder = Recorder::default();
        for n in 0..20_u64 {
            // All arrive at once after a stall of 400 ms.
            recorder.caller(400, Some(n * FRAME_MS), &[n.to_le_bytes()[0]; FRAME]);
        }
        let [(_, bytes)] = recorder.finish(400).try_into().unwrap();
        assert_eq!(caller(&bytes)[FRAME * 10], 10);
        assert_eq!(caller(&bytes)[FRAME * 19], 19);
    }

    #[test]
    fn absurd_times_neither_panic_nor_grow_the_memory() {
        let mut recorder = Recorder::default();
        recorder.agent(u64::MAX / 16, &[1; FRAME]);
        recorder.caller(100, Some(u64::MAX / 16), &[1; FRAME]);
        assert!(recorder.bytes.len() <= 2 * HELD_SAMPLES);
        assert_eq!(recorder.finish(7_000).len(), 2);
    }

    #[test]
    fn a_silent_caller_leaves_whole_segments_of_silence() {
        let mut recorder = Recorder::default();
        let (number, bytes) = recorder.due(5_500).unwrap();
        assert_eq!((number, bytes.len()), (0, SEGMENT_BYTES));
        assert!(bytes.iter().all(|b| *b == mulaw::SILENCE));
        assert!(recorder.due(5_500).is_none());
    }
}
