//! The rows of a file, one after the other.

use std::io::Read;

use csv::{ByteRecord, ErrorKind, Reader, ReaderBuilder, Terminator};
use serde_json::{Map, Value};
use trunkline_domain::{E164, Priority};

use crate::{
    FileError, Mapping, RowError,
    columns::{Column, columns},
    draft::Draft,
    fields,
    limited::{Limited, ROW_BYTES_MAX, is_too_long},
    sniff::{Sniffed, Text, sniff},
};

/// A row that is a lead.
#[derive(Debug, Clone, PartialEq)]
pub struct LeadRow {
    /// Its number, as a spreadsheet counts: the header is 1.
    pub row: u64,
    /// Its phone number.
    pub phone: E164,
    /// Given name.
    pub first_name: Option<String>,
    /// Family name.
    pub last_name: Option<String>,
    /// E-mail address.
    pub email: Option<String>,
    /// ISO 3166 country, two capital letters.
    pub country: Option<String>,
    /// The tenant's own word for its kind.
    pub kind: Option<String>,
    /// Which go first.
    pub priority: Priority,
    /// The list itself says that this number is not to be called.
    pub do_not_call: bool,
    /// Free text.
    pub notes: Option<String>,
    /// Its own IANA zone.
    pub timezone: Option<String>,
    /// All other columns.
    pub custom_fields: Map<String, Value>,
}

/// A row of a file.
#[derive(Debug, Clone, PartialEq)]
pub enum Row {
    /// It is a lead.
    Lead(Box<LeadRow>),
    /// It is none: each of its wrong fields, at least one.
    Wrong(Vec<RowError>),
}

/// A file whose header has been read. Iterating gives its rows; after an error there are no more.
#[derive(Debug)]
pub struct Rows<R: Read> {
    reader: Reader<Limited<Text<R>>>,
    columns: Vec<Column>,
    default_country: Option<String>,
    record: ByteRecord,
    row: u64,
    /// Line ends inside quoted cells so far, which are no rows; none where they cannot be told from rows' ends.
    quoted_lines: Option<u64>,
    over: bool,
}

/// Looks at a file's beginning and reads its header. `default_country` (ISO 3166, two letters) is that of numbers
/// without a country of their own.
///
/// # Errors
/// What is wrong with the file as a whole.
pub fn open<R: Read>(
    source: R,
    mapping: &Mapping,
    default_country: Option<&str>,
) -> Result<Rows<R>, FileError> {
    let (mut rows, header) = Rows::begin(source)?;
    rows.columns = columns(&header, mapping)?;
    rows.default_country = default_country.map(str::to_owned);
    Ok(rows)
}

impl<R: Read> Iterator for Rows<R> {
    type Item = Result<Row, FileError>;

    fn next(&mut self) -> Option<Self::Item> {
        match self.advance() {
            Ok(true) => Some(Ok(self.lead())),
            Ok(false) => None,
            Err(error) => Some(Err(error)),
        }
    }
}

impl<R: Read> Rows<R> {
    /// Looks at the beginning; answers the names in the first row, of which nothing is known yet.
    pub(crate) fn begin(source: R) -> Result<(Self, Vec<String>), FileError> {
        let Sniffed {
            text,
            delimiter,
            line_end,
        } = sniff(source)?;
        let mut rows = Self {
            reader: ReaderBuilder::new()
                .delimiter(delimiter)
                .has_headers(false)
                .flexible(true)
                // A carriage return before a line feed is trimmed with the cell that it is in.
                .terminator(Terminator::Any(line_end))
                .from_reader(Limited::new(text)),
            columns: Vec::new(),
            default_country: None,
            record: ByteRecord::new(),
            row: 0,
            quoted_lines: (line_end == b'\n').then_some(0),
            over: false,
        };
        if !rows.read()? {
            return Err(FileError::Empty);
        }
        let header = rows.record.iter().map(fields::text).collect();
        Ok((rows, header))
    }

    /// Passes over at most so many rows without looking into them; answers how many there were.
    ///
    /// # Errors
    /// As the iterator gives them; there are no more rows then.
    pub fn pass(&mut self, most: u64) -> Result<u64, FileError> {
        let mut passed = 0;
        while passed < most && self.advance()? {
            passed += 1;
        }
        Ok(passed)
    }

    /// Reads the next row that is not empty; `false` at the end, and ever after.
    fn advance(&mut self) -> Result<bool, FileError> {
        while !self.over {
            match self.read() {
                Ok(true) if self.record.iter().all(blank) => {}
                Ok(true) => return Ok(true),
                Ok(false) => self.over = true,
                Err(error) => {
                    self.over = true;
                    return Err(error);
                }
            }
        }
        Ok(false)
    }

    /// The next record that is no empty line; `false` at the end.
    fn read(&mut self) -> Result<bool, FileError> {
        self.reader.get_mut().begin_row();
        let found = self.reader.read_byte_record(&mut self.record);
        self.count(found.is_ok());
        match found {
            Ok(true) if self.record.as_slice().len() > ROW_BYTES_MAX => Err(self.too_long()),
            Ok(found) => Ok(found),
            Err(error) => Err(match error.into_kind() {
                ErrorKind::Io(error) if is_too_long(&error) => self.too_long(),
                ErrorKind::Io(error) => FileError::Read(error),
                other @ (ErrorKind::Utf8 { .. }
                | ErrorKind::UnequalLengths { .. }
                | ErrorKind::Seek
                | ErrorKind::Serialize(_)
                | ErrorKind::Deserialize { .. }
                | _) => FileError::Read(std::io::Error::other(format!("{other:?}"))),
            }),
        }
    }

    /// Moves on to the row that was read, which a spreadsheet numbers with the empty lines before it, and
    /// without the lines inside quoted cells.
    fn count(&mut self, read: bool) {
        let ends = self.record.as_slice().iter().filter(|byte| **byte == b'\n');
        match &mut self.quoted_lines {
            Some(quoted) if read => {
                *quoted += u64::try_from(ends.count()).unwrap_or(u64::MAX);
                let line = (self.reader.position().line() - 1).saturating_sub(*quoted);
                // A last cell whose quotation mark nothing closes has our own line end in it.
                self.row = line.max(self.row + 1);
            }
            Some(_) | None => self.row += 1,
        }
    }

    const fn too_long(&self) -> FileError {
        FileError::RowTooLong {
            row: self.row,
            limit_bytes: ROW_BYTES_MAX,
        }
    }

    fn lead(&self) -> Row {
        let mut draft = Draft::new(self.row);
        let cells = self.record.len();
        if cells > self.columns.len()
            && self
                .record
                .iter()
                .skip(self.columns.len())
                .any(|cell| !blank(cell))
        {
            draft.wrong(
                "row",
                "",
                format!(
                    "has {cells} values for {} columns; a value that holds the separator must stand in quotation marks",
                    self.columns.len()
                ),
            );
        }
        for (column, cell) in self.columns.iter().zip(self.record.iter()) {
            let text = fields::text(cell);
            let value = text.trim();
            if !value.is_empty() {
                draft.take(column, value);
            }
        }
        draft.finish(self.default_country.as_deref())
    }
}

fn blank(cell: &[u8]) -> bool {
    cell.iter().all(u8::is_ascii_whitespace)
}
