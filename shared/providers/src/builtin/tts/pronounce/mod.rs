//! Words to sounds: a dictionary, rules for endings, and for the rest a small
//! network that has learnt to spell out loud.

mod alphabet;
mod context;
mod dictionary;
mod endings;
mod npz;
mod unknown;

use crate::builtin::LoadError;
use crate::models::{ModelsDir, file};
use alphabet::to_ipa;
use dictionary::Dictionary;
use unknown::Speller;

/// Pronounces American English.
#[derive(Debug)]
pub(super) struct Pronouncer {
    dictionary: Dictionary,
    speller: Speller,
}

impl Pronouncer {
    pub(super) fn load(models: &ModelsDir) -> Result<Self, LoadError> {
        Ok(Self {
            dictionary: Dictionary::load(&models.path(file::GOLD), &models.path(file::SILVER))?,
            speller: Speller::load(&models.path(file::UNKNOWN_WORDS))?,
        })
    }

    /// The sounds of a clause in the voice's alphabet, words apart by spaces;
    /// marks among the words stay as they are.
    pub(super) fn sounds(&self, words: &[String]) -> String {
        let mut sounds: Vec<String> = Vec::with_capacity(words.len());
        // From the end: "the" and "to" depend on the sound that follows.
        let mut following = None;
        for word in words.iter().rev() {
            if !word.contains(|c: char| c.is_ascii_alphanumeric()) {
                following = None;
                if let Some(next) = sounds.last_mut() {
                    *next = format!("{word} {next}");
                } else {
                    sounds.push(word.clone());
                }
                continue;
            }
            let sound = context::special(word, following).map_or_else(|| self.word(word), str::to_owned);
            following = context::starts_with_vowel(&sound);
            sounds.push(to_ipa(&sound));
        }
        sounds.reverse();
        // A mark belongs to the word before it: no space between them.
        [" ,", " ;", " :"]
            .iter()
            .fold(sounds.join(" "), |text, mark| text.replace(mark, &mark[1..]))
    }

    fn word(&self, word: &str) -> String {
        let dictionary = &self.dictionary;
        if context::is_acronym(word, dictionary) {
            return dictionary.letters(word);
        }
        dictionary
            .find(word)
            .or_else(|| endings::find(dictionary, word))
            .unwrap_or_else(|| self.speller.spell(word))
    }
}
