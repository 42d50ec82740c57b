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
mod tests {
    use super::*;

    fn persona() -> Persona {
        Persona {
            name: "Ava".into(),
            system_prompt:
                "You are an assistant for Acme Dental. You are calling to remind the patient of the visit \
                            on Tuesday. The visit is on Tuesday at three in the afternoon."
                    .into(),
            knowledge: vec!["We are open from nine to six. Parking is free.".into()],
            ..Persona::default()
        }
    }

    /// Plays the caller's lines against the flow; answers the agent's.
    fn talk(persona: &Persona, lines: &[&str]) -> Vec<Reply> {
        let mut history = Vec::new();
        let mut replies = vec![next(persona, &history)];
        for line in lines {
            history.push(Line {
                speaker: Speaker::Agent,
                text: replies[replies.len() - 1].text.clone(),
            });
            history.push(Line {
                speaker: Speaker::User,
                text: (*line).to_owned(),
            });
            replies.push(next(persona, &history));
        }
        replies
    }

    #[test]
    fn a_whole_call_runs_from_greeting_to_goodbye() {
        let replies = talk(
            &persona(),
            &[
                "Yes, sure.",
                "Yes, that works.",
                "When are you open?",
                "No, thank you.",
            ],
        );
        assert_eq!(
            replies[0].text,
            "Hello, this is Ava, an AI assistant from Acme Dental. I am calling to remind you of the visit on Tuesday. \
             Do you have a moment to talk?"
        );
        assert_eq!(
            replies[1].text,
            "The visit is on Tuesday at three in the afternoon. Does that work for you?"
        );
        assert!(replies[2].text.starts_with("Great"));
        assert!(replies[3].text.starts_with("We are open from nine to six."));
        assert_eq!(replies[4], Reply::and(GOODBYE, [Action::Hangup]));
        assert!(replies[..4].iter().all(|reply| reply.actions.is_empty()));
    }

    #[test]
    fn whatever_the_phone_is_answered_with_the_greeting_comes_first() {
        let answered = |hello: &str| {
            let heard = Line {
                speaker: Speaker::User,
                text: hello.to_owned(),
            };
            next(&persona(), &[heard])
        };
        let greeting = next(&persona(), &[]);
        for hello in [
            "Hello?",
            "Yes, hello?",
            "Yes?",
            "No.",
            "Speaking.",
            "Who is this?",
            "What?",
            "The Smiths.",
        ] {
            assert_eq!(answered(hello), greeting, "{hello}");
        }
        assert_eq!(
            answered("Stop calling me.").actions,
            [Action::OptOut, Action::Hangup]
        );
        assert_eq!(answered("I am driving.").actions, [Action::Hangup]);
    }

    #[test]
    fn a_greeting_that_was_talked_over_is_said_again() {
        let line = |speaker, text: &str| Line {
            speaker,
            text: text.to_owned(),
        };
        let talked_over = [
            line(Speaker::Agent, "Hello, this is"),
            line(Speaker::User, "Yes, hello?"),
        ];
        assert_eq!(next(&persona(), &talked_over), next(&persona(), &[]));
    }

    #[test]
    fn it_always_says_that_it_is_an_ai() {
        let bare = Persona::default();
        assert!(next(&bare, &[]).text.contains("AI assistant"));
        assert!(
            talk(&bare, &["Are you a robot?"])[1]
                .text
                .contains("AI assistant")
        );
    }

    #[test]
    fn a_wish_for_a_person_or_for_peace_is_granted_at_any_time() {
        for lines in [&["I want to talk to a human"][..], &["Yes", "Operator please"]] {
            assert_eq!(
                talk(&persona(), lines).pop().unwrap().actions,
                [Action::TransferToHuman]
            );
        }
        for lines in [
            &["Stop calling me"][..],
            &["yes", "what?", "remove me from your list"],
        ] {
            assert_eq!(
                talk(&persona(), lines).pop().unwrap().actions,
                [Action::OptOut, Action::Hangup]
            );
        }
    }

    #[test]
    fn what_it_does_not_know_it_asks_again_and_then_offers_a_person() {
        let replies = talk(
            &persona(),
            &["yes", "Who won the match?", "Who won the match?", "Yes please"],
        );
        assert_eq!(replies[2].text, OTHERWISE);
        assert!(replies[3].text.ends_with(WANT_HUMAN));
        assert_eq!(replies[4].actions, [Action::TransferToHuman]);
    }

    #[test]
    fn silence_and_circles_come_to_an_end() {
        let replies = talk(&persona(), &["", "", ""]);
        assert_eq!(replies[1].text, AGAIN);
        assert_eq!(replies[3].actions, [Action::Hangup]);
        let replies = talk(&persona(), &["My cat is green"; 60]);
        assert!(
            replies[..60]
                .iter()
                .any(|reply| reply.actions == [Action::Hangup])
        );
    }

    #[test]
    fn thanks_and_bad_moments_end_it_kindly() {
        assert_eq!(
            talk(&persona(), &["Yes", "Thank you very much."])[2].actions,
            [Action::Hangup]
        );
        assert_eq!(
            talk(&persona(), &["I'm driving right now"])[1].actions,
            [Action::Hangup]
        );
        assert!(
            talk(&persona(), &["Hello?"])[1]
                .text
                .contains("The visit is on Tuesday")
        );
    }

    #[test]
    fn repeating_repeats() {
        let replies = talk(&persona(), &["Sorry, could you repeat that?"]);
        assert_eq!(replies[0].text, replies[1].text);
    }
}
