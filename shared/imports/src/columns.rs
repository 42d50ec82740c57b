//! Which column is which field of a lead.

use std::collections::BTreeMap;

use trunkline_domain::FieldError;

use crate::{FileError, error::named};

/// A list's own names of columns and the lead's fields that they are; see [`FIELDS`].
pub type Mapping = BTreeMap<String, String>;

/// The fields of a lead that a column can be. Any other column becomes a custom field under its own name.
pub const FIELDS: [&str; 10] = [
    "first_name",
    "last_name",
    "phone",
    "email",
    "country",
    "type",
    "priority",
    "do_not_call",
    "notes",
    "timezone",
];

/// How else people call a field, when no column has its own name.
const ALSO: [(&str, &[&str]); 7] = [
    ("first_name", &["firstname", "given_name"]),
    ("last_name", &["lastname", "surname", "family_name"]),
    (
        "phone",
        &[
            "phone_number",
            "phonenumber",
            "telephone",
            "mobile",
            "mobile_number",
        ],
    ),
    ("email", &["e_mail", "email_address"]),
    ("country", &["country_code"]),
    ("do_not_call", &["dnc"]),
    ("timezone", &["time_zone"]),
];

const COLUMNS_MAX: usize = 200;
const NAME_MAX: usize = 100;

/// What a column is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Column {
    /// One of [`FIELDS`].
    Field(&'static str),
    /// A custom field of this name.
    Custom(String),
    /// A column without a name: what stands in it is nobody's.
    Unnamed,
}

/// What each column of a header is.
pub(crate) fn columns(header: &[String], mapping: &Mapping) -> Result<Vec<Column>, FileError> {
    if header.len() > COLUMNS_MAX {
        let what = format!("it has {} columns, at most {COLUMNS_MAX} are read", header.len());
        return Err(FileError::Header(what));
    }
    let names: Vec<String> = header.iter().map(|name| name.trim().to_owned()).collect();
    if let Some(long) = names.iter().find(|name| name.chars().count() > NAME_MAX) {
        let begin: String = long.chars().take(20).collect();
        let what = format!("the name `{begin}…` is longer than {NAME_MAX} characters");
        return Err(FileError::Header(what));
    }
    for (at, name) in names.iter().enumerate() {
        if !name.is_empty() && names[..at].contains(name) {
            return Err(FileError::Header(format!("two columns are named `{name}`")));
        }
    }
    let mut found: Vec<Option<&'static str>> = vec![None; names.len()];
    assign_mapped(&names, mapping, &mut found)?;
    for field in FIELDS {
        let taken = found.contains(&Some(field));
        if !taken && let Some(at) = by_name(&names, &found, field) {
            found[at] = Some(field);
        }
    }
    if !found.contains(&Some("phone")) {
        return Err(FileError::NoPhone { columns: names });
    }
    Ok(names
        .into_iter()
        .zip(found)
        .map(|(name, field)| match field {
            Some(field) => Column::Field(field),
            None if name.is_empty() => Column::Unnamed,
            None => Column::Custom(name),
        })
        .collect())
}

