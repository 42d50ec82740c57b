//! Server-sent events out of a body's pieces.
//!
//! Source: the HTML standard, "Parsing an event stream". Only `data` is kept,
//! and lines end with `\n` or `\r\n`: the APIs that are read here have no more.
//! The crate that is most used for it (`eventsource-stream`) bounds nothing and
//! had its last release in 2022.

/// No event of a language model is longer.
const EVENT_MAX: usize = 1024 * 1024;

/// What has come and is not yet an event.
#[derive(Debug, Default)]
pub(super) struct Events {
    /// Bytes after the last line's end.
    rest: Vec<u8>,
    /// `data` lines of the event that is being read.
    data: Option<String>,
}

/// What is no stream of events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum NotEvents {
    #[error("an event is not UTF-8")]
    Encoding,
    #[error("an event is longer than {EVENT_MAX} bytes")]
    TooLong,
}

impl Events {
    /// Takes more bytes; answers the data of the events that they complete.
    pub(super) fn push(&mut self, bytes: &[u8]) -> Result<Vec<String>, NotEvents> {
        let mut events = Vec::new();
        for piece in bytes.split_inclusive(|&byte| byte == b'\n') {
            self.rest.extend_from_slice(piece);
            if self.rest.len() + self.data.as_ref().map_or(0, String::len) > EVENT_MAX {
                return Err(NotEvents::TooLong);
            }
            if piece.ends_with(b"\n") {
                let line = std::mem::take(&mut self.rest);
                events.extend(self.line(line.trim_ascii_end())?);
            }
        }
        Ok(events)
    }

    /// What the body ended with, where the last line's end was left out.
    pub(super) fn finish(mut self) -> Result<Option<String>, NotEvents> {
        let line = std::mem::take(&mut self.rest);
        self.line(line.trim_ascii_end())?;
        Ok(self.data)
    }

    fn line(&mut self, line: &[u8]) -> Result<Option<String>, NotEvents> {
        if line.is_empty() {
            return Ok(self.data.take());
        }
        let Some(value) = line.strip_prefix(b"data:") else {
            return Ok(None);
        };
        let value = std::str::from_utf8(value.strip_prefix(b" ").unwrap_or(value))
            .map_err(|_| NotEvents::Encoding)?;
        match &mut self.data {
            Some(data) => {
                data.push('\n');
                data.push_str(value);
            }
            None => self.data = Some(value.to_owned()),
        }
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STREAM: &str =
        ": hello\n\ndata: {\"a\":\"é\"}\r\n\r\nevent: x\ndata:one\ndata: two\nid: 7\n\n\n\ndata: [DONE]";

    #[test]
    fn events_come_out_the_same_however_the_bytes_are_cut() {
        for size in [1, 2, 3, 7, STREAM.len()] {
            let mut events = Events::default();
            let mut seen = Vec::new();
            for piece in STREAM.as_bytes().chunks(size) {
                seen.extend(events.push(piece).unwrap());
            }
            seen.extend(events.finish().unwrap());
            assert_eq!(seen, ["{\"a\":\"é\"}", "one\ntwo", "[DONE]"], "by {size}");
        }
    }

    #[test]
    fn what_is_no_text_or_has_no_end_is_refused() {
        assert_eq!(Events::default().push(b"data: \xff\n"), Err(NotEvents::Encoding));
        let mut events = Events::default();
        let line = [b'x'; 4096];
        let refused = (0..1_000).find_map(|_| events.push(&line).err());
        assert_eq!(refused, Some(NotEvents::TooLong));
    }
}
