//! The flow: what to say next, from all that was said so far.

use super::Reply;
use super::intent::{Intent, intent};
use super::knowledge::Knowledge;
use super::persona::Profile;
use crate::llm::{Action, Line, Persona, Speaker};

// Its own questions, by which it knows later what it asked.
const GOOD_TIME: &str = "Do you have a moment to talk?";
const INTERESTED: &str = "Does that work for you?";
const HOW_HELP: &str = "How can I help you?";
const ANYTHING_ELSE: &str = "Is there anything else I can help you with?";
const WANT_HUMAN: &str = "Would you like me to connect you to a person?";
const AGAIN: &str = "Sorry, I did not hear you. Could you say that again?";
const OTHERWISE: &str = "I am not sure I understood. Could you say that another way?";

const GOODBYE: &str = "Thank you for your time. Goodbye.";
const STOPPED: &str = "I am sorry for the trouble. You will not be called again. Goodbye.";
const CONNECTING: &str = "Of course. I will connect you to a person now. Please hold the line.";

/// Replies after which any call comes to its end.
const REPLIES_MAX: usize = 40;
/// Turns without words after which it gives up.
const SILENT_MAX: usize = 3;

/// What to say next; the greeting when nothing was said yet.
pub(super) fn next(persona: &Persona, history: &[Line]) -> Reply {
    let profile = Profile::of(persona);
    let Some(heard) = last_of(history, Speaker::User) else {
        return Reply::say(greeting(&profile));
    };
    if history
        .iter()
        .filter(|line| line.speaker == Speaker::Agent)
        .count()
        >= REPLIES_MAX
    {
        return goodbye();
    }
    let asked = last_of(history, Speaker::Agent).unwrap_or_default();
    let intent = intent(heard);
    // "Yes, hello?" answers the phone, not us: who calls is said before anything else, but to who wants no call.
    let leaves = matches!(
        intent,
        Intent::StopCalling | Intent::Human | Intent::Goodbye | Intent::Busy
    );
    if !is_introduced(history) && !leaves {
        return Reply::say(greeting(&profile));
    }
    match intent {
        Intent::StopCalling => Reply::and(STOPPED, [Action::OptOut, Action::Hangup]),
        Intent::Human => Reply::and(CONNECTING, [Action::TransferToHuman]),
        Intent::Goodbye => goodbye(),
        Intent::Thanks if !asked.ends_with(GOOD_TIME) => {
            Reply::and("You are welcome. Goodbye.", [Action::Hangup])
        }
        Intent::Busy => Reply::and("No problem, I will let you go. Goodbye.", [Action::Hangup]),
        Intent::WhoIsThis => Reply::say(format!("{} {HOW_HELP}", introduction(&profile))),
        Intent::WhyCalling => Reply::say(format!("{} {INTERESTED}", pitch(&profile))),
        Intent::Repeat => Reply::say(asked),
        Intent::Nothing => unheard(history),
        Intent::Question => answer(persona, &profile, heard, history),
        Intent::Yes => yes(&profile, asked),
        Intent::No => no(asked),
        Intent::Greeting | Intent::Thanks => {
            if asked.ends_with(GOOD_TIME) {
                yes(&profile, asked)
            } else {
                Reply::say(greeting(&profile))
            }
        }
        Intent::Statement => statement(persona, &profile, heard, asked, history),
    }
}

fn last_of(history: &[Line], speaker: Speaker) -> Option<&str> {
    history
        .iter()
        .rev()
        .find(|line| line.speaker == speaker)
        .map(|line| line.text.trim())
}

/// Whether a whole sentence of the agent's was heard: a greeting that was talked over after two words told nothing.
fn is_introduced(history: &[Line]) -> bool {
    history
        .iter()
        .any(|line| line.speaker == Speaker::Agent && line.text.trim_end().ends_with(['.', '!', '?']))
}

fn goodbye() -> Reply {
    Reply::and(GOODBYE, [Action::Hangup])
}

fn greeting(profile: &Profile) -> String {
    let ask = if profile.purpose.is_some() {
        GOOD_TIME
    } else {
        HOW_HELP
    };
    let hello = format!("Hello, {}", lower_first(&introduction(profile)));
    match &profile.purpose {
        Some(purpose) => format!("{hello} I am calling {purpose}. {ask}"),
        None => format!("{hello} {ask}"),
    }
}

