//! Answers that are files: no envelope, in no dialect.

use aide::{
    OperationOutput,
    generate::GenContext,
    openapi::{self, MediaType},
};
use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderValue, StatusCode, header};

use crate::Failure;

/// A file: bytes or a stream of them, whole or in part.
#[derive(Debug)]
#[must_use]
pub struct File {
    body: Body,
    content_type: &'static str,
    disposition: Option<String>,
    length: Option<u64>,
    part: Option<(ByteRange, u64)>,
    tag: Option<String>,
}

impl File {
    /// With this body.
    pub fn new(content_type: &'static str, body: impl Into<Body>) -> Self {
        Self {
            body: body.into(),
            content_type,
            disposition: None,
            length: None,
            part: None,
            tag: None,
        }
    }

    /// To be saved under this name.
    pub fn download(mut self, name: &str) -> Self {
        self.disposition = Some(disposition(name));
        self
    }

    /// With its length, where the body is a stream.
    pub const fn length(mut self, bytes: u64) -> Self {
        self.length = Some(bytes);
        self
    }

    /// With an ETag, quotes included: another file has another.
    pub fn tag(mut self, tag: String) -> Self {
        self.tag = Some(tag);
        self
    }

    /// The body is only this part of a file of `total_bytes`: 206.
    pub const fn part(mut self, range: ByteRange, total_bytes: u64) -> Self {
        self.part = Some((range, total_bytes));
        self.length = Some(range.last - range.first + 1);
        self
    }
}

impl IntoResponse for File {
    fn into_response(self) -> Response {
        let mut response = Response::new(self.body);
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(self.content_type));
        headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
        headers.insert(
            header::X_CONTENT_TYPE_OPTIONS,
            HeaderValue::from_static("nosniff"),
        );
        if let Some(length) = self.length {
            headers.insert(header::CONTENT_LENGTH, length.into());
        }
        if let Some(value) = self
            .disposition
            .and_then(|text| HeaderValue::from_str(&text).ok())
        {
            headers.insert(header::CONTENT_DISPOSITION, value);
        }
        // One tenant's, and gone when it is deleted.
        headers.insert(
            header::CACHE_CONTROL,
            HeaderValue::from_static("private, no-store"),
        );
        if let Some(value) = self.tag.and_then(|text| HeaderValue::from_str(&text).ok()) {
            headers.insert(header::ETAG, value);
        }
        if let Some((range, total)) = self.part {
            let text = format!("bytes {}-{}/{total}", range.first, range.last);
            if let Ok(value) = HeaderValue::from_str(&text) {
                headers.insert(header::CONTENT_RANGE, value);
            }
            *response.status_mut() = StatusCode::PARTIAL_CONTENT;
        }
        response
    }
}

impl OperationOutput for File {
    type Inner = ();

    fn operation_response(_: &mut GenContext, _: &mut openapi::Operation) -> Option<openapi::Response> {
        Some(openapi::Response {
            description: "The file".to_owned(),
            content: [("application/octet-stream".to_owned(), MediaType::default())]
                .into_iter()
                .collect(),
            ..openapi::Response::default()
        })
    }

    fn inferred_responses(
        ctx: &mut GenContext,
        op: &mut openapi::Operation,
    ) -> Vec<(Option<u16>, openapi::Response)> {
        Self::operation_response(ctx, op)
            .map(|response| (Some(200), response))
            .into_iter()
            .collect()
    }
}

/// `attachment` with a file name: quotes and control characters are dropped, other letters sent by RFC 5987.
#[must_use]
pub fn disposition(name: &str) -> String {
    let plain: String = name
        .chars()
        .filter(|c| c.is_ascii_graphic() || *c == ' ')
        .filter(|c| !"\"\\/".contains(*c))
        .collect();
    let mut text = format!("attachment; filename=\"{plain}\"");
    if !name.is_ascii() {
        text.push_str("; filename*=UTF-8''");
        for byte in name.bytes() {
            if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
                text.push(char::from(byte));
            } else {
                text.push_str(&format!("%{byte:02X}"));
            }
        }
    }
    text
}

/// A part of a file, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ByteRange {
    /// The first byte.
    pub first: u64,
    /// The last byte.
    pub last: u64,
}

