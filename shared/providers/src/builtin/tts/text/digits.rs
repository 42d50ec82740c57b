//! Everything else that has digits in it.

use super::numbers::{cardinal, digit_by_digit, ordinal, year};
use super::{Spoken, push_words};

/// Says a token that holds at least one digit and is no money, date or time.
pub(super) fn speak(core: &str, out: &mut Vec<Spoken>) {
    if telephone(core, out) {
        return;
    }
    let phrase = percent(core)
        .or_else(|| counted(core))
        .or_else(|| range(core))
        .or_else(|| around_the_clock(core))
        .or_else(|| number(core));
    match phrase {
        Some(phrase) => push_words(out, &phrase),
        None => mixed(core, out),
    }
}

/// At least seven digits with nothing but separators between: read digit by
/// digit, with a pause between groups.
fn telephone(core: &str, out: &mut Vec<Spoken>) -> bool {
    let digits: String = core.chars().filter(char::is_ascii_digit).collect();
    let separators = core
        .chars()
        .all(|c| c.is_ascii_digit() || matches!(c, '+' | '-' | '(' | ')' | '.' | '/'));
    if !separators || digits.len() < 7 || (core.contains('.') && core.matches('.').count() < 2) {
        return false;
    }
    if core.starts_with('+') {
        push_words(out, "plus");
    }
    for (i, group) in groups(core, &digits).iter().enumerate() {
        if i > 0 {
            out.push(Spoken::Pause(','));
        }
        push_words(out, &digit_by_digit(group));
    }
    true
}

/// The groups as written, or those of a North American number written in one.
fn groups<'a>(core: &'a str, digits: &'a str) -> Vec<&'a str> {
    let written: Vec<&str> = core
        .split(|c: char| !c.is_ascii_digit())
        .filter(|group| !group.is_empty())
        .collect();
    match (written.len(), digits.len()) {
        (1, 10) => vec![&digits[..3], &digits[3..6], &digits[6..]],
        (1, 11) if digits.starts_with('1') => vec![&digits[..1], &digits[1..4], &digits[4..7], &digits[7..]],
        _ => written,
    }
}

fn percent(core: &str) -> Option<String> {
    let sign = [("%", "percent"), ("°", "degrees")];
    let (number_text, word) = sign
        .iter()
        .find_map(|(sign, word)| Some((core.strip_suffix(sign)?, word)))?;
    Some(format!("{} {word}", number(number_text)?))
}

/// `3rd`, and decades as `1990s`.
fn counted(core: &str) -> Option<String> {
    let lower = core.to_ascii_lowercase();
    let ordinal_text = ["st", "nd", "rd", "th"]
        .iter()
        .find_map(|suffix| lower.strip_suffix(suffix));
    if let Some(text) = ordinal_text {
        return text.replace(',', "").parse().ok().map(ordinal);
    }
    let decade = lower.strip_suffix('s')?;
    let spoken = match decade.len() {
        4 => year(decade.parse().ok()?),
        2 => cardinal(decade.parse().ok()?),
        _ => return None,
    };
    Some(
        spoken
            .strip_suffix('y')
            .map_or_else(|| format!("{spoken}s"), |stem| format!("{stem}ies")),
    )
}

/// `9-5` is "nine to five".
fn range(core: &str) -> Option<String> {
    let (from, to) = core.split_once('-')?;
    Some(format!("{} to {}", number(from)?, number(to)?))
}

fn around_the_clock(core: &str) -> Option<String> {
    let (a, b) = core.split_once('/')?;
    let joined = if core == "24/7" { " " } else { " over " };
    Some([number(a)?, number(b)?].join(joined))
}

/// A plain number, with thousands commas, a decimal point or a sign.
fn number(core: &str) -> Option<String> {
    if let Some(positive) = core.strip_prefix('-') {
        return Some(format!("minus {}", number(positive)?));
    }
    let core = core.strip_prefix('+').unwrap_or(core);
    let grouped = core.contains(',');
    let plain = core.replace(',', "");
    let (whole, part) = plain
        .split_once('.')
        .map_or((plain.as_str(), None), |(whole, part)| (whole, Some(part)));
    let all_digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if !all_digits(whole) || !part.is_none_or(all_digits) {
        return None;
    }
    let whole_words = match whole.parse::<u64>() {
        Err(_) => digit_by_digit(whole),
        Ok(_) if whole.len() > 1 && whole.starts_with('0') => digit_by_digit(whole),
        Ok(number @ 1_900..=2_099) if !grouped && part.is_none() => year(number),
        Ok(number) => cardinal(number),
    };
    Some(match part {
        None => whole_words,
        Some(part) => format!("{whole_words} point {}", digit_by_digit(part)),
    })
}

/// Letters and digits in one, such as `BA2490`: each run by itself, four and
/// more digits one by one.
fn mixed(core: &str, out: &mut Vec<Spoken>) {
    let mut rest = core;
    while let Some(first) = rest.chars().next() {
        let kind = |c: char| (c.is_ascii_digit(), c.is_ascii_alphabetic() || c == '\'');
        let end = rest.find(|c| kind(c) != kind(first)).unwrap_or(rest.len());
        let (run, more) = rest.split_at(end);
        match kind(first) {
            (true, _) if run.len() > 3 => push_words(out, &digit_by_digit(run)),
            (true, _) => push_words(out, &number(run).unwrap_or_default()),
            (false, true) => out.push(Spoken::Word(run.to_owned())),
            (false, false) => {}
        }
        rest = more;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(core: &str) -> String {
        let mut out = Vec::new();
        speak(core, &mut out);
        let words = out.iter().map(|piece| match piece {
            Spoken::Word(word) => word.clone(),
            Spoken::Pause(mark) => mark.to_string(),
        });
        words.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn digits_in_all_shapes() {
        for (core, want) in [
            (
                "(415)555-0100",
                "four one five , five five five , zero one zero zero",
            ),
            (
                "4155550100",
                "four one five , five five five , zero one zero zero",
            ),
            ("1234567", "one two three four five six seven"),
            ("1990s", "nineteen nineties"),
            ("80s", "eighties"),
            ("21st", "twenty first"),
            ("3.14159", "three point one four one five nine"),
            (
                "12,345,678",
                "twelve million three hundred forty five thousand six hundred seventy eight",
            ),
            ("1/2", "one over two"),
            ("A4", "A four"),
            ("007", "zero zero seven"),
            ("2,026", "two thousand twenty six"),
        ] {
            assert_eq!(said(core), want, "{core}");
        }
    }
}
