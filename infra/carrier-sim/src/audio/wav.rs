//! WAV: writing recordings, and reading what `<Play>` fetched.

use super::{RATE, mulaw};

/// The header of a WAV of 16-bit samples at 8 kHz, for `data_len` bytes of samples.
pub(crate) fn header(channels: u16, data_len: u32) -> [u8; 44] {
    let block = channels * 2;
    let mut header = [0; 44];
    let fields: [&[u8]; 13] = [
        b"RIFF",
        &data_len.saturating_add(36).to_le_bytes(),
        b"WAVE",
        b"fmt ",
        &16_u32.to_le_bytes(),
        &1_u16.to_le_bytes(),
        &channels.to_le_bytes(),
        &RATE.to_le_bytes(),
        &(RATE * u32::from(block)).to_le_bytes(),
        &block.to_le_bytes(),
        &16_u16.to_le_bytes(),
        b"data",
        &data_len.to_le_bytes(),
    ];
    for (slot, byte) in header.iter_mut().zip(fields.concat()) {
        *slot = byte;
    }
    header
}

/// Why sound that was fetched cannot be played.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub(crate) enum Unplayable {
    #[error("not a WAV file: it has no RIFF/WAVE header with a `fmt ` and a `data` chunk")]
    NotWav,
    #[error("WAV encoding {0} is not known here: send 8- or 16-bit PCM (1) or mu-law (7)")]
    Encoding(u16),
}

/// The sound of a WAV file (PCM or mu-law, any rate and number of channels) at 8 kHz mono.
///
/// # Errors
/// [`Unplayable`] when it is no WAV, or of another encoding.
pub(crate) fn read(file: &[u8]) -> Result<Vec<i16>, Unplayable> {
    let (format, data) = chunks(file).ok_or(Unplayable::NotWav)?;
    let samples: Vec<i16> = match (format.encoding, format.bits) {
        (1 | 0xFFFE, 16) => data
            .chunks_exact(2)
            .filter_map(|pair| pair.try_into().ok().map(i16::from_le_bytes))
            .collect(),
        (1 | 0xFFFE, 8) => data.iter().map(|byte| (i16::from(*byte) - 128) * 256).collect(),
        (7, _) => data.iter().map(|byte| mulaw::decode(*byte)).collect(),
        (other, _) => return Err(Unplayable::Encoding(other)),
    };
    Ok(to_8k(
        &to_mono(&samples, usize::from(format.channels.max(1))),
        format.rate,
    ))
}

struct Format {
    encoding: u16,
    channels: u16,
    rate: u32,
    bits: u16,
}

fn chunks(file: &[u8]) -> Option<(Format, &[u8])> {
    if file.get(..4)? != b"RIFF" || file.get(8..12)? != b"WAVE" {
        return None;
    }
    let mut rest = file.get(12..)?;
    let mut format = None;
    while rest.len() >= 8 {
        let len = usize::try_from(u32::from_le_bytes(rest.get(4..8)?.try_into().ok()?)).ok()?;
        // A streamed file may give a length of "all the rest".
        let body = rest.get(8..8_usize.saturating_add(len)).unwrap_or(rest.get(8..)?);
        match rest.get(..4)? {
            b"fmt " => format = Some(read_format(body)?),
            b"data" => return Some((format?, body)),
            _ => {}
        }
        // Chunks are padded to an even length.
        rest = rest.get(8 + body.len() + body.len() % 2..).unwrap_or_default();
    }
    None
}

fn read_format(body: &[u8]) -> Option<Format> {
    let word = |at: usize| Some(u16::from_le_bytes(body.get(at..at + 2)?.try_into().ok()?));
    let rate = u32::from_le_bytes(body.get(4..8)?.try_into().ok()?);
    Some(Format {
        encoding: word(0)?,
        channels: word(2)?,
        rate: rate.max(1),
        bits: word(14)?,
    })
}

fn to_mono(samples: &[i16], channels: usize) -> Vec<i16> {
    let count = i32::try_from(channels).unwrap_or(1);
    samples
        .chunks_exact(channels)
        .map(|all| i16::try_from(all.iter().map(|s| i32::from(*s)).sum::<i32>() / count).unwrap_or(0))
        .collect()
}

/// Linear interpolation: good enough for a voice prompt.
fn to_8k(samples: &[i16], rate: u32) -> Vec<i16> {
    if rate == RATE {
        return samples.to_vec();
    }
    let (rate, len) = (u64::from(rate), u64::try_from(samples.len()).unwrap_or(0));
    let value = |index: u64| {
        usize::try_from(index)
            .ok()
            .and_then(|i| samples.get(i))
            .copied()
            .map_or(0, i64::from)
    };
    (0..len * u64::from(RATE) / rate)
        .map(|n| {
            let position = n * rate;
            let (index, part) = (
                position / u64::from(RATE),
                i64::try_from(position % u64::from(RATE)).unwrap_or(0),
            );
            let next = if index + 1 < len {
                value(index + 1)
            } else {
                value(index)
            };
            let mixed = value(index) + (next - value(index)) * part / i64::from(RATE);
            i16::try_from(mixed).unwrap_or(0)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wav(encoding: u16, channels: u16, rate: u32, bits: u16, data: &[u8]) -> Vec<u8> {
        let mut file = header(channels, u32::try_from(data.len()).unwrap()).to_vec();
        file[20..22].copy_from_slice(&encoding.to_le_bytes());
        file[24..28].copy_from_slice(&rate.to_le_bytes());
        file[34..36].copy_from_slice(&bits.to_le_bytes());
        file.extend_from_slice(data);
        file
    }

    #[test]
    fn what_is_written_can_be_read() {
        let samples: Vec<i16> = (0..1000).map(|n| n * 7 - 3000).collect();
        let data: Vec<u8> = samples.iter().flat_map(|s| s.to_le_bytes()).collect();
        assert_eq!(read(&wav(1, 1, 8000, 16, &data)).unwrap(), samples);
    }

    #[test]
    fn other_rates_channels_and_encodings_become_8k_mono() {
        let stereo: Vec<u8> = (0..1600)
            .flat_map(|_| [100_i16.to_le_bytes(), 300_i16.to_le_bytes()].concat())
            .collect();
        let sound = read(&wav(1, 2, 16_000, 16, &stereo)).unwrap();
        assert_eq!((sound.len(), sound[0], sound[799]), (800, 200, 200));
        assert_eq!(read(&wav(7, 1, 8000, 8, &[0xFF, 0x80])).unwrap(), vec![0, 32_124]);
        assert_eq!(read(&wav(1, 1, 8000, 8, &[128, 255])).unwrap(), vec![0, 32_512]);
    }

    #[test]
    fn what_is_no_sound_is_refused_and_never_panics() {
        assert_eq!(read(b"<html>"), Err(Unplayable::NotWav));
        assert_eq!(
            read(&wav(85, 1, 8000, 16, &[0; 8])),
            Err(Unplayable::Encoding(85))
        );
        let good = wav(1, 2, 44_100, 16, &[1; 400]);
        for len in 0..good.len() {
            let _ = read(&good[..len]);
        }
    }
}
