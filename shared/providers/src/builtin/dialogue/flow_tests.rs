//! Whole conversations by the flow.

use super::Reply;
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
