//! Audio arithmetic that the built-in parts share: sample formats, levels,
//! and changes of rate.

pub(crate) mod level;
pub mod resample;

/// A 16-bit sample as a float from -1 to 1.
#[must_use]
pub fn to_float(sample: i16) -> f32 {
    f32::from(sample) / 32_768.0
}

/// A float sample as 16 bits; what is beyond full scale is clipped.
#[must_use]
#[expect(
    clippy::cast_possible_truncation,
    reason = "clamped to the range of i16 just before"
)]
pub fn to_i16(sample: f32) -> i16 {
    (sample * 32_768.0).round().clamp(-32_768.0, 32_767.0) as i16
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_survive_the_way_there_and_back_and_clip_at_the_ends() {
        for sample in [i16::MIN, -1, 0, 1, 12_345, i16::MAX] {
            assert_eq!(to_i16(to_float(sample)), sample);
        }
        assert_eq!(to_i16(3.0), i16::MAX);
        assert_eq!(to_i16(-3.0), i16::MIN);
    }
}
