//! The two word lists, kept as one sorted text: a tenth of a map's memory.

use std::collections::HashMap;
use std::path::Path;

use serde::Deserialize;

use crate::builtin::LoadError;

/// Words and their sounds in the lists' own alphabet.
#[derive(Debug)]
pub(super) struct Dictionary {
    /// `word`, tab, `sounds`, newline; sorted by word.
    text: String,
    /// Where each line starts.
    lines: Vec<u32>,
}

/// One pronunciation, or several by part of speech.
#[derive(Deserialize)]
#[serde(untagged)]
enum Entry {
    One(String),
    ByUse(HashMap<String, Option<String>>),
}

impl Entry {
    fn usual(self) -> Option<String> {
        match self {
            Self::One(sounds) => Some(sounds),
            Self::ByUse(mut uses) => uses.remove("DEFAULT").flatten(),
        }
    }
}

impl Dictionary {
    /// Reads both lists; the first wins where both know a word.
    pub(super) fn load(gold: &Path, silver: &Path) -> Result<Self, LoadError> {
        let mut words = read(silver)?;
        words.extend(read(gold)?);
        Ok(Self::new(
            words
                .into_iter()
                .filter_map(|(word, entry)| Some((word, entry.usual()?))),
        ))
    }

    fn new(words: impl Iterator<Item = (String, String)>) -> Self {
        let mut words: Vec<(String, String)> = words.collect();
        words.sort_unstable();
        let mut dictionary = Self {
            text: String::new(),
            lines: Vec::with_capacity(words.len()),
        };
        for (word, sounds) in words {
            // Seven million bytes in all; a list that grew beyond 4 GB would be cut.
            let Ok(start) = u32::try_from(dictionary.text.len()) else {
                break;
            };
            dictionary.lines.push(start);
            dictionary.text.extend([&word, "\t", &sounds, "\n"]);
        }
        dictionary
    }

    /// The sounds of a word as written, or with its first letter in the other case.
    pub(super) fn find(&self, word: &str) -> Option<String> {
        let lower = word.to_lowercase();
        self.exact(word)
            .or_else(|| self.exact(&lower))
            .or_else(|| self.exact(&capitalised(&lower)))
            .map(str::to_owned)
    }

    /// Whether the word is known exactly as written.
    pub(super) fn knows_exactly(&self, word: &str) -> bool {
        self.exact(word).is_some()
    }

    /// A word spelled letter by letter, the stress on the last.
    pub(super) fn letters(&self, word: &str) -> String {
        let letters = word
            .chars()
            .filter(char::is_ascii_alphabetic)
            .map(|c| c.to_ascii_uppercase().to_string());
        let sounds: Vec<String> = letters
            .filter_map(|letter| self.exact(&letter).map(str::to_owned))
            .collect();
        let last = sounds.len().saturating_sub(1);
        let stressed = sounds.iter().enumerate().map(|(i, sound)| {
            let bare = sound.replace(['ˈ', 'ˌ'], "");
            let mark = if i == last { 'ˈ' } else { 'ˌ' };
            before_vowel(&bare, mark)
        });
        stressed.collect()
    }

    fn exact(&self, word: &str) -> Option<&str> {
        let at = self.lines.partition_point(|&start| self.line(start).0 < word);
        let (found, sounds) = self.lines.get(at).map(|&start| self.line(start))?;
        (found == word).then_some(sounds)
    }

    fn line(&self, start: u32) -> (&str, &str) {
        let rest = usize::try_from(start)
            .ok()
            .and_then(|start| self.text.get(start..))
            .unwrap_or_default();
        let line = rest.split_once('\n').map_or(rest, |(line, _)| line);
        line.split_once('\t').unwrap_or((line, ""))
    }
}

/// Puts a stress mark in front of the first vowel.
fn before_vowel(sounds: &str, mark: char) -> String {
    let at = sounds.find(super::alphabet::is_vowel).unwrap_or(0);
    format!("{}{mark}{}", &sounds[..at], &sounds[at..])
}

fn capitalised(lower: &str) -> String {
    let mut letters = lower.chars();
    letters
        .next()
        .map(|first| first.to_uppercase().chain(letters).collect())
        .unwrap_or_default()
}

fn read(path: &Path) -> Result<HashMap<String, Entry>, LoadError> {
    let text = std::fs::read(path).map_err(LoadError::at(path))?;
    serde_json::from_slice(&text).map_err(LoadError::at(path))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A handful of words for the tests of this folder.
    pub(crate) fn small() -> Dictionary {
        let words = [
            ("A", "ˈA"),
            ("B", "bˈi"),
            ("I", "ˈI"),
            ("M", "ˈɛm"),
            ("NASA", "nˈæsə"),
            ("Tuesday", "tˈuzdˌA"),
            ("call", "kˈɔl"),
            ("city", "sˈɪTi"),
            ("fox", "fˈɑks"),
            ("free", "fɹˈi"),
            ("plan", "plˈæn"),
            ("wait", "wˈAt"),
            ("write", "ɹˈIt"),
        ];
        Dictionary::new(
            words
                .into_iter()
                .map(|(word, sounds)| (word.to_owned(), sounds.to_owned())),
        )
    }

    #[test]
    fn words_are_found_in_any_case() {
        let words = small();
        assert_eq!(words.find("Call").as_deref(), Some("kˈɔl"));
        assert_eq!(words.find("TUESDAY").as_deref(), Some("tˈuzdˌA"));
        assert_eq!(words.find("calls"), None);
        assert!(words.knows_exactly("NASA") && !words.knows_exactly("FREE"));
    }

    #[test]
    fn letters_carry_stress_on_the_last() {
        assert_eq!(small().letters("IBM"), "ˌIbˌiˈɛm");
    }

    #[test]
    fn both_kinds_of_entry_are_read() {
        let entries: HashMap<String, Entry> =
            serde_json::from_str(r#"{"a":"x","b":{"DEFAULT":"y","VERB":"z"},"c":{"DEFAULT":null}}"#).unwrap();
        let mut usual: Vec<_> = entries
            .into_iter()
            .filter_map(|(word, entry)| Some((word, entry.usual()?)))
            .collect();
        usual.sort();
        assert_eq!(usual, [("a".into(), "x".into()), ("b".into(), "y".into())]);
    }
}
