//! What was talked about, by rapid automatic keyword extraction (RAKE).

use std::collections::HashSet;

use rake::{Rake, StopWords};

use super::KEY_PHRASES_MAX;
use crate::llm::{Line, Speaker};

/// Words longer than this in one phrase: no phrase but a stretch without stop words.
const WORDS_MAX: usize = 4;

/// The most telling phrases of both sides; a caller's go before an agent's
/// when they tell as much.
pub(super) fn of(lines: &[Line]) -> Vec<String> {
    let words: HashSet<String> = STOP_WORDS.split_whitespace().map(str::to_owned).collect();
    let rake = Rake::new(StopWords::from(words));
    let side = |speaker: Speaker| -> Vec<(f64, String)> {
        let text: Vec<String> = lines
            .iter()
            .filter(|line| line.speaker == speaker)
            .map(|line| plain(&line.text))
            .collect();
        rake.run(&text.join(". "))
            .into_iter()
            .map(|found| (found.score, found.keyword))
            .collect()
    };
    let caller = side(Speaker::User)
        .into_iter()
        .map(|(score, phrase)| (score * 1.5, phrase));
    let mut found: Vec<(f64, String)> = caller
        .chain(side(Speaker::Agent))
        .filter(|(_, phrase)| is_phrase(phrase))
        .collect();
    found.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    let mut seen = HashSet::new();
    let distinct = found
        .into_iter()
        .map(|(_, phrase)| phrase)
        .filter(|phrase| seen.insert(phrase.clone()));
    distinct.take(KEY_PHRASES_MAX).collect()
}

/// Lower case and straight apostrophes, which the stop words are written in.
fn plain(text: &str) -> String {
    text.to_lowercase()
        .replace('\u{2019}', "'")
        .replace("n't", " not")
        .replace('\'', " ")
}

fn is_phrase(phrase: &str) -> bool {
    let words: Vec<&str> = phrase.split_whitespace().collect();
    let letters = phrase.chars().filter(|c| c.is_alphabetic()).count();
    (1..=WORDS_MAX).contains(&words.len()) && letters >= 4
}

/// Words that no phrase begins, ends or is broken by.
const STOP_WORDS: &str = "a about above after again against ai all alright also am an and any anything are as assistant at \
    back be because been before being below between bit both but by bye call called calling can could d did do does \
    doing done down during each else few fine first for from further get give go goes going good goodbye got great had \
    has have having he hello help her here hers hi him his how i if in into is it its just kind know let like ll look \
    m make many may maybe me mean moment more most much my need no nor not noted now of off oh ok okay on once one only \
    or other our out over own perfect please put really re right s said same say see she should so some somebody \
    someone something sorry speaking sure t take talk tell than thank thanks that the their them then there these they \
    thing things think this those through time to too under until up us ve very want was way we well were what when \
    where which while who whom why will with wo work works would yeah yep yes you your yours";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phrases_name_the_matter_and_not_the_manners() {
        let lines = [
            Line { speaker: Speaker::Agent, text: "Hello, this is an AI assistant. How can I help you?".into() },
            Line {
                speaker: Speaker::User,
                text: "I ordered a premium plan last month and the billing department charged my credit card twice."
                    .into(),
            },
            Line { speaker: Speaker::User, text: "I want a refund for the duplicate charge. Thank you, bye.".into() },
        ];
        let found = of(&lines);
        for want in [
            "billing department charged",
            "credit card twice",
            "duplicate charge",
            "refund",
        ] {
            assert!(
                found.iter().any(|phrase| phrase == want),
                "{want} is not in {found:?}"
            );
        }
        assert!(
            !found
                .iter()
                .any(|phrase| phrase.contains("thank") || phrase.contains("hello")),
            "{found:?}"
        );
        assert!(found.len() <= KEY_PHRASES_MAX);
    }
}
