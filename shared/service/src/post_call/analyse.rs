//! What a call was like, by the built-in analysis.

use trunkline_domain::{
    call::Analysis,
    transcript::{Speaker, TranscriptLine},
};
use trunkline_providers::{
    builtin::analysis::{self, Label},
    llm,
};

/// Analyses what was said.
pub(super) fn analyse(lines: &[TranscriptLine]) -> Analysis {
    let lines: Vec<llm::Line> = lines.iter().map(line).collect();
    let found = analysis::analyse(&lines);
    let sentiment = match found.sentiment {
        Label::Positive => "positive",
        Label::Neutral => "neutral",
        Label::Negative => "negative",
    };
    Analysis {
        summary: found.summary,
        sentiment: sentiment.to_owned(),
        sentiment_score: found.score,
        emotions: found.emotions,
        key_phrases: found.key_phrases,
    }
}

fn line(line: &TranscriptLine) -> llm::Line {
    let speaker = match line.speaker {
        Speaker::Agent => llm::Speaker::Agent,
        Speaker::User => llm::Speaker::User,
    };
    llm::Line {
        speaker,
        text: line.text.clone(),
    }
}
