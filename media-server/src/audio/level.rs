//! How loud a frame is.

use super::{FRAME, Frame};

/// Mean square of a frame: 0 to about 1.07e9. Cheap enough for every frame.
#[must_use]
pub fn power(frame: &Frame) -> u64 {
    let sum: i64 = frame
        .iter()
        .map(|sample| i64::from(*sample) * i64::from(*sample))
        .sum();
    sum.unsigned_abs() / FRAME as u64
}

/// Whether a frame is quieter than −55 dBFS: line noise at most, never speech
/// that a person at the other end would understand.
#[must_use]
pub fn is_quiet(frame: &Frame) -> bool {
    // 32,768² · 10^(−5.5)
    power(frame) < 3_395
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_square_wave_has_the_power_of_its_amplitude() {
        assert_eq!(power(&[1000; FRAME]), 1_000_000);
        assert_eq!(power(&[i16::MIN; FRAME]), 1 << 30);
    }

    #[test]
    fn line_noise_is_quiet_and_a_soft_voice_is_not() {
        assert!(is_quiet(&[40; FRAME]));
        assert!(!is_quiet(&[120; FRAME]));
    }
}
