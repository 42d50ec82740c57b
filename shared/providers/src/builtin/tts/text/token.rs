//! One token: what stands between two spaces.

use super::{Spoken, abbreviations, dates, digits, money, numbers, push_words};

/// Says a token and answers how many of the following ones it used up.
pub(super) fn speak(token: &str, following: &[&str], out: &mut Vec<Spoken>) -> usize {
    let start = token.trim_start_matches(['\'', ',', '.', ';', ':', '!', '?']);
    let start = if enclosed_number(start) {
        start
    } else {
        start.trim_start_matches('(')
    };
    let (core, tail) = split_tail(start);
    if core.is_empty() {
        pause(token, out);
        return 0;
    }
    if area_code(token) {
        push_words(out, &numbers::digit_by_digit(core));
        pause(",", out);
        return 0;
    }
    let next = following.first().copied();
    if let Some(used) = abbreviation(core, tail, next, out) {
        if used.ends_sentence {
            pause(tail, out);
        }
        return 0;
    }
    let used = speak_core(core, next, out);
    // When a scale word was used up with the amount, its punctuation counts.
    pause(
        if used > 0 {
            next.map_or("", |next| split_tail(next).1)
        } else {
            tail
        },
        out,
    );
    used
}

/// `(415)`: the first part of a telephone number.
fn area_code(token: &str) -> bool {
    let inside = token.strip_prefix('(').and_then(|rest| rest.strip_suffix(')'));
    inside.is_some_and(|inside| inside.len() == 3 && inside.bytes().all(|b| b.is_ascii_digit()))
}

/// A number in which only the area code is in brackets.
fn enclosed_number(token: &str) -> bool {
    let digit = token
        .strip_prefix('(')
        .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    digit && token.contains(')') && !token.ends_with(')')
}

/// The token without the punctuation at its end, and that punctuation.
fn split_tail(token: &str) -> (&str, &str) {
    let core = token.trim_end_matches([',', '.', ';', ':', '!', '?', ')', '\'', '-']);
    (core, &token[core.len()..])
}

/// Appends the strongest pause of some punctuation, if there was speech before it.
fn pause(punctuation: &str, out: &mut Vec<Spoken>) {
    let strongest = ['?', '!', '.', ';', ':', ',']
        .into_iter()
        .find(|mark| punctuation.contains(*mark));
    if let (Some(mark), Some(Spoken::Word(_))) = (strongest, out.last()) {
        out.push(Spoken::Pause(mark));
    }
}

struct Abbreviation {
    ends_sentence: bool,
}

fn abbreviation(core: &str, tail: &str, next: Option<&str>, out: &mut Vec<Spoken>) -> Option<Abbreviation> {
    if !tail.starts_with('.') {
        return None;
    }
    let number_follows = next.is_some_and(|next| next.starts_with(|c: char| c.is_ascii_digit()));
    if core.eq_ignore_ascii_case("no") {
        if number_follows {
            push_words(out, "number");
            return Some(Abbreviation { ends_sentence: false });
        }
        // "No." is nearly always the end of a sentence, unless a word goes on small.
        let goes_on = next.is_some_and(|next| next.starts_with(|c: char| c.is_ascii_lowercase()));
        out.push(Spoken::Word(core.to_owned()));
        return Some(Abbreviation {
            ends_sentence: !goes_on,
        });
    }
    let long = abbreviations::expand(core)?;
    // "St." before a name is a saint, behind one a street.
    let saint = core == "St"
        && !matches!(out.last(), Some(Spoken::Word(word)) if word.starts_with(char::is_uppercase));
    push_words(out, if saint && next.is_some() { "saint" } else { long });
    Some(Abbreviation {
        ends_sentence: next.is_none() || tail.len() > 1,
    })
}

