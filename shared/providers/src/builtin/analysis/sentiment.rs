//! The caller's mood, by VADER's word list with a few words of the telephone.

use serde::{Deserialize, Serialize};
use vader_sentimental::SentimentIntensityAnalyzer;

use crate::builtin::words::{any, sentences};
use crate::llm::{Line, Speaker};

/// A mood.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Label {
    /// Pleased.
    Positive,
    /// Neither.
    Neutral,
    /// Displeased.
    Negative,
}

/// What the word list does not know, and how much it tells.
const CALL_WORDS: [(f64, &[&str]); 2] = [
    (
        -0.5,
        &[
            "waiting|waited|hold ~2 for ~2 minutes|hours|days|weeks|ages|forever",
            "nobody|no one ~2 help|helps|answers|listens|called",
            "not arrived|working|fixed|received|delivered|resolved|acceptable",
            "charged ~3 twice|again|double",
            "still ~3 waiting|broken|not",
            "hung up on",
            "stop|quit calling",
            "remove me|my",
            "want ~4 refund|manager|supervisor",
            "waste of ~1 time",
        ],
    ),
    (
        0.4,
        &[
            "that works|helps",
            "sounds good|great|fine",
            "see you",
            "no problem",
            "looking forward",
            "works for me",
            "sign me up",
        ],
    ),
];

/// Scores nearer to 0 than this are neutral.
const NEUTRAL: f64 = 0.12;

/// The mood of the caller's lines: a label, and a score from -1 to 1.
pub(super) fn of(lines: &[Line]) -> (Label, f64) {
    let analyser = SentimentIntensityAnalyzer::new();
    let said = lines.iter().filter(|line| line.speaker == Speaker::User);
    let scores: Vec<f64> = said.filter_map(|line| score(&analyser, &line.text)).collect();
    if scores.is_empty() {
        return (Label::Neutral, 0.0);
    }
    // Lines that say nothing either way do not water down those that do.
    let weight: f64 = scores.iter().map(|score| 0.15 + score.abs()).sum();
    let mean = scores
        .iter()
        .map(|score| score * (0.15 + score.abs()))
        .sum::<f64>()
        / weight;
    let score = (mean.clamp(-1.0, 1.0) * 1_000.0).round() / 1_000.0;
    let label = match score {
        score if score >= NEUTRAL => Label::Positive,
        score if score <= -NEUTRAL => Label::Negative,
        _ => Label::Neutral,
    };
    (label, score)
}

/// One line's score; `None` for a line without words.
fn score(analyser: &SentimentIntensityAnalyzer<'_>, text: &str) -> Option<f64> {
    let sentences = sentences(text);
    if sentences.is_empty() {
        return None;
    }
    let listed = analyser.polarity_scores(text).compound;
    let listed = if listed.is_finite() { listed } else { 0.0 };
    let extra = CALL_WORDS
        .iter()
        .filter(|(_, patterns)| sentences.iter().any(|s| any(patterns, s)));
    Some((listed + extra.map(|(worth, _)| worth).sum::<f64>()).clamp(-1.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn label(text: &str) -> Label {
        of(&[Line {
            speaker: Speaker::User,
            text: text.into(),
        }])
        .0
    }

    #[test]
    fn lines_of_the_telephone_are_read_right() {
        for (text, want) in [
            ("That is great, thank you so much for your help!", Label::Positive),
            ("Yeah that works for me.", Label::Positive),
            ("Perfect, see you on Tuesday at three.", Label::Positive),
            (
                "I have been waiting for forty minutes and nobody can help me, this is ridiculous.",
                Label::Negative,
            ),
            ("No, I am not interested, stop calling me.", Label::Negative),
            (
                "My order still has not arrived and I want a refund.",
                Label::Negative,
            ),
            ("Your agent was rude and hung up on me.", Label::Negative),
            ("I was charged twice for the same subscription.", Label::Negative),
            ("Can you tell me your opening hours?", Label::Neutral),
            ("It is on Tuesday.", Label::Neutral),
        ] {
            assert_eq!(label(text), want, "{text}");
        }
    }

    #[test]
    fn only_the_caller_counts() {
        let lines = [
            Line {
                speaker: Speaker::Agent,
                text: "What a wonderful, great, lovely day!".into(),
            },
            Line {
                speaker: Speaker::User,
                text: "This is terrible and awful.".into(),
            },
        ];
        let (label, score) = of(&lines);
        assert_eq!(label, Label::Negative);
        assert!((-1.0..-0.4).contains(&score));
    }
}
