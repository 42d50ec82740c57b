//! What kind of file it is, by its beginning: how it is written, and what separates its values.

use std::io::{self, Cursor, Read};

use encoding_rs_io::{DecodeReaderBytes, DecodeReaderBytesBuilder};

use crate::FileError;

/// How much of the beginning is looked at.
const LOOK: usize = 64 * 1024;

/// A file's text from its first row on, as bytes that are UTF-8 but for single values of older encodings; its last row ends as the others do.
pub(crate) type Text<R> =
    io::Chain<io::Chain<Cursor<Vec<u8>>, DecodeReaderBytes<R, Vec<u8>>>, Cursor<[u8; 1]>>;

/// A file, looked at.
#[derive(Debug)]
pub(crate) struct Sniffed<R: Read> {
    /// The text.
    pub(crate) text: Text<R>,
    /// What separates its values.
    pub(crate) delimiter: u8,
    /// What ends its rows: a line feed, or in files of old a carriage return alone.
    pub(crate) line_end: u8,
}

/// Looks at a file's beginning.
pub(crate) fn sniff<R: Read>(source: R) -> Result<Sniffed<R>, FileError> {
    // A byte-order mark tells UTF-16, as spreadsheets' "Unicode text" has it; without one the bytes pass as they are.
    let mut source = DecodeReaderBytesBuilder::new()
        .bom_sniffing(true)
        .strip_bom(true)
        .utf8_passthru(true)
        .encoding(None)
        .build(source);
    let mut head = Vec::new();
    (&mut source)
        .take(u64::try_from(LOOK).unwrap_or(u64::MAX))
        .read_to_end(&mut head)
        .map_err(FileError::Read)?;
    if let Some(kind) = other_kind(&head) {
        return Err(FileError::NotText(kind));
    }
    if head.iter().all(u8::is_ascii_whitespace) && head.len() < LOOK {
        return Err(FileError::Empty);
    }
    let delimiter = if let Some((delimiter, line)) = declared(&head) {
        head.drain(..line);
        delimiter
    } else {
        commonest(&head)
    };
    let line_end = if !head.contains(&b'\n') && head.contains(&b'\r') {
        b'\r'
    } else {
        b'\n'
    };
    Ok(Sniffed {
        text: Cursor::new(head).chain(source).chain(Cursor::new([line_end])),
        delimiter,
        line_end,
    })
}

/// What the file is when it is no text, by the first bytes that the formats' own definitions give.
fn other_kind(head: &[u8]) -> Option<&'static str> {
    const KINDS: [(&[u8], &str); 8] = [
        (b"PK\x03\x04", "a workbook or an archive (.xlsx, .ods, .zip)"),
        (b"\xd0\xcf\x11\xe0", "an old workbook (.xls)"),
        (b"%PDF", "a PDF document"),
        (b"\x89PNG", "a picture (PNG)"),
        (b"\xff\xd8\xff", "a picture (JPEG)"),
        (b"GIF8", "a picture (GIF)"),
        (b"RIFF", "a sound, a film or a picture"),
        (b"\x1f\x8b", "compressed (gzip)"),
    ];
    KINDS
        .iter()
        .find(|(magic, _)| head.starts_with(magic))
        .map(|(_, name)| *name)
        .or_else(|| head.contains(&0).then_some("binary"))
}

/// `sep=;` in a line of its own is how Excel writes down what separates the values.
fn declared(head: &[u8]) -> Option<(u8, usize)> {
    let end = head.iter().position(|byte| *byte == b'\n')?;
    let line = head[..end].trim_ascii_end();
    let (name, rest) = line.split_at_checked(4)?;
    let [delimiter] = rest else { return None };
    name.eq_ignore_ascii_case(b"sep=")
        .then_some((*delimiter, end + 1))
}

/// What separates the names in the first row: whichever of comma, semicolon, tab and bar is in it most often outside quotation marks.
fn commonest(head: &[u8]) -> u8 {
    let mut counts = [(b',', 0_usize), (b';', 0), (b'\t', 0), (b'|', 0)];
    let mut quoted = false;
    for byte in head {
        match byte {
            b'"' => quoted = !quoted,
            b'\n' | b'\r' if !quoted => break,
            _ if quoted => {}
            other => counts
                .iter_mut()
                .filter(|(delimiter, _)| delimiter == other)
                .for_each(|(_, count)| *count += 1),
        }
    }
    // Of equals the first: max_by_key would take the last.
    counts
        .iter()
        .rev()
        .max_by_key(|(_, count)| *count)
        .map_or(b',', |(delimiter, _)| *delimiter)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> (String, u8) {
        let mut found = sniff(bytes).unwrap();
        let mut all = String::new();
        found.text.read_to_string(&mut all).unwrap();
        assert_eq!(all.pop(), Some('\n'));
        (all, found.delimiter)
    }

    #[test]
    fn the_first_row_tells_what_separates() {
        assert_eq!(read(b"a,b\n").1, b',');
        assert_eq!(read(b"a;b;c\n1,2;3").1, b';');
        assert_eq!(read(b"a\tb\n").1, b'\t');
        assert_eq!(read(b"phone\n+1").1, b',');
        assert_eq!(read(b"\"last, first, title\";phone\n").1, b';');
    }

    #[test]
    fn what_excel_declares_holds_and_is_no_row() {
        assert_eq!(read(b"sep=;\r\na,x;b\r\n"), ("a,x;b\r\n".to_owned(), b';'));
    }

    #[test]
    fn marks_of_byte_order_are_dropped_and_utf_16_is_read() {
        assert_eq!(read(b"\xef\xbb\xbfphone\n").0, "phone\n");
        let wide: Vec<u8> = "\u{feff}phone;name\n"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        assert_eq!(read(&wide), ("phone;name\n".to_owned(), b';'));
    }

    #[test]
    fn what_is_no_text_is_named() {
        for (bytes, kind) in [
            (&b"\x89PNG\r\n\x1a\n"[..], "PNG"),
            (b"PK\x03\x04\x14\x00", ".xlsx"),
            (b"%PDF-1.7", "PDF"),
            (b"phone\n\x00\x01", "binary"),
        ] {
            let error = sniff(bytes).unwrap_err().to_string();
            assert!(error.contains(kind) && error.contains("CSV"), "{error}");
        }
    }

    #[test]
    fn nothing_but_blanks_is_empty() {
        for bytes in [&b""[..], b"\r\n \n", b"\xef\xbb\xbf"] {
            assert!(matches!(sniff(bytes), Err(FileError::Empty)));
        }
    }
}
