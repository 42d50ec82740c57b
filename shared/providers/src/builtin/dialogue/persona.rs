//! What a system prompt says about the agent: whom it calls for, why, and which
//! of its sentences are facts that may be told.

use crate::builtin::passage::sentences;
use crate::llm::Persona;

/// What the flow needs of a persona.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Profile {
    /// How it introduces itself: a name, or "your assistant".
    pub(super) name: Option<String>,
    /// Whom it calls for.
    pub(super) company: Option<String>,
    /// Why it calls, to follow "I am calling".
    pub(super) purpose: Option<String>,
    /// Sentences that state something, in order.
    pub(super) facts: Vec<String>,
}

impl Profile {
    pub(super) fn of(persona: &Persona) -> Self {
        let sentences = sentences(&persona.system_prompt);
        let name = Some(persona.name.trim())
            .filter(|name| !name.is_empty())
            .map(str::to_owned);
        Self {
            name,
            company: sentences.iter().find_map(|sentence| company(sentence)),
            purpose: sentences.iter().find_map(|sentence| purpose(sentence)),
            facts: sentences
                .into_iter()
                .filter(|sentence| is_fact(sentence))
                .collect(),
        }
    }
}

/// The proper name behind "from", "for", "at", "on behalf of" in a sentence on who the agent is.
fn company(sentence: &str) -> Option<String> {
    let lower = sentence.to_lowercase();
    if !["you are", "you're", "you work", "you call", "act as", "this is"]
        .iter()
        .any(|start| lower.contains(start))
    {
        return None;
    }
    [" on behalf of ", " from ", " for ", " at ", " of "]
        .iter()
        .find_map(|link| {
            let at = lower.find(link)? + link.len();
            let name = sentence.get(at..)?.split([',', '.', ';', ':', '(', '!']).next()?;
            let words: Vec<&str> = name
                .split_whitespace()
                .take_while(|word| is_proper(word))
                .collect();
            (!words.is_empty() && words.len() < 6).then(|| words.join(" "))
        })
}

fn is_proper(word: &str) -> bool {
    word.starts_with(|c: char| c.is_uppercase() || c.is_ascii_digit()) || matches!(word, "&" | "of" | "and")
}

/// Where the reason of the call begins, and how it then goes on.
const PURPOSES: [(&str, &str); 12] = [
    ("calling to ", "to "),
    ("calling about ", "about "),
    ("calling because ", "because "),
    ("calling regarding ", "regarding "),
    ("goal is to ", "to "),
    ("task is to ", "to "),
    ("job is to ", "to "),
    ("purpose is to ", "to "),
    ("objective is to ", "to "),
    ("purpose of this call is to ", "to "),
    ("you call people to ", "to "),
    ("you call customers to ", "to "),
];

fn purpose(sentence: &str) -> Option<String> {
    let lower = sentence.to_lowercase();
    let (at, start) = PURPOSES
        .iter()
        .find_map(|(mark, start)| Some((lower.find(mark)? + mark.len(), *start)))?;
    let rest = sentence.get(at..)?.trim_end_matches(['.', '!', '?']).trim();
    let short = rest.split([';', '\u{2014}', ':']).next()?.trim();
    (!short.is_empty() && short.len() <= 160).then(|| format!("{start}{}", addressed(short)))
}

/// The words of a prompt turned to the person who hears them.
fn addressed(text: &str) -> String {
    const TURNED: [(&str, &str); 22] = [
        ("the customer's", "your"),
        ("the customers'", "your"),
        ("the lead's", "your"),
        ("the caller's", "your"),
        ("the person's", "your"),
        ("the patient's", "your"),
        ("the client's", "your"),
        ("the user's", "your"),
        ("the customer", "you"),
        ("customers", "you"),
        ("the lead", "you"),
        ("leads", "you"),
        ("the caller", "you"),
        ("the person", "you"),
        ("the patient", "you"),
        ("patients", "you"),
        ("the client", "you"),
        ("the user", "you"),
        ("people", "you"),
        ("their", "your"),
        ("them", "you"),
        ("they", "you"),
    ];
    TURNED
        .iter()
        .fold(format!(" {text} "), |text, (from, to)| {
            [" ", ",", "."].iter().fold(text, |text, end| {
                text.replace(&format!(" {from}{end}"), &format!(" {to}{end}"))
            })
        })
        .trim()
        .to_owned()
}

