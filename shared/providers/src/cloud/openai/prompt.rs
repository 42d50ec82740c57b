//! What a model is told: who it is, what it knows, what was said, what it can do.

use serde_json::{Value, json};

use crate::llm::{Action, Line, Persona, ReplyRequest, Speaker};

/// A common model that answers quickly, for agents that name none.
const DEFAULT_MODEL: &str = "gpt-4.1-mini";

/// What tools are called and what a model is told about them.
const TOOLS: [(Action, &str, &str); 3] = [
    (
        Action::Hangup,
        "hang_up",
        "End the call. Say goodbye in the same answer, before you call this.",
    ),
    (
        Action::TransferToHuman,
        "transfer_to_human",
        "Hand the call over to a human colleague. Say so in the same answer, before you call this.",
    ),
    (
        Action::OptOut,
        "opt_out",
        "The person asks not to be called again: note it for all future calls.",
    ),
];

/// The tool's action; none for a tool that was not offered.
pub(super) fn action(tool: &str) -> Option<Action> {
    TOOLS
        .iter()
        .find_map(|(action, name, _)| (*name == tool).then_some(*action))
}

/// The body of `POST /chat/completions`. A persona without a name is nobody on
/// a phone (an analysis, say): its prompt goes out as it is, and without tools.
pub(super) fn body(request: &ReplyRequest) -> Value {
    let persona = &*request.persona;
    let model = Some(persona.model.trim()).filter(|model| !model.is_empty());
    let mut body = json!({
        "model": model.unwrap_or(DEFAULT_MODEL),
        "messages": messages(persona, &request.history),
        "stream": true,
    });
    if is_agent(persona)
        && let Some(body) = body.as_object_mut()
    {
        body.insert("tools".to_owned(), tools());
    }
    body
}

fn is_agent(persona: &Persona) -> bool {
    !persona.name.trim().is_empty()
}

fn messages(persona: &Persona, history: &[Line]) -> Vec<Value> {
    let system = json!({"role": "system", "content": system(persona)});
    // Some servers answer no conversation in which nobody has spoken.
    let start = history
        .is_empty()
        .then(|| json!({"role": "user", "content": "(The call has just been answered. Greet the person.)"}));
    let said = history.iter().map(|line| {
        let role = match line.speaker {
            Speaker::Agent => "assistant",
            Speaker::User => "user",
        };
        json!({"role": role, "content": line.text})
    });
    std::iter::once(system).chain(start).chain(said).collect()
}

fn system(persona: &Persona) -> String {
    let mut text = persona.system_prompt.trim().to_owned();
    if is_agent(persona) {
        text += &format!(
            "\n\nYou are {}, on a telephone call. What you write is spoken aloud: use short plain sentences, \
             without lists, markup or emojis, and ask one question at a time.",
            persona.name.trim()
        );
        let language = persona.language.trim();
        if !language.is_empty() {
            text +=
                &format!(" Speak the language of the tag `{language}` unless the person prefers another.");
        }
    }
    if !persona.knowledge.is_empty() {
        text += "\n\nAnswer questions of fact from these passages, and say so when they do not tell:";
        for passage in &persona.knowledge {
            text += "\n- ";
            text += passage.trim();
        }
    }
    text
}

fn tools() -> Value {
    let tool = |(_, name, description): &(Action, &str, &str)| {
        json!({
            "type": "function",
            "function": {
                "name": name,
                "description": description,
                "parameters": {"type": "object", "properties": {}},
            },
        })
    };
    TOOLS.iter().map(tool).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    fn request(persona: Persona, history: Vec<Line>) -> ReplyRequest {
        ReplyRequest {
            persona: Arc::new(persona),
            history,
        }
    }

    fn line(speaker: Speaker, text: &str) -> Line {
        Line {
            speaker,
            text: text.to_owned(),
        }
    }

    #[test]
    fn an_agent_is_told_who_it_is_what_it_knows_and_what_it_can_do() {
        let persona = Persona {
            name: "Maya".to_owned(),
            system_prompt: "You sell tea.".to_owned(),
            language: "en-GB".to_owned(),
            model: "gpt-4o".to_owned(),
            knowledge: vec!["Tea costs $5.".to_owned(), "We close at six.".to_owned()],
        };
        let history = vec![line(Speaker::Agent, "Hello!"), line(Speaker::User, "How much?")];
        let body = body(&request(persona, history));
        assert_eq!(
            (&body["model"], &body["stream"]),
            (&json!("gpt-4o"), &json!(true))
        );
        let system = body["messages"][0]["content"].as_str().unwrap();
        assert!(system.starts_with("You sell tea.\n\nYou are Maya,"), "{system}");
        assert!(
            system.contains("`en-GB`") && system.ends_with("\n- Tea costs $5.\n- We close at six."),
            "{system}"
        );
        assert_eq!(
            body["messages"][1],
            json!({"role": "assistant", "content": "Hello!"})
        );
        assert_eq!(
            body["messages"][2],
            json!({"role": "user", "content": "How much?"})
        );
        assert_eq!(body["messages"].as_array().map(Vec::len), Some(3));
        let offered = body["tools"].as_array().unwrap();
        let actions: Vec<_> = offered
            .iter()
            .map(|tool| action(tool["function"]["name"].as_str().unwrap()))
            .collect();
        assert_eq!(
            actions,
            [
                Some(Action::Hangup),
                Some(Action::TransferToHuman),
                Some(Action::OptOut)
            ]
        );
        assert_eq!(action("delete_everything"), None);
    }

    #[test]
    fn an_analysis_is_told_its_prompt_and_nothing_else() {
        let persona = Persona {
            system_prompt: "Answer in JSON.".to_owned(),
            ..Persona::default()
        };
        let body = body(&request(persona, vec![line(Speaker::User, "transcript")]));
        assert_eq!(body["messages"][0]["content"], "Answer in JSON.");
        assert_eq!(body["model"], DEFAULT_MODEL);
        assert_eq!(body.get("tools"), None);
    }

    #[test]
    fn the_greeting_has_somebody_to_greet() {
        let persona = Persona {
            name: "Maya".to_owned(),
            ..Persona::default()
        };
        let body = body(&request(persona, Vec::new()));
        assert_eq!(body["messages"][1]["role"], "user");
    }
}
