//! Files as people upload them.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    reason = "a test may stop at the first surprise"
)]

use std::io::Read;

use proptest::prelude::*;
use trunkline_domain::Priority;
use trunkline_imports::{FileError, LeadRow, Mapping, Row, RowError, open};

fn all(bytes: &[u8]) -> Result<Vec<Row>, FileError> {
    open(bytes, &Mapping::new(), Some("US"))?.collect()
}

fn leads(bytes: &[u8]) -> Vec<LeadRow> {
    let lead = |row| match row {
        Row::Lead(lead) => *lead,
        Row::Wrong(errors) => panic!("{errors:?}"),
    };
    all(bytes).unwrap().into_iter().map(lead).collect()
}

fn errors(bytes: &[u8]) -> Vec<RowError> {
    let of = |row| match row {
        Row::Lead(_) => Vec::new(),
        Row::Wrong(errors) => errors,
    };
    all(bytes).unwrap().into_iter().flat_map(of).collect()
}

#[test]
fn a_full_row_becomes_a_lead_with_its_custom_fields() {
    let file = "first_name,last_name,phone,email,country,type,priority,do_not_call,notes,timezone,company\n\
                Sara,Ahmed,(415) 555-2671,sara@example.com,us,carrier,High,no,VIP,America/Denver,ABC Corp\n";
    let lead = leads(file.as_bytes()).remove(0);
    assert_eq!(lead.phone.as_str(), "+14155552671");
    assert_eq!(lead.country.as_deref(), Some("US"));
    assert_eq!(lead.priority, Priority::High);
    assert_eq!(lead.timezone.as_deref(), Some("America/Denver"));
    assert_eq!(lead.custom_fields["company"], "ABC Corp");
    assert_eq!(lead.row, 2);
}

#[test]
fn rows_are_numbered_as_a_spreadsheet_shows_them() {
    let file = "phone;notes\r\n+14155550101;\"two\r\nlines\"\r\n\r\n;;\r\nwrong;\r\n+14155550102;x\r\n";
    let rows = all(file.as_bytes()).unwrap();
    let numbers: Vec<u64> = rows
        .iter()
        .map(|row| match row {
            Row::Lead(lead) => lead.row,
            Row::Wrong(errors) => errors[0].row,
        })
        .collect();
    assert_eq!(numbers, [2, 5, 6]);
    assert_eq!(leads(b"phone\n\n\n+14155550101")[0].row, 4);
    assert_eq!(leads(b"phone\r+14155550101\r")[0].row, 2);
}

#[test]
fn a_quotation_mark_that_nothing_closes_in_the_last_row_does_not_give_it_anothers_number() {
    let rows: Vec<u64> = leads(b"phone,first_name\n+14155550101,Ada\n+14155550102,\"Sara")
        .iter()
        .map(|lead| lead.row)
        .collect();
    assert_eq!(rows, [2, 3]);
}

#[test]
fn each_wrong_field_of_a_row_is_told() {
    let file = "phone,email,priority,country\n4.15556E+10,nobody,soon,Narnia\n";
    let found = errors(file.as_bytes());
    let fields: Vec<&str> = found.iter().map(|error| error.field.as_str()).collect();
    assert_eq!(fields, ["email", "priority", "country"]);
    let rounded = errors(b"phone\n4.15556E+10\n").remove(0);
    assert_eq!((rounded.row, rounded.value.as_str()), (2, "4.15556E+10"));
    assert!(
        rounded.error.contains("format the column as text"),
        "{}",
        rounded.error
    );
}

#[test]
fn a_value_too_many_is_told_and_one_too_few_is_empty() {
    let found = errors(b"phone,notes\n+14155550101,hello, world\n").remove(0);
    assert_eq!(found.field, "row");
    assert!(found.error.contains("3 values for 2 columns"), "{}", found.error);
    assert_eq!(leads(b"phone,notes\n+14155550101\n")[0].notes, None);
    assert_eq!(leads(b"phone,notes\n+14155550101,x,,\n").len(), 1);
}

#[test]
fn one_line_of_ten_megabytes_is_refused_early() {
    let mut file = b"phone,notes\n+14155550101,".to_vec();
    file.resize(10_000_000, b'x');
    let error = all(&file).unwrap_err();
    assert!(matches!(error, FileError::RowTooLong { row: 2, .. }), "{error}");
}

/// Counts what was read of it.
struct Counted<'a>(&'a mut usize, std::io::Repeat);

impl Read for Counted<'_> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let got = self.1.read(into)?;
        *self.0 += got;
        assert!(*self.0 < 4_000_000, "an open quotation mark is read without end");
        Ok(got)
    }
}

#[test]
fn a_quotation_mark_that_nothing_closes_does_not_fill_the_memory() {
    let mut read = 0;
    let endless = b"phone,notes\n+14155550101,\"\n".chain(Counted(&mut read, std::io::repeat(b'\n')));
    let error = open(endless, &Mapping::new(), None)
        .unwrap()
        .find_map(Result::err)
        .unwrap();
    assert!(matches!(error, FileError::RowTooLong { row: 2, .. }), "{error}");
}

#[test]
fn older_encodings_and_wide_ones_are_read() {
    assert_eq!(
        leads(b"phone;first_name\n+14155550101;Zo\xeb\n")[0]
            .first_name
            .as_deref(),
        Some("Zoë")
    );
    let wide: Vec<u8> = "\u{feff}phone\tfirst_name\n+14155550101\tZoë\n"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    assert_eq!(leads(&wide)[0].first_name.as_deref(), Some("Zoë"));
}

#[test]
fn a_list_may_say_itself_whom_not_to_call() {
    assert!(leads(b"phone,do_not_call\n+14155550101,yes\n")[0].do_not_call);
}

proptest! {
    /// Whatever is uploaded, each row is a lead or told why not, and nothing panics.
    #[test]
    fn any_bytes_are_rows_or_an_error(bytes in proptest::collection::vec(any::<u8>(), 0..2_000)) {
        let mut file = b"phone,notes\n".to_vec();
        file.extend(&bytes);
        if let Ok(rows) = all(&file) {
            // No two rows have a number in common: an import tells its leads by it.
            let mut last = 1;
            for row in rows {
                let number = match &row {
                    Row::Lead(lead) => lead.row,
                    Row::Wrong(errors) => errors[0].row,
                };
                prop_assert!(number > last, "row {number} after row {last}");
                last = number;
                if let Row::Wrong(errors) = row {
                    prop_assert!(!errors.is_empty());
                    prop_assert!(errors.iter().all(|error| !error.error.is_empty() && error.row > 1));
                }
            }
        }
    }

    /// What the csv crate writes is read back, value by value, whatever stands in it.
    #[test]
    fn written_values_come_back(notes in proptest::collection::vec("[ -~\n]{0,40}", 1..20)) {
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(["phone", "notes"]).unwrap();
        for (at, note) in notes.iter().enumerate() {
            writer.write_record([format!("+1415555{at:04}"), note.clone()]).unwrap();
        }
        let file = writer.into_inner().unwrap();
        let read: Vec<Option<String>> = leads(&file).into_iter().map(|lead| lead.notes).collect();
        let wanted: Vec<Option<String>> = notes
            .iter()
            .map(|note| Some(note.trim().to_owned()).filter(|note| !note.is_empty()))
            .collect();
        prop_assert_eq!(read, wanted);
    }
}
