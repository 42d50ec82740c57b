//! Turns a probability per frame into voice and silence.

use std::collections::VecDeque;

use crate::audio::{FRAME_MS, Frame, level};

/// Voice must last this long before it is believed; a click does not.
pub(super) const ONSET_MS: u64 = 60;

/// A gap in a word, such as before a "t", is shorter than this.
const WORD_GAP_MS: u64 = 200;

/// Probability at which silence becomes voice, and voice silence.
const RISE: f32 = 0.5;
const FALL: f32 = 0.35;

/// What is kept from before the onset, so that a recogniser hears a word's beginning.
const PREROLL_FRAMES: usize = 15;

/// A detector goes on for a while after the last sound. That much of its tail, at
/// most, is counted as the silence that it is.
const TAIL_MS: u64 = 300;

/// A frame this much weaker than the voice, by power, is a tail (25 dB).
const TAIL_SHARE: u64 = 316;

/// What a frame was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sound {
    Silence,
    /// Voice began [`ONSET_MS`] ago.
    Began,
    Voice,
}

/// The caller's side, frame by frame.
#[derive(Debug)]
pub(super) struct Ear {
    run_ms: u64,
    silence_ms: u64,
    open: bool,
    /// Power of the caller's voice; forgotten slowly.
    peak: u64,
    /// Since the last frame that was as loud as a voice.
    faint_ms: u64,
    last_frame_ms: u64,
    preroll: VecDeque<Frame>,
    /// No frame for this long: the line has stalled, and its silence is counted by the clock.
    stall_ms: u64,
}

impl Ear {
    pub(super) fn new(stall_ms: u64) -> Self {
        Self {
            run_ms: 0,
            silence_ms: 0,
            open: false,
            peak: 0,
            faint_ms: 0,
            last_frame_ms: 0,
            preroll: VecDeque::with_capacity(PREROLL_FRAMES),
            stall_ms,
        }
    }

    /// Judges the next frame.
    pub(super) fn frame(&mut self, now: u64, frame: &Frame, speech: f32) -> Sound {
        self.last_frame_ms = now;
        let voiced = speech >= if self.open { FALL } else { RISE };
        if !voiced {
            if self.silence_ms == 0 {
                self.silence_ms = self.faint_ms.min(TAIL_MS);
            }
            self.silence_ms += FRAME_MS;
            self.run_ms = self.run_ms.saturating_sub(FRAME_MS);
            if self.silence_ms >= WORD_GAP_MS {
                self.open = false;
            }
            return Sound::Silence;
        }
        let power = level::power(frame);
        self.peak = power.max(self.peak - self.peak / 64);
        self.faint_ms = if power >= self.peak / TAIL_SHARE {
            0
        } else {
            self.faint_ms + FRAME_MS
        };
        if self.open {
            self.silence_ms = 0;
            return Sound::Voice;
        }
        self.run_ms += FRAME_MS;
        if self.run_ms < ONSET_MS {
            self.silence_ms += FRAME_MS;
            return Sound::Silence;
        }
        self.open = true;
        self.run_ms = 0;
        self.silence_ms = 0;
        Sound::Began
    }

    /// Keeps a frame that nobody listens to yet.
    pub(super) fn remember(&mut self, frame: &Frame) {
        if self.preroll.len() == PREROLL_FRAMES {
            self.preroll.pop_front();
        }
        self.preroll.push_back(*frame);
    }

    /// What came just before, oldest first; forgotten by reading.
    pub(super) fn preroll(&mut self) -> impl Iterator<Item = Frame> + '_ {
        self.preroll.drain(..)
    }

    /// How long the caller has been silent, by the audio's own clock, so that
    /// frames delayed in the network are not taken for a pause.
    pub(super) fn silence_ms(&self, now: u64) -> u64 {
        let stalled = now.saturating_sub(self.last_frame_ms);
        self.silence_ms + if stalled > self.stall_ms { stalled } else { 0 }
    }

    /// When the silence will have lasted `wanted`, should no more frames come.
    pub(super) fn silent_for_at(&self, wanted: u64) -> u64 {
        self.last_frame_ms + wanted.saturating_sub(self.silence_ms).max(self.stall_ms + 1)
    }

    /// When the last frame came.
    pub(super) fn last_frame_ms(&self) -> u64 {
        self.last_frame_ms
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::FRAME;

    fn hear(ear: &mut Ear, now: &mut u64, frames: usize, speech: f32) -> Vec<Sound> {
        (0..frames)
            .map(|_| {
                *now += FRAME_MS;
                ear.frame(*now, &[0; FRAME], speech)
            })
            .collect()
    }

    #[test]
    fn a_click_is_not_speech() {
        let (mut ear, mut now) = (Ear::new(60), 0);
        hear(&mut ear, &mut now, 10, 0.0);
        assert!(
            hear(&mut ear, &mut now, 2, 0.9)
                .iter()
                .all(|sound| *sound == Sound::Silence)
        );
        assert!(
            hear(&mut ear, &mut now, 10, 0.0)
                .iter()
                .all(|sound| *sound == Sound::Silence)
        );
        assert_eq!(ear.silence_ms(now), 440, "the click did not restart the silence");
    }

    #[test]
    fn the_gap_inside_a_word_does_not_end_it() {
        let (mut ear, mut now) = (Ear::new(60), 0);
        assert_eq!(hear(&mut ear, &mut now, 3, 0.9)[2], Sound::Began);
        hear(&mut ear, &mut now, 5, 0.0);
        assert_eq!(hear(&mut ear, &mut now, 1, 0.4), [Sound::Voice]);
        assert_eq!(ear.silence_ms(now), 0);
    }

    #[test]
    fn a_stalled_line_counts_as_silence_by_the_clock() {
        let (mut ear, mut now) = (Ear::new(60), 0);
        hear(&mut ear, &mut now, 10, 0.9);
        assert_eq!(ear.silence_ms(now + 60), 0, "jitter is no pause");
        assert_eq!(ear.silence_ms(now + 400), 400);
        assert_eq!(ear.silent_for_at(400), now + 400);
    }

    #[test]
    fn the_tail_of_a_slow_detector_is_silence_from_the_last_sound_on() {
        let (mut ear, mut now) = (Ear::new(60), 0);
        for (frames, sample, speech) in [(30, 8_000, 0.9), (9, 3, 0.9), (1, 3, 0.1)] {
            for _ in 0..frames {
                now += FRAME_MS;
                ear.frame(now, &[sample; FRAME], speech);
            }
        }
        assert_eq!(ear.silence_ms(now), 200, "nine frames of tail and one of silence");
    }
}
