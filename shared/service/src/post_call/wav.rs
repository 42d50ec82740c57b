//! A recording's segments as one stereo WAV: caller left, agent right, 16-bit PCM at 8 kHz.
//!
//! A segment is mu-law with the tracks interleaved byte by byte (caller, agent, …); segment `n` of a
//! stream covers 5 s from `5 s * n` on. One that is missing between others is 5 s of silence, so that
//! the rest keeps its time.

/// Sample pairs in a whole segment: 5 s.
pub(super) const SEGMENT_PAIRS: u64 = 40_000;
/// Sample pairs a second.
pub(super) const RATE: u64 = 8_000;
/// Bytes before the first sample.
pub(super) const HEADER_BYTES: u64 = 44;
/// Bytes of a sample pair.
pub(super) const PAIR_BYTES: u64 = 4;
/// Segments missing in a row that are filled with silence; more are not there at all: an hour.
const GAP_MAX: u32 = 720;
/// What a WAV's 32-bit sizes can say.
const PAIRS_MAX: u64 = (u32::MAX as u64 - HEADER_BYTES) / PAIR_BYTES;

/// A segment in the bucket.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Segment {
    /// Which stream of the call.
    pub(super) generation: u32,
    /// Which segment of the stream.
    pub(super) number: u32,
    /// Its key.
    pub(super) key: String,
    /// Its bytes.
    pub(super) bytes: u64,
}

impl Segment {
    /// From a listed object; `None` for what is no segment, such as the WAV itself.
    pub(super) fn of(key: &str, bytes: u64) -> Option<Self> {
        let mut parts = key.strip_suffix(".ulaw")?.rsplit('/');
        let number = parts.next()?.parse().ok()?;
        let generation = parts.next()?.parse().ok()?;
        Some(Self {
            generation,
            number,
            key: key.to_owned(),
            bytes,
        })
    }
}

/// A piece of the WAV, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Piece {
    /// Sample pairs of silence, a segment's at most.
    Silence(u64),
    /// A segment's sound: this many sample pairs of it.
    Sound(Segment, u64),
}

/// The order in which segments make a recording, silence included; as much as a WAV can hold.
pub(super) fn plan(mut segments: Vec<Segment>) -> Vec<Piece> {
    segments.sort();
    let mut pieces = Vec::with_capacity(segments.len());
    let (mut generation, mut next, mut room) = (0, 0, PAIRS_MAX);
    for segment in segments {
        if segment.generation != generation {
            (generation, next) = (segment.generation, 0);
        }
        let missing = segment.number.saturating_sub(next);
        let missing = if missing > GAP_MAX { 0 } else { missing };
        let silence = u64::from(missing) * SEGMENT_PAIRS;
        next = segment.number.saturating_add(1);
        let pairs = segment.bytes / 2;
        if silence + pairs > room {
            break;
        }
        room -= silence + pairs;
        pieces.extend((0..missing).map(|_| Piece::Silence(SEGMENT_PAIRS)));
        if pairs > 0 {
            pieces.push(Piece::Sound(segment, pairs));
        }
    }
    pieces
}

/// Sample pairs of a plan.
pub(super) fn pairs(pieces: &[Piece]) -> u64 {
    let of = |piece: &Piece| match piece {
        Piece::Silence(pairs) | Piece::Sound(_, pairs) => *pairs,
    };
    pieces.iter().map(of).sum()
}

/// The WAV's first bytes.
pub(super) fn header(pairs: u64) -> Vec<u8> {
    let data = u32::try_from(pairs.min(PAIRS_MAX) * PAIR_BYTES).unwrap_or(u32::MAX);
    let mut header = Vec::with_capacity(44);
    header.extend(b"RIFF");
    header.extend((data + 36).to_le_bytes());
    header.extend(b"WAVEfmt ");
    header.extend(16_u32.to_le_bytes());
    // PCM, two channels.
    header.extend([1, 0, 2, 0]);
    header.extend(8_000_u32.to_le_bytes());
    header.extend(32_000_u32.to_le_bytes());
    // Four bytes a pair, 16 bits a sample.
    header.extend([4, 0, 16, 0]);
    header.extend(b"data");
    header.extend(data.to_le_bytes());
    header
}

/// A segment's sound as PCM: exactly `pairs` pairs, whatever the segment turns out to hold.
pub(super) fn decode(segment: &[u8], pairs: u64, out: &mut Vec<u8>) {
    let wanted = usize::try_from(pairs).unwrap_or(usize::MAX);
    let got = segment.chunks_exact(2).take(wanted);
    let missing = wanted - got.len();
    for sample in got.flatten() {
        out.extend(linear(*sample).to_le_bytes());
    }
    silence(u64::try_from(missing).unwrap_or(0), out);
}

