//! What an agent is made from and changed by.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use trunkline_domain::Error;
use trunkline_http::{Patch, choose};
use trunkline_service::voice_agents::{AgentPatch, NewAgent};

use super::STATUSES;

/// An agent's fields. At its making `name` is required and the others have defaults; in a change
/// what is absent stays, and null clears.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub(super) struct Fields {
    /// Unique in the tenant, in any case; at most 200 characters.
    #[schemars(example = &"Support Agent")]
    name: Patch<String>,
    /// What it is for.
    #[schemars(example = &"Handles customer support")]
    description: Patch<String>,
    /// Language-model provider, such as `openai`; one without a key here is replaced by the built-in one.
    #[schemars(example = &"openai")]
    llm_provider: Patch<String>,
    /// Language model, such as `gpt-4`.
    #[schemars(example = &"gpt-4")]
    llm_model: Patch<String>,
    /// Speech-to-text provider, such as `deepgram`.
    #[schemars(example = &"deepgram")]
    stt_provider: Patch<String>,
    /// Text-to-speech provider, such as `cartesia`.
    #[schemars(example = &"cartesia")]
    tts_provider: Patch<String>,
    /// What it is told to be.
    #[schemars(example = &"You are a helpful support agent. Help customers with their issues.")]
    system_prompt: Patch<String>,
    /// BCP 47 tag; `en` unless given.
    #[schemars(example = &"en")]
    language: Patch<String>,
    /// Free-form: `voice_id`, `speed`, `tone`, …
    #[schemars(example = json!({"voice_id": "english_male", "speed": 1.0, "tone": "professional"}))]
    voice_parameters: Patch<Map<String, Value>>,
    /// What it says first.
    greeting: Patch<String>,
    /// Passages it may answer from.
    knowledge: Patch<Vec<String>>,
    /// `active` or `inactive`; an inactive one is not for new campaigns.
    status: Patch<String>,
}

impl Fields {
    pub(super) fn into_new(self) -> Result<NewAgent, Error> {
        let mut rest = self.patch()?;
        // Without a name the service says that one is required.
        let name = rest.name.take().flatten().unwrap_or_default();
        Ok(NewAgent { name, rest })
    }

    pub(super) fn patch(self) -> Result<AgentPatch, Error> {
        Ok(AgentPatch {
            name: self.name.change(),
            description: self.description.change(),
            llm_provider: self.llm_provider.change(),
            llm_model: self.llm_model.change(),
            stt_provider: self.stt_provider.change(),
            tts_provider: self.tts_provider.change(),
            system_prompt: self.system_prompt.change(),
            language: self.language.change(),
            voice_parameters: self.voice_parameters.change(),
            greeting: self.greeting.change(),
            knowledge: self.knowledge.change(),
            status: self
                .status
                .try_map(|word| choose("status", &word, &STATUSES))?
                .change(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use trunkline_domain::voice_agent::VoiceAgentStatus;

    fn patch(json: &str) -> Result<AgentPatch, Error> {
        serde_json::from_str::<Fields>(json).unwrap().patch()
    }

    #[test]
    fn absent_null_and_given_are_three_things() {
        let patch = patch(r#"{"name": "A", "description": null, "status": "inactive"}"#).unwrap();
        assert_eq!(patch.name, Some(Some("A".to_owned())));
        assert_eq!((patch.description, patch.system_prompt), (Some(None), None));
        assert_eq!(patch.status, Some(Some(VoiceAgentStatus::Inactive)));
    }

    #[test]
    fn an_unknown_status_is_told_the_known_ones() {
        let told = patch(r#"{"status": "retired"}"#).unwrap_err().to_string();
        assert!(told.contains("active, inactive"), "{told}");
    }
}
