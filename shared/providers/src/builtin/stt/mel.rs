//! What Whisper hears: a log-mel spectrogram of 80 bands, 100 columns a second.

use std::sync::Arc;

use realfft::num_complex::Complex;
use realfft::{RealFftPlanner, RealToComplex};

/// Bands.
pub(super) const BANDS: usize = 80;
/// Samples at 16 kHz between columns.
pub(super) const HOP: usize = 160;
const WINDOW: usize = 400;
const BINS: usize = WINDOW / 2 + 1;

/// One band: its first bin, and its weights from there on.
struct Band {
    first: usize,
    weights: Vec<f32>,
}

/// The fixed tables.
pub(super) struct Mel {
    transform: Arc<dyn RealToComplex<f32>>,
    window: Vec<f32>,
    bands: Vec<Band>,
}

impl std::fmt::Debug for Mel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Mel")
    }
}

impl Mel {
    pub(super) fn new() -> Self {
        let tau = std::f32::consts::TAU;
        Self {
            transform: RealFftPlanner::new().plan_fft_forward(WINDOW),
            window: (0..WINDOW)
                .map(|i| 0.5 - 0.5 * (tau * i as f32 / WINDOW as f32).cos())
                .collect(),
            bands: bands(),
        }
    }

    /// The spectrogram of 16 kHz audio, column by column ([`BANDS`] values
    /// each), scaled as the model was trained: the top 80 dB to about -1 to 1.
    pub(super) fn columns(&self, samples: &[f32]) -> Vec<f32> {
        let count = samples.len() / HOP;
        let mut out = Vec::with_capacity(count * BANDS);
        let mut scratch = self.transform.make_scratch_vec();
        let mut bins = vec![Complex::default(); BINS];
        for column in 0..count {
            let mut input: Vec<f32> = (0..WINDOW)
                .map(|i| mirrored(samples, (column * HOP + i).wrapping_sub(WINDOW / 2)) * self.window[i])
                .collect();
            // The lengths are the plan's own, so it cannot refuse.
            let done = self
                .transform
                .process_with_scratch(&mut input, &mut bins, &mut scratch);
            debug_assert!(done.is_ok());
            out.extend(self.bands.iter().map(|band| band.power(&bins).max(1e-10).log10()));
        }
        let loudest = out.iter().copied().fold(f32::MIN, f32::max);
        out.iter_mut()
            .for_each(|v| *v = (v.max(loudest - 8.0) + 4.0) / 4.0);
        out
    }
}

/// The sample at an index that may lie before the start (wrapped below 0) or
/// behind the end: the signal is mirrored there.
fn mirrored(samples: &[f32], index: usize) -> f32 {
    let last = samples.len().saturating_sub(1);
    let inside = match index {
        i if i > usize::MAX / 2 => i.wrapping_neg(),
        i if i > last => (2 * last).saturating_sub(i),
        i => i,
    };
    samples.get(inside).copied().unwrap_or_default()
}

impl Band {
    fn power(&self, bins: &[Complex<f32>]) -> f32 {
        bins[self.first..]
            .iter()
            .zip(&self.weights)
            .map(|(bin, weight)| bin.norm_sqr() * weight)
            .sum()
    }
}

/// Triangles on Slaney's mel scale up to 8 kHz, each of equal area.
fn bands() -> Vec<Band> {
    let edges: Vec<f32> = (0..=BANDS + 1)
        .map(|i| to_hz(to_mel(8_000.0) * i as f32 / (BANDS + 1) as f32))
        .collect();
    let triangle = |edge: &[f32]| {
        let weight = |bin: usize| {
            let hz = bin as f32 * 16_000.0 / WINDOW as f32;
            let rising = (hz - edge[0]) / (edge[1] - edge[0]);
            let falling = (edge[2] - hz) / (edge[2] - edge[1]);
            rising.min(falling).max(0.0) * 2.0 / (edge[2] - edge[0])
        };
        let first = (0..BINS).find(|&bin| weight(bin) > 0.0).unwrap_or(0);
        Band {
            first,
            weights: (first..BINS).map(weight).take_while(|&w| w > 0.0).collect(),
        }
    };
    edges.windows(3).map(triangle).collect()
}

/// Where Slaney's scale turns from straight to logarithmic: 1 kHz, mel 15.
const KNEE_MEL: f32 = 15.0;

fn log_step() -> f32 {
    6.4_f32.ln() / 27.0
}

fn to_mel(hz: f32) -> f32 {
    if hz < 1_000.0 {
        hz * 3.0 / 200.0
    } else {
        KNEE_MEL + (hz / 1_000.0).ln() / log_step()
    }
}

fn to_hz(mel: f32) -> f32 {
    if mel < KNEE_MEL {
        mel * 200.0 / 3.0
    } else {
        1_000.0 * ((mel - KNEE_MEL) * log_step()).exp()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tone_lights_the_band_around_it() {
        let tone: Vec<f32> = (0..16_000)
            .map(|i| 0.5 * (std::f32::consts::TAU * 1_000.0 * i as f32 / 16_000.0).sin())
            .collect();
        let columns = Mel::new().columns(&tone);
        assert_eq!(columns.len(), 100 * BANDS);
        let column = &columns[50 * BANDS..51 * BANDS];
        let loudest = (0..BANDS)
            .max_by(|&a, &b| column[a].total_cmp(&column[b]))
            .unwrap();
        // 1 kHz is mel 15 of 45.2 (8 kHz), so band 15 / 45.2 * 81 - 1 = 25.9.
        assert!((25..=26).contains(&loudest), "band {loudest}");
        assert!(columns.iter().all(|v| (-1.0..=2.0).contains(v)));
    }

    #[test]
    fn nothing_and_silence_are_no_trouble() {
        assert!(Mel::new().columns(&[]).is_empty());
        let quiet = Mel::new().columns(&[0.0; 1_600]);
        assert!(quiet.iter().all(|v| v.is_finite()));
    }

    #[test]
    fn the_signal_is_mirrored_at_both_ends() {
        let samples = [1.0, 2.0, 3.0];
        assert_eq!(mirrored(&samples, 1_usize.wrapping_neg()), 2.0);
        assert_eq!(mirrored(&samples, 3), 2.0);
        assert_eq!(mirrored(&samples, 4), 1.0);
        assert_eq!(mirrored(&samples, 99), 1.0);
    }
}
