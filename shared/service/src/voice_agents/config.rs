//! What an agent is set to, and which parts will really speak: never a secret.

use serde_json::{Map, Value};
use trunkline_auth::Principal;
use trunkline_domain::{Error, VoiceAgent, VoiceAgentId};

use crate::{
    Ctx,
    parts::{self, Effective},
};

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
    let effective = parts::shown(ctx, who.tenant, Some(&agent)).await?;
    Ok(AgentConfig {
        agent,
        voice_parameters,
        effective,
    })
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
    fn secrets_are_masked_at_any_depth_and_nothing_else_is() {
        let given = json!({"speed": 1.0, "voice_id": "joe", "auth": {"api_key": "sk-abcdefghijklwxyz", "Token": "short"}});
        let seen = shown("voice_parameters", &given);
        assert_eq!(
            seen,
            json!({"speed": 1.0, "voice_id": "joe", "auth": {"api_key": "sk-…wxyz", "Token": "…"}})
        );
    }
}
