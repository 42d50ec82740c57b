//! Whisper's vocabulary: which bytes each token stands for.

use std::collections::HashMap;
use std::path::Path;

use serde::Deserialize;

use super::decoder::TOKENS;
use crate::builtin::LoadError;

/// End of text: all tokens from here on are marks, not words.
pub(super) const END: usize = 50_256;
/// Start of a transcript.
pub(super) const START: usize = 50_257;
/// "There is no speech": its score beside the start token says how likely that is.
pub(super) const NO_SPEECH: usize = 50_361;
/// No time stamps are wanted.
pub(super) const NO_TIMES: usize = 50_362;
/// A lone space.
pub(super) const SPACE: usize = 220;

/// The bytes of all tokens, one after another.
#[derive(Debug)]
pub(super) struct Tokens {
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

#[derive(Deserialize)]
struct File {
    model: Model,
}

#[derive(Deserialize)]
struct Model {
    vocab: HashMap<String, usize>,
}

impl Tokens {
    /// Reads a `tokenizer.json` of byte-level pairs.
    pub(super) fn load(path: &Path) -> Result<Self, LoadError> {
        let text = std::fs::read(path).map_err(LoadError::at(path))?;
        let file: File = serde_json::from_slice(&text).map_err(LoadError::at(path))?;
        Ok(Self::new(&file.model.vocab))
    }

    fn new(vocabulary: &HashMap<String, usize>) -> Self {
        let mut words = vec![""; TOKENS];
        for (word, &id) in vocabulary {
            if let Some(place) = words.get_mut(id) {
                *place = word;
            }
        }
        let alphabet = alphabet();
        let mut tokens = Self {
            bytes: Vec::new(),
            ends: Vec::with_capacity(TOKENS),
        };
        for word in words {
            tokens.bytes.extend(word.chars().filter_map(|c| alphabet.get(&c)));
            tokens.ends.push(tokens.bytes.len());
        }
        tokens
    }

    /// The text of some tokens; marks are left out.
    pub(super) fn text(&self, tokens: &[usize]) -> String {
        let words = tokens.iter().filter(|&&token| token < END);
        let bytes: Vec<u8> = words.flat_map(|&token| self.word(token)).copied().collect();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    fn word(&self, token: usize) -> &[u8] {
        let start = token
            .checked_sub(1)
            .and_then(|before| self.ends.get(before))
            .copied()
            .unwrap_or(0);
        self.ends
            .get(token)
            .and_then(|&end| self.bytes.get(start..end))
            .unwrap_or_default()
    }
}

/// Byte-level vocabularies write each byte as a printable character: itself
/// where it is one, else the next free one from U+0100 on.
fn alphabet() -> HashMap<char, u8> {
    let mut spare = (0x100_u32..).filter_map(char::from_u32);
    let printable = |byte: u8| matches!(byte, b'!'..=b'~' | 0xA1..=0xAC | 0xAE..=0xFF);
    (0..=u8::MAX)
        .filter_map(|byte| {
            let letter = if printable(byte) {
                Some(char::from(byte))
            } else {
                spare.next()
            };
            letter.map(|letter| (letter, byte))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_that_do_not_print_have_their_own_letters() {
        let vocabulary = [
            ("Ġhello".to_owned(), 5),
            ("Ãł".to_owned(), 6),
            ("Ċ".to_owned(), 7),
        ]
        .into();
        let tokens = Tokens::new(&vocabulary);
        assert_eq!(tokens.text(&[5]), " hello");
        assert_eq!(tokens.text(&[6]), "\u{e0}");
        assert_eq!(tokens.text(&[START, 5, 7, END]), " hello\n");
        assert_eq!(tokens.text(&[999_999, 8]), "");
    }
}
