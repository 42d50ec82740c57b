//! A look over a whole file, before any of its rows becomes a lead.

use std::io::Read;

use crate::{FileError, Mapping, Rows, columns::columns};

/// A file that can be read from its first row to its last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Survey {
    header: Vec<String>,
    rows: u64,
}

/// Reads a file to its end without looking into its rows, so that nothing of one that cannot be read is imported. Needs no mapping:
/// that may be checked later, by [`Survey::check`].
///
/// # Errors
/// What is wrong with the file as a whole.
pub fn survey<R: Read>(source: R) -> Result<Survey, FileError> {
    let (mut rows, header) = Rows::begin(source)?;
    let rows = rows.pass(u64::MAX)?;
    Ok(Survey { header, rows })
}

impl Survey {
    /// How many rows there are below the header, empty ones left aside.
    #[must_use]
    pub const fn rows(&self) -> u64 {
        self.rows
    }

    /// Whether its columns have a phone number among them and are those of the mapping.
    ///
    /// # Errors
    /// What is wrong with the header or the mapping.
    pub fn check(&self, mapping: &Mapping) -> Result<(), FileError> {
        columns(&self.header, mapping).map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_survey_counts_what_a_reading_gives() {
        let file = b"phone;notes\r\n+14155550101;\"two\r\nlines\"\r\n\r\n;;\r\nwrong;\r\n+14155550102;x";
        let found = survey(&file[..]).unwrap();
        let read = crate::open(&file[..], &Mapping::new(), None).unwrap();
        assert_eq!(found.rows(), 3);
        assert_eq!(read.count(), 3);
        assert_eq!(survey(&b"phone\n"[..]).unwrap().rows(), 0);
    }

    #[test]
    fn a_row_too_long_is_found_wherever_it_stands() {
        let mut file = b"phone,notes\n+14155550101,x\n+14155550102,".to_vec();
        file.resize(3_000_000, b'x');
        let error = survey(&file[..]).unwrap_err();
        assert!(matches!(error, FileError::RowTooLong { row: 3, .. }), "{error}");
    }

    #[test]
    fn the_mapping_is_checked_against_the_header() {
        let found = survey(&b"Cell,Name\n1,2\n"[..]).unwrap();
        assert!(matches!(
            found.check(&Mapping::new()),
            Err(FileError::NoPhone { .. })
        ));
        let mapping = Mapping::from([("Cell".to_owned(), "phone".to_owned())]);
        assert!(found.check(&mapping).is_ok());
    }
}
