//! Recognising a recording: the bucket's bytes, cut into utterances, one after the other to the recogniser.

use std::sync::Arc;

use bytes::Bytes;
use futures::{Stream, StreamExt};
use trunkline_domain::{Error, transcript::Speaker};
use trunkline_providers::{
    ProviderError,
    stt::{SpeechToText, SttEvent, SttInput, SttOptions, SttStream},
    vad::{FRAME, VoiceActivityFactory},
};

use super::utterances::{Cutter, Utterance};

/// Bytes of a WAV before its first sample.
const HEADER: usize = 44;
/// Bytes of a frame of both tracks.
const FRAME_BYTES: usize = FRAME * 4;
/// How long the recogniser may take for an utterance, waiting behind live calls included.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(60);

/// What understands recordings in this process.
#[derive(Debug, Clone)]
pub struct Recogniser {
    /// Who understands.
    pub stt: Arc<dyn SpeechToText>,
    /// Who hears whether someone speaks.
    pub vad: Arc<dyn VoiceActivityFactory>,
}

/// What was understood of an utterance.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Heard {
    pub(super) speaker: Speaker,
    pub(super) start_ms: u64,
    pub(super) end_ms: u64,
    pub(super) text: String,
    pub(super) confidence: Option<f32>,
}

/// Why nothing was understood.
#[derive(Debug)]
pub(super) enum NotHeard {
    /// It may go better later.
    Later(ProviderError),
    /// The recogniser broke.
    Broken(ProviderError),
    /// The bucket.
    Unread(Error),
}

/// Understands these tracks of a stereo WAV; the recording is never whole in memory.
pub(super) async fn recognise(
    recogniser: &Recogniser,
    language: &str,
    tracks: &[Speaker],
    wav: impl Stream<Item = Result<Bytes, std::io::Error>> + Send + Unpin,
) -> Result<Vec<Heard>, NotHeard> {
    let mut stream = open(recogniser, language).await?;
    let mut cutters: Vec<(Speaker, Cutter)> = tracks
        .iter()
        .map(|speaker| (*speaker, Cutter::new(recogniser.vad.open())))
        .collect();
    let (mut wav, mut turn, mut heard) = (wav, 0, Vec::new());
    let (mut bytes, mut header) = (Vec::new(), HEADER);
    while let Some(part) = wav.next().await {
        let part = part.map_err(|error| NotHeard::Unread(Error::internal(error)))?;
        bytes.extend_from_slice(&part);
        let skipped = header.min(bytes.len());
        header -= skipped;
        bytes.drain(..skipped);
        let whole = bytes.len() / FRAME_BYTES * FRAME_BYTES;
        for frame in bytes[..whole].chunks_exact(FRAME_BYTES) {
            for (speaker, cutter) in &mut cutters {
                if let Some(utterance) = cutter.push(&track(frame, *speaker)) {
                    heard.extend(understand(&mut stream, &mut turn, *speaker, utterance).await?);
                }
            }
        }
        bytes.drain(..whole);
    }
    for (speaker, cutter) in &mut cutters {
        if let Some(utterance) = cutter.end() {
            heard.extend(understand(&mut stream, &mut turn, *speaker, utterance).await?);
        }
    }
    Ok(heard)
}

async fn open(recogniser: &Recogniser, language: &str) -> Result<SttStream, NotHeard> {
    let options = SttOptions {
        language: language.to_owned(),
    };
    recogniser.stt.open(&options).await.map_err(NotHeard::Later)
}

/// A track of interleaved frames: the person left, the agent right.
fn track(frame: &[u8], speaker: Speaker) -> [i16; FRAME] {
    let at = match speaker {
        Speaker::User => 0,
        Speaker::Agent => 2,
    };
    let mut samples = [0; FRAME];
    for (sample, pair) in samples.iter_mut().zip(frame.chunks_exact(4)) {
        *sample = i16::from_le_bytes([pair[at], pair[at + 1]]);
    }
    samples
}

