//! Tones: the beep after a greeting, ringback, hold music; and finding a beep in a frame.

use std::f32::consts::TAU;

use super::{FRAME_LEN, Frame, RATE};

/// The pitch of an answering machine's beep, in hertz.
pub(crate) const BEEP_HZ: f32 = 1000.0;

/// A sine of the given pitch, length and peak, its ends faded over 5 ms so that they do not click.
pub(crate) fn sine(hz: f32, ms: u32, peak: f32) -> Vec<i16> {
    let len = ms * RATE / 1000;
    (0..len)
        .map(|n| {
            let edge = n.min(len - n).min(40);
            sample((at(n) * hz * TAU).sin() * peak * ratio(edge, 40))
        })
        .collect()
}

/// Half a second of beep.
pub(crate) fn beep() -> Vec<i16> {
    sine(BEEP_HZ, 500, 9000.0)
}

/// What a caller hears while another phone rings: 2 s of 440 and 480 Hz, 4 s of silence.
pub(crate) fn ringback() -> Vec<i16> {
    let low = sine(440.0, 2000, 3000.0);
    let high = sine(480.0, 2000, 3000.0);
    let mut sound: Vec<i16> = low.iter().zip(&high).map(|(a, b)| a.saturating_add(*b)).collect();
    sound.resize(sound.len() + 4 * 8000, 0);
    sound
}

/// What a participant hears while a conference has not begun or holds it: a slow arpeggio, to be played in a loop.
pub(crate) fn hold_music() -> Vec<i16> {
    [261.6, 329.6, 392.0, 523.3, 392.0, 329.6]
        .into_iter()
        .flat_map(|hz| sine(hz, 500, 4000.0))
        .collect()
}

/// Whether the frame is one pure tone at the beep's pitch: nearly all its energy lies there (Goertzel; 160 samples hold
/// exactly 20 cycles, so the bin is sharp).
pub(crate) fn is_beep(frame: &Frame) -> bool {
    let coefficient = 2.0 * (BEEP_HZ / 8000.0 * TAU).cos();
    let (mut last, mut before, mut energy) = (0.0_f32, 0.0_f32, 0.0_f32);
    for value in frame {
        let x = f32::from(*value);
        energy += x * x;
        (last, before) = (x + coefficient * last - before, last);
    }
    let power = last * last + before * before - coefficient * last * before;
    // A pure sine of N samples has power N/2 times its energy.
    energy > 250.0 * 250.0 * 160.0 && power > 0.7 * energy * ratio_of_len()
}

fn ratio_of_len() -> f32 {
    f32::from(u16::try_from(FRAME_LEN / 2).unwrap_or(80))
}

/// The time of sample `n`, in seconds. Exact for the first half hour and more.
#[expect(
    clippy::cast_precision_loss,
    reason = "sample numbers of a clip are far below 2^24"
)]
fn at(n: u32) -> f32 {
    n as f32 / 8000.0
}

#[expect(clippy::cast_precision_loss, reason = "both are small")]
fn ratio(part: u32, whole: u32) -> f32 {
    part as f32 / whole as f32
}

/// A value as a sample, clipped.
#[expect(
    clippy::cast_possible_truncation,
    reason = "clamped to the range of a sample just before"
)]
pub(crate) fn sample(value: f32) -> i16 {
    value.clamp(-32_000.0, 32_000.0) as i16
}

#[cfg(test)]
mod tests {
    use super::{super::frame_at, *};

    #[test]
    fn the_beep_is_found_and_other_sounds_are_not() {
        let beep = beep();
        assert_eq!(beep.len(), 4000);
        let found = (0..25)
            .filter(|n| is_beep(&frame_at(&beep, n * FRAME_LEN).unwrap()))
            .count();
        assert!(found >= 23, "{found} of 25 frames");
        for hz in [440.0, 700.0, 1400.0] {
            assert!(
                !is_beep(&frame_at(&sine(hz, 100, 9000.0), FRAME_LEN).unwrap()),
                "{hz}"
            );
        }
        assert!(!is_beep(&super::super::SILENCE));
    }

    #[test]
    fn speech_is_not_taken_for_a_beep() {
        let speech =
            super::super::babble::speak("Hello, you have reached the office, please leave a message.");
        let frames = speech.len() / FRAME_LEN;
        assert_eq!(
            (0..frames)
                .filter(|n| is_beep(&frame_at(&speech, n * FRAME_LEN).unwrap()))
                .count(),
            0
        );
    }
}
