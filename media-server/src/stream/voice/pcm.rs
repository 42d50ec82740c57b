//! Between a browser's 16 kHz and the core's telephone audio.

use std::sync::{Arc, LazyLock};

use trunkline_providers::audio::resample::{Bank, Resampler};
use trunkline_providers::audio::{to_float, to_i16};

use crate::audio::frames::Framer;
use crate::audio::{UlawFrame, mulaw};

static DOWN: LazyLock<Arc<Bank>> = LazyLock::new(|| Bank::new(16_000, 8_000));
static UP: LazyLock<Arc<Bank>> = LazyLock::new(|| Bank::new(8_000, 16_000));

/// The caller's side: 16-bit little-endian samples at 16 kHz in, frames out.
#[derive(Debug)]
pub(super) struct Inward {
    resampler: Resampler,
    framer: Framer,
    /// Reused between messages.
    floats: Vec<f32>,
    samples: Vec<i16>,
    ulaw: Vec<u8>,
}

/// The agent's side: frames in, 16-bit little-endian samples at 16 kHz out.
#[derive(Debug)]
pub(super) struct Outward {
    resampler: Resampler,
    floats: Vec<f32>,
}

impl Inward {
    pub(super) fn new() -> Self {
        Self {
            resampler: Resampler::new(Arc::clone(&DOWN)),
            framer: Framer::default(),
            floats: Vec::new(),
            samples: Vec::new(),
            ulaw: Vec::new(),
        }
    }

    /// Takes whole samples; half a sample at the end is dropped.
    pub(super) fn push(&mut self, pcm: &[u8], each: impl FnMut(&UlawFrame)) {
        let samples = pcm.as_chunks().0.iter().map(|&bytes| i16::from_le_bytes(bytes));
        self.floats.clear();
        self.resampler.push(samples.map(to_float), &mut self.floats);
        self.samples.clear();
        self.samples.extend(self.floats.iter().copied().map(to_i16));
        self.ulaw.clear();
        mulaw::encode_into(&self.samples, &mut self.ulaw);
        self.framer.push(&self.ulaw, each);
    }
}

impl Outward {
    pub(super) fn new() -> Self {
        Self {
            resampler: Resampler::new(Arc::clone(&UP)),
            floats: Vec::new(),
        }
    }

    pub(super) fn push(&mut self, frame: &UlawFrame, pcm: &mut Vec<u8>) {
        self.floats.clear();
        let samples = mulaw::decode_frame(frame);
        self.resampler
            .push(samples.into_iter().map(to_float), &mut self.floats);
        pcm.extend(self.floats.iter().flat_map(|&float| to_i16(float).to_le_bytes()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::level;

    #[expect(clippy::cast_possible_truncation, reason = "at most 8,000")]
    fn tone(hz: f64, samples: usize) -> Vec<u8> {
        (0..samples)
            .map(|i| ((std::f64::consts::TAU * hz * i as f64 / 16_000.0).sin() * 8_000.0) as i16)
            .flat_map(i16::to_le_bytes)
            .collect()
    }

    #[test]
    fn a_tone_passes_both_ways_and_what_a_telephone_cannot_carry_does_not_fold_back() {
        for (hz, passes) in [(1_000.0, true), (6_000.0, false)] {
            let (mut inward, mut outward) = (Inward::new(), Outward::new());
            let (mut powers, mut pcm) = (Vec::new(), Vec::new());
            for piece in tone(hz, 16_000).chunks(3_202) {
                inward.push(piece, |frame| {
                    powers.push(level::power(&mulaw::decode_frame(frame)));
                    outward.push(frame, &mut pcm);
                });
            }
            assert!((48..=50).contains(&powers.len()), "{}", powers.len());
            assert!(pcm.len() / 2 > 15_000, "{}", pcm.len());
            let loud = powers[10..40].iter().all(|power| *power > 1_000_000);
            let quiet = powers[10..40].iter().all(|power| *power < 10_000);
            assert!(if passes { loud } else { quiet }, "{hz} Hz: {powers:?}");
        }
    }
}
