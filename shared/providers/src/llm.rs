//! Who decides what the agent says.

use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;

use crate::ProviderError;

/// Who said something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Speaker {
    /// The AI agent.
    Agent,
    /// The person on the other end.
    User,
}

/// One line of the conversation, trimmed to what was really heard.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// Who.
    pub speaker: Speaker,
    /// What.
    pub text: String,
}

/// What the agent is and knows, fixed for a call.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Persona {
    /// The agent's name, as it introduces itself.
    pub name: String,
    /// The system prompt with the lead's fields filled in.
    pub system_prompt: String,
    /// BCP 47 language tag.
    pub language: String,
    /// The model's name at its provider, such as `gpt-4`; built-in ignores it.
    pub model: String,
    /// Passages that the agent may answer from.
    pub knowledge: Vec<String>,
}

/// One request for the agent's next words.
#[derive(Debug, Clone)]
pub struct ReplyRequest {
    /// Who speaks.
    pub persona: std::sync::Arc<Persona>,
    /// What was said so far, oldest first; empty for the greeting.
    pub history: Vec<Line>,
}

/// What the agent does besides speaking.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Say what was said, then hang up.
    Hangup,
    /// Hand over to a human.
    TransferToHuman,
    /// The person asked not to be called again.
    OptOut,
}

/// A piece of a reply, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReplyPart {
    /// More text; pieces may split words.
    Text(String),
    /// Something to do once the text before it has been heard.
    Action(Action),
    /// The reply is complete.
    Done,
    /// The model broke; no more parts follow.
    Failed(ProviderError),
}

/// A language model, or the built-in flow.
#[async_trait::async_trait]
pub trait LanguageModel: Send + Sync + std::fmt::Debug {
    /// Its name: `builtin (extractive)`, `stub`, `openai`, …
    fn name(&self) -> &'static str;

    /// Starts a reply. Dropping the receiver cancels it.
    ///
    /// # Errors
    /// When the request could not even be started.
    async fn reply(&self, request: ReplyRequest) -> Result<mpsc::Receiver<ReplyPart>, ProviderError>;
}