/// What the mapping says, or all that is wrong with it.
fn assign_mapped(
    names: &[String],
    mapping: &Mapping,
    found: &mut [Option<&'static str>],
) -> Result<(), FileError> {
    let mut errors = Vec::new();
    let mut wrong = |column: &str, what: String| {
        errors.push(FieldError::new(format!("field_mapping.{column}"), what));
    };
    for (column, field) in mapping {
        let Some(field) = FIELDS.into_iter().find(|known| known == field) else {
            let what = format!(
                "`{field}` is no field of a lead; the fields are {}. A column that is left out becomes a custom field",
                FIELDS.join(", ")
            );
            wrong(column, what);
            continue;
        };
        let Some(at) = names.iter().position(|name| name == column.trim()) else {
            wrong(
                column,
                format!("the file has no such column; it has {}", named(names)),
            );
            continue;
        };
        if found.contains(&Some(field)) {
            wrong(column, format!("another column is mapped to `{field}` already"));
            continue;
        }
        found[at] = Some(field);
    }
    if errors.is_empty() {
        Ok(())
    } else {
        Err(FileError::Mapping(errors))
    }
}

/// The column that a field's own name names, else one of its other names.
fn by_name(names: &[String], found: &[Option<&'static str>], field: &str) -> Option<usize> {
    let also = ALSO
        .iter()
        .find(|(known, _)| *known == field)
        .map_or(&[][..], |(_, also)| also);
    std::iter::once(field)
        .chain(also.iter().copied())
        .find_map(|wanted| {
            names
                .iter()
                .zip(found)
                .position(|(name, taken)| taken.is_none() && plain(name) == wanted)
        })
}

/// A name in lower case, with underscores for whatever is no letter or digit: `First Name` is `first_name`.
fn plain(name: &str) -> String {
    name.chars()
        .map(|c| {
            if c.is_alphanumeric() {
                c.to_ascii_lowercase()
            } else {
                '_'
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use Column::{Custom, Field, Unnamed};

    fn read(header: &[&str], mapping: &[(&str, &str)]) -> Result<Vec<Column>, FileError> {
        let header: Vec<String> = header.iter().map(|name| (*name).to_owned()).collect();
        let mapping = mapping
            .iter()
            .map(|(column, field)| ((*column).to_owned(), (*field).to_owned()))
            .collect();
        columns(&header, &mapping)
    }

    #[test]
    fn the_documents_mapping_holds() {
        let mapping = [
            ("First Name", "first_name"),
            ("Last Name", "last_name"),
            ("Phone Number", "phone"),
            ("Country Code", "country"),
        ];
        let header = [
            "First Name",
            "Last Name",
            "Phone Number",
            "Country Code",
            "Company",
        ];
        assert_eq!(
            read(&header, &mapping).unwrap(),
            [
                Field("first_name"),
                Field("last_name"),
                Field("phone"),
                Field("country"),
                Custom("Company".to_owned())
            ]
        );
    }

    #[test]
    fn columns_find_their_fields_by_name_and_the_own_name_goes_first() {
        assert_eq!(
            read(&["Mobile", " PHONE ", "", "E-Mail"], &[]).unwrap(),
            [
                Custom("Mobile".to_owned()),
                Field("phone"),
                Unnamed,
                Field("email")
            ]
        );
        assert_eq!(read(&["Mobile"], &[]).unwrap(), [Field("phone")]);
    }

    #[test]
    fn a_mapping_wins_over_a_name() {
        assert_eq!(
            read(&["phone", "Cell"], &[("Cell", "phone")]).unwrap(),
            [Custom("phone".to_owned()), Field("phone")]
        );
    }

    #[test]
    fn a_file_without_numbers_is_told_what_it_has() {
        let error = read(&["name", "town"], &[]).unwrap_err().to_string();
        assert!(error.contains("`name`, `town`"), "{error}");
    }

    #[test]
    fn each_wrong_entry_of_a_mapping_is_named() {
        let wrong = [
            ("phone", "phone"),
            ("Town", "city"),
            ("Nowhere", "notes"),
            ("x", "phone"),
        ];
        let Err(FileError::Mapping(errors)) = read(&["phone", "Town", "x"], &wrong) else {
            panic!("a wrong mapping was taken")
        };
        let fields: Vec<&str> = errors.iter().map(|error| error.field.as_str()).collect();
        assert_eq!(
            fields,
            ["field_mapping.Nowhere", "field_mapping.Town", "field_mapping.x"]
        );
    }

    #[test]
    fn a_name_that_stands_twice_is_refused() {
        assert!(matches!(
            read(&["phone", "a", "a"], &[]),
            Err(FileError::Header(_))
        ));
    }
}
