//! Mu-law, the telephone's eight bits a sample. Source: ITU-T G.711.

use super::{FRAME_LEN, Frame, SILENCE};

/// What silence is encoded as.
pub(crate) const SILENT_BYTE: u8 = 0xFF;

const BIAS: u16 = 0x84;
const CLIP: u16 = 32_635;

/// One sample, encoded.
pub(crate) fn encode(sample: i16) -> u8 {
    let sign: u8 = if sample < 0 { 0x80 } else { 0 };
    let magnitude = sample.unsigned_abs().min(CLIP) + BIAS;
    // The magnitude has 8 to 15 significant bits, so the exponent is 0 to 7.
    let exponent = 8 - magnitude.leading_zeros();
    let [_, mantissa] = ((magnitude >> (exponent + 3)) & 0x0F).to_be_bytes();
    let [_, _, _, exponent] = exponent.to_be_bytes();
    !(sign | (exponent << 4) | mantissa)
}

/// One byte, decoded.
pub(crate) fn decode(byte: u8) -> i16 {
    DECODED.get(usize::from(byte)).copied().unwrap_or(0)
}

/// 160 bytes of a frame.
pub(crate) fn encode_frame(frame: &Frame) -> [u8; FRAME_LEN] {
    let mut bytes = [SILENT_BYTE; FRAME_LEN];
    for (byte, sample) in bytes.iter_mut().zip(frame) {
        *byte = encode(*sample);
    }
    bytes
}

/// A frame of up to 160 bytes; what is missing is silence.
pub(crate) fn decode_frame(bytes: impl Iterator<Item = u8>) -> Frame {
    let mut frame = SILENCE;
    for (sample, byte) in frame.iter_mut().zip(bytes) {
        *sample = decode(byte);
    }
    frame
}

static DECODED: [i16; 256] = table();

const fn table() -> [i16; 256] {
    let mut table = [0; 256];
    let mut byte: i16 = 0;
    let mut index = 0;
    while index < 256 {
        let code = !byte & 0xFF;
        let exponent = (code >> 4) & 0x07;
        let mantissa = code & 0x0F;
        let magnitude = (((mantissa << 3) + 0x84) << exponent) - 0x84;
        table[index] = if code & 0x80 == 0 { magnitude } else { -magnitude };
        byte += 1;
        index += 1;
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_codes_of_the_standard() {
        for (sample, code) in [
            (0, 0xFF),
            (-1, 0x7F),
            (32_767, 0x80),
            (-32_768, 0x00),
            (8, 0xFE),
            (1000, 0xCE),
        ] {
            assert_eq!(encode(sample), code, "{sample}");
        }
        assert_eq!(
            (decode(0xFF), decode(0x7F), decode(0x80), decode(0x00)),
            (0, 0, 32_124, -32_124)
        );
    }

    #[test]
    fn every_code_survives_a_round_trip() {
        for code in 0..=255_u8 {
            // 0x7F is minus nothing; it comes back as plus nothing.
            let expected = if code == 0x7F { 0xFF } else { code };
            assert_eq!(encode(decode(code)), expected, "{code:#x}");
        }
    }

    #[test]
    fn the_error_is_small_against_the_sample() {
        for sample in (-32_000..32_000_i16).step_by(7) {
            let error = i32::from(decode(encode(sample))) - i32::from(sample);
            assert!(
                error.abs() <= i32::from(sample.unsigned_abs()) / 16 + 8,
                "{sample}: {error}"
            );
        }
    }
}
