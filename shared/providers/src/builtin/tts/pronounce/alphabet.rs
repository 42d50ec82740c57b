//! The dictionaries' alphabet to the one that the voice was trained on.
//!
//! The dictionaries write each diphthong as one capital letter and leave out
//! length marks; the voice wants the International Phonetic Alphabet as
//! espeak-ng prints it for American English.

const VOWELS: &str = "AIOQWYaeiouæɐɑɒɔəɛɜɪʊʌᵻᵊ";

/// Whether a letter of the dictionaries' alphabet is a vowel.
pub(super) fn is_vowel(letter: char) -> bool {
    VOWELS.contains(letter)
}

fn is_stress(letter: char) -> bool {
    matches!(letter, 'ˈ' | 'ˌ')
}

/// One word's sounds in the voice's alphabet.
pub(super) fn to_ipa(word: &str) -> String {
    let letters: Vec<char> = word.chars().collect();
    let mut out = String::with_capacity(2 * word.len());
    let mut at = 0;
    while let Some(&letter) = letters.get(at) {
        let next = letters.get(at + 1).copied();
        let vowel_follows = letters.get(at + 2).copied().is_some_and(is_vowel);
        match (letter, next) {
            // An r behind these vowels colours them, unless it opens the next syllable.
            ('ɜ', Some('ɹ')) if !vowel_follows => {
                out.push_str("ɜː");
                at += 1;
            }
            ('ə', Some('ɹ')) if !vowel_follows => {
                out.push('ɚ');
                at += 1;
            }
            ('i', _) => out.push_str(if is_long_i(&letters, at) { "iː" } else { "i" }),
            (letter, _) => match single(letter) {
                Some(sounds) => out.push_str(sounds),
                None => out.push(letter),
            },
        }
        at += 1;
    }
    out
}

fn single(letter: char) -> Option<&'static str> {
    Some(match letter {
        'A' => "eɪ",
        'I' => "aɪ",
        'O' => "oʊ",
        'W' => "aʊ",
        'Y' => "ɔɪ",
        'ʤ' => "dʒ",
        'ʧ' => "tʃ",
        'T' => "ɾ",
        'ᵊ' => "ə",
        'u' => "uː",
        'ɑ' => "ɑː",
        'ɔ' => "ɔː",
        'ɜ' => "ɜː",
        'g' => "ɡ",
        _ => return None,
    })
}

/// Whether the `i` at a place is the vowel of "see" (long) and not the weak
/// one that ends "happy".
fn is_long_i(letters: &[char], at: usize) -> bool {
    if letters.get(at + 1) == Some(&'ə') {
        return false;
    }
    let before = &letters[..at];
    match before.iter().rposition(|&letter| is_stress(letter)) {
        // Long only as the very vowel that carries the stress before it.
        Some(stress) => !before[stress..].iter().any(|&letter| is_vowel(letter)),
        None if letters[at..].iter().any(|&letter| is_stress(letter)) => true,
        None => letters
            .iter()
            .enumerate()
            .all(|(i, &letter)| i == at || !is_vowel(letter)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_come_out_as_the_voice_knows_them() {
        for (dictionary, ipa) in [
            ("həlˈO", "həlˈoʊ"),
            ("əpˈYntmənt", "əpˈɔɪntmənt"),
            ("sˈi", "sˈiː"),
            ("bi", "biː"),
            ("sˈɪTi", "sˈɪɾi"),
            ("pˈiəɹiəd", "pˈiəɹiəd"),
            ("kɹiˈAt", "kɹiːˈeɪt"),
            ("dˈɑktəɹ", "dˈɑːktɚ"),
            ("wˈɜɹk", "wˈɜːk"),
            ("tˈuzdˌA", "tˈuːzdˌeɪ"),
            ("ʤˈʌmp", "dʒˈʌmp"),
        ] {
            assert_eq!(to_ipa(dictionary), ipa, "{dictionary}");
        }
    }
}
