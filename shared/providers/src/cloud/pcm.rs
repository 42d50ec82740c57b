//! Vendors' bytes as the telephone's samples.

use std::sync::{Arc, OnceLock};

use crate::RATE_HZ;
use crate::audio::resample::{Bank, Resampler};
use crate::audio::{to_float, to_i16};

/// 16-bit little-endian samples out of a body cut anywhere.
#[derive(Debug, Default)]
pub(super) struct Samples {
    /// The first half of a sample whose second half is still to come.
    half: Option<u8>,
}

impl Samples {
    pub(super) fn take(&mut self, bytes: &[u8]) -> Vec<i16> {
        let (first, bytes) = match (self.half.take(), bytes.split_first()) {
            (Some(low), Some((high, rest))) => (Some(i16::from_le_bytes([low, *high])), rest),
            (half, _) => {
                self.half = half;
                (None, bytes)
            }
        };
        let (pairs, rest) = bytes.as_chunks::<2>();
        if let [half] = rest {
            self.half = Some(*half);
        }
        first
            .into_iter()
            .chain(pairs.iter().map(|pair| i16::from_le_bytes(*pair)))
            .collect()
    }
}

/// Bytes of one rate to samples of the telephone's.
#[derive(Debug)]
pub(super) struct ToPhone {
    samples: Samples,
    resampler: Option<Resampler>,
}

impl ToPhone {
    /// From the telephone's own rate.
    pub(super) fn same() -> Self {
        Self {
            samples: Samples::default(),
            resampler: None,
        }
    }

    /// From 24 kHz.
    pub(super) fn from_24_khz() -> Self {
        static BANK: OnceLock<Arc<Bank>> = OnceLock::new();
        let bank = BANK.get_or_init(|| Bank::new(24_000, RATE_HZ as usize));
        Self {
            samples: Samples::default(),
            resampler: Some(Resampler::new(Arc::clone(bank))),
        }
    }

    pub(super) fn take(&mut self, bytes: &[u8]) -> Vec<i16> {
        let samples = self.samples.take(bytes);
        let Some(resampler) = &mut self.resampler else {
            return samples;
        };
        let mut out = Vec::with_capacity(samples.len() / 3 + 1);
        resampler.push(samples.into_iter().map(to_float), &mut out);
        out.into_iter().map(to_i16).collect()
    }

    /// What was held back.
    pub(super) fn finish(self) -> Vec<i16> {
        let mut out = Vec::new();
        if let Some(resampler) = self.resampler {
            resampler.finish(&mut out);
        }
        out.into_iter().map(to_i16).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_are_the_same_however_the_bytes_are_cut() {
        let wanted = [1, -2, 300, -32_768, 32_767];
        let bytes: Vec<u8> = wanted
            .iter()
            .flat_map(|sample: &i16| sample.to_le_bytes())
            .collect();
        for size in 1..=bytes.len() {
            let mut samples = Samples::default();
            let taken: Vec<i16> = bytes.chunks(size).flat_map(|piece| samples.take(piece)).collect();
            assert_eq!(taken, wanted, "by {size}");
            assert!(samples.half.is_none());
        }
    }

    #[test]
    fn a_second_of_24_khz_is_a_second_of_8_khz_at_the_same_level() {
        let bytes: Vec<u8> = std::iter::repeat_n(1_000_i16.to_le_bytes(), 24_000)
            .flatten()
            .collect();
        let mut phone = ToPhone::from_24_khz();
        let mut out: Vec<i16> = bytes.chunks(999).flat_map(|piece| phone.take(piece)).collect();
        out.extend(phone.finish());
        assert_eq!(out.len(), 8_000);
        assert!(out[100..7_900].iter().all(|sample| (sample - 1_000).abs() < 5));
    }
}
