//! Single tones, by Goertzel's filter: the beep of a machine, and the three
//! rising tones that precede "the number you have dialled…".

use crate::vad::FRAME;

/// The strongest tone of a frame.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tone {
    /// Its frequency, to 12.5 Hz.
    pub hz: f32,
    /// Its share of the frame's energy, 0 to 1.
    pub share: f32,
}

const LOWEST_HZ: f32 = 300.0;
const STEP_HZ: f32 = 12.5;
/// Steps from 300 to 2,600 Hz.
const STEPS: u16 = 184;
/// Mean square below which a frame is silence (full scale 1): about -50 dB.
const QUIET: f32 = 1e-5;

/// The strongest tone in 20 ms at 8 kHz; `None` in silence.
#[must_use]
pub fn tone_of(frame: &[i16; FRAME]) -> Option<Tone> {
    let samples = frame.map(crate::audio::to_float);
    let energy = samples.iter().map(|s| s * s).sum::<f32>() / FRAME as f32;
    if energy < QUIET {
        return None;
    }
    // A coarse search first: a tone in 20 ms is 50 Hz wide.
    let coarse = strongest(&samples, (0..STEPS).step_by(2));
    let (step, power) = strongest(&samples, coarse.0.saturating_sub(1)..=coarse.0 + 1);
    Some(Tone {
        hz: frequency(step),
        share: (power / energy).min(1.0),
    })
}

fn frequency(step: u16) -> f32 {
    LOWEST_HZ + STEP_HZ * f32::from(step)
}

fn strongest(samples: &[f32], steps: impl IntoIterator<Item = u16>) -> (u16, f32) {
    let powers = steps
        .into_iter()
        .map(|step| (step, power(samples, frequency(step))));
    powers.fold(
        (0, 0.0),
        |best, candidate| if candidate.1 > best.1 { candidate } else { best },
    )
}

/// Mean square of the part of the signal at one frequency.
fn power(samples: &[f32], hz: f32) -> f32 {
    let turn = 2.0 * (std::f32::consts::TAU * hz / 8_000.0).cos();
    let (mut last, mut before) = (0.0_f32, 0.0_f32);
    for sample in samples {
        let now = sample + turn * last - before;
        before = last;
        last = now;
    }
    let count = samples.len() as f32;
    2.0 * (last * last + before * before - turn * last * before) / (count * count)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vad::tests_audio::{noise, silence, tone};

    #[test]
    fn a_tone_is_found_with_nearly_all_its_energy() {
        for hz in [440.0, 620.0, 850.0, 1_000.0, 1_400.0, 2_000.0] {
            for frame in tone(10, hz, 6_000) {
                let found = tone_of(&frame).unwrap();
                assert!(
                    (found.hz - hz).abs() <= 25.0 && found.share > 0.9,
                    "{hz}: {found:?}"
                );
            }
        }
    }

    #[test]
    fn noise_has_no_tone_and_silence_nothing() {
        assert!(
            noise(100, 6_000)
                .iter()
                .all(|frame| tone_of(frame).unwrap().share < 0.5)
        );
        assert_eq!(tone_of(&silence(1)[0]), None);
    }
}