/// Silence as PCM.
pub(super) fn silence(pairs: u64, out: &mut Vec<u8>) {
    let bytes = usize::try_from(pairs * PAIR_BYTES).unwrap_or(usize::MAX);
    out.resize(out.len() + bytes, 0);
}

/// A mu-law sample as 16-bit linear. Source: ITU-T G.711, table 2b.
const fn linear(sample: u8) -> i16 {
    let bits = !sample;
    let magnitude = (((bits & 0x0f) as i16) << 3) + 0x84;
    let magnitude = (magnitude << ((bits & 0x70) >> 4)) - 0x84;
    if bits & 0x80 == 0 { magnitude } else { -magnitude }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn segment(generation: u32, number: u32, bytes: u64) -> Segment {
        let key = format!("rec/t/c/{generation:02}/{number:06}.ulaw");
        Segment::of(&key, bytes).unwrap()
    }

    #[test]
    fn only_segments_are_segments() {
        let read = Segment::of("rec/t/c/01/000012.ulaw", 7).unwrap();
        assert_eq!((read.generation, read.number, read.bytes), (1, 12, 7));
        for other in ["rec/t/c/call.wav", "rec/t/c/01/x.ulaw", "000012.ulaw", ""] {
            assert_eq!(Segment::of(other, 7), None, "{other}");
        }
    }

    #[test]
    fn streams_follow_one_another_and_gaps_are_silence() {
        let whole = 2 * SEGMENT_PAIRS;
        let pieces = plan(vec![
            segment(1, 0, 600),
            segment(0, 2, whole),
            segment(0, 0, whole),
        ]);
        assert_eq!(
            pieces,
            [
                Piece::Sound(segment(0, 0, whole), SEGMENT_PAIRS),
                Piece::Silence(SEGMENT_PAIRS),
                Piece::Sound(segment(0, 2, whole), SEGMENT_PAIRS),
                Piece::Sound(segment(1, 0, 600), 300),
            ]
        );
        assert_eq!(pairs(&pieces), 3 * SEGMENT_PAIRS + 300);
    }

    #[test]
    fn mu_law_becomes_what_the_standard_says() {
        // Table 2b: positive full scale, negative full scale, the two zeros, the smallest steps.
        assert_eq!(
            [0x80, 0x00, 0xff, 0x7f, 0xfe, 0x7e].map(linear),
            [32_124, -32_124, 0, 0, 8, -8]
        );
    }

    #[test]
    fn the_caller_is_left_and_the_agent_right() {
        let mut file = header(3);
        decode(&[0x80, 0x00, 0xfe, 0x7e], 3, &mut file);
        let mut wav = hound::WavReader::new(std::io::Cursor::new(file)).unwrap();
        let spec = wav.spec();
        assert_eq!(
            (
                spec.channels,
                spec.sample_rate,
                spec.bits_per_sample,
                wav.duration()
            ),
            (2, 8_000, 16, 3)
        );
        let samples: Vec<i16> = wav.samples().map(Result::unwrap).collect();
        assert_eq!(
            samples,
            [32_124, -32_124, 8, -8, 0, 0],
            "a segment that is short ends in silence"
        );
    }

    proptest! {
        #[test]
        fn the_header_agrees_with_the_bytes_that_follow(listed in prop::collection::vec((0..3_u32, 0..5_u32, 0..200_u64), 0..12)) {
            let mut segments: Vec<Segment> = listed.into_iter().map(|(g, n, bytes)| segment(g, n, bytes)).collect();
            segments.sort();
            segments.dedup_by_key(|s| (s.generation, s.number));
            let pieces = plan(segments);
            let mut file = header(pairs(&pieces));
            for piece in &pieces {
                match piece {
                    Piece::Silence(pairs) => silence(*pairs, &mut file),
                    Piece::Sound(segment, pairs) => decode(&vec![0xff; usize::try_from(segment.bytes).unwrap()], *pairs, &mut file),
                }
            }
            prop_assert_eq!(u64::try_from(file.len()).unwrap(), HEADER_BYTES + pairs(&pieces) * PAIR_BYTES);
            let wav = hound::WavReader::new(std::io::Cursor::new(file)).unwrap();
            prop_assert_eq!(u64::from(wav.duration()), pairs(&pieces));
        }
    }
}
