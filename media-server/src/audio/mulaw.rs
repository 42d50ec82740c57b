//! G.711 mu-law, both ways, by tables made at compile time.
//!
//! Source: ITU-T G.711. 14-bit companding carried in 16-bit samples, so the
//! bias is 132 and the clip 32,635.

use super::{FRAME, Frame, UlawFrame};

/// The mu-law byte of a zero sample.
pub const SILENCE: u8 = 0xff;

const BIAS: i16 = 132;
const CLIP: i16 = 32_635;

static DECODE: [i16; 256] = decode_table();
/// Number of the segment (exponent) by the top eight bits of the biased magnitude.
static SEGMENT: [u8; 256] = segment_table();

/// The sample that a mu-law byte stands for.
#[must_use]
pub fn decode(byte: u8) -> i16 {
    DECODE[usize::from(byte)]
}

/// The mu-law byte nearest to a sample.
#[must_use]
pub fn encode(sample: i16) -> u8 {
    let sign: u8 = if sample < 0 { 0x80 } else { 0 };
    // The clip keeps `+ BIAS` inside i16; `saturating_abs` covers i16::MIN.
    let biased = (sample.saturating_abs().min(CLIP) + BIAS).unsigned_abs();
    let [high, _] = (biased << 1).to_be_bytes();
    let segment = SEGMENT[usize::from(high)];
    let [_, mantissa] = (biased >> (segment + 3)).to_be_bytes();
    !(sign | (segment << 4) | (mantissa & 0x0f))
}

/// Decodes a whole frame.
#[must_use]
pub fn decode_frame(bytes: &UlawFrame) -> Frame {
    let mut frame = [0; FRAME];
    for (sample, byte) in frame.iter_mut().zip(bytes) {
        *sample = DECODE[usize::from(*byte)];
    }
    frame
}

/// Appends samples to a mu-law queue.
pub fn encode_into(samples: &[i16], out: &mut impl Extend<u8>) {
    out.extend(samples.iter().map(|sample| encode(*sample)));
}

const fn decode_table() -> [i16; 256] {
    let mut table = [0_i16; 256];
    let mut byte = 0_u8;
    loop {
        let bits = !byte;
        let segment = (bits & 0x70) >> 4;
        // At most (15 * 8 + 132) << 7 = 32,256: inside i16.
        let magnitude = ((((bits & 0x0f) as i16) << 3) + BIAS) << segment;
        table[byte as usize] = if bits & 0x80 == 0 {
            magnitude - BIAS
        } else {
            BIAS - magnitude
        };
        if byte == u8::MAX {
            return table;
        }
        byte += 1;
    }
}

const fn segment_table() -> [u8; 256] {
    let mut table = [0_u8; 256];
    let mut high = 1_usize;
    while high < 256 {
        let mut segment = 0_u8;
        while high >> (segment + 1) != 0 {
            segment += 1;
        }
        table[high] = segment;
        high += 1;
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reference_points_of_g711_are_met() {
        for (byte, sample) in [
            (0xff, 0),
            (0x7f, 0),
            (0x80, 32_124),
            (0x00, -32_124),
            (0xf0, 120),
            (0x8f, 16_764),
            (0x70, -120),
        ] {
            assert_eq!(decode(byte), sample, "byte {byte:#04x}");
        }
        assert_eq!(encode(0), SILENCE);
        assert_eq!(encode(i16::MAX), 0x80);
        assert_eq!(encode(i16::MIN), 0x00);
    }

    #[test]
    fn every_byte_comes_back_the_same() {
        for byte in 0..=u8::MAX {
            // 0x7f is "minus zero"; it encodes back as plus zero.
            let want = if byte == 0x7f { SILENCE } else { byte };
            assert_eq!(encode(decode(byte)), want);
        }
    }

    #[test]
    fn the_encoder_picks_the_nearest_code_within_half_a_step() {
        for sample in (i16::MIN..=i16::MAX).step_by(7) {
            let back = decode(encode(sample));
            let clipped = i32::from(sample).clamp(-32_635, 32_635);
            let error = (i32::from(back) - clipped).abs();
            let step = ((clipped.abs() + 132) >> 5).max(8);
            assert!(error <= step, "{sample} came back as {back}");
        }
    }
}
