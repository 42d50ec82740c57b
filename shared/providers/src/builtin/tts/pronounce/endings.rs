//! Words that are a known word with an ending: -s, -'s, -ed, -ing.

use super::dictionary::Dictionary;

/// The sounds of a word whose stem the dictionary knows.
pub(super) fn find(dictionary: &Dictionary, word: &str) -> Option<String> {
    let lower = word.to_lowercase();
    plural(dictionary, &lower)
        .or_else(|| past(dictionary, &lower))
        .or_else(|| going(dictionary, &lower))
}

/// Tries the stems one after another.
fn stem(dictionary: &Dictionary, stems: &[Option<String>]) -> Option<String> {
    stems
        .iter()
        .flatten()
        .filter(|stem| stem.len() > 1)
        .find_map(|stem| dictionary.find(stem))
}

fn cut(word: &str, ending: &str, replacement: &str) -> Option<String> {
    word.strip_suffix(ending)
        .map(|stem| format!("{stem}{replacement}"))
}

fn plural(dictionary: &Dictionary, word: &str) -> Option<String> {
    let plain = if word.ends_with("ss") {
        None
    } else {
        cut(word, "s", "")
    };
    let stems = [
        cut(word, "'s", ""),
        cut(word, "s'", ""),
        plain,
        cut(word, "es", ""),
        cut(word, "ies", "y"),
    ];
    let stem = stem(dictionary, &stems)?;
    Some(match stem.chars().last()? {
        'p' | 't' | 'k' | 'f' | 'θ' => stem + "s",
        's' | 'z' | 'ʃ' | 'ʒ' | 'ʧ' | 'ʤ' => stem + "ᵻz",
        _ => stem + "z",
    })
}

fn past(dictionary: &Dictionary, word: &str) -> Option<String> {
    word.strip_suffix("ed")?;
    let stem = stem(
        dictionary,
        &[
            cut(word, "d", ""),
            cut(word, "ed", ""),
            single(word, "ed"),
            cut(word, "ied", "y"),
        ],
    )?;
    Some(match stem.chars().last()? {
        'p' | 'k' | 'f' | 'θ' | 'ʃ' | 's' | 'ʧ' => stem + "t",
        't' => flapped(&stem) + "ᵻd",
        'd' => stem + "ᵻd",
        _ => stem + "d",
    })
}

fn going(dictionary: &Dictionary, word: &str) -> Option<String> {
    let stem = stem(
        dictionary,
        &[cut(word, "ing", ""), cut(word, "ing", "e"), single(word, "ing")],
    )?;
    Some(flapped(&stem) + "ɪŋ")
}

/// The stem of a word that doubled its last letter: "planned" is "plan".
fn single(word: &str, ending: &str) -> Option<String> {
    let mut stem = word.strip_suffix(ending)?.to_owned();
    let last = stem.pop()?;
    stem.ends_with(last).then_some(stem)
}

/// A t between vowels becomes the soft American one.
fn flapped(stem: &str) -> String {
    let mut letters = stem.chars().rev();
    let soft = letters.next() == Some('t') && letters.next().is_some_and(super::alphabet::is_vowel);
    if soft {
        format!("{}T", stem.trim_end_matches('t'))
    } else {
        stem.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::super::dictionary::tests::small;
    use super::*;

    #[test]
    fn endings_follow_the_last_sound() {
        for (word, want) in [
            ("calls", "kˈɔlz"),
            ("Call's", "kˈɔlz"),
            ("waits", "wˈAts"),
            ("foxes", "fˈɑksᵻz"),
            ("cities", "sˈɪTiz"),
            ("called", "kˈɔld"),
            ("waited", "wˈATᵻd"),
            ("planned", "plˈænd"),
            ("calling", "kˈɔlɪŋ"),
            ("writing", "ɹˈITɪŋ"),
            ("planning", "plˈænɪŋ"),
        ] {
            assert_eq!(find(&small(), word).as_deref(), Some(want), "{word}");
        }
        for word in ["glass", "red", "xyzing", "s", "ed", "ing", ""] {
            assert_eq!(find(&small(), word), None, "{word}");
        }
    }
}
