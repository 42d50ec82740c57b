//! What an agent is set to, and which parts will really speak: never a secret.

use serde_json::{Map, Value};
use trunkline_auth::Principal;
use trunkline_domain::{Error, VoiceAgent, VoiceAgentId};

use crate::{Ctx, Settings};

use super::get;

/// An agent's settings, with what they come to in this deployment.
#[derive(Debug, Clone, PartialEq)]
pub struct AgentConfig {
    /// The agent.
    pub agent: VoiceAgent,
    /// Its voice parameters; what looks like a secret is masked.
    pub voice_parameters: Map<String, Value>,
    /// What really speaks.
    pub effective: Effective,
}

/// The parts that a call of the agent will really use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Effective {
    /// The dialogue.
    pub llm: Part,
    /// Speech to text.
    pub stt: Part,
    /// Text to speech.
    pub tts: Part,
}

/// One part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The provider's name.
    pub provider: String,
    /// The model; none when the provider has but one.
    pub model: Option<String>,
    /// Why this one.
    pub reason: String,
}

/// An agent's settings.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn config(ctx: &Ctx, who: &Principal, id: VoiceAgentId) -> Result<AgentConfig, Error> {
    let agent = get(ctx, who, id).await?;
    let voice_parameters = agent
        .voice_parameters
        .iter()
        .map(|(name, value)| (name.clone(), shown(name, value)))
        .collect();
    let effective = effective(&ctx.settings, Some(&agent));
    Ok(AgentConfig {
        agent,
        voice_parameters,
        effective,
    })
}

/// The parts that a call of this agent uses; of none, the platform's own.
pub(crate) fn effective(settings: &Settings, agent: Option<&VoiceAgent>) -> Effective {
    let part =
        |asked: Option<&String>, forced: Option<&String>, variable: &str| part(asked, forced, variable);
    let mut llm = part(
        agent.and_then(|a| a.llm_provider.as_ref()),
        settings.forced_llm.as_ref(),
        "TRUNKLINE_LLM",
    );
    if llm.provider == BUILTIN {
        llm.model = Some("extractive".to_owned());
    }
    Effective {
        llm,
        stt: part(
            agent.and_then(|a| a.stt_provider.as_ref()),
            settings.forced_stt.as_ref(),
            "TRUNKLINE_STT",
        ),
        tts: part(
            agent.and_then(|a| a.tts_provider.as_ref()),
            settings.forced_tts.as_ref(),
            "TRUNKLINE_TTS",
        ),
    }
}

/// The provider that needs no key.
pub(crate) const BUILTIN: &str = "builtin";

fn part(asked: Option<&String>, forced: Option<&String>, variable: &str) -> Part {
    let (provider, reason) = match (forced, asked) {
        (Some(forced), _) => (
            forced.trim().to_ascii_lowercase(),
            format!("{variable} sets it for this deployment"),
        ),
        (None, Some(asked)) if asked.eq_ignore_ascii_case(BUILTIN) => {
            (BUILTIN.to_owned(), "the agent names it".to_owned())
        }
        (None, Some(asked)) => (
            BUILTIN.to_owned(),
            format!("`{asked}` has no key in this deployment, so the built-in one is used"),
        ),
        (None, None) => (BUILTIN.to_owned(), "the agent names none".to_owned()),
    };
    Part {
        provider,
        model: None,
        reason,
    }
}

/// A parameter, masked when its name says that it is a secret.
fn shown(name: &str, value: &Value) -> Value {
    match value {
        Value::String(secret) if is_secret(name) => Value::String(masked(secret)),
        Value::Object(inner) => Value::Object(
            inner
                .iter()
                .map(|(name, value)| (name.clone(), shown(name, value)))
                .collect(),
        ),
        Value::Array(items) => Value::Array(items.iter().map(|item| shown(name, item)).collect()),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.clone(),
    }
}

fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["key", "secret", "token", "password", "credential"]
        .iter()
        .any(|part| name.contains(part))
}

/// `sk-…wxyz`: enough to tell which one it is; of a short one nothing.
fn masked(secret: &str) -> String {
    let letters: Vec<char> = secret.chars().collect();
    match letters.len() {
        0..=11 => "…".to_owned(),
        n => format!(
            "{}…{}",
            letters[..3].iter().collect::<String>(),
            letters[n - 4..].iter().collect::<String>()
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_provider_without_a_key_is_said_to_be_replaced() {
        let asked = "openai".to_owned();
        let used = part(Some(&asked), None, "TRUNKLINE_LLM");
        assert_eq!(used.provider, "builtin");
        assert!(used.reason.contains("`openai` has no key"), "{}", used.reason);
        let forced = "stub".to_owned();
        assert_eq!(
            part(Some(&asked), Some(&forced), "TRUNKLINE_LLM").provider,
            "stub"
        );
    }

    #[test]
    fn secrets_are_masked_at_any_depth_and_nothing_else_is() {
        let given = json!({"speed": 1.0, "voice_id": "joe", "auth": {"api_key": "sk-abcdefghijklwxyz", "Token": "short"}});
        let seen = shown("voice_parameters", &given);
        assert_eq!(
            seen,
            json!({"speed": 1.0, "voice_id": "joe", "auth": {"api_key": "sk-…wxyz", "Token": "…"}})
        );
    }
}
