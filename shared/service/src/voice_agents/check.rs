//! What a voice agent's fields may hold.

use trunkline_domain::{FieldError, VoiceAgent};

use crate::free_form;

/// Characters of a name.
pub(super) const NAME_MAX: usize = 200;

/// Characters of a system prompt.
const PROMPT_MAX: usize = 32_000;
/// Characters of all knowledge passages together; an item of the store holds 400 kB in all.
const KNOWLEDGE_MAX: usize = 60_000;
/// Knowledge passages.
const PASSAGES_MAX: usize = 1_000;
/// Bytes of the voice parameters as JSON.
const PARAMETERS_MAX: usize = 16_000;

/// What is wrong with an agent's fields.
pub(super) fn check(agent: &VoiceAgent) -> Vec<FieldError> {
    let mut errors = Vec::new();
    let mut at_most = |field: &str, text: Option<&str>, most: usize| {
        if text.is_some_and(|text| text.chars().count() > most) {
            errors.push(FieldError::new(
                field,
                format!("must be at most {most} characters"),
            ));
        }
    };
    at_most("name", Some(&agent.name), NAME_MAX);
    at_most("description", agent.description.as_deref(), 2_000);
    at_most("llm_provider", agent.llm_provider.as_deref(), 64);
    at_most("llm_model", agent.llm_model.as_deref(), 128);
    at_most("stt_provider", agent.stt_provider.as_deref(), 64);
    at_most("tts_provider", agent.tts_provider.as_deref(), 64);
    at_most("system_prompt", Some(&agent.system_prompt), PROMPT_MAX);
    at_most("greeting", agent.greeting.as_deref(), 1_000);
    if agent.name.is_empty() {
        errors.push(FieldError::new("name", "is required; give the agent a name"));
    }
    if agent.name.chars().any(char::is_control) {
        errors.push(FieldError::new(
            "name",
            "must be one line without control characters",
        ));
    }
    if !is_language(&agent.language) {
        let what = format!("`{}` is not a language tag such as en or en-US", agent.language);
        errors.push(FieldError::new("language", what));
    }
    if agent
        .knowledge
        .iter()
        .map(|passage| passage.chars().count())
        .sum::<usize>()
        > KNOWLEDGE_MAX
    {
        errors.push(FieldError::new(
            "knowledge",
            format!("must be at most {KNOWLEDGE_MAX} characters in all"),
        ));
    }
    if agent.knowledge.len() > PASSAGES_MAX {
        errors.push(FieldError::new(
            "knowledge",
            format!("must be at most {PASSAGES_MAX} passages"),
        ));
    }
    errors.extend(free_form::check(
        "voice_parameters",
        &agent.voice_parameters,
        PARAMETERS_MAX,
    ));
    errors
}

/// The shape of a BCP 47 tag: a language of 2 to 8 letters, then parts of letters and digits.
fn is_language(tag: &str) -> bool {
    let mut parts = tag.split(['-', '_']);
    let language = parts.next().unwrap_or_default();
    (2..=8).contains(&language.len())
        && language.bytes().all(|b| b.is_ascii_alphabetic())
        && parts.all(|part| (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric()))
        && tag.len() <= 35
}

#[cfg(test)]
mod tests {
    use super::is_language;

    #[test]
    fn a_language_is_a_tag() {
        for tag in ["en", "en-US", "pt_BR", "zh-Hans-CN", "multi"] {
            assert!(is_language(tag), "{tag}");
        }
        for text in ["", "e", "english language", "en-", "12", "en-US!", "-"] {
            assert!(!is_language(text), "{text}");
        }
    }
}
