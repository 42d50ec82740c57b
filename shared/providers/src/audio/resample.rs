//! Change of sample rate by a polyphase windowed-sinc filter.

use std::sync::Arc;

/// Zero crossings of the sinc on each side: the steepness of the filter.
const CROSSINGS: f64 = 14.0;
/// Kaiser window shape: about 75 dB of stop-band attenuation.
const KAISER_BETA: f64 = 7.8;
/// The pass band ends at this part of the lower rate's half.
const ROLL_OFF: f64 = 0.93;

/// A filter for one pair of rates, shared by all streams that need it.
#[derive(Debug)]
pub struct Bank {
    /// Output steps per input step, in lowest terms: `up / down`.
    up: usize,
    down: usize,
    taps: usize,
    /// `up` filters of `taps` coefficients, one for each output phase.
    coefficients: Vec<f32>,
}

impl Bank {
    /// The filter from one rate to another, both in Hz and above 0.
    #[must_use]
    pub fn new(from_hz: usize, to_hz: usize) -> Arc<Self> {
        let divisor = gcd(from_hz, to_hz).max(1);
        let (up, down) = (to_hz / divisor, from_hz / divisor);
        // Cycles per input sample that may pass.
        let cutoff = 0.5 * ROLL_OFF * (up as f64 / down as f64).min(1.0);
        let half = half_length(cutoff);
        let taps = 2 * half;
        let coefficients = (0..up)
            .flat_map(|phase| filter(phase as f64 / up as f64, cutoff, half))
            .collect();
        Arc::new(Self {
            up,
            down,
            taps,
            coefficients,
        })
    }
}

fn gcd(a: usize, b: usize) -> usize {
    if b == 0 { a } else { gcd(b, a % b) }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a few hundred at most"
)]
fn half_length(cutoff: f64) -> usize {
    (CROSSINGS * 0.5 / cutoff).ceil() as usize
}

/// The taps for an output that lies `fraction` after an input sample; they add
/// up to 1, so that a steady level stays what it was.
fn filter(fraction: f64, cutoff: f64, half: usize) -> Vec<f32> {
    let raw: Vec<f64> = (0..2 * half)
        .map(|tap| {
            let distance = tap as f64 - (half as f64 - 1.0) - fraction;
            sinc(2.0 * cutoff * distance) * kaiser(distance / half as f64)
        })
        .collect();
    let sum: f64 = raw.iter().sum();
    raw.iter().map(|tap| single(tap / sum)).collect()
}

#[expect(clippy::cast_possible_truncation, reason = "rounding to f32 is meant")]
fn single(value: f64) -> f32 {
    value as f32
}

fn sinc(x: f64) -> f64 {
    let angle = std::f64::consts::PI * x;
    if angle.abs() < 1e-9 {
        1.0
    } else {
        angle.sin() / angle
    }
}

fn kaiser(position: f64) -> f64 {
    if position.abs() >= 1.0 {
        return 0.0;
    }
    bessel(KAISER_BETA * (1.0 - position * position).sqrt()) / bessel(KAISER_BETA)
}

/// The modified Bessel function of order 0, by its series.
fn bessel(x: f64) -> f64 {
    let mut term = 1.0;
    let mut sum = 1.0;
    for k in 1..40 {
        term *= (x / (2.0 * f64::from(k))).powi(2);
        sum += term;
    }
    sum
}

/// One stream's change of rate; keeps the samples its filter still needs.
#[derive(Debug)]
pub struct Resampler {
    bank: Arc<Bank>,
    /// Input not yet passed by the filter.
    pending: Vec<f32>,
    /// Where the next output's filter starts in `pending`, and its phase.
    start: usize,
    phase: usize,
}

impl Resampler {
    /// A stream at its start, as if silence had come before.
    #[must_use]
    pub fn new(bank: Arc<Bank>) -> Self {
        let pending = vec![0.0; bank.taps / 2 - 1];
        Self {
            bank,
            pending,
            start: 0,
            phase: 0,
        }
    }

    /// Takes more input and appends what can be said about the output to `out`.
    pub fn push(&mut self, input: impl IntoIterator<Item = f32>, out: &mut Vec<f32>) {
        self.pending.extend(input);
        let taps = self.bank.taps;
        while let Some(window) = self.pending.get(self.start..self.start + taps) {
            let filter = &self.bank.coefficients[self.phase * taps..(self.phase + 1) * taps];
            out.push(window.iter().zip(filter).map(|(a, b)| a * b).sum());
            self.phase += self.bank.down;
            self.start += self.phase / self.bank.up;
            self.phase %= self.bank.up;
        }
        let used = self.start.min(self.pending.len());
        self.pending.drain(..used);
        self.start -= used;
    }

    /// Appends what is still in the filter, as if silence came after.
    pub fn finish(mut self, out: &mut Vec<f32>) {
        let silence = self.bank.taps / 2;
        self.push(std::iter::repeat_n(0.0, silence), out);
    }
}

/// Changes the rate of a whole recording; its length scales exactly.
pub(crate) fn convert(bank: &Arc<Bank>, input: impl ExactSizeIterator<Item = f32>) -> Vec<f32> {
    let length = (input.len() * bank.up).div_ceil(bank.down);
    let mut out = Vec::with_capacity(length + 1);
    let mut resampler = Resampler::new(Arc::clone(bank));
    resampler.push(input, &mut out);
    resampler.push(std::iter::repeat_n(0.0, bank.taps), &mut out);
    out.truncate(length);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tone(hz: f64, rate: f64, samples: usize) -> Vec<f32> {
        (0..samples)
            .map(|i| single((std::f64::consts::TAU * hz * i as f64 / rate).sin()))
            .collect()
    }

    fn loudest(samples: &[f32]) -> f32 {
        samples.iter().fold(0.0, |peak, s| peak.max(s.abs()))
    }

    #[test]
    fn a_tone_in_the_pass_band_comes_out_as_the_same_tone() {
        for (from, to) in [(22_050, 8_000), (8_000, 16_000)] {
            let bank = Bank::new(from, to);
            let out = convert(&bank, tone(1_000.0, from as f64, from).into_iter());
            assert_eq!(out.len(), to);
            let wanted = tone(1_000.0, to as f64, to);
            let worst = out[200..to - 200]
                .iter()
                .zip(&wanted[200..])
                .map(|(a, b)| (a - b).abs())
                .fold(0.0, f32::max);
            assert!(worst < 0.003, "{from} to {to}: off by {worst}");
        }
    }

    #[test]
    fn what_the_lower_rate_cannot_carry_is_taken_out() {
        let bank = Bank::new(22_050, 8_000);
        let out = convert(&bank, tone(5_500.0, 22_050.0, 22_050).into_iter());
        assert!(loudest(&out[200..7_800]) < 0.001);
    }

    #[test]
    fn pieces_of_any_size_give_what_the_whole_gives() {
        let bank = Bank::new(8_000, 16_000);
        let input = tone(440.0, 8_000.0, 1_600);
        let whole = convert(&bank, input.iter().copied());
        let mut pieces = Vec::new();
        let mut resampler = Resampler::new(bank);
        for piece in input.chunks(37) {
            resampler.push(piece.iter().copied(), &mut pieces);
        }
        assert!(pieces.len() > 3_100);
        resampler.finish(&mut pieces);
        assert_eq!(pieces.len(), whole.len());
        assert!(pieces.iter().zip(&whole).all(|(a, b)| (a - b).abs() < 1e-6));
    }
}
