//! What a file is, by its bytes alone: a sound that carriers play, and for how long.

use trunkline_domain::voicemail::SoundFormat;

/// The longest message: boxes stop recording about then.
const DURATION_MS_MAX: u64 = 180_000;
/// The shortest that anybody would call one.
const DURATION_MS_MIN: u64 = 100;
/// How far into a file an MP3's first frame is looked for, behind its tag.
const LEAD_IN: usize = 65_536;

/// A sound that can be played.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sound {
    pub(super) format: SoundFormat,
    pub(super) duration_ms: u64,
}

/// Reads a file.
///
/// # Errors
/// Why it cannot be played, for the user who gave its address.
pub(super) fn read(bytes: &[u8]) -> Result<Sound, String> {
    if bytes.is_empty() {
        return Err("the file is empty".to_owned());
    }
    let (format, duration_ms) = if bytes.starts_with(b"RIFF") {
        (SoundFormat::Wav, wav_ms(bytes)?)
    } else if let Some(duration_ms) = mp3_ms(bytes) {
        (SoundFormat::Mp3, duration_ms)
    } else {
        return Err(format!(
            "{}; give the address of a WAV or MP3 file",
            looks_like(bytes)
        ));
    };
    match duration_ms {
        ..DURATION_MS_MIN => Err("the sound has no length".to_owned()),
        DURATION_MS_MIN..=DURATION_MS_MAX => Ok(Sound { format, duration_ms }),
        _ => {
            let seconds = duration_ms.div_ceil(1_000);
            Err(format!("the sound lasts {seconds} s; a message may last 180 s"))
        }
    }
}

fn looks_like(bytes: &[u8]) -> String {
    let start = bytes.trim_ascii_start();
    let known: [(&[u8], &str); 5] = [
        (b"<", "a web page or XML"),
        (b"{", "JSON"),
        (b"OggS", "Ogg"),
        (b"fLaC", "FLAC"),
        (b"%PDF", "a PDF"),
    ];
    let found = known.iter().find(|(begins, _)| start.starts_with(begins));
    let mp4 = bytes.get(4..8) == Some(b"ftyp".as_slice());
    match found {
        Some((_, what)) => format!("the file is {what}, not a sound that carriers play"),
        None if mp4 => "the file is MP4 or M4A, which carriers do not play".to_owned(),
        None => "the file is no sound that carriers play".to_owned(),
    }
}

/// How long a WAV plays.
fn wav_ms(bytes: &[u8]) -> Result<u64, String> {
    if bytes.get(8..12) != Some(b"WAVE".as_slice()) {
        return Err("the file is RIFF, but not a WAV".to_owned());
    }
    let mut at = 12;
    let mut bytes_per_s = None;
    // Each chunk moves on by eight bytes at least.
    while let (Some(id), Some(size)) = (bytes.get(at..at + 4), u32_at(bytes, at + 4)) {
        let body = at + 8;
        if id == b"fmt " {
            bytes_per_s = Some(wav_format(bytes, body)?);
        }
        let rest = bytes.len() - body.min(bytes.len());
        let size = usize::try_from(size).unwrap_or(usize::MAX);
        if id == b"data" {
            let per_s = bytes_per_s.ok_or("the WAV has no format before its data")?;
            // Who writes a WAV as it comes does not know its size.
            let open = size == usize::try_from(u32::MAX).unwrap_or(usize::MAX);
            if size > rest && !open {
                return Err("the WAV is cut off: it says that more follows".to_owned());
            }
            let length = u64::try_from(size.min(rest)).unwrap_or(u64::MAX);
            return Ok(length.saturating_mul(1_000) / per_s);
        }
        at = body.saturating_add(size).saturating_add(size % 2);
    }
    Err("the WAV has no data".to_owned())
}

