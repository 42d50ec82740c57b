//! VoiceERA's transcript: as JSON, as text, as subtitles.

use schemars::JsonSchema;
use serde::Serialize;
use trunkline_domain::{
    Instant,
    transcript::{Speaker, TranscriptLine, TranscriptSource, Transcription},
};
use trunkline_service::calls::Transcript;
use uuid::Uuid;

use crate::Seconds;

/// What was said on a call.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct TranscriptBody {
    /// The call.
    pub call_id: Uuid,
    /// `in_progress` while the call lasts; `queued` or `processing` while its recording is transcribed again; then
    /// `completed`, or `none` when nothing was said.
    #[schemars(example = &"completed")]
    pub status: &'static str,
    /// BCP 47 tag.
    #[schemars(example = &"en")]
    pub language: Option<String>,
    /// `Agent: … User: …`; empty when nothing was said.
    #[schemars(example = &"Agent: Hi, this is Support. User: Hello, I have a question about my bill.")]
    pub transcript: String,
    /// Line by line, in the order of speech.
    pub segments: Vec<SegmentBody>,
    /// How far transcribing again is; null when nobody asked for it.
    pub transcription: Option<TranscriptionBody>,
}

/// The last wish that the recording be transcribed again.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct TranscriptionBody {
    /// `queued`, `processing`, `completed` or `failed`.
    #[schemars(example = &"completed")]
    pub status: &'static str,
    /// `recording` when the person's words were recognised from it, `live` when those heard during the call were kept.
    #[schemars(example = &"recording")]
    pub source: Option<&'static str>,
    /// Why it failed, or why the words were kept.
    pub reason: Option<String>,
    /// When it was asked for.
    pub requested_at: Seconds,
    /// When it was over.
    pub finished_at: Option<Seconds>,
}

impl From<Transcription> for TranscriptionBody {
    fn from(wish: Transcription) -> Self {
        Self {
            status: wish.status.as_str(),
            source: wish.source.map(TranscriptSource::as_str),
            reason: wish.reason,
            requested_at: wish.requested_at.into(),
            finished_at: wish.finished_at.map(Seconds),
        }
    }
}

/// A line.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct SegmentBody {
    /// `user` or `agent`.
    #[schemars(example = &"user")]
    pub speaker: &'static str,
    /// What.
    #[schemars(example = &"Hello, I have a question about my bill.")]
    pub text: String,
    /// Seconds from the beginning of speech.
    #[schemars(example = 1.5)]
    pub start: f64,
    /// Seconds from the beginning of speech.
    #[schemars(example = 4.2)]
    pub end: f64,
    /// When.
    pub timestamp: Seconds,
    /// 0 to 1; null where it is not known.
    #[schemars(example = 0.93)]
    pub confidence: Option<f32>,
}

impl From<Transcript> for TranscriptBody {
    fn from(said: Transcript) -> Self {
        let again = said.transcription.as_ref().filter(|wish| !wish.status.is_over());
        let status = match (said.call.status.is_ended(), again, said.lines.is_empty()) {
            (false, _, _) => "in_progress",
            (true, Some(wish), _) => wish.status.as_str(),
            (true, None, false) => "completed",
            (true, None, true) => "none",
        };
        let begin = begin(&said.lines);
        Self {
            call_id: said.call.id.0,
            status,
            transcript: said.text(),
            segments: said.lines.iter().map(|line| segment(line, begin)).collect(),
            language: said.language,
            transcription: said.transcription.map(Into::into),
        }
    }
}

fn segment(line: &TranscriptLine, begin: Option<Instant>) -> SegmentBody {
    let (start_ms, end_ms) = span(line, begin);
    SegmentBody {
        speaker: speaker(line),
        text: line.text.clone(),
        start: seconds(start_ms),
        end: seconds(end_ms),
        timestamp: line.at.into(),
        confidence: line.confidence,
    }
}

/// A plain text: a line each, with who said it.
#[must_use]
pub fn txt(lines: &[TranscriptLine]) -> String {
    lines
        .iter()
        .map(|line| format!("{}: {}\n", name(line), one_line(&line.text)))
        .collect()
}

/// `SubRip` subtitles.
#[must_use]
pub fn srt(lines: &[TranscriptLine]) -> String {
    let begin = begin(lines);
    let mut text = String::new();
    for (line, number) in lines.iter().zip(1..) {
        let (start, end) = span(line, begin);
        let words = one_line(&line.text);
        text.push_str(&format!(
            "{number}\n{} --> {}\n{}: {words}\n\n",
            clock(start),
            clock(end),
            name(line)
        ));
    }
    text
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// When the call's first stream began.
fn begin(lines: &[TranscriptLine]) -> Option<Instant> {
    let began = |line: &TranscriptLine| {
        line.at.checked_sub_signed(chrono::TimeDelta::try_milliseconds(
            i64::try_from(line.start_ms).ok()?,
        )?)
    };
    lines.iter().filter_map(began).min()
}

/// From and to, in milliseconds from the call's first stream; a later stream's own times begin anew.
fn span(line: &TranscriptLine, begin: Option<Instant>) -> (u64, u64) {
    let start = begin.and_then(|begin| u64::try_from((line.at - begin).num_milliseconds()).ok());
    let start = start.unwrap_or(line.start_ms);
    (start, start + line.end_ms.saturating_sub(line.start_ms))
}

fn seconds(ms: u64) -> f64 {
    u32::try_from(ms).map_or(f64::from(u32::MAX), f64::from) / 1_000.0
}

fn clock(ms: u64) -> String {
    let (hours, minutes, seconds) = (ms / 3_600_000, ms / 60_000 % 60, ms / 1_000 % 60);
    format!("{hours:02}:{minutes:02}:{seconds:02},{:03}", ms % 1_000)
}

const fn speaker(line: &TranscriptLine) -> &'static str {
    match line.speaker {
        Speaker::Agent => "agent",
        Speaker::User => "user",
    }
}

const fn name(line: &TranscriptLine) -> &'static str {
    match line.speaker {
        Speaker::Agent => "Agent",
        Speaker::User => "User",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(generation: u32, start_ms: u64, at: &str, speaker: Speaker, text: &str) -> TranscriptLine {
        let end_ms = start_ms + 1_500;
        TranscriptLine {
            generation,
            start_ms,
            end_ms,
            speaker,
            text: text.to_owned(),
            confidence: None,
            at: at.parse().unwrap(),
        }
    }

    fn lines() -> Vec<TranscriptLine> {
        vec![
            line(
                0,
                250,
                "2026-11-22T10:00:00.250Z",
                Speaker::Agent,
                "Hello,\nthis is Joe.",
            ),
            line(0, 2_000, "2026-11-22T10:00:02Z", Speaker::User, " Hi "),
            line(
                1,
                100,
                "2026-11-22T11:01:01.005Z",
                Speaker::Agent,
                "Sorry, where were we?",
            ),
        ]
    }

    #[test]
    fn subtitles_go_on_over_a_second_stream() {
        assert_eq!(
            srt(&lines()),
            "1\n00:00:00,250 --> 00:00:01,750\nAgent: Hello, this is Joe.\n\n\
             2\n00:00:02,000 --> 00:00:03,500\nUser: Hi\n\n\
             3\n01:01:01,005 --> 01:01:02,505\nAgent: Sorry, where were we?\n\n"
        );
    }

    #[test]
    fn a_text_has_a_line_for_each_line() {
        assert_eq!(txt(&lines()[1..]), "User: Hi\nAgent: Sorry, where were we?\n");
        assert_eq!((txt(&[]).as_str(), srt(&[]).as_str()), ("", ""));
    }
}
