//! The chunks of a streamed chat completion, put together.
//!
//! Source: OpenAI API reference, "Chat Completions", "Streaming"; null lists and
//! events without choices as vLLM and others send them.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::prompt;
use crate::cloud::words;
use crate::llm::Action;

/// No reply is longer; a model gone wild is stopped.
const LETTERS_MAX: usize = 256 * 1024;
/// Tool calls that are looked at; a call may have no more.
const TOOLS_MAX: usize = 10;

/// What one event brings.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Words; may be empty.
    Text(String),
    /// The answer is whole.
    End,
}

/// An answer on its way.
#[derive(Debug, Default)]
pub(super) struct Answer {
    /// Names of the tools called, which may come in pieces, by their place.
    tools: BTreeMap<u32, String>,
    finish: Option<String>,
    letters: usize,
}

#[derive(Deserialize)]
struct Chunk {
    choices: Option<Vec<Choice>>,
    error: Option<Value>,
}

#[derive(Deserialize)]
struct Choice {
    delta: Option<Delta>,
    finish_reason: Option<String>,
}

#[derive(Deserialize)]
struct Delta {
    content: Option<String>,
    /// Why the model will not answer; said instead of an answer.
    refusal: Option<String>,
    tool_calls: Option<Vec<ToolCall>>,
}

#[derive(Deserialize)]
struct ToolCall {
    #[serde(default)]
    index: u32,
    function: Option<Function>,
}

#[derive(Deserialize)]
struct Function {
    name: Option<String>,
}

impl Answer {
    /// Takes the data of one event.
    pub(super) fn take(&mut self, data: &str) -> Result<Step, String> {
        if data.trim() == "[DONE]" {
            return Ok(Step::End);
        }
        let chunk: Chunk = serde_json::from_str(data).map_err(|error| {
            format!(
                "an event of its answer cannot be read: {}",
                words::unreadable(&error)
            )
        })?;
        if let Some(error) = chunk.error {
            let said = words::of_value(&error).unwrap_or_else(|| "it does not say why".to_owned());
            return Err(format!("it broke in mid-answer: {said}"));
        }
        let mut text = String::new();
        // One answer was asked for; others would speak over it.
        if let Some(choice) = chunk.choices.into_iter().flatten().next() {
            self.finish = choice.finish_reason.or(self.finish.take());
            if let Some(delta) = choice.delta {
                text.extend([delta.content, delta.refusal].into_iter().flatten());
                delta
                    .tool_calls
                    .into_iter()
                    .flatten()
                    .for_each(|call| self.call(call));
            }
        }
        self.letters += text.len();
        if self.letters > LETTERS_MAX {
            return Err(format!("its answer is longer than {LETTERS_MAX} letters"));
        }
        Ok(Step::Text(text))
    }

    fn call(&mut self, call: ToolCall) {
        let known = self.tools.contains_key(&call.index);
        if let Some(name) = call.function.and_then(|function| function.name)
            && (known || self.tools.len() < TOOLS_MAX)
        {
            let tool = self.tools.entry(call.index).or_default();
            if tool.len() < 64 {
                tool.push_str(&name);
            }
        }
    }

    /// What is to be done once the words have been said, each thing once.
    /// `whole`: the end was announced.
    pub(super) fn end(self, whole: bool) -> Result<Vec<Action>, String> {
        match self.finish.as_deref() {
            None if !whole => return Err("its answer broke off".to_owned()),
            Some("content_filter") if self.letters == 0 => {
                return Err("its filter let no answer through".to_owned());
            }
            Some(_) | None => {}
        }
        let mut actions = Vec::new();
        for name in self.tools.values() {
            match prompt::action(name) {
                Some(action) if !actions.contains(&action) => actions.push(action),
                Some(_) => {}
                None => tracing::debug!(tool = %name, "the model called a tool that it was not offered"),
            }
        }
        Ok(actions)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(answer: &mut Answer, data: &str) -> String {
        match answer.take(data) {
            Ok(Step::Text(text)) => text,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn words_come_at_once_and_actions_at_the_end_each_once() {
        let mut answer = Answer::default();
        assert_eq!(
            text(
                &mut answer,
                r#"{"choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]}"#
            ),
            ""
        );
        assert_eq!(
            text(&mut answer, r#"{"choices":[{"delta":{"content":"Good"}}]}"#),
            "Good"
        );
        for call in [
            r#"{"index":0,"id":"a","type":"function","function":{"name":"opt_out","arguments":""}}"#,
            r#"{"index":0,"function":{"arguments":"{}"}}"#,
            r#"{"index":1,"function":{"name":"hang_"}}"#,
            r#"{"index":1,"function":{"name":"up"}}"#,
            r#"{"index":2,"function":{"name":"opt_out"}}"#,
            r#"{"index":3,"function":{"name":"launch_missiles"}}"#,
        ] {
            let data = format!(r#"{{"choices":[{{"delta":{{"tool_calls":[{call}]}}}}]}}"#);
            assert_eq!(text(&mut answer, &data), "");
        }
        text(
            &mut answer,
            r#"{"choices":[{"delta":{},"finish_reason":"tool_calls"}]}"#,
        );
        // Usage alone, as OpenAI and as vLLM send it.
        text(&mut answer, r#"{"choices":[],"usage":{}}"#);
        text(&mut answer, r#"{"choices":null,"usage":{}}"#);
        assert_eq!(answer.take("[DONE]"), Ok(Step::End));
        assert_eq!(answer.end(true), Ok(vec![Action::OptOut, Action::Hangup]));
    }

    #[test]
    fn an_answer_is_whole_only_when_it_says_so() {
        let mut answer = Answer::default();
        text(&mut answer, r#"{"choices":[{"delta":{"content":"I am"}}]}"#);
        assert!(answer.end(false).is_err());
        let mut answer = Answer::default();
        text(
            &mut answer,
            r#"{"choices":[{"delta":{},"finish_reason":"stop"}]}"#,
        );
        assert_eq!(answer.end(false), Ok(Vec::new()));
        let mut answer = Answer::default();
        text(
            &mut answer,
            r#"{"choices":[{"delta":{},"finish_reason":"content_filter"}]}"#,
        );
        assert!(answer.end(true).unwrap_err().contains("filter"));
    }

    #[test]
    fn errors_in_the_stream_and_events_that_are_none_end_it() {
        let mut answer = Answer::default();
        let error = answer.take(r#"{"error":{"message":"overloaded"}}"#).unwrap_err();
        assert!(error.ends_with("in mid-answer: overloaded"), "{error}");
        assert!(answer.take("{\"choices\":[").is_err());
        let long = format!(
            r#"{{"choices":[{{"delta":{{"content":"{}"}}}}]}}"#,
            "x".repeat(LETTERS_MAX + 1)
        );
        assert!(answer.take(&long).is_err());
    }
}
