//! The recogniser itself: audio in, words out.

use super::ct2::Ct2File;
use super::decoder::Decoder;
use super::encoder::{EncodeError, Encoder};
use super::mel::{BANDS, HOP, Mel};
use super::text::{Evidence, accept, repeats_from};
use super::tokens::{END, NO_SPEECH, NO_TIMES, SPACE, START, Tokens};
use crate::builtin::LoadError;
use crate::builtin::vad::Silero;
use crate::models::{ModelsDir, file};
use crate::nn::{Gemm, softmax};

/// 16 kHz samples of a step of the voice detector.
const STEP: usize = 512;
/// A step with at least this probability is speech.
const SPEECH: f32 = 0.45;
/// Steps kept before the first and after the last speech: 200 ms.
const MARGIN: usize = 6;
/// Silence put behind the speech, 1.5 s; what the decoder wants beyond it was heard once, at loading.
const PADDING: usize = 24_000;
/// A column's value where nothing is heard: 80 dB below loud speech.
const QUIET: f32 = -0.75;
/// Columns that the model can hear at once: 30 s.
const COLUMNS_MAX: usize = 3_000;

/// Whisper tiny.en with the voice detector that keeps silence away from it.
#[derive(Debug)]
pub(super) struct Recogniser {
    detector: Silero,
    mel: Mel,
    encoder: Encoder,
    decoder: Decoder,
    tokens: Tokens,
}

/// What was understood.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Transcript {
    /// Empty when no words were.
    pub(super) text: String,
    /// 0 to 1; `None` when nothing was decoded.
    pub(super) confidence: Option<f32>,
}

impl Recogniser {
    pub(super) fn load(models: &ModelsDir, detector: Silero) -> Result<Self, LoadError> {
        let path = models.path(file::WHISPER);
        let weights = Ct2File::read(&path)?;
        let gemm = Gemm::new();
        let encoder = Encoder::load(&weights, &gemm)?;
        let mut decoder = Decoder::load(&weights, &gemm)?;
        let quiet = encoder
            .encode(&gemm, &vec![QUIET; COLUMNS_MAX * BANDS])
            .map_err(LoadError::at(&path))?;
        decoder
            .learn_silence(&gemm, &quiet)
            .map_err(LoadError::at(&path))?;
        Ok(Self {
            detector,
            mel: Mel::new(),
            encoder,
            decoder,
            tokens: Tokens::load(&models.path(file::WHISPER_TOKENS))?,
        })
    }

    /// The words in 16 kHz audio; what is beyond 29 s is not heard.
    pub(super) fn transcribe(&self, samples: &[f32]) -> Result<Transcript, EncodeError> {
        let Some((spoken, speech_ms)) = self.spoken(samples) else {
            return Ok(Transcript {
                text: String::new(),
                confidence: None,
            });
        };
        let mut padded = spoken.to_vec();
        padded.resize(spoken.len() + PADDING, 0.0);
        let columns = self.mel.columns(&padded);
        let count = (padded.len() / HOP / 2 * 2).min(COLUMNS_MAX);
        let gemm = Gemm::new();
        let heard = self.encoder.encode(&gemm, &columns[..count * BANDS])?;
        let decoded = self.decode(&gemm, &heard, most_tokens(spoken.len()))?;
        let evidence = Evidence {
            speech_ms,
            no_speech: decoded.no_speech,
            mean_log: decoded.mean_log,
        };
        let text = accept(&self.tokens.text(&decoded.tokens), evidence);
        let confidence = Some(decoded.mean_log.exp().clamp(0.0, 1.0));
        Ok(Transcript { text, confidence })
    }

    /// The part from the first to the last speech, and how much speech it has.
    fn spoken<'a>(&self, samples: &'a [f32]) -> Option<(&'a [f32], u32)> {
        let speech: Vec<bool> = self.detector.scan(samples).iter().map(|p| *p >= SPEECH).collect();
        let first = speech.iter().position(|s| *s)?.saturating_sub(MARGIN);
        let last = speech.iter().rposition(|s| *s)? + MARGIN;
        let end = ((last + 1) * STEP).min(samples.len());
        let steps = u32::try_from(speech.iter().filter(|s| **s).count()).unwrap_or(u32::MAX);
        Some((&samples[first * STEP..end], steps.saturating_mul(32)))
    }

    fn decode(&self, gemm: &Gemm, heard: &[f32], most: usize) -> Result<Decoded, EncodeError> {
        let mut cache = self.decoder.start(gemm, heard)?;
        let mut decoded = Decoded {
            tokens: Vec::new(),
            no_speech: 0.0,
            mean_log: 0.0,
        };
        if let Some(state) = self.decoder.step(&mut cache, START) {
            let mut chances = self.decoder.scores(&state);
            softmax(&mut chances);
            decoded.no_speech = chances.get(NO_SPEECH).copied().unwrap_or(0.0);
        }
        let mut next = NO_TIMES;
        let mut logs = 0.0;
        while decoded.tokens.len() < most
            && let Some(state) = self.decoder.step(&mut cache, next)
        {
            let mut scores = self.decoder.scores(&state);
            // Marks are never words, and a transcript does not start with its end.
            scores[END + 1..].fill(f32::NEG_INFINITY);
            if decoded.tokens.is_empty() {
                scores[END] = f32::NEG_INFINITY;
                scores[SPACE] = f32::NEG_INFINITY;
            }
            let (token, log) = best(&scores);
            logs += log;
            decoded.mean_log = logs / (decoded.tokens.len() + 1) as f32;
            if token == END {
                break;
            }
            decoded.tokens.push(token);
            if let Some(keep) = repeats_from(&decoded.tokens) {
                decoded.tokens.truncate(keep);
                break;
            }
            next = token;
        }
        Ok(decoded)
    }
}

struct Decoded {
    tokens: Vec<usize>,
    no_speech: f32,
    mean_log: f32,
}

/// More tokens than anyone can say: 9 a second and some to begin with.
fn most_tokens(samples: usize) -> usize {
    (12 + samples * 9 / 16_000).min(200)
}

/// The likeliest token and the logarithm of its probability.
fn best(scores: &[f32]) -> (usize, f32) {
    let top = scores.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1));
    let Some((token, &score)) = top else {
        return (END, 0.0);
    };
    let sum: f32 = scores.iter().map(|s| (s - score).exp()).sum();
    (token, -sum.ln())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_token_comes_with_its_probability() {
        let (token, log) = best(&[0.0, 2.0_f32.ln(), f32::NEG_INFINITY, 0.0]);
        assert_eq!(token, 1);
        assert!((log.exp() - 0.5).abs() < 1e-6);
    }

    #[test]
    fn long_speech_may_have_more_tokens_but_not_without_end() {
        assert_eq!(most_tokens(16_000), 21);
        assert_eq!(most_tokens(usize::from(u16::MAX) * 30), 200);
    }
}
