//! The WAV header of a call's recording.

/// Bytes of [`header`].
pub const HEADER_LEN: usize = 44;

/// Bytes of one stereo sample pair.
pub const BYTES_PER_FRAME: u32 = 4;

/// The most sample pairs that a WAV's 32-bit sizes can say: over 37 hours.
pub const MAX_FRAMES: u32 = (u32::MAX - 36) / BYTES_PER_FRAME;

/// The header of a stereo, 16-bit, 8 kHz PCM file of `frames` sample pairs
/// (capped at [`MAX_FRAMES`]). The samples follow: left, right, little-endian.
#[must_use]
pub fn header(frames: u32) -> [u8; HEADER_LEN] {
    const RATE: u32 = trunkline_providers::RATE_HZ;
    let data = frames.min(MAX_FRAMES) * BYTES_PER_FRAME;
    let mut out = [0; HEADER_LEN];
    let mut at = 0;
    let mut put = |bytes: &[u8]| {
        out[at..at + bytes.len()].copy_from_slice(bytes);
        at += bytes.len();
    };
    put(b"RIFF");
    put(&(data + 36).to_le_bytes());
    put(b"WAVEfmt ");
    put(&16_u32.to_le_bytes());
    put(&1_u16.to_le_bytes()); // PCM
    put(&2_u16.to_le_bytes()); // channels
    put(&RATE.to_le_bytes());
    put(&(RATE * BYTES_PER_FRAME).to_le_bytes());
    put(&4_u16.to_le_bytes()); // bytes a sample pair
    put(&16_u16.to_le_bytes()); // bits a sample
    put(b"data");
    put(&data.to_le_bytes());
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_program_reads_the_header_as_stereo_telephone_audio() {
        let mut file = header(3).to_vec();
        for sample in [1_i16, -1, 2, -2, 3, -3] {
            file.extend_from_slice(&sample.to_le_bytes());
        }
        let mut reader = hound::WavReader::new(file.as_slice()).unwrap();
        assert_eq!(reader.spec().channels, 2);
        assert_eq!(reader.spec().sample_rate, 8_000);
        assert_eq!(reader.spec().bits_per_sample, 16);
        assert_eq!(reader.duration(), 3);
        let samples: Vec<i16> = reader.samples().map(Result::unwrap).collect();
        assert_eq!(samples, [1, -1, 2, -2, 3, -3]);
    }
}
