//! Sound on the wire: 8 kHz, mono, in frames of 20 ms.

pub(crate) mod babble;
pub(crate) mod mulaw;
pub(crate) mod tone;
pub(crate) mod wav;

/// Samples a second.
pub(crate) const RATE: u32 = 8000;
/// Samples in one frame.
pub(crate) const FRAME_LEN: usize = 160;
/// How long a frame lasts, in milliseconds.
pub(crate) const FRAME_MS: u32 = 20;

/// 20 ms of sound.
pub(crate) type Frame = [i16; FRAME_LEN];

/// 20 ms of nothing.
pub(crate) const SILENCE: Frame = [0; FRAME_LEN];

/// The root mean square above which a frame counts as somebody speaking. Mu-law silence decodes to 0 and line noise to a few
/// dozen; telephone speech lies in the thousands.
const LOUD_RMS: i64 = 300;

/// Whether somebody speaks in this frame.
pub(crate) fn is_loud(frame: &Frame) -> bool {
    let energy: i64 = frame.iter().map(|s| i64::from(*s) * i64::from(*s)).sum();
    energy > LOUD_RMS * LOUD_RMS * 160
}

/// Adds `other` to `frame`, clipped to what a sample can hold.
pub(crate) fn mix(frame: &mut Frame, other: &Frame) {
    for (sample, more) in frame.iter_mut().zip(other) {
        *sample = sample.saturating_add(*more);
    }
}

/// The frame that starts at `from` in `sound`, padded with silence; none when nothing is left.
pub(crate) fn frame_at(sound: &[i16], from: usize) -> Option<Frame> {
    let rest = sound.get(from..).filter(|rest| !rest.is_empty())?;
    let mut frame = SILENCE;
    for (sample, value) in frame.iter_mut().zip(rest) {
        *sample = *value;
    }
    Some(frame)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_frame_is_padded_and_the_end_is_the_end() {
        let sound = vec![5; FRAME_LEN + 3];
        assert_eq!(frame_at(&sound, 0), Some([5; FRAME_LEN]));
        let last = frame_at(&sound, FRAME_LEN).unwrap();
        assert_eq!((last[2], last[3]), (5, 0));
        assert_eq!(frame_at(&sound, 2 * FRAME_LEN), None);
    }

    #[test]
    fn mixing_clips_instead_of_wrapping() {
        let mut frame = [30_000; FRAME_LEN];
        mix(&mut frame, &[30_000; FRAME_LEN]);
        assert_eq!(frame, [i16::MAX; FRAME_LEN]);
        assert!(is_loud(&frame));
        assert!(!is_loud(&SILENCE));
    }
}
