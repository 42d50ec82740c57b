//! A phone number as a list has it.

use trunkline_domain::E164;

/// Reads a cell with the row's country: ISO letters, or a calling code (`+44`, `44`).
///
/// # Errors
/// Which of the two fields is wrong, and why.
pub(crate) fn read(text: &str, country: Option<&str>) -> Result<E164, (&'static str, String)> {
    let text = whole(text.trim_start_matches('\''));
    let country = country.map(region).transpose().map_err(|why| ("country", why))?;
    E164::read(text, country.as_deref()).map_err(|error| ("phone", error.why))
}

/// A whole number that was written with a fraction of nothing, as tools for tables do: `14155550100.0`.
fn whole(text: &str) -> &str {
    text.strip_suffix(".0")
        .filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))
        .unwrap_or(text)
}

/// The country of a calling code, its letters otherwise.
pub(crate) fn region(country: &str) -> Result<String, String> {
    let wrong = || {
        format!(
            "`{}` is no country: give its two letters, such as US, or its calling code, such as +44",
            country.chars().take(40).collect::<String>()
        )
    };
    let digits = country.strip_prefix('+').unwrap_or(country);
    if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) {
        let code: u16 = digits.parse().map_err(|_| wrong())?;
        // Where several countries share a code, the first is the one that the others' numbers are read like.
        return phonenumber::metadata::DATABASE
            .region(&code)
            .and_then(|regions| regions.first().map(|region| (*region).to_owned()))
            .ok_or_else(wrong);
    }
    let letters = country.to_ascii_uppercase();
    if trunkline_domain::phone::is_country(&letters) {
        Ok(letters)
    } else {
        Err(wrong())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str, country: &str) -> String {
        read(text, Some(country).filter(|c| !c.is_empty()))
            .unwrap()
            .to_string()
    }

    #[test]
    fn a_country_may_be_letters_or_a_calling_code() {
        assert_eq!(number("(415) 555-2671", "us"), "+14155552671");
        assert_eq!(number("020 7946 0018", "+44"), "+442079460018");
        assert_eq!(number("098123 45678", "91"), "+919812345678");
    }

    #[test]
    fn what_tables_do_to_numbers_is_undone_where_nothing_is_lost() {
        assert_eq!(number("14155552671.0", "US"), "+14155552671");
        assert_eq!(number("'+14155552671", ""), "+14155552671");
    }

    #[test]
    fn what_is_lost_is_explained() {
        let (field, why) = read("4.15556E+10", Some("US")).unwrap_err();
        assert_eq!(field, "phone");
        assert!(why.contains("scientific notation"), "{why}");
        let (field, why) = read("4155552671", Some("United States")).unwrap_err();
        assert_eq!(field, "country");
        assert!(why.contains("two letters"), "{why}");
    }
}
