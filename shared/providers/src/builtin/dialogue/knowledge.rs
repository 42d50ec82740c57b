//! Answers taken word for word from what the agent knows.

use std::collections::{HashMap, HashSet};

use crate::builtin::passage::sentences;
use crate::builtin::words::words;

/// One sentence that may be an answer, and the words it is found by.
#[derive(Debug)]
struct Sentence {
    text: String,
    terms: Vec<String>,
    /// The words themselves, before those of one meaning became one.
    stems: HashSet<String>,
    /// Words of its passage's heading or neighbours count for less.
    around: HashSet<String>,
}

/// The sentences of all passages, ready to be searched.
#[derive(Debug)]
pub(super) struct Knowledge {
    sentences: Vec<Sentence>,
    /// In how many sentences each term is.
    spread: HashMap<String, f32>,
    mean_length: f32,
}

/// The least share of the question's weight that an answer must cover.
const COVERAGE_MIN: f32 = 0.5;
/// What the very word that was asked for adds to the score, beside its meaning.
const EXACT: f32 = 0.5;
/// How much a word of the passage counts, of one in the sentence itself.
const AROUND: f32 = 0.35;

impl Knowledge {
    pub(super) fn new<'a>(passages: impl IntoIterator<Item = &'a str>) -> Self {
        let sentences: Vec<Sentence> = passages.into_iter().flat_map(of_passage).collect();
        let mut spread = HashMap::new();
        for sentence in &sentences {
            for term in sentence.terms.iter().collect::<HashSet<_>>() {
                *spread.entry(term.clone()).or_insert(0.0) += 1.0;
            }
        }
        let total: usize = sentences.iter().map(|sentence| sentence.terms.len()).sum();
        let mean_length = (total as f32 / sentences.len().max(1) as f32).max(1.0);
        Self {
            sentences,
            spread,
            mean_length,
        }
    }

    /// The sentence that answers a question best, if any is about it at all.
    pub(super) fn answer(&self, question: &str) -> Option<&str> {
        let asked: HashSet<String> = terms(question).into_iter().collect();
        let exact = stems(question);
        let weight_all: f32 = asked.iter().map(|term| self.weight(term)).sum();
        let scored = self
            .sentences
            .iter()
            .filter(|sentence| !sentence.text.ends_with('?'))
            .filter_map(|sentence| {
                let (score, covered) = self.score(sentence, &asked);
                let nearer = EXACT * sentence.stems.intersection(&exact).count() as f32;
                (covered >= COVERAGE_MIN * weight_all && score > 0.0).then_some((score + nearer, sentence))
            });
        let best = scored.fold(None, |best: Option<(f32, &Sentence)>, candidate| match best {
            Some(best) if best.0 >= candidate.0 => Some(best),
            Some(_) | None => Some(candidate),
        });
        best.map(|(_, sentence)| sentence.text.as_str())
    }

    /// BM25's score, and how much of the question's weight was found.
    fn score(&self, sentence: &Sentence, asked: &HashSet<String>) -> (f32, f32) {
        let length = 0.25 + 0.75 * sentence.terms.len() as f32 / self.mean_length;
        let (mut score, mut covered) = (0.0, 0.0);
        for term in asked {
            let count = sentence.terms.iter().filter(|known| *known == term).count() as f32;
            if count > 0.0 {
                score += self.weight(term) * count * 2.2 / (count + 1.2 * length);
                covered += self.weight(term);
            } else if sentence.around.contains(term) {
                score += AROUND * self.weight(term);
                covered += AROUND * self.weight(term);
            }
        }
        (score, covered)
    }

    /// How telling a term is: the rarer, the more. Unknown ones weigh most, so
    /// that a question about something else is not answered by a lucky word.
    fn weight(&self, term: &str) -> f32 {
        let count = self.sentences.len() as f32;
        let spread = self.spread.get(term).copied().unwrap_or(0.0);
        (1.0 + (count - spread + 0.5) / (spread + 0.5)).ln()
    }
}

fn of_passage(passage: &str) -> Vec<Sentence> {
    let texts = sentences(passage);
    let all: HashSet<String> = texts.iter().flat_map(|text| terms(text)).collect();
    let each = texts.into_iter().map(|text| Sentence {
        terms: terms(&text),
        stems: stems(&text),
        text,
        around: all.clone(),
    });
    each.filter(|sentence| !sentence.terms.is_empty()).collect()
}

/// The telling words of a text, brought to a common form.
fn terms(text: &str) -> Vec<String> {
    telling(text).map(|word| common_form(&word)).collect()
}

fn stems(text: &str) -> HashSet<String> {
    telling(text).map(|word| stem(&word)).collect()
}

fn telling(text: &str) -> impl Iterator<Item = String> {
    words(text)
        .into_iter()
        .filter(|word| !IDLE.contains(&word.as_str()))
}