/// Bytes a second of a WAV that carriers play.
fn wav_format(bytes: &[u8], at: usize) -> Result<u64, String> {
    let word = |offset| u16_at(bytes, at + offset);
    let (Some(tag), Some(channels), Some(rate), Some(bits)) =
        (word(0), word(2), u32_at(bytes, at + 4), word(14))
    else {
        return Err("the WAV's header is cut off".to_owned());
    };
    match (tag, bits) {
        (1, 8 | 16) | (7, 8) => {}
        _ => {
            return Err(format!(
                "the WAV has encoding {tag} with {bits} bits; 8- or 16-bit PCM (1) or mu-law (7) can be played"
            ));
        }
    }
    if !(1..=2).contains(&channels) || !(4_000..=192_000).contains(&rate) {
        return Err(format!(
            "the WAV has {channels} channels at {rate} Hz; 1 or 2 channels at 4000 to 192000 Hz can be played"
        ));
    }
    Ok(u64::from(rate) * u64::from(channels) * u64::from(bits / 8))
}

/// How long an MP3 plays; none: it is none.
fn mp3_ms(bytes: &[u8]) -> Option<u64> {
    let start = after_tag(bytes);
    let first = (start..bytes.len().min(start + LEAD_IN)).find(|at| is_run(bytes, *at))?;
    let (mut at, mut micros) = (first, 0_u64);
    while let Some(frame) = frame(bytes, at) {
        // The last one may be cut short; players play what there is.
        micros += frame.micros;
        at += frame.length;
    }
    let sound = at.min(bytes.len()) - first;
    // Tags may follow. If most of it is something else, this was chance.
    (sound >= (bytes.len() - first) / 2).then_some(micros / 1_000)
}

/// Whether three frames of a kind follow one another here: chance does not make that.
fn is_run(bytes: &[u8], at: usize) -> bool {
    let Some(first) = frame(bytes, at) else {
        return false;
    };
    let Some(second) = frame(bytes, at + first.length) else {
        return false;
    };
    let third = frame(bytes, at + first.length + second.length);
    second.rate == first.rate && third.is_some_and(|third| third.rate == first.rate)
}

/// Where an ID3 tag at the beginning ends.
fn after_tag(bytes: &[u8]) -> usize {
    let Some([b'I', b'D', b'3', _, _, flags, size @ ..]) = bytes.get(..10) else {
        return 0;
    };
    let size = size
        .iter()
        .fold(0, |size, byte| size << 7 | usize::from(byte & 0x7F));
    10 + size + if flags & 0x10 == 0 { 0 } else { 10 }
}

struct Frame {
    length: usize,
    rate: u32,
    micros: u64,
}

