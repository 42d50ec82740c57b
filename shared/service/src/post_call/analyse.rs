//! What a call was like: by the call's language model where it has one, else by the built-in analysis.

use trunkline_domain::{
    call::Analysis,
    transcript::{Speaker, TranscriptLine},
};
use trunkline_providers::{
    builtin::analysis::{self, Label},
    cloud::language_model,
    llm::{self, LanguageModel},
};

use super::{
    answer::read,
    ask::{INSTRUCTIONS, ask, transcript},
};
use crate::parts::{BUILTIN, Chosen};

/// Analyses what was said. What a model found before of the same words stays; what the built-in analysis had to do in a
/// model's place is tried anew.
pub(super) async fn analyse(chosen: &Chosen, lines: &[TranscriptLine], known: Option<Analysis>) -> Analysis {
    let by_model = |analysis: &Analysis| analysis.analysed_by.as_deref().is_some_and(|by| by != BUILTIN);
    if let Some(known) = known.filter(by_model) {
        return known;
    }
    // Nobody's words need no model.
    let talked = lines.iter().any(|line| line.speaker == Speaker::User);
    if let Some(account) = chosen.account.as_ref().filter(|_| talked) {
        let name = chosen.part.model.as_deref().unwrap_or_default();
        let found = match language_model(account) {
            Ok(model) => by(&*model, name, lines).await,
            Err(error) => Err(error.to_string()),
        };
        match found {
            Ok(analysis) => return analysis,
            Err(why) => tracing::warn!(
                provider = chosen.part.provider,
                "a model's analysis of a call cannot be used, so the built-in one is: {why}"
            ),
        }
    }
    built_in(lines)
}

/// By a model of this name; what is wrong is said without a word of the call.
async fn by(model: &dyn LanguageModel, name: &str, lines: &[TranscriptLine]) -> Result<Analysis, String> {
    let text = ask(model, name, INSTRUCTIONS, transcript(lines)).await?;
    let mut analysis = read(&text, lines)?;
    analysis.analysed_by = Some(format!("{}/{name}", model.name()));
    Ok(analysis)
}

fn built_in(lines: &[TranscriptLine]) -> Analysis {
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
        analysed_by: Some(BUILTIN.to_owned()),
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

#[cfg(test)]
#[path = "analyse_tests.rs"]
mod tests;
