//! A reader that gives a row only so many bytes, so that a quotation mark which nothing closes cannot fill the memory.

use std::io::{self, Read};

/// The most bytes that a row may have.
pub(crate) const ROW_BYTES_MAX: usize = 1_000_000;

/// What the CSV reader reads ahead of the row that it is at.
const AHEAD: usize = 64 * 1024;

/// Its error's text, by which [`is_too_long`] knows it.
#[derive(Debug, thiserror::Error)]
#[error("a row is too long")]
struct TooLong;

#[derive(Debug)]
pub(crate) struct Limited<R> {
    source: R,
    since_row: usize,
}

impl<R> Limited<R> {
    pub(crate) const fn new(source: R) -> Self {
        Self { source, since_row: 0 }
    }

    /// A new row begins.
    pub(crate) const fn begin_row(&mut self) {
        self.since_row = 0;
    }
}

impl<R: Read> Read for Limited<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.since_row > ROW_BYTES_MAX + AHEAD {
            return Err(io::Error::new(io::ErrorKind::InvalidData, TooLong));
        }
        let got = self.source.read(into)?;
        self.since_row += got;
        Ok(got)
    }
}

pub(crate) fn is_too_long(error: &io::Error) -> bool {
    error
        .get_ref()
        .is_some_and(<dyn std::error::Error + Send + Sync>::is::<TooLong>)
}
