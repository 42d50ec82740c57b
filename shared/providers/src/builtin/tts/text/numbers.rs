//! Numbers in words.

const ONES: &[&str] = &[
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
];
const TENS: &[&str] = &[
    "", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety",
];
const SCALES: [(u64, &str); 4] = [
    (1_000_000_000_000, "trillion"),
    (1_000_000_000, "billion"),
    (1_000_000, "million"),
    (1_000, "thousand"),
];

/// A whole number: `1234` is "one thousand two hundred thirty four".
pub(super) fn cardinal(number: u64) -> String {
    let mut words = Vec::new();
    push_cardinal(number, &mut words);
    words.join(" ")
}

fn push_cardinal(number: u64, words: &mut Vec<&'static str>) {
    for (size, name) in SCALES {
        if number >= size {
            push_cardinal(number / size, words);
            words.push(name);
            if !number.is_multiple_of(size) {
                push_cardinal(number % size, words);
            }
            return;
        }
    }
    match number {
        100.. => {
            words.extend([small(number / 100), "hundred"]);
            if !number.is_multiple_of(100) {
                push_cardinal(number % 100, words);
            }
        }
        20.. => {
            words.push(lookup(TENS, number / 10));
            if !number.is_multiple_of(10) {
                words.push(small(number % 10));
            }
        }
        _ => words.push(small(number)),
    }
}

fn small(number: u64) -> &'static str {
    lookup(ONES, number)
}

fn lookup(table: &[&'static str], index: u64) -> &'static str {
    usize::try_from(index)
        .ok()
        .and_then(|index| table.get(index))
        .copied()
        .unwrap_or_default()
}

/// `22` is "twenty second".
pub(super) fn ordinal(number: u64) -> String {
    let words = cardinal(number);
    let (head, last) = words
        .rsplit_once(' ')
        .map_or(("", words.as_str()), |(head, last)| (head, last));
    let last = match last {
        "one" => "first".to_owned(),
        "two" => "second".to_owned(),
        "three" => "third".to_owned(),
        "five" => "fifth".to_owned(),
        "eight" => "eighth".to_owned(),
        "nine" => "ninth".to_owned(),
        "twelve" => "twelfth".to_owned(),
        last => match last.strip_suffix('y') {
            Some(stem) => format!("{stem}ieth"),
            None => format!("{last}th"),
        },
    };
    if head.is_empty() {
        last
    } else {
        format!("{head} {last}")
    }
}

/// `1999` is "nineteen ninety nine", `2005` "two thousand five".
pub(super) fn year(number: u64) -> String {
    let (century, rest) = (number / 100, number % 100);
    match (century % 10, rest) {
        (0, 0..=9) => cardinal(number),
        (_, 0) => format!("{} hundred", cardinal(century)),
        (_, 1..=9) => format!("{} oh {}", cardinal(century), cardinal(rest)),
        (_, _) => format!("{} {}", cardinal(century), cardinal(rest)),
    }
}

/// Each digit by itself; other characters are left out.
pub(super) fn digit_by_digit(digits: &str) -> String {
    let words: Vec<&str> = digits
        .chars()
        .filter_map(|c| c.to_digit(10))
        .map(|digit| lookup(ONES, u64::from(digit)))
        .collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cardinals() {
        for (number, want) in [
            (0, "zero"),
            (7, "seven"),
            (21, "twenty one"),
            (40, "forty"),
            (100, "one hundred"),
            (115, "one hundred fifteen"),
            (1_001, "one thousand one"),
            (20_350, "twenty thousand three hundred fifty"),
            (5_000_000, "five million"),
            (1_000_000_000_007, "one trillion seven"),
        ] {
            assert_eq!(cardinal(number), want);
        }
        assert!(!cardinal(u64::MAX).is_empty());
    }

    #[test]
    fn ordinals_and_years() {
        for (number, want) in [
            (1, "first"),
            (3, "third"),
            (12, "twelfth"),
            (20, "twentieth"),
            (31, "thirty first"),
            (100, "one hundredth"),
        ] {
            assert_eq!(ordinal(number), want);
        }
        for (number, want) in [
            (1900, "nineteen hundred"),
            (1905, "nineteen oh five"),
            (2000, "two thousand"),
            (2010, "twenty ten"),
            (2026, "twenty twenty six"),
        ] {
            assert_eq!(year(number), want);
        }
    }
}
