//! A track of a recording cut into utterances: what a recogniser is given one by one.

use trunkline_providers::{
    RATE_HZ,
    vad::{FRAME, VoiceActivity},
};

/// Milliseconds of a frame.
const FRAME_MS: u64 = 20;
/// Speech begins after so many frames of it in a row.
const BEGIN: u32 = 3;
/// It is over after so many frames without: 700 ms.
const OVER: u32 = 35;
/// From here on a frame is speech.
const SPEECH: f32 = 0.5;
/// Below this it is not; between the two it goes on as it was.
const QUIET: f32 = 0.35;
/// Samples that are kept before the beginning: 300 ms.
const BEFORE: usize = 2_400;
/// The longest utterance, 25 s: recognisers read 30 s at most.
const LONGEST: usize = 25 * RATE_HZ as usize;

/// Somebody spoke without a longer pause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Utterance {
    /// From the recording's beginning.
    pub(super) start_ms: u64,
    /// From the recording's beginning.
    pub(super) end_ms: u64,
    /// 8 kHz mono.
    pub(super) samples: Vec<i16>,
}

/// Cuts one track; takes it a frame at a time, keeps one utterance at most.
#[derive(Debug)]
pub(super) struct Cutter {
    detector: Box<dyn VoiceActivity>,
    frames: u64,
    speech: u32,
    quiet: u32,
    speaking: bool,
    kept: Vec<i16>,
}

impl Cutter {
    pub(super) fn new(detector: Box<dyn VoiceActivity>) -> Self {
        Self {
            detector,
            frames: 0,
            speech: 0,
            quiet: 0,
            speaking: false,
            kept: Vec::new(),
        }
    }

    /// Takes the next 20 ms; answers the utterance that they end.
    pub(super) fn push(&mut self, frame: &[i16; FRAME]) -> Option<Utterance> {
        let probability = self.detector.push(frame);
        self.frames += 1;
        self.kept.extend_from_slice(frame);
        if probability >= SPEECH {
            self.speech += 1;
            self.quiet = 0;
        } else if probability < QUIET {
            self.speech = 0;
            self.quiet += 1;
        }
        if !self.speaking {
            self.speaking = self.speech >= BEGIN;
            if !self.speaking {
                let old = self.kept.len().saturating_sub(BEFORE);
                self.kept.drain(..old);
            }
            return None;
        }
        (self.quiet >= OVER || self.kept.len() >= LONGEST).then(|| self.cut())
    }

    /// The utterance that the track's end breaks off.
    pub(super) fn end(&mut self) -> Option<Utterance> {
        self.speaking.then(|| self.cut())
    }

    fn cut(&mut self) -> Utterance {
        let samples = std::mem::take(&mut self.kept);
        let end_ms = self.frames * FRAME_MS;
        let length_ms = u64::try_from(samples.len()).unwrap_or(u64::MAX) * 1_000 / u64::from(RATE_HZ);
        // The pause that ended it is not part of it.
        let pause_ms = u64::from(self.quiet) * FRAME_MS;
        (self.speaking, self.speech, self.quiet) = (false, 0, 0);
        Utterance {
            start_ms: end_ms.saturating_sub(length_ms),
            end_ms: end_ms.saturating_sub(pause_ms),
            samples,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Hears what the first sample says, in percent.
    #[derive(Debug)]
    struct Told;

    impl VoiceActivity for Told {
        fn push(&mut self, frame: &[i16; FRAME]) -> f32 {
            f32::from(frame[0]) / 100.0
        }
        fn reset(&mut self) {}
    }

    fn cut(frames: impl IntoIterator<Item = i16>) -> Vec<Utterance> {
        let mut cutter = Cutter::new(Box::new(Told));
        let mut found: Vec<Utterance> = frames
            .into_iter()
            .filter_map(|level| cutter.push(&[level; FRAME]))
            .collect();
        found.extend(cutter.end());
        found
    }

    fn spans(found: &[Utterance]) -> Vec<(u64, u64)> {
        found.iter().map(|one| (one.start_ms, one.end_ms)).collect()
    }

    #[test]
    fn speech_between_pauses_is_one_utterance_with_a_little_before_it() {
        let track = [
            vec![0; 100],
            vec![90; 50],
            vec![0; 20],
            vec![90; 50],
            vec![0; 100],
        ]
        .concat();
        // A breath of 400 ms does not cut; two seconds do.
        assert_eq!(spans(&cut(track)), [(1_740, 4_400)]);
    }

    #[test]
    fn a_click_is_no_speech_and_silence_none() {
        assert!(cut([vec![0; 50], vec![90; 2], vec![0; 50]].concat()).is_empty());
        assert!(cut(vec![0; 5_000]).is_empty());
        assert!(cut(Vec::new()).is_empty());
    }

    #[test]
    fn speech_without_end_is_cut_before_it_is_too_long() {
        let found = cut(vec![90; 4_000]);
        assert_eq!(found.len(), 4);
        assert!(found.iter().all(|one| one.samples.len() <= LONGEST));
        assert_eq!(found.last().unwrap().end_ms, 80_000);
    }

    proptest! {
        #[test]
        fn utterances_are_in_order_apart_and_within_the_track(levels in prop::collection::vec((0..100_i16, 1..60_usize), 0..60)) {
            let track: Vec<i16> = levels.iter().flat_map(|(level, frames)| vec![*level; *frames]).collect();
            let length_ms = u64::try_from(track.len()).unwrap() * FRAME_MS;
            let found = cut(track);
            for one in &found {
                prop_assert!(one.start_ms < one.end_ms && one.end_ms <= length_ms);
                prop_assert!(one.samples.len() <= LONGEST + FRAME);
            }
            for pair in found.windows(2) {
                prop_assert!(pair[0].end_ms <= pair[1].start_ms + 1);
                prop_assert!(pair[0].start_ms < pair[1].start_ms, "their keys differ");
            }
        }
    }
}
