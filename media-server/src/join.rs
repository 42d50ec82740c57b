//! Joins a recording's segments into the stereo WAV, left the caller, right the
//! agent, without holding more than one segment.

use std::io::{self, Write};

use crate::audio::{mulaw, wav};
use crate::recorder::SEGMENT_SAMPLES;

/// Segments missing in a row that are filled with silence; more are not there at all.
const MAX_GAP: u32 = 720;

/// Sample pairs that a stream's segments make, gaps included: `listing` has each
/// segment's number and length in bytes, in order.
#[must_use]
pub fn frames(listing: impl IntoIterator<Item = (u32, u64)>) -> u32 {
    let mut next = 0;
    let mut frames = 0_u64;
    for (number, bytes) in listing {
        frames += u64::from(gap(next, number)) * SEGMENT_SAMPLES as u64 + bytes / 2;
        next = number.saturating_add(1);
    }
    u32::try_from(frames).unwrap_or(u32::MAX).min(wav::MAX_FRAMES)
}

/// Turns one stream's segments, in order, into PCM. A call of several streams
/// uses one after the other; the WAV header ([`wav::header`]) is for their sum.
#[derive(Debug, Default)]
pub struct Joiner {
    next: u32,
}

impl Joiner {
    /// Writes a segment as 16-bit stereo, after silence for those missing before it.
    ///
    /// # Errors
    /// The writer's.
    pub fn push(&mut self, number: u32, segment: &[u8], out: &mut impl Write) -> io::Result<()> {
        let silence = [0; 4 * 800];
        for _ in 0..gap(self.next, number) {
            for _ in 0..SEGMENT_SAMPLES / 800 {
                out.write_all(&silence)?;
            }
        }
        self.next = number.saturating_add(1);
        let mut pcm = [0; 4 * 1_024];
        for block in segment.chunks(2 * 1_024) {
            let mut filled = 0;
            for (place, pair) in pcm.chunks_exact_mut(4).zip(block.chunks_exact(2)) {
                let (left, right) = place.split_at_mut(2);
                left.copy_from_slice(&mulaw::decode(pair[0]).to_le_bytes());
                right.copy_from_slice(&mulaw::decode(pair[1]).to_le_bytes());
                filled += 4;
            }
            out.write_all(&pcm[..filled])?;
        }
        Ok(())
    }
}

/// Writes a whole WAV of one stream; `frames` is [`frames`] of its listing.
///
/// # Errors
/// The iterator's or the writer's.
pub fn write_wav<S: AsRef<[u8]>>(
    frames: u32,
    segments: impl IntoIterator<Item = io::Result<(u32, S)>>,
    out: &mut impl Write,
) -> io::Result<()> {
    out.write_all(&wav::header(frames))?;
    let mut joiner = Joiner::default();
    for segment in segments {
        let (number, bytes) = segment?;
        joiner.push(number, bytes.as_ref(), out)?;
    }
    Ok(())
}

fn gap(next: u32, number: u32) -> u32 {
    let gap = number.saturating_sub(next);
    if gap > MAX_GAP { 0 } else { gap }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recorder::SEGMENT_BYTES;

    fn joined(segments: &[(u32, Vec<u8>)]) -> hound::WavReader<std::io::Cursor<Vec<u8>>> {
        let listing = segments
            .iter()
            .map(|(n, bytes)| (*n, u64::try_from(bytes.len()).unwrap()));
        let mut file = Vec::new();
        write_wav(
            frames(listing),
            segments.iter().map(|(n, bytes)| Ok((*n, bytes))),
            &mut file,
        )
        .unwrap();
        hound::WavReader::new(std::io::Cursor::new(file)).unwrap()
    }

    #[test]
    fn the_caller_is_left_the_agent_right() {
        let segment: Vec<u8> = [mulaw::encode(1_000), mulaw::encode(-4_000)].repeat(5_000);
        let mut wav = joined(&[(0, segment)]);
        assert_eq!((wav.duration(), wav.spec().channels), (5_000, 2));
        let samples: Vec<i16> = wav.samples().map(Result::unwrap).collect();
        assert!(
            samples
                .chunks(2)
                .all(|pair| pair[0].abs_diff(1_000) < 40 && pair[1].abs_diff(-4_000) < 130)
        );
    }

    #[test]
    fn a_missing_segment_is_five_seconds_of_silence_so_that_the_rest_keeps_its_time() {
        let loud = vec![mulaw::encode(9_000); SEGMENT_BYTES];
        let mut wav = joined(&[(0, loud.clone()), (2, loud)]);
        assert_eq!(wav.duration(), 120_000);
        let samples: Vec<i16> = wav.samples().map(Result::unwrap).collect();
        assert!(samples[80_000..160_000].iter().all(|s| *s == 0));
        assert!(samples[160_000..].iter().all(|s| *s > 8_000));
    }

    #[test]
    fn the_header_agrees_with_the_bytes_that_follow() {
        for segments in [
            vec![],
            vec![(0, vec![0; 7])],
            vec![(1, vec![0; SEGMENT_BYTES]), (2, vec![0; 300])],
        ] {
            let listing = segments
                .iter()
                .map(|(n, bytes)| (*n, u64::try_from(bytes.len()).unwrap()));
            let frames = frames(listing);
            let mut file = Vec::new();
            write_wav(
                frames,
                segments.iter().map(|(n, b): &(u32, Vec<u8>)| Ok((*n, b))),
                &mut file,
            )
            .unwrap();
            assert_eq!(file.len(), wav::HEADER_LEN + usize::try_from(frames).unwrap() * 4);
        }
    }
}
