//! What a cell may hold.

use trunkline_domain::{Priority, zones};

/// A cell's text: UTF-8, or Windows-1252 where it is none, as older spreadsheets write it.
pub(crate) fn text(cell: &[u8]) -> String {
    std::str::from_utf8(cell).map_or_else(
        |_| {
            encoding_rs::WINDOWS_1252
                .decode_without_bom_handling(cell)
                .0
                .into_owned()
        },
        str::to_owned,
    )
}

/// Whether a text holds what no cell may: control characters other than tabs and line ends.
pub(crate) fn has_control(text: &str) -> bool {
    text.chars()
        .any(|c| c.is_control() && !matches!(c, '\t' | '\n' | '\r'))
}

pub(crate) fn short(value: String, most: usize) -> Result<String, String> {
    let letters = value.chars().count();
    if letters > most {
        Err(format!("has {letters} characters, at most {most} are kept"))
    } else {
        Ok(value)
    }
}

pub(crate) fn email(value: String) -> Result<String, String> {
    let known = value.split_once('@').is_some_and(|(who, host)| {
        !who.is_empty() && !host.is_empty() && !host.contains('@') && !value.contains(char::is_whitespace)
    });
    if known {
        short(value, 254)
    } else {
        Err("is no e-mail address such as sara@example.com".to_owned())
    }
}

pub(crate) fn priority(value: &str) -> Result<Priority, String> {
    match value.to_ascii_lowercase().as_str() {
        "low" => Ok(Priority::Low),
        "normal" => Ok(Priority::Normal),
        "high" => Ok(Priority::High),
        "urgent" => Ok(Priority::Urgent),
        _ => Err("must be low, normal, high or urgent".to_owned()),
    }
}

pub(crate) fn yes_or_no(value: &str) -> Result<bool, String> {
    match value.to_ascii_lowercase().as_str() {
        "true" | "yes" | "y" | "x" | "1" => Ok(true),
        "false" | "no" | "n" | "0" => Ok(false),
        _ => Err("must be true or false".to_owned()),
    }
}

pub(crate) fn timezone(value: String) -> Result<String, String> {
    match zones::read(&value) {
        Ok(_) => Ok(value),
        Err(_) => Err("is no time zone; give an IANA name such as America/New_York".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn older_encodings_are_read() {
        assert_eq!(text("Zoë".as_bytes()), "Zoë");
        assert_eq!(text(b"Zo\xeb \x80 5"), "Zoë € 5");
    }

    #[test]
    fn a_word_that_is_neither_is_refused() {
        assert_eq!(yes_or_no("YES"), Ok(true));
        assert_eq!(yes_or_no("0"), Ok(false));
        assert!(yes_or_no("maybe").is_err());
        assert!(priority("asap").unwrap_err().contains("urgent"));
        assert!(email("a@b@c".to_owned()).is_err());
        assert!(timezone("Mars/Olympus".to_owned()).is_err());
    }
}
