//! Did the person ask not to be called again?
//!
//! Rules, so that they hold beside any language model. In doubt they say yes:
//! a call too few is a lost lead, a call too many is against the law.

use crate::builtin::words::{any, find, sentences};

/// Requests whatever else the sentence says.
const REQUESTS: &[&str] = &[
    "stop|quit|cease ~1 calling|phoning|ringing|contacting|bothering|harassing|texting|messaging|dialing|dialling|spamming",
    "stop ~2 calls",
    "stop this|the|these|your call|calls",
    "stop trying to call|reach|contact|phone",
    "remove|delete|erase|scrub|drop|exclude|strike ~1 me|us ~4 from|off",
    "remove|delete|erase|scrub ~1 my|our|this|the name|number|phone|details|contact|information|data|info",
    "remove|delete me|us $",
    "remove|delete me|us please|immediately|now|right|at|and|thanks|thank",
    "take|get ~1 me|us off",
    "take ~1 my|our|this name|number|phone ~2 off|out",
    "taken|take|get|be|come|want off ~2 list|lists|database|system",
    "off ~1 calling|call|contact|marketing|phone list|lists",
    "put|place|add ~3 on|to ~3 do not call",
    "do not call|contact list|lists|registry|register",
    "opt|opting|opted ~1 out",
    "unsubscribe|unsubscribed",
    "lose|forget|throw ~2 my|this number",
    "no more ~1 calls|call|messages|texts",
    "no more of ~1 calls|call|messages|texts",
    "do|does not want|wish|like|need ~3 more ~2 calls|call",
    "do not|never want|wish|like to be called|contacted|phoned|rung|bothered|disturbed",
    "do not|never want|like|need you|your|this|these|any|anyone|anybody ~3 call|calls|calling|contacting|contact|phoning",
    "do not want ~1 calls",
    "would not like ~2 calls|called|contacted",
    "not ~2 to be called|contacted",
    "not to call|contact|phone|ring me|us|here|again|this",
    "do not ~1 call|phone|ring|contact|dial|bother|text|disturb ~5 again|ever",
    "do not ~1 call|phone|ring|contact|dial|bother|text|disturb ~5 any more",
    "never ~1 call|phone|ring|contact|dial|bother|text|disturb me|us|here|again|this|my",
    "do not ever ~1 call|phone|ring|contact|dial|bother|text|disturb",
    "leave me|us alone",
    "not|never consent|consented|agree|agreed to ~3 calls|called|contacted|call|calling",
    "revoke|withdraw|withdrawing|revoking ~2 consent|permission",
    "stop using ~1 my|this number",
    "block|blocking your|this number",
    "quit ~1 it with ~2 calls",
];

/// "Do not call me", a request unless it only names a time.
const CALL_ME: &str =
    "do not ~1 call|phone|ring|contact|dial|bother|text|disturb me|us|here|this|my|our|back";

/// What follows when only the time of the call is refused.
const TIMES: &[&str] = &[
    "before", "until", "till", "after", "during", "on", "in", "today", "tomorrow", "tonight", "now", "right",
    "while", "when", "if", "so", "at",
];

/// Words that turn a request into its opposite, or into talk about one.
const NOT_ASKED: &[&str] = &[
    "not|never|no",
    "why did|have|do|would you|they",
    "^ did|have you|they|i",
    "i|we did|have not",
    "who|when did",
    "you|they said|promised ~2 would|will",
    "not need to",
    "no need to",
];

/// Whether the text, as understood by a recogniser, asks to be left alone for good.
#[must_use]
pub fn asks_to_stop(text: &str) -> bool {
    sentences(text).iter().any(|sentence| asks(sentence))
}

fn asks(sentence: &[String]) -> bool {
    let requested = REQUESTS.iter().filter_map(|pattern| find(pattern, sentence));
    let mut requested = requested.filter(|(start, _)| !is_turned_around(&sentence[..*start]));
    requested.next().is_some() || asks_not_to_be_called(sentence)
}