fn introduction(profile: &Profile) -> String {
    let company = profile
        .company
        .as_ref()
        .map(|company| format!(" from {company}"))
        .unwrap_or_default();
    match &profile.name {
        Some(name) => format!("This is {name}, an AI assistant{company}."),
        None => format!("This is an AI assistant{company}."),
    }
}

fn lower_first(text: &str) -> String {
    let mut letters = text.chars();
    letters
        .next()
        .map(|first| first.to_lowercase().chain(letters).collect())
        .unwrap_or_default()
}

/// Why the call, and the first thing worth knowing.
fn pitch(profile: &Profile) -> String {
    let purpose = profile
        .purpose
        .as_ref()
        .map(|purpose| format!("I am calling {purpose}."));
    let fact = profile.facts.first().cloned();
    let parts: Vec<String> = purpose.into_iter().chain(fact).collect();
    if parts.is_empty() {
        "I am calling to see whether I can help you with anything.".into()
    } else {
        parts.join(" ")
    }
}

fn yes(profile: &Profile, asked: &str) -> Reply {
    if asked.ends_with(WANT_HUMAN) {
        Reply::and(CONNECTING, [Action::TransferToHuman])
    } else if asked.ends_with(GOOD_TIME) {
        let told = profile
            .facts
            .first()
            .map_or_else(|| "Thank you.".to_owned(), Clone::clone);
        Reply::say(format!("{told} {INTERESTED}"))
    } else if asked.ends_with(INTERESTED) {
        Reply::say(format!("Great, I have noted that. {ANYTHING_ELSE}"))
    } else if asked.ends_with(ANYTHING_ELSE) || asked.ends_with(HOW_HELP) {
        Reply::say("Sure, what would you like to know?")
    } else {
        Reply::say(format!("All right. {ANYTHING_ELSE}"))
    }
}

fn no(asked: &str) -> Reply {
    if asked.ends_with(WANT_HUMAN) {
        Reply::say(format!("All right. {ANYTHING_ELSE}"))
    } else if asked.ends_with(INTERESTED) {
        Reply::say(format!("I understand, and I have noted that. {ANYTHING_ELSE}"))
    } else {
        goodbye()
    }
}

fn unheard(history: &[Line]) -> Reply {
    let lines = history.iter().rev().filter(|line| line.speaker == Speaker::User);
    let silent = lines
        .take_while(|line| intent(&line.text) == Intent::Nothing)
        .count();
    if silent >= SILENT_MAX {
        goodbye()
    } else {
        Reply::say(AGAIN)
    }
}

fn answer(persona: &Persona, profile: &Profile, question: &str, history: &[Line]) -> Reply {
    match found(persona, profile, question) {
        Some(answer) => Reply::say(format!("{answer} {ANYTHING_ELSE}")),
        None => not_understood(history),
    }
}

fn found(persona: &Persona, profile: &Profile, question: &str) -> Option<String> {
    let passages = persona.knowledge.iter().chain(&profile.facts).map(String::as_str);
    let answer = Knowledge::new(passages).answer(question)?.trim().to_owned();
    Some(if answer.ends_with(['.', '!']) {
        answer
    } else {
        format!("{answer}.")
    })
}

/// First asks to hear it another way, then offers a person.
fn not_understood(history: &[Line]) -> Reply {
    let asked_before = last_of(history, Speaker::Agent).is_some_and(|said| said.ends_with(OTHERWISE));
    match asked_before {
        true => Reply::say(format!("I do not have an answer to that. {WANT_HUMAN}")),
        false => Reply::say(OTHERWISE),
    }
}

fn statement(persona: &Persona, profile: &Profile, heard: &str, asked: &str, history: &[Line]) -> Reply {
    if let Some(answer) = found(persona, profile, heard) {
        return Reply::say(format!("{answer} {ANYTHING_ELSE}"));
    }
    if [GOOD_TIME, INTERESTED]
        .iter()
        .any(|question| asked.ends_with(question))
    {
        return Reply::say(format!("Thank you, I have noted that. {ANYTHING_ELSE}"));
    }
    not_understood(history)
}

#[cfg(test)]
#[path = "flow_tests.rs"]
mod tests;
