//! Phone numbers.

use serde::{Deserialize, Serialize};

/// The text is no phone number; keeps it, so that an import can show it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a phone number: {why}")]
pub struct NotE164 {
    /// The rejected text.
    pub text: String,
    /// What was wrong with it, and what would be right.
    pub why: String,
}

/// A phone number in E.164 form: `+`, then 7 to 15 digits, the first not 0.
///
/// # Errors
/// Parsing gives [`NotE164`] with the rejected text.
/// Source: ITU-T E.164 for the cap of 15; the floor of 7 is ours.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct E164(String);

impl E164 {
    /// Reads a number as people write them: spaces, dots, dashes and brackets are
    /// dropped; a national number needs `country` (ISO 3166, two letters).
    ///
    /// # Errors
    /// [`NotE164`] says what a spreadsheet or a person did to it.
    pub fn read(text: &str, country: Option<&str>) -> Result<Self, NotE164> {
        let trimmed = text.trim();
        let fail = |why: &str| NotE164 {
            text: trimmed.to_owned(),
            why: why.to_owned(),
        };
        if trimmed.is_empty() {
            return Err(fail(
                "it is empty; give `+` and the country code, such as +14155550100",
            ));
        }
        if looks_like_float(trimmed) {
            return Err(fail(
                "a spreadsheet turned it into scientific notation; format the column as text",
            ));
        }
        if trimmed.starts_with('+') || trimmed.starts_with("00") {
            return Self::from_international(trimmed)
                .ok_or_else(|| fail("`+` must be followed by 7 to 15 digits, the first not 0"));
        }
        let Some(country) = country else {
            return Err(fail("it has no `+` and country code, such as +14155550100"));
        };
        let id = country
            .to_ascii_uppercase()
            .parse::<phonenumber::country::Id>()
            .map_err(|_| {
                fail(&format!(
                    "`{country}` is not a two-letter country code such as US"
                ))
            })?;
        let number = phonenumber::parse(Some(id), trimmed)
            .map_err(|_| fail(&format!("it is no number of {country}")))?;
        if !phonenumber::is_valid(&number) {
            return Err(fail(&format!("it is no valid number of {country}")));
        }
        number.format().mode(phonenumber::Mode::E164).to_string().parse()
    }

    fn from_international(text: &str) -> Option<Self> {
        let rest = text.strip_prefix('+').or_else(|| text.strip_prefix("00"))?;
        let mut digits = String::with_capacity(16);
        digits.push('+');
        for c in rest.chars() {
            match c {
                '0'..='9' => digits.push(c),
                ' ' | '-' | '.' | '(' | ')' | '\u{a0}' => {}
                _ => return None,
            }
        }
        let well_formed = (8..=16).contains(&digits.len()) && !digits[1..].starts_with('0');
        well_formed.then_some(Self(digits))
    }

    /// With the leading `+`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The digits after the `+`.
    #[must_use]
    pub fn digits(&self) -> &str {
        &self.0[1..]
    }
}

/// Whether a text is an ISO 3166 country code of two letters, in either case, whose numbers are known.
#[must_use]
pub fn is_country(code: &str) -> bool {
    code.len() == 2
        && code
            .to_ascii_uppercase()
            .parse::<phonenumber::country::Id>()
            .is_ok()
}

fn looks_like_float(text: &str) -> bool {
    text.contains(['E', 'e']) && text.chars().any(|c| c.is_ascii_digit()) && text.parse::<f64>().is_ok()
}

impl std::str::FromStr for E164 {
    type Err = NotE164;
    fn from_str(text: &str) -> Result<Self, NotE164> {
        Self::read(text, None)
    }
}

impl TryFrom<String> for E164 {
    type Error = NotE164;
    fn try_from(text: String) -> Result<Self, NotE164> {
        text.parse()
    }
}

impl From<E164> for String {
    fn from(number: E164) -> Self {
        number.0
    }
}

impl std::fmt::Display for E164 {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// Masked, so that a log line or a panic does not carry a person's number.
impl std::fmt::Debug for E164 {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let keep = self.0.len().saturating_sub(4);
        write!(f, "E164(…{})", &self.0[keep..])
    }
}

/// A number that calls go out from.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CallerId(pub E164);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documents_own_example_is_a_number() {
        assert_eq!("+1234567890".parse::<E164>().unwrap().as_str(), "+1234567890");
    }

    #[test]
    fn punctuation_is_dropped() {
        assert_eq!(
            "+1 (415) 555-0100".parse::<E164>().unwrap().as_str(),
            "+14155550100"
        );
        assert_eq!(
            "0044 20 7946 0000".parse::<E164>().unwrap().as_str(),
            "+442079460000"
        );
    }

    #[test]
    fn a_national_number_is_normalised_with_its_country() {
        assert_eq!(
            E164::read("(415) 555-2671", Some("us")).unwrap().as_str(),
            "+14155552671"
        );
        assert_eq!(
            E164::read("020 7946 0018", Some("GB")).unwrap().as_str(),
            "+442079460018"
        );
    }

    #[test]
    fn e164_rejects_what_a_spreadsheet_mangles() {
        let error = "4.15556E+10".parse::<E164>().unwrap_err();
        assert!(error.why.contains("scientific"), "{error}");
    }

    #[test]
    fn what_is_no_number_is_told_why() {
        for text in [
            "",
            "+12345",
            "+1234567890123456",
            "+0123456789",
            "+1415555O100",
            "5550100",
            "hello",
        ] {
            let error = text.parse::<E164>().unwrap_err();
            assert!(!error.why.is_empty(), "{text}");
        }
    }

    #[test]
    fn debug_hides_the_number() {
        assert_eq!(
            format!("{:?}", "+14155550123".parse::<E164>().unwrap()),
            "E164(…0123)"
        );
    }
}