/// Whether the words before a request take it back: "please do not | take me off".
fn is_turned_around(before: &[String]) -> bool {
    let near = &before[before.len().saturating_sub(4)..];
    // "I said no, stop calling" is a request all the same: only the last word counts for bare negations.
    let (bare, phrases) = NOT_ASKED.split_at(1);
    let last = &before[before.len().saturating_sub(1)..];
    let negated = any(bare, last) && last != ["no"];
    negated || any(phrases, near)
}

fn asks_not_to_be_called(sentence: &[String]) -> bool {
    let Some((start, end)) = find(CALL_ME, sentence) else {
        return false;
    };
    let object = &sentence[end - 1];
    let rest = &sentence[end..];
    let first = rest.first().map_or("", String::as_str);
    let is_turned = is_turned_around(&sentence[..start]);
    // "my wife", "this evening": somebody or some time else.
    let about_this_line = match object.as_str() {
        "my" | "our" => [
            "number", "phone", "house", "home", "cell", "mobile", "office", "work", "line",
        ]
        .contains(&first),
        "this" => ["number", "phone", "house", "line", "home"].contains(&first),
        "back" => rest.is_empty() || first == "please",
        _ => true,
    };
    let only_a_time = TIMES.contains(&first) && !any(&["again", "any more", "ever"], rest);
    !is_turned && about_this_line && !only_a_time
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_to_stop_are_recognised() {
        for text in [
            "Stop calling me.",
            "Please stop calling this number!",
            "I told you to stop calling.",
            "I said no, stop calling me",
            "Would you quit calling here?",
            "Don't call me again.",
            "Do not call.  Do not call me",
            "don\u{2019}t ever call me again",
            "Don't call here anymore",
            "Don't call this number again, please.",
            "Please do not contact me any more.",
            "Never call me again",
            "never contact this number",
            "Remove me from your list.",
            "Can you remove me from your calling list, please?",
            "Remove my number.",
            "Please remove my number from your database",
            "just remove me please",
            "Take me off your list",
            "take me off of this list now",
            "I want to be taken off your list",
            "get me off this list",
            "Put me on your do not call list.",
            "Add this number to the do-not-call registry",
            "I'd like to opt out.",
            "opt me out",
            "Unsubscribe me",
            "Lose my number.",
            "No more calls, please.",
            "I don't want any more calls from you",
            "I don't want to be called",
            "We do not wish to be contacted again.",
            "I don't want you to call me.",
            "I do not want these calls",
            "I don't want you calling me",
            "I asked not to be called",
            "Leave me alone!",
            "I never agreed to be called",
            "I'm revoking my consent",
            "stop bothering me",
            "stop harassing my family",
            "Stop trying to reach me",
            "You people need to stop with these calls",
            "Not interested. Don't call back.",
            "Delete my details",
            "don't bother me again",
            "I told you people not to call me",
        ] {
            assert!(asks_to_stop(text), "{text}");
        }
    }

    #[test]
    fn other_wishes_are_not_mistaken_for_it() {
        for text in [
            "",
            "Hello?",
            "I'm not interested.",
            "No thanks.",
            "Don't call me before nine.",
            "Please don't call me tomorrow, I'm travelling",
            "Don't call me at work, call my cell.",
            "don't call my wife",
            "Can you call me back later?",
            "Call me again tomorrow.",
            "Stop.",
            "Stop, stop, say that again.",
            "I don't want the premium plan.",
            "Please don't take me off the list",
            "Don't stop calling me",
            "Why did you stop calling me?",
            "Did you remove me from the list?",
            "I want to cancel my order",
            "Remove the second item from my order.",
            "How many calls do I get?",
            "I would like no more than two calls to support included",
            "What is the number to call?",
            "My number is five five five",
            "I never called you",
            "You never called me back.",
            "I can't talk now, I'm driving",
            "Take my name and number",
            "Is there a list of prices?",
            "The bus stops right at my office",
        ] {
            assert!(!asks_to_stop(text), "{text}");
        }
    }
}
