//! The built-in dialogue: no language model, but a flow (greet, ask, answer,
//! confirm, say goodbye) with answers taken word for word from what the agent
//! knows. Named "builtin (extractive)" wherever it shows.

mod flow;
mod intent;
mod knowledge;
mod opt_out;
mod persona;

use tokio::sync::mpsc;

use crate::ProviderError;
use crate::llm::{Action, LanguageModel, ReplyPart, ReplyRequest};

pub use opt_out::asks_to_stop;

/// Decides by rules what to say; deterministic and done in well under a millisecond.
#[derive(Debug, Clone, Copy, Default)]
pub struct Extractive;

/// What to say and to do next.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Reply {
    text: String,
    actions: Vec<Action>,
}

impl Reply {
    fn say(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            actions: Vec::new(),
        }
    }

    fn and(text: impl Into<String>, actions: impl Into<Vec<Action>>) -> Self {
        Self {
            text: text.into(),
            actions: actions.into(),
        }
    }
}

#[async_trait::async_trait]
impl LanguageModel for Extractive {
    fn name(&self) -> &'static str {
        "builtin (extractive)"
    }

    async fn reply(&self, request: ReplyRequest) -> Result<mpsc::Receiver<ReplyPart>, ProviderError> {
        let reply = flow::next(&request.persona, &request.history);
        let actions = reply.actions.into_iter().map(ReplyPart::Action);
        let parts: Vec<ReplyPart> = std::iter::once(ReplyPart::Text(reply.text))
            .chain(actions)
            .chain([ReplyPart::Done])
            .collect();
        let (sender, receiver) = mpsc::channel(parts.len());
        for part in parts {
            // There is room for each, and the receiver is in our hands.
            drop(sender.try_send(part));
        }
        Ok(receiver)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::llm::{Line, Persona, Speaker};

    #[tokio::test]
    async fn actions_come_behind_the_text_and_before_the_end() {
        let request = ReplyRequest {
            persona: Arc::new(Persona::default()),
            history: vec![Line {
                speaker: Speaker::User,
                text: "Stop calling me.".into(),
            }],
        };
        let mut parts = Extractive.reply(request).await.unwrap();
        assert!(matches!(parts.recv().await, Some(ReplyPart::Text(text)) if !text.is_empty()));
        assert_eq!(parts.recv().await, Some(ReplyPart::Action(Action::OptOut)));
        assert_eq!(parts.recv().await, Some(ReplyPart::Action(Action::Hangup)));
        assert_eq!(parts.recv().await, Some(ReplyPart::Done));
        assert_eq!(parts.recv().await, None);
    }
}
