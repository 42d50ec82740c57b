//! Written text to the words that are said: numbers, money, times, dates,
//! abbreviations, addresses and symbols all become plain words.

mod abbreviations;
mod dates;
mod digits;
mod money;
mod numbers;
mod token;

/// A piece of speech.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Spoken {
    /// A word as a dictionary would have it; capital letters alone are spelled out.
    Word(String),
    /// A pause of the given mark: one of `, . ? ! ; :`.
    Pause(char),
}

/// All that is to be said for a text; nothing for a text without words.
pub(super) fn spoken(text: &str) -> Vec<Spoken> {
    let plain = plain(text);
    let tokens: Vec<&str> = plain.split_whitespace().collect();
    let mut out = Vec::new();
    let mut rest = tokens.as_slice();
    while let Some((first, more)) = rest.split_first() {
        let used = token::speak(first, more, &mut out);
        rest = &more[used.min(more.len())..];
    }
    out
}

/// Typographic marks to plain ones, letters with marks to plain letters, and
/// what has no sound to spaces.
fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '\u{2018}' | '\u{2019}' | '\u{02bc}' | '`' => out.push('\''),
            '\u{2013}' | '\u{2212}' => out.push('-'),
            '\u{2014}' | '\u{2015}' => out.push_str(", "),
            '\u{2026}' => out.push_str(", "),
            '"' | '\u{201c}' | '\u{201d}' | '*' | '_' | '~' | '|' | '\\' | '<' | '>' | '^' => out.push(' '),
            '[' | ']' | '{' | '}' => out.push(' '),
            letter if letter.is_ascii() => out.push(letter),
            '£' | '€' | '₹' | '°' => out.push(letter),
            letter => out.push_str(unaccented(letter)),
        }
    }
    out
}

fn unaccented(letter: char) -> &'static str {
    match letter {
        'á' | 'à' | 'â' | 'ä' | 'ã' | 'å' => "a",
        'Á' | 'À' | 'Â' | 'Ä' | 'Ã' | 'Å' => "A",
        'é' | 'è' | 'ê' | 'ë' => "e",
        'É' | 'È' | 'Ê' | 'Ë' => "E",
        'í' | 'ì' | 'î' | 'ï' => "i",
        'ó' | 'ò' | 'ô' | 'ö' | 'õ' | 'ø' => "o",
        'Ó' | 'Ò' | 'Ô' | 'Ö' | 'Õ' | 'Ø' => "O",
        'ú' | 'ù' | 'û' | 'ü' => "u",
        'Ú' | 'Ù' | 'Û' | 'Ü' => "U",
        'ç' => "c",
        'ñ' => "n",
        'Ñ' => "N",
        'ý' | 'ÿ' => "y",
        'š' => "s",
        'ž' => "z",
        'ß' => "ss",
        'æ' => "ae",
        'œ' => "oe",
        _ => " ",
    }
}

/// Appends each word of a phrase that is already in words.
fn push_words(out: &mut Vec<Spoken>, phrase: &str) {
    let words = phrase.split([' ', '-']).filter(|word| !word.is_empty());
    out.extend(words.map(|word| Spoken::Word(word.to_owned())));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> String {
        let mut out = String::new();
        for piece in spoken(text) {
            match piece {
                Spoken::Word(word) => {
                    if !out.is_empty() {
                        out.push(' ');
                    }
                    out.push_str(&word);
                }
                Spoken::Pause(mark) => out.push(mark),
            }
        }
        out
    }

    #[test]
    fn what_is_written_is_said_as_a_person_would() {
        for (written, want) in [
            ("Hello, Anna!", "Hello, Anna!"),
            ("It costs $49.", "It costs forty nine dollars."),
            (
                "It costs $29.99 a month.",
                "It costs twenty nine dollars and ninety nine cents a month.",
            ),
            (
                "$1,234.50 is due",
                "one thousand two hundred thirty four dollars and fifty cents is due",
            ),
            ("a $5 million deal", "a five million dollars deal"),
            ("$1 or $0.05", "one dollar or five cents"),
            ("₹500 or £20", "five hundred rupees or twenty pounds"),
            ("at 10:30 am", "at ten thirty AM"),
            ("at 9am.", "at nine AM."),
            ("at 3 p.m. today", "at three PM today"),
            ("at 14:05", "at fourteen oh five"),
            ("at 12:00", "at twelve o'clock"),
            ("the 3rd of May", "the third of May"),
            ("on 2026-11-22", "on November twenty second, twenty twenty six"),
            ("on 7/4/2025", "on July fourth, twenty twenty five"),
            ("in 1999 or 2005", "in nineteen ninety nine or two thousand five"),
            ("3.5% of 1,000,000", "three point five percent of one million"),
            (
                "call 415-555-0100",
                "call four one five, five five five, zero one zero zero",
            ),
            (
                "+14155550100",
                "plus one, four one five, five five five, zero one zero zero",
            ),
            ("order 0042", "order zero zero four two"),
            ("open 9-5, 24/7", "open nine to five, twenty four seven"),
            ("Dr. Smith of Green St.", "doctor Smith of Green street."),
            ("Acme Inc. called", "Acme incorporated called"),
            ("mail bob@example.com", "mail bob at example dot com"),
            ("see www.example.com.", "see WWW dot example dot com."),
            ("R&D and AT&T", "R and D and AT and T"),
            ("No. 7", "number seven"),
            ("the No. of calls. No.", "the No of calls. No."),
            ("flight BA2490", "flight BA two four nine zero"),
            (
                "a well-known, state-of-the-art idea",
                "a well known, state of the art idea",
            ),
            ("Wait\u{2014}really\u{2026}", "Wait, really,"),
            ("caf\u{e9}", "cafe"),
            ("\u{1f600} hi \u{4f60}", "hi"),
            ("-5 degrees", "minus five degrees"),
            ("20°", "twenty degrees"),
            ("e.g. this, etc.", "for example this, et cetera."),
            ("(see below)", "see below"),
            ("", ""),
            ("... -- !!", ""),
            (
                "call (415) 555-0100 now",
                "call four one five, five five five, zero one zero zero now",
            ),
        ] {
            assert_eq!(said(written), want, "{written:?}");
        }
    }

    #[test]
    fn enormous_numbers_are_read_out_and_never_lost() {
        assert_eq!(
            said("1234567890123456789012345678901234567890")
                .split(' ')
                .count(),
            40
        );
        assert!(said("$99999999999999999999999").starts_with("nine nine"));
        assert_eq!(said("1e999"), "one e nine hundred ninety nine");
    }
}
