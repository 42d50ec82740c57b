//! What a model says of a call, before it is believed. The words of a call may have told the model what to say, so only
//! the summary is its own: all else is one of a few words, a number in its bounds, or was really said.

use serde::Deserialize;
use trunkline_domain::{call::Analysis, counters::EMOTIONS, transcript::TranscriptLine};

/// Letters of a summary.
const SUMMARY_MAX: usize = 800;
/// Letters of a phrase, and phrases.
const PHRASE_MAX: usize = 60;
const PHRASES_MAX: usize = 8;
/// Emotions.
const EMOTIONS_MAX: usize = 3;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Answer {
    summary: String,
    sentiment: Sentiment,
    sentiment_score: f64,
    emotions: Vec<String>,
    key_phrases: Vec<String>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Sentiment {
    Positive,
    Neutral,
    Negative,
}

/// Reads an answer about these lines; who gave it is left open. What is wrong is said without quoting it.
pub(super) fn read(text: &str, lines: &[TranscriptLine]) -> Result<Analysis, String> {
    let text = unfenced(text.trim());
    let answer: Answer = serde_json::from_str(text).map_err(|error| {
        format!(
            "the answer is not the object that was asked for (column {})",
            error.column()
        )
    })?;
    let score = answer.sentiment_score;
    if !(-1.0..=1.0).contains(&score) {
        return Err("the sentiment's score is not from -1 to 1".to_owned());
    }
    let sentiment = match answer.sentiment {
        Sentiment::Positive if score >= 0.0 => "positive",
        Sentiment::Neutral => "neutral",
        Sentiment::Negative if score <= 0.0 => "negative",
        Sentiment::Positive | Sentiment::Negative => {
            return Err("the sentiment and its score contradict each other".to_owned());
        }
    };
    let summary = clipped(&answer.summary, SUMMARY_MAX);
    if summary.is_empty() {
        return Err("there is no summary".to_owned());
    }
    Ok(Analysis {
        summary,
        sentiment: sentiment.to_owned(),
        sentiment_score: score,
        emotions: emotions(&answer.emotions),
        key_phrases: phrases(&answer.key_phrases, lines),
        analysed_by: None,
    })
}

/// Models like to put what they write between fences.
fn unfenced(text: &str) -> &str {
    let inside = text
        .strip_prefix("```json")
        .or_else(|| text.strip_prefix("```"))
        .and_then(|rest| rest.strip_suffix("```"));
    inside.map_or(text, str::trim)
}

/// Those that are told apart, each once.
fn emotions(given: &[String]) -> Vec<String> {
    let mut kept: Vec<String> = Vec::new();
    for emotion in given.iter().map(|emotion| emotion.trim().to_lowercase()) {
        let known = EMOTIONS
            .iter()
            .any(|(name, _)| *name == emotion && emotion != "other");
        if known && !kept.contains(&emotion) && kept.len() < EMOTIONS_MAX {
            kept.push(emotion);
        }
    }
    kept
}

/// Those that were said, each once.
fn phrases(given: &[String], lines: &[TranscriptLine]) -> Vec<String> {
    let said: Vec<String> = lines
        .iter()
        .map(|line| format!(" {} ", words(&line.text)))
        .collect();
    let mut kept: Vec<String> = Vec::new();
    for phrase in given {
        let plain = words(phrase);
        let was_said = !plain.is_empty()
            && plain.chars().count() <= PHRASE_MAX
            && said.iter().any(|line| line.contains(&format!(" {plain} ")));
        if was_said && !kept.contains(&plain) && kept.len() < PHRASES_MAX {
            kept.push(plain);
        }
    }
    kept
}

/// The words alone, in small letters.
fn words(text: &str) -> String {
    let plain: String = text
        .chars()
        .map(|letter| {
            if letter.is_alphanumeric() || letter == '\'' {
                letter
            } else {
                ' '
            }
        })
        .flat_map(char::to_lowercase)
        .collect();
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// In one line without control characters, cut at a word.
fn clipped(text: &str, letters: usize) -> String {
    let plain: String = text
        .chars()
        .map(|letter| if letter.is_control() { ' ' } else { letter })
        .collect();
    let line = plain.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= letters {
        return line;
    }
    let cut: String = line.chars().take(letters - 1).collect();
    let whole = cut.rfind(' ').map_or(cut.as_str(), |at| &cut[..at]);
    format!("{whole}…")
}