/// Words that begin an instruction, not a fact.
const ORDERS: &[&str] = &[
    "you",
    "your",
    "you're",
    "always",
    "never",
    "do",
    "don't",
    "be",
    "ask",
    "tell",
    "say",
    "use",
    "keep",
    "speak",
    "act",
    "answer",
    "respond",
    "reply",
    "avoid",
    "make",
    "if",
    "when",
    "offer",
    "confirm",
    "greet",
    "introduce",
    "remember",
    "please",
    "start",
    "begin",
    "end",
    "try",
    "help",
    "let",
    "thank",
    "only",
    "limit",
    "stay",
    "provide",
    "collect",
    "schedule",
    "book",
    "verify",
    "check",
    "explain",
    "handle",
    "follow",
    "note",
    "ensure",
    "include",
    "wait",
    "transfer",
    "escalate",
    "call",
    "talk",
    "sound",
    "listen",
    "find",
    "get",
    "give",
    "remain",
    "refer",
    "close",
    "goal",
];

fn is_fact(sentence: &str) -> bool {
    let lower = sentence.to_lowercase();
    let words: Vec<&str> = lower
        .split(|c: char| !c.is_alphanumeric() && c != '\'')
        .filter(|w| !w.is_empty())
        .collect();
    let (Some(first), true) = (words.first(), words.len() >= 4) else {
        return false;
    };
    let speaks_of_agent = [
        "you are",
        "you should",
        "you must",
        "you will",
        "your goal",
        "your task",
        "your job",
    ];
    !ORDERS.contains(first)
        && !sentence.ends_with(['?', ':'])
        && !sentence.contains(['{', '}'])
        && !speaks_of_agent.iter().any(|phrase| lower.contains(phrase))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn profile(prompt: &str) -> Profile {
        Profile::of(&Persona {
            name: "Ava".into(),
            system_prompt: prompt.into(),
            ..Persona::default()
        })
    }

    #[test]
    fn company_purpose_and_facts_are_read_from_a_prompt() {
        let found = profile(
            "You are Ava, a friendly assistant for Acme Dental. Your goal is to remind the patient of their \
             appointment on Tuesday at 3.30 p.m. tomorrow. Always be polite. If they ask for a discount, say no. \
             The clinic is at 12 Green Street. Parking costs $2.50 per hour.",
        );
        assert_eq!(found.company.as_deref(), Some("Acme Dental"));
        let purpose = found.purpose.unwrap();
        assert!(
            purpose.starts_with("to remind you of your appointment on Tuesday"),
            "{purpose}"
        );
        assert_eq!(
            found.facts,
            [
                "The clinic is at 12 Green Street.",
                "Parking costs $2.50 per hour."
            ]
        );
    }

    #[test]
    fn a_prompt_that_says_nothing_gives_nothing() {
        for prompt in ["", "   ", "...", "Be nice.", "You are an assistant."] {
            let found = profile(prompt);
            assert_eq!(
                (found.company, found.purpose, found.facts.len()),
                (None, None, 0),
                "{prompt:?}"
            );
        }
        assert_eq!(Profile::of(&Persona::default()).name, None);
    }

    #[test]
    fn calling_about_is_a_purpose_too() {
        let found = profile("You work for North & Co. You are calling about the customer's order 1234.");
        assert_eq!(found.company.as_deref(), Some("North & Co"));
        assert_eq!(found.purpose.as_deref(), Some("about your order 1234"));
    }
}
