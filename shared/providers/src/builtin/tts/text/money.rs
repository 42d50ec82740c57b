//! Amounts of money.

use super::numbers::{cardinal, digit_by_digit};

struct Currency {
    sign: char,
    one: &'static str,
    many: &'static str,
    cent: &'static str,
    cents: &'static str,
}

const CURRENCIES: [Currency; 4] = [
    Currency {
        sign: '$',
        one: "dollar",
        many: "dollars",
        cent: "cent",
        cents: "cents",
    },
    Currency {
        sign: '£',
        one: "pound",
        many: "pounds",
        cent: "penny",
        cents: "pence",
    },
    Currency {
        sign: '€',
        one: "euro",
        many: "euros",
        cent: "cent",
        cents: "cents",
    },
    Currency {
        sign: '₹',
        one: "rupee",
        many: "rupees",
        cent: "paisa",
        cents: "paise",
    },
];

const SCALES: &[&str] = &["hundred", "thousand", "million", "billion"];

/// `$29.99`, or `$5` before "million": the words, and whether the next token
/// was used as well.
pub(super) fn amount(core: &str, next: Option<&str>) -> Option<(String, bool)> {
    let currency = CURRENCIES
        .iter()
        .find(|currency| core.starts_with(currency.sign))?;
    let number = core.trim_start_matches(currency.sign).replace(',', "");
    let (whole, part) = number.split_once('.').unwrap_or((&number, ""));
    if whole.is_empty() || !(whole.bytes().chain(part.bytes()).all(|b| b.is_ascii_digit())) {
        return None;
    }
    let scale = next.map(|next| {
        next.trim_matches(|c: char| !c.is_alphanumeric())
            .to_ascii_lowercase()
    });
    if let Some(scale) = scale.filter(|scale| SCALES.contains(&scale.as_str())) {
        let point = if part.is_empty() {
            String::new()
        } else {
            format!(" point {}", digit_by_digit(part))
        };
        return Some((
            format!("{}{point} {scale} {}", in_words(whole), currency.many),
            true,
        ));
    }
    Some((dollars_and_cents(currency, whole, part), false))
}

fn dollars_and_cents(currency: &Currency, whole: &str, part: &str) -> String {
    let main = match whole.trim_start_matches('0') {
        "1" => format!("one {}", currency.one),
        _ => format!("{} {}", in_words(whole), currency.many),
    };
    let cents = match part.len() {
        0 => Some(0),
        1 => part.parse::<u64>().ok().map(|tenths| tenths * 10),
        2 => part.parse().ok(),
        _ => None,
    };
    let is_zero = whole.bytes().all(|b| b == b'0');
    match cents {
        Some(0) => main,
        Some(1) if is_zero => format!("one {}", currency.cent),
        Some(cents) if is_zero => format!("{} {}", cardinal(cents), currency.cents),
        Some(1) => format!("{main} and one {}", currency.cent),
        Some(cents) => format!("{main} and {} {}", cardinal(cents), currency.cents),
        None => format!(
            "{} point {} {}",
            in_words(whole),
            digit_by_digit(part),
            currency.many
        ),
    }
}

fn in_words(digits: &str) -> String {
    digits.parse().map_or_else(|_| digit_by_digit(digits), cardinal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn odd_amounts() {
        for (written, want) in [
            ("$1.01", "one dollar and one cent"),
            ("$0.01", "one cent"),
            ("$3.5", "three dollars and fifty cents"),
            ("$0.125", "zero point one two five dollars"),
            ("£1", "one pound"),
        ] {
            assert_eq!(amount(written, None), Some((want.to_owned(), false)), "{written}");
        }
        assert_eq!(
            amount("$2.5", Some("billion.")),
            Some(("two point five billion dollars".to_owned(), true))
        );
        assert_eq!(amount("$", None), None);
        assert_eq!(amount("$x", None), None);
    }
}
