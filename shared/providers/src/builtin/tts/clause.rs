//! Cuts speech into clauses: each is made and heard while the next is made.

use super::cache::Key;
use super::text::Spoken;

/// One clause: its words, and the mark that ends it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Clause {
    pub(super) words: Vec<String>,
    pub(super) mark: char,
}

impl Clause {
    /// What the cache knows it by.
    pub(super) fn key(&self, speed_percent: u16) -> Key {
        Key {
            text: format!("{}{}", self.words.join(" "), self.mark),
            speed_percent,
        }
    }
}

/// Fewer words than this are not cut off at a comma: a short clause alone
/// sounds torn.
const WORDS_MIN: usize = 3;
/// More words than this without any mark are cut before a word that can begin
/// a clause, so that the first sound is never far away.
const WORDS_MAX: usize = 16;
const LINKS: &[&str] = &[
    "and", "but", "because", "so", "or", "if", "when", "which", "who", "that", "while", "before", "after",
    "with", "for", "from", "about", "to", "at", "on", "in", "then",
];

/// The clauses of a text, in order; none for a text without words.
pub(super) fn clauses(spoken: Vec<Spoken>) -> Vec<Clause> {
    let mut out = Vec::new();
    let mut words: Vec<String> = Vec::new();
    let mut pieces = spoken.into_iter().peekable();
    while let Some(piece) = pieces.next() {
        match piece {
            Spoken::Word(word) => words.push(word),
            Spoken::Pause(mark @ (',' | ';' | ':')) if words.len() < WORDS_MIN && pieces.peek().is_some() => {
                // Kept inside the clause, as a mark of its own.
                words.push(mark.to_string());
            }
            Spoken::Pause(mark) => push(&mut out, &mut words, mark),
        }
    }
    push(&mut out, &mut words, '.');
    out
}

fn push(out: &mut Vec<Clause>, words: &mut Vec<String>, mark: char) {
    let mut rest = std::mem::take(words);
    while rest.len() > WORDS_MAX {
        let cut = cut_at(&rest);
        let later = rest.split_off(cut);
        out.push(Clause {
            words: rest,
            mark: ',',
        });
        rest = later;
    }
    if rest
        .iter()
        .any(|word| word.starts_with(|c: char| c.is_alphanumeric()))
    {
        out.push(Clause { words: rest, mark });
    }
}

/// Where a long run of words is best cut: before a linking word near the
/// middle, else in the middle.
fn cut_at(words: &[String]) -> usize {
    let middle = (words.len() / 2).min(WORDS_MAX / 2 + 2);
    let is_link = |at: &usize| {
        words
            .get(*at)
            .is_some_and(|word| LINKS.contains(&word.to_ascii_lowercase().as_str()))
    };
    let near = (0..middle.saturating_sub(3)).flat_map(|away| [middle - away, middle + away]);
    near.filter(|at| (4..WORDS_MAX).contains(at))
        .find(is_link)
        .unwrap_or(middle)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::builtin::tts::text::spoken;

    fn cut(text: &str) -> Vec<String> {
        clauses(spoken(text))
            .iter()
            .map(|clause| format!("{}{}", clause.words.join(" "), clause.mark))
            .collect()
    }

    #[test]
    fn clauses_end_at_marks_but_not_after_two_words() {
        assert_eq!(
            cut("Hi, this is Joe. How are you?"),
            ["Hi , this is Joe.", "How are you?"]
        );
        assert_eq!(
            cut("I can help with that, or I can call you back later"),
            ["I can help with that,", "or I can call you back later."]
        );
        assert!(cut("...").is_empty() && cut("").is_empty());
    }

    #[test]
    fn a_sentence_without_end_is_cut_before_a_link_word() {
        let long = "I am calling to tell you that the order which you placed with us last Tuesday morning has been \
                    shipped from our warehouse and will arrive at your door before the end of the week";
        let pieces = cut(long);
        assert!(pieces.len() >= 2);
        assert!(
            pieces.iter().all(|piece| piece.split(' ').count() <= WORDS_MAX),
            "{pieces:?}"
        );
        assert_eq!(pieces.join(" ").replace([',', '.'], ""), long);
    }

    #[test]
    fn words_without_any_link_are_cut_all_the_same() {
        let pieces = cut(&"word ".repeat(100));
        assert!(pieces.iter().all(|piece| piece.split(' ').count() <= WORDS_MAX));
        assert_eq!(
            pieces.iter().map(|piece| piece.split(' ').count()).sum::<usize>(),
            100
        );
    }
}
