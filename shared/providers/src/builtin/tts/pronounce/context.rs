//! Words whose sound depends on their neighbours, and letters said as letters.

use super::alphabet::is_vowel;
use super::dictionary::Dictionary;

/// The sound of "the", "to", "a" and the like. `vowel_follows`: whether the
/// next word begins with a vowel; `None` before a pause.
pub(super) fn special(word: &str, vowel_follows: Option<bool>) -> Option<&'static str> {
    let sound = match (word, vowel_follows) {
        ("the" | "The", Some(true)) => "ði",
        ("the" | "The", _) => "ðə",
        ("to" | "To", Some(true)) => "tʊ",
        ("to" | "To", Some(false)) => "tə",
        ("to" | "To", None) => "tˈu",
        ("a", _) | ("A", Some(_)) => "ɐ",
        ("an" | "An", _) => "ɐn",
        ("I", _) => "ˌI",
        ("in" | "In", None) => "ˈɪn",
        _ => return None,
    };
    Some(sound)
}

/// Whether sounds begin with a vowel.
pub(super) fn starts_with_vowel(sounds: &str) -> Option<bool> {
    sounds
        .chars()
        .find(|letter| !matches!(letter, 'ˈ' | 'ˌ'))
        .map(is_vowel)
}

/// Whether a word in capitals is said letter by letter: the dictionary does not
/// know it as written, and it is short or cannot be said.
pub(super) fn is_acronym(word: &str, dictionary: &Dictionary) -> bool {
    let letters = word.chars().filter(char::is_ascii_alphabetic).count();
    let capitals = word.chars().all(|c| c.is_ascii_uppercase());
    if !capitals || letters < 2 || dictionary.knows_exactly(word) {
        return false;
    }
    let has_vowel = word.chars().any(|c| "AEIOUY".contains(c));
    // "FREE" and "STOP" are words that someone shouts; "ABC" and "SQL" are not.
    letters < 4 || !has_vowel || (letters < 5 && dictionary.find(word).is_none())
}

#[cfg(test)]
mod tests {
    use super::super::dictionary::tests::small;
    use super::*;

    #[test]
    fn little_words_bend_to_the_next() {
        assert_eq!(special("the", Some(true)), Some("ði"));
        assert_eq!(special("the", Some(false)), Some("ðə"));
        assert_eq!(special("to", None), Some("tˈu"));
        assert_eq!(special("A", None), None, "a letter at the end");
        assert_eq!(special("call", None), None);
        assert_eq!(starts_with_vowel("ˈAʤ"), Some(true));
        assert_eq!(starts_with_vowel("kˈɔl"), Some(false));
        assert_eq!(starts_with_vowel(""), None);
    }

    #[test]
    fn capitals_are_letters_unless_they_are_a_word() {
        let words = small();
        assert!(
            ["IBM", "SQL", "AM", "HTTPS"]
                .into_iter()
                .all(|word| is_acronym(word, &words))
        );
        assert!(
            !["NASA", "FREE", "Call", "A", "I"]
                .into_iter()
                .any(|word| is_acronym(word, &words))
        );
    }
}
