//! A summary in the call's own words: why, what the caller wanted, how it ended.

use crate::builtin::dialogue::asks_to_stop;
use crate::builtin::words::{any, sentences};
use crate::llm::{Line, Speaker};

/// The most letters taken from one line.
const LETTERS_MAX: usize = 160;

/// One to three sentences; empty for a call without words.
pub(super) fn of(lines: &[Line]) -> String {
    let said: Vec<&Line> = lines
        .iter()
        .filter(|line| line.text.chars().any(char::is_alphanumeric))
        .collect();
    if said.is_empty() {
        return String::new();
    }
    let parts = [reason(&said), matter(&said), Some(outcome(&said))];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

/// Why the agent called, if it said so.
fn reason(said: &[&Line]) -> Option<String> {
    let agent = said.iter().filter(|line| line.speaker == Speaker::Agent);
    let marks = [
        "calling to ",
        "calling about ",
        "calling regarding ",
        "calling because ",
        "calling from ",
    ];
    agent.take(3).find_map(|line| {
        let sentence = line
            .text
            .split_inclusive(['.', '!', '?'])
            .find(|text| marks.iter().any(|m| text.contains(m)))?;
        let at = sentence.find("calling ")?;
        let purpose = sentence[at..].trim_end_matches(['.', '!', '?', ' ']);
        Some(format!("The agent was {}.", shortened(purpose)))
    })
}

/// The caller's most telling line: the longest, questions and wishes first.
fn matter(said: &[&Line]) -> Option<String> {
    const WISHES: &[&str] = &[
        "i|we want|need|would",
        "^ ~1 what|when|where|how|why|can|could|do|does|is|are",
        "my|our",
        "i|we have|was|were|am",
    ];
    let worth = |line: &&&Line| {
        let wishes = sentences(&line.text).iter().any(|sentence| any(WISHES, sentence));
        (usize::from(wishes) * 40) + line.text.len().min(LETTERS_MAX)
    };
    let caller = said
        .iter()
        .filter(|line| line.speaker == Speaker::User && line.text.split(' ').count() > 3);
    let best = caller.rev().max_by_key(worth)?;
    Some(format!(
        "The caller said: \u{201c}{}\u{201d}",
        shortened(best.text.trim())
    ))
}

fn outcome(said: &[&Line]) -> String {
    let caller: Vec<&str> = said
        .iter()
        .filter(|line| line.speaker == Speaker::User)
        .map(|line| line.text.as_str())
        .collect();
    let agent_said = |phrase: &str| {
        said.iter()
            .any(|line| line.speaker == Speaker::Agent && line.text.contains(phrase))
    };
    let caller_says = |patterns: &[&str]| {
        caller
            .iter()
            .any(|text| sentences(text).iter().any(|s| any(patterns, s)))
    };
    let text = if caller.is_empty() {
        "The caller said nothing."
    } else if caller.iter().any(|text| asks_to_stop(text)) {
        "The caller asked not to be called again."
    } else if agent_said("connect you to a person now") || agent_said("transfer") {
        "The call was handed to a person."
    } else if caller_says(&["call ~2 back", "not ~2 good time", "i am ~2 busy|driving"]) {
        "It was not a good time for the caller."
    } else if caller_says(&["not interested", "no thanks|thank"]) && !agent_said("Great, I have noted that") {
        "The caller declined."
    } else if agent_said("noted that") {
        "The caller's answer was noted."
    } else if caller_says(&["goodbye|bye", "thanks|thank"]) {
        "The call ended with a goodbye."
    } else {
        "The call ended without a goodbye."
    };
    text.to_owned()
}

/// At most [`LETTERS_MAX`] letters, cut behind a word.
fn shortened(text: &str) -> String {
    if text.chars().count() <= LETTERS_MAX {
        return text.to_owned();
    }
    let head: String = text.chars().take(LETTERS_MAX).collect();
    let whole = head.rsplit_once(' ').map_or(head.as_str(), |(whole, _)| whole);
    format!("{whole}\u{2026}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(speaker: Speaker, text: &str) -> Line {
        Line {
            speaker,
            text: text.into(),
        }
    }

    #[test]
    fn reason_matter_and_outcome_are_told() {
        let lines = [
            line(
                Speaker::Agent,
                "Hello, this is Ava. I am calling to confirm your visit on Tuesday. Is that right?",
            ),
            line(Speaker::User, "Yes. What are your opening hours on Saturday?"),
            line(Speaker::Agent, "Great, I have noted that."),
            line(Speaker::User, "Thank you, bye."),
        ];
        assert_eq!(
            of(&lines),
            "The agent was calling to confirm your visit on Tuesday. The caller said: \u{201c}Yes. What are your \
             opening hours on Saturday?\u{201d} The caller's answer was noted."
        );
    }

    #[test]
    fn every_end_has_its_words() {
        for (text, want) in [
            ("Stop calling me", "The caller asked not to be called again."),
            ("I'm not interested", "The caller declined."),
            ("I am driving right now", "It was not a good time for the caller."),
            ("Okay bye", "The call ended with a goodbye."),
            ("Hm", "The call ended without a goodbye."),
        ] {
            assert!(of(&[line(Speaker::User, text)]).ends_with(want), "{text}");
        }
        assert_eq!(of(&[line(Speaker::Agent, "Hello?")]), "The caller said nothing.");
        assert_eq!(of(&[line(Speaker::User, "...")]), "");
    }

    #[test]
    fn long_lines_are_cut_between_words_also_outside_ascii() {
        let long = "\u{e4}bc ".repeat(100);
        let short = shortened(&long);
        assert!(short.ends_with("bc\u{2026}") && short.chars().count() <= LETTERS_MAX);
    }
}