/// Words of one meaning in questions on the telephone; the first stands for all.
const ALIKE: [&[&str]; 15] = [
    &[
        "cost",
        "price",
        "pay",
        "charge",
        "fee",
        "expensive",
        "dollar",
        "rate",
        "pric",
    ],
    &["open", "hour", "close", "clos", "schedule", "weekday"],
    &[
        "address", "located", "locat", "location", "where", "office", "branch",
    ],
    &["phone", "telephone", "contact", "reach"],
    &["refund", "money", "return", "reimburse"],
    &["cancel", "cancell", "terminate", "quit", "cancellation"],
    &["deliver", "ship", "delivery", "shipp", "arrive", "shipping"],
    &["appointment", "booking", "book", "reservation", "visit", "slot"],
    &["plan", "subscription", "package", "tier"],
    &["guarantee", "warranty", "warrant"],
    &["discount", "offer", "sale", "deal", "promotion"],
    &["free", "trial", "complimentary"],
    &["help", "support", "assist", "assistance"],
    &["long", "duration", "minute", "length"],
    &["start", "begin", "commence"],
];

/// A word without its ending, or the first of its kind.
fn common_form(word: &str) -> String {
    let stem = stem(word);
    let alike = ALIKE
        .iter()
        .find(|group| group.iter().any(|one| *one == stem || *one == word));
    alike
        .and_then(|group| group.first())
        .map_or(stem, |first| (*first).to_owned())
}

/// Cuts -s, -es, -ies, -ing and -ed off, as far as a word is left.
fn stem(word: &str) -> String {
    let long_enough = |stem: &str| stem.len() >= 3;
    let with = |ending: &str| word.strip_suffix(ending).filter(|stem| long_enough(stem));
    if let Some(stem) = with("ies") {
        return format!("{stem}y");
    }
    if let Some(stem) = with("ing").or_else(|| with("ed")) {
        let mut letters = stem.chars().rev();
        let doubled = letters.next() == letters.next();
        return if doubled {
            stem[..stem.len() - 1].to_owned()
        } else {
            stem.to_owned()
        };
    }
    let plural = with("s").filter(|stem| !stem.ends_with(['s', 'u', 'i']));
    plural
        .map(|stem| {
            stem.strip_suffix('e')
                .filter(|s| s.ends_with(['x', 'z']))
                .unwrap_or(stem)
        })
        .unwrap_or(word)
        .to_owned()
}

/// Words that say nothing about what is asked.
const IDLE: &[&str] = &[
    "a",
    "an",
    "the",
    "and",
    "or",
    "but",
    "if",
    "of",
    "to",
    "in",
    "on",
    "at",
    "for",
    "from",
    "by",
    "with",
    "about",
    "is",
    "are",
    "was",
    "were",
    "be",
    "been",
    "am",
    "do",
    "does",
    "did",
    "have",
    "has",
    "had",
    "can",
    "could",
    "will",
    "would",
    "shall",
    "should",
    "may",
    "might",
    "must",
    "i",
    "me",
    "my",
    "we",
    "us",
    "our",
    "you",
    "your",
    "he",
    "she",
    "it",
    "its",
    "they",
    "them",
    "their",
    "this",
    "that",
    "these",
    "those",
    "there",
    "here",
    "what",
    "whats",
    "which",
    "who",
    "whom",
    "when",
    "why",
    "how",
    "much",
    "many",
    "please",
    "thanks",
    "thank",
    "okay",
    "ok",
    "yes",
    "no",
    "not",
    "so",
    "just",
    "also",
    "then",
    "than",
    "too",
    "very",
    "tell",
    "know",
    "want",
    "like",
    "need",
    "get",
    "got",
    "let",
    "say",
    "said",
    "any",
    "some",
    "all",
    "more",
    "well",
    "oh",
    "um",
    "uh",
    "hello",
    "hi",
    "hey",
    "now",
    "again",
    "something",
    "anything",
    "give",
    "gives",
    "make",
    "provide",
    "someone",
    "okay",
    "exactly",
];

#[cfg(test)]
mod tests {
    use super::*;

    const PASSAGES: &[&str] = &[
        "We are open Monday to Friday from 9 a.m. to 6 p.m. On Saturday we close at noon.",
        "The premium plan costs $49.99 per month. The basic plan is free for 14 days.",
        "Q: What is your refund policy?\nA: You can get your money back within 30 days of purchase.",
        "Deliveries take three to five working days. Our office is at 12 Green Street, London.",
    ];

    #[test]
    fn questions_find_their_sentence() {
        let knowledge = Knowledge::new(PASSAGES.iter().copied());
        for (question, want) in [
            ("What are your opening hours?", "We are open Monday"),
            ("How much is the premium plan?", "The premium plan costs $49.99"),
            ("what does premium cost", "The premium plan costs"),
            ("Do you give refunds?", "You can get your money back"),
            ("How long does delivery take?", "Deliveries take three"),
            ("Where are you located?", "Our office is at 12 Green Street"),
            ("Are you open on Saturday?", "On Saturday we close at noon"),
            ("Is there a free plan?", "The basic plan is free"),
        ] {
            let answer = knowledge.answer(question).unwrap_or_default();
            assert!(answer.starts_with(want), "{question} -> {answer}");
        }
    }

    #[test]
    fn what_is_not_known_is_not_answered() {
        let knowledge = Knowledge::new(PASSAGES.iter().copied());
        for question in [
            "Who won the football match?",
            "What is the capital of France?",
            "Can my dog come along?",
            "",
            "and the?",
        ] {
            assert_eq!(knowledge.answer(question), None, "{question}");
        }
        assert_eq!(Knowledge::new([]).answer("Anything?"), None);
        assert_eq!(Knowledge::new(["", "..."]).answer("Anything?"), None);
    }
}