/// The header of a frame of layer III (ISO/IEC 11172-3, 13818-3; 2.5 is Fraunhofer's).
fn frame(bytes: &[u8], at: usize) -> Option<Frame> {
    const LATER: [u32; 15] = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160];
    const FIRST: [u32; 15] = [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320];
    const RATES: [u32; 3] = [44_100, 48_000, 32_000];
    let &[0xFF, second, third, _] = bytes.get(at..at.checked_add(4)?)? else {
        return None;
    };
    // Sync, and layer III.
    if second & 0xE0 != 0xE0 || second & 0x06 != 0x02 {
        return None;
    }
    let (halvings, kbps, samples) = match second >> 3 & 0x03 {
        0b11 => (0, FIRST, 1_152_u32),
        0b10 => (1, LATER, 576),
        0b00 => (2, LATER, 576),
        _ => return None,
    };
    let kbps = *kbps.get(usize::from(third >> 4))?;
    let rate = RATES.get(usize::from(third >> 2 & 0x03))? >> halvings;
    if kbps == 0 {
        return None;
    }
    let padding = u32::from(third >> 1 & 1);
    let length = samples / 8 * kbps * 1_000 / rate + padding;
    Some(Frame {
        length: usize::try_from(length).ok()?,
        rate,
        micros: u64::from(samples) * 1_000_000 / u64::from(rate),
    })
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(
        bytes.get(at..at.checked_add(2)?)?.try_into().ok()?,
    ))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(
        bytes.get(at..at.checked_add(4)?)?.try_into().ok()?,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn wav(tag: u16, channels: u16, rate: u32, bits: u16, data: &[u8]) -> Vec<u8> {
        let mut file = b"RIFF\0\0\0\0WAVELIST\x03\0\0\0abc\0fmt \x10\0\0\0".to_vec();
        file.extend(tag.to_le_bytes());
        file.extend(channels.to_le_bytes());
        file.extend(rate.to_le_bytes());
        file.extend((rate * u32::from(channels * bits / 8)).to_le_bytes());
        file.extend((channels * bits / 8).to_le_bytes());
        file.extend(bits.to_le_bytes());
        file.extend(b"data");
        file.extend(u32::try_from(data.len()).unwrap().to_le_bytes());
        file.extend(data);
        file
    }

    /// Frames of 128 kbit/s at 44.1 kHz: 417 bytes for 26.12 ms each.
    fn mp3(frames: usize) -> Vec<u8> {
        let mut one = vec![0xFF, 0xFB, 0x90, 0x00];
        one.resize(417, 0x55);
        one.repeat(frames)
    }

    fn sound(format: SoundFormat, duration_ms: u64) -> Result<Sound, String> {
        Ok(Sound { format, duration_ms })
    }

    #[test]
    fn a_wav_that_carriers_play_has_a_length() {
        let second = [0; 16_000];
        assert_eq!(
            read(&wav(1, 1, 8_000, 16, &second)),
            sound(SoundFormat::Wav, 1_000)
        );
        assert_eq!(read(&wav(1, 2, 8_000, 16, &second)), sound(SoundFormat::Wav, 500));
        assert_eq!(
            read(&wav(7, 1, 8_000, 8, &second)),
            sound(SoundFormat::Wav, 2_000)
        );
        let mut streamed = wav(1, 1, 8_000, 16, &second);
        let size = streamed.len() - second.len() - 4;
        streamed[size..size + 4].copy_from_slice(&u32::MAX.to_le_bytes());
        assert_eq!(read(&streamed), sound(SoundFormat::Wav, 1_000));
    }

    #[test]
    fn an_mp3_is_known_by_its_frames_whatever_stands_before_and_after() {
        assert_eq!(read(&mp3(100)), sound(SoundFormat::Mp3, 2_612));
        let mut tagged = b"ID3\x04\0\0\0\0\x01\x00".to_vec();
        tagged.extend([0; 128]);
        tagged.extend(mp3(100));
        tagged.extend(b"TAG");
        tagged.extend([0; 125]);
        assert_eq!(read(&tagged), sound(SoundFormat::Mp3, 2_612));
    }

    #[test]
    fn what_cannot_be_played_says_why() {
        let long = vec![0; 8_000 * 181];
        for (bytes, why) in [
            (Vec::new(), "empty"),
            (b"<!doctype html><html>sign in</html>".to_vec(), "web page"),
            (b"  \n<?xml version='1.0'?>".to_vec(), "web page or XML"),
            (br#"{"error":"no"}"#.to_vec(), "JSON"),
            (b"OggS\0\x02".to_vec(), "Ogg"),
            (b"\0\0\0\x20ftypM4A ".to_vec(), "M4A"),
            (b"\x89PNG\r\n\x1a\n".to_vec(), "no sound"),
            (b"RIFF\0\0\0\0AVI LIST".to_vec(), "not a WAV"),
            (b"RIFF\0\0\0\0WAVE".to_vec(), "no data"),
            (wav(1, 1, 8_000, 24, &[0; 24_000]), "24 bits"),
            (wav(0x55, 1, 8_000, 16, &[0; 24_000]), "encoding 85"),
            (wav(1, 9, 8_000, 16, &[0; 24_000]), "9 channels"),
            (wav(1, 1, 8_000, 16, &[]), "no length"),
            (wav(7, 1, 8_000, 8, &long), "lasts 181 s"),
            (wav(1, 1, 8_000, 16, &[0; 16_000])[..9_000].to_vec(), "cut off"),
            (mp3(8_000), "lasts 209 s"),
            (mp3(2), "no sound"),
        ] {
            let said = read(&bytes).unwrap_err();
            assert!(said.contains(why), "{said:?} does not say {why:?}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_judged(start in 0_usize..4, bytes in prop::collection::vec(any::<u8>(), 0..600)) {
            let starts: [&[u8]; 4] = [b"", b"RIFF\0\0\0\0WAVEfmt ", b"ID3\x04\0\x10", &[0xFF, 0xFB, 0x90, 0]];
            let mut file = starts[start].to_vec();
            file.extend(bytes);
            if let Ok(sound) = read(&file) {
                prop_assert!(sound.duration_ms <= DURATION_MS_MAX);
            }
        }
    }
}