/// One utterance's text; none when it was no words.
async fn understand(
    stream: &mut SttStream,
    turn: &mut u32,
    speaker: Speaker,
    utterance: Utterance,
) -> Result<Option<Heard>, NotHeard> {
    *turn += 1;
    let asked = *turn;
    let Utterance {
        start_ms,
        end_ms,
        samples,
    } = utterance;
    let answered = async {
        let gone = || NotHeard::Broken(failed("it hung up"));
        stream
            .input
            .send(SttInput::Audio(samples))
            .await
            .map_err(|_| gone())?;
        let end = SttInput::EndOfTurn { turn: asked };
        stream.input.send(end).await.map_err(|_| gone())?;
        loop {
            match stream.events.recv().await {
                Some(SttEvent::Final {
                    turn,
                    text,
                    confidence,
                }) if turn == asked => return Ok((text, confidence)),
                Some(SttEvent::Final { .. } | SttEvent::Partial { .. }) => {}
                Some(SttEvent::Failed(error @ ProviderError::Overloaded { .. })) => {
                    return Err(NotHeard::Later(error));
                }
                Some(SttEvent::Failed(error)) => return Err(NotHeard::Broken(error)),
                None => return Err(gone()),
            }
        }
    };
    let (text, confidence) = tokio::time::timeout(PATIENCE, answered)
        .await
        .map_err(|_| NotHeard::Later(failed("it took more than a minute for an utterance")))??;
    let text = text.trim();
    Ok((!text.is_empty()).then(|| Heard {
        speaker,
        start_ms,
        end_ms,
        text: text.to_owned(),
        confidence,
    }))
}

fn failed(reason: &str) -> ProviderError {
    ProviderError::Failed {
        provider: "the recogniser",
        reason: reason.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use trunkline_providers::stub::{HEARD, StubStt};

    /// A second of a tone on one track, between silences.
    fn wav(speaker: Speaker) -> Vec<u8> {
        let mut bytes = vec![0; HEADER];
        for n in 0..8_000 * 4_i32 {
            let loud = (8_000..16_000).contains(&n);
            let level = if loud {
                8_000 * (if n / 20 % 2 == 0 { 1 } else { -1 })
            } else {
                0
            };
            let sample = i16::try_from(level).unwrap().to_le_bytes();
            let (left, right) = match speaker {
                Speaker::User => (sample, [0, 0]),
                Speaker::Agent => ([0, 0], sample),
            };
            bytes.extend(left);
            bytes.extend(right);
        }
        bytes
    }

    fn recogniser() -> Recogniser {
        Recogniser {
            stt: Arc::new(StubStt),
            vad: Arc::new(trunkline_providers::builtin::vad::Energy),
        }
    }

    async fn of(bytes: &[u8], part: usize, tracks: &[Speaker]) -> Vec<Heard> {
        let parts: Vec<_> = bytes
            .chunks(part)
            .map(|part| Ok(Bytes::copy_from_slice(part)))
            .collect();
        recognise(&recogniser(), "en", tracks, futures::stream::iter(parts))
            .await
            .unwrap()
    }

    #[tokio::test]
    async fn each_track_is_heard_by_itself_however_the_bytes_come() {
        for part in [7, 640, 100_000] {
            let heard = of(&wav(Speaker::User), part, &[Speaker::User, Speaker::Agent]).await;
            assert_eq!(heard.len(), 1, "{heard:?}");
            assert_eq!((heard[0].speaker, heard[0].text.as_str()), (Speaker::User, HEARD));
            assert!((600..=1_000).contains(&heard[0].start_ms), "{heard:?}");
            assert!((2_000..=2_400).contains(&heard[0].end_ms), "{heard:?}");
        }
        assert!(of(&wav(Speaker::Agent), 640, &[Speaker::User]).await.is_empty());
    }

    #[tokio::test]
    async fn a_file_without_sound_says_nothing() {
        for bytes in [0, 10, HEADER, HEADER + 3] {
            assert!(of(&vec![0; bytes], 8, &[Speaker::User]).await.is_empty());
        }
    }
}