impl ByteRange {
    /// As [`ByteRange::asked`], of a file with this ETag: who holds a part of another file (`If-Range`) gets this one whole.
    ///
    /// # Errors
    /// [`Failure::Range`] when it lies outside the file: 416.
    pub fn asked_of(headers: &HeaderMap, total_bytes: u64, tag: &str) -> Result<Option<Self>, Failure> {
        let held = headers.get(header::IF_RANGE);
        if held.is_some_and(|held| held.as_bytes() != tag.as_bytes()) {
            return Ok(None);
        }
        Self::asked(headers, total_bytes)
    }

    /// The one range that a request asks for. Several, or a header that cannot be read, mean the whole file, as RFC 9110 has it.
    ///
    /// # Errors
    /// [`Failure::Range`] when it lies outside the file: 416.
    pub fn asked(headers: &HeaderMap, total_bytes: u64) -> Result<Option<Self>, Failure> {
        let Some(spec) = headers
            .get(header::RANGE)
            .and_then(|value| value.to_str().ok())
            .and_then(|text| text.trim().strip_prefix("bytes="))
            .filter(|spec| !spec.contains(','))
            .and_then(|spec| spec.trim().split_once('-'))
        else {
            return Ok(None);
        };
        let number = |text: &str| {
            if text.is_empty() {
                Some(None)
            } else {
                text.parse::<u64>().ok().map(Some)
            }
        };
        let (Some(first), Some(last)) = (number(spec.0), number(spec.1)) else {
            return Ok(None);
        };
        let outside = Failure::Range { total_bytes };
        let Some(end) = total_bytes.checked_sub(1) else {
            return Err(outside);
        };
        let range = match (first, last) {
            (Some(first), Some(last)) if last < first => return Ok(None),
            (Some(first), last) => Self {
                first,
                last: last.unwrap_or(end).min(end),
            },
            (None, Some(0)) => return Err(outside),
            (None, Some(suffix)) => Self {
                first: total_bytes.saturating_sub(suffix),
                last: end,
            },
            (None, None) => return Ok(None),
        };
        if range.first > end {
            Err(outside)
        } else {
            Ok(Some(range))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(text: &str) -> Result<Option<(u64, u64)>, ()> {
        let mut headers = HeaderMap::new();
        headers.insert(header::RANGE, HeaderValue::from_str(text).unwrap());
        ByteRange::asked(&headers, 100)
            .map(|range| range.map(|r| (r.first, r.last)))
            .map_err(|_| ())
    }

    #[test]
    fn ranges_are_read_as_rfc_9110_has_them() {
        assert_eq!(asked("bytes=0-9"), Ok(Some((0, 9))));
        assert_eq!(asked("bytes=90-"), Ok(Some((90, 99))));
        assert_eq!(asked("bytes=90-500"), Ok(Some((90, 99))));
        assert_eq!(asked("bytes=-10"), Ok(Some((90, 99))));
        assert_eq!(asked("bytes=-500"), Ok(Some((0, 99))));
        assert_eq!(asked("bytes=100-"), Err(()));
        assert_eq!(asked("bytes=-0"), Err(()));
        for whole in ["bytes=5-1", "bytes=a-b", "bytes=-", "lines=1-2", "bytes=0-1,5-6"] {
            assert_eq!(asked(whole), Ok(None), "{whole}");
        }
    }

    #[test]
    fn who_holds_a_part_of_another_file_gets_this_one_whole() {
        let mut headers = HeaderMap::new();
        headers.insert(header::RANGE, HeaderValue::from_static("bytes=0-9"));
        for (held, partial) in [
            ("\"a\"", true),
            ("\"b\"", false),
            ("Mon, 05 Jan 2026 10:00:00 GMT", false),
        ] {
            headers.insert(header::IF_RANGE, HeaderValue::from_str(held).unwrap());
            let range = ByteRange::asked_of(&headers, 100, "\"a\"").unwrap();
            assert_eq!(range.is_some(), partial, "{held}");
        }
    }

    #[test]
    fn a_file_name_cannot_break_out_of_its_header() {
        assert_eq!(disposition("a\"b\r\n.csv"), "attachment; filename=\"ab.csv\"");
        assert_eq!(
            disposition("é.csv"),
            "attachment; filename=\".csv\"; filename*=UTF-8''%C3%A9.csv"
        );
    }
}
