//! What a call was like, from its lines: pure and deterministic.

mod emotions;
mod phrases;
mod sentiment;
mod summary;

use serde::{Deserialize, Serialize};

use crate::llm::Line;

pub use sentiment::Label;

/// The analysis of one call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Analysis {
    /// One to three sentences on why the call was made and how it ended.
    pub summary: String,
    /// The caller's mood as a whole.
    pub sentiment: Label,
    /// The mood as a number, -1 (bad) to 1 (good).
    pub score: f64,
    /// What the caller showed, strongest first; often nothing.
    pub emotions: Vec<String>,
    /// What was talked about, most telling first; at most [`KEY_PHRASES_MAX`].
    pub key_phrases: Vec<String>,
}

/// The most key phrases of an [`Analysis`].
pub const KEY_PHRASES_MAX: usize = 8;

/// Analyses a call; a call without words is neutral and has an empty summary.
#[must_use]
pub fn analyse(lines: &[Line]) -> Analysis {
    let (sentiment, score) = sentiment::of(lines);
    Analysis {
        summary: summary::of(lines),
        sentiment,
        score,
        emotions: emotions::of(lines),
        key_phrases: phrases::of(lines),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::llm::Speaker;

    #[test]
    fn any_text_is_analysed_without_trouble() {
        for text in [
            "",
            " ",
            "!!!",
            "\u{1f642}",
            "\u{4f60}\u{597d}",
            "a\u{0}b",
            "NOT",
            "but",
            "I'm",
            "\u{2014}",
            "1 2 3",
        ] {
            let lines = [Line {
                speaker: Speaker::User,
                text: text.into(),
            }];
            let analysis = analyse(&lines);
            assert!(
                analysis.score.abs() <= 1.0 && analysis.key_phrases.len() <= KEY_PHRASES_MAX,
                "{text:?}"
            );
        }
        let nothing = analyse(&[]);
        assert_eq!(
            (nothing.summary.as_str(), nothing.sentiment, nothing.score),
            ("", Label::Neutral, 0.0)
        );
        assert!(nothing.emotions.is_empty() && nothing.key_phrases.is_empty());
    }
}
