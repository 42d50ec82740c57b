//! The order of a list: `sort=-created_at`, `sort=name,created_at`, `sort=name&order=desc`.

use trunkline_domain::Error;

/// One key of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SortKey {
    /// The field.
    pub field: &'static str,
    /// Highest first.
    pub descending: bool,
}

/// Reads `sort` and `order`. Without `sort`, `order` turns `default` around; `order` holds for the keys without a sign.
///
/// # Errors
/// [`Error::Invalid`] lists the fields or orders that are allowed.
pub fn sort_keys(
    sort: Option<&str>,
    order: Option<&str>,
    allowed: &[&'static str],
    default: SortKey,
) -> Result<Vec<SortKey>, Error> {
    let order = match order.map(str::trim).filter(|text| !text.is_empty()) {
        None => None,
        Some(text) if text.eq_ignore_ascii_case("asc") => Some(false),
        Some(text) if text.eq_ignore_ascii_case("desc") => Some(true),
        Some(text) => {
            return Err(Error::invalid(
                "order",
                format!("`{text}` is not known; allowed: asc, desc"),
            ));
        }
    };
    let Some(sort) = sort.map(str::trim).filter(|text| !text.is_empty()) else {
        return Ok(vec![SortKey {
            descending: order.unwrap_or(default.descending),
            ..default
        }]);
    };
    sort.split(',')
        .map(|key| one(key.trim(), order, allowed))
        .collect()
}

fn one(key: &str, order: Option<bool>, allowed: &[&'static str]) -> Result<SortKey, Error> {
    let (name, sign) = match key.strip_prefix('-') {
        Some(name) => (name, Some(true)),
        // A `+` that was not encoded is a space, and trimmed away.
        None => (key.strip_prefix('+').unwrap_or(key), None),
    };
    let field = allowed.iter().find(|field| **field == name).copied();
    let descending = sign.or(order).unwrap_or(false);
    field.map(|field| SortKey { field, descending }).ok_or_else(|| {
        Error::invalid(
            "sort",
            format!("`{name}` is not known; allowed: {}", allowed.join(", ")),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const NEWEST: SortKey = SortKey {
        field: "created_at",
        descending: true,
    };
    const ALLOWED: [&str; 2] = ["name", "created_at"];

    fn read(sort: &str, order: &str) -> Result<Vec<(&'static str, bool)>, Error> {
        let keys = sort_keys(Some(sort), Some(order), &ALLOWED, NEWEST)?;
        Ok(keys.iter().map(|key| (key.field, key.descending)).collect())
    }

    #[test]
    fn each_of_the_documents_forms_is_read() {
        assert_eq!(read("", "").unwrap(), [("created_at", true)]);
        assert_eq!(read("", "asc").unwrap(), [("created_at", false)]);
        assert_eq!(read("created_at", "").unwrap(), [("created_at", false)]);
        assert_eq!(read("created_at", "desc").unwrap(), [("created_at", true)]);
        assert_eq!(read("-created_at", "asc").unwrap(), [("created_at", true)]);
        assert_eq!(
            read("name,-created_at", "").unwrap(),
            [("name", false), ("created_at", true)]
        );
    }

    #[test]
    fn what_is_not_known_lists_what_is() {
        assert!(
            read("age", "")
                .unwrap_err()
                .to_string()
                .contains("name, created_at")
        );
        assert!(read("name,", "").is_err());
        assert!(read("name", "up").unwrap_err().to_string().contains("asc, desc"));
    }
}