fn speak_core(core: &str, next: Option<&str>, out: &mut Vec<Spoken>) -> usize {
    if let Some((phrase, used_next)) = money::amount(core, next) {
        push_words(out, &phrase);
        return usize::from(used_next);
    }
    if core.contains('@') || core.contains("://") || core.starts_with("www.") || domain(core) {
        address(core, out);
        return 0;
    }
    if !core.contains(|c: char| c.is_ascii_digit()) {
        words(core, out);
        return 0;
    }
    if let Some((day, year)) = dates::date(core) {
        push_words(out, &day);
        out.push(Spoken::Pause(','));
        push_words(out, &year);
        return 0;
    }
    match dates::time(core) {
        Some(phrase) => {
            push_words(out, &phrase);
            let half = next.map(|next| next.trim_end_matches([',', '?', '!']).to_ascii_lowercase());
            match half.as_deref() {
                // "o'clock" is not said before AM and PM.
                Some("am" | "pm" | "a.m." | "p.m.") if phrase.ends_with("o'clock") => {
                    out.pop();
                    half_of_day(next.unwrap_or_default(), out)
                }
                Some("am" | "pm") => half_of_day(next.unwrap_or_default(), out),
                _ => 0,
            }
        }
        None => {
            digits::speak(core, out);
            match next {
                Some(next @ ("am" | "pm")) => half_of_day(next, out),
                _ => 0,
            }
        }
    }
}

/// Says a separate "am" or "pm" as letters, using it up.
fn half_of_day(next: &str, out: &mut Vec<Spoken>) -> usize {
    let half = if next.to_ascii_lowercase().starts_with('a') {
        "AM"
    } else {
        "PM"
    };
    push_words(out, half);
    1
}

/// Whether a token is a bare host name: letters, one dot or more, a known end.
fn domain(core: &str) -> bool {
    let known = [
        "com", "org", "net", "io", "ai", "co", "in", "uk", "us", "edu", "gov",
    ];
    let end = core
        .rsplit_once('.')
        .map(|(_, end)| end.split('/').next().unwrap_or(end));
    end.is_some_and(|end| known.contains(&end.to_ascii_lowercase().as_str()))
        && core.chars().next().is_some_and(|c| c.is_ascii_alphabetic())
        && core.len() > 5
}

/// A mail or web address, with its dots and signs said.
fn address(core: &str, out: &mut Vec<Spoken>) {
    let bare = core
        .split_once("://")
        .map_or(core, |(_, bare)| bare)
        .trim_end_matches('/');
    let mut word = String::new();
    for letter in bare.chars() {
        let said = match letter {
            '@' => "at",
            '.' => "dot",
            '/' => "slash",
            '-' => "dash",
            letter => {
                word.push(letter);
                continue;
            }
        };
        address_word(&std::mem::take(&mut word), out);
        push_words(out, said);
    }
    address_word(&word, out);
}

fn address_word(word: &str, out: &mut Vec<Spoken>) {
    match word {
        "" => {}
        "www" => out.push(Spoken::Word("WWW".into())),
        word if word.contains(|c: char| c.is_ascii_digit()) => digits::speak(word, out),
        word => out.push(Spoken::Word(word.to_owned())),
    }
}

/// Words without digits, with the symbols between them said.
fn words(core: &str, out: &mut Vec<Spoken>) {
    let mut word = String::new();
    for letter in core.chars() {
        let said = match letter {
            '&' => "and",
            '+' => "plus",
            '=' => "equals",
            '%' => "percent",
            '#' => "number",
            '°' => "degrees",
            letter if letter.is_ascii_alphabetic() || letter == '\'' => {
                word.push(letter);
                continue;
            }
            _ => "",
        };
        push_word(&mut word, out);
        push_words(out, said);
    }
    push_word(&mut word, out);
}

fn push_word(word: &mut String, out: &mut Vec<Spoken>) {
    let taken = std::mem::take(word);
    let trimmed = taken.trim_matches('\'');
    if !trimmed.is_empty() {
        out.push(Spoken::Word(trimmed.to_owned()));
    }
}
