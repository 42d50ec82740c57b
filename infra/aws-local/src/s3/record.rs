//! What is known of an object beside its bytes.

use std::collections::HashMap;
use std::time::{Duration, UNIX_EPOCH};

use s3s::dto::{Checksum, ETag, Timestamp};
use serde::{Deserialize, Serialize};

/// An object or an uploaded part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Record {
    /// The name of the file with the bytes.
    pub(super) blob: String,
    pub(super) bytes: u64,
    /// Without quotes: MD5 in hexadecimal, for a multipart upload followed by the number of parts.
    pub(super) e_tag: String,
    pub(super) modified_ms: i64,
    pub(super) about: About,
}

/// What the client said about the object, given back with it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct About {
    pub(super) content_type: Option<String>,
    pub(super) content_encoding: Option<String>,
    pub(super) content_disposition: Option<String>,
    pub(super) content_language: Option<String>,
    pub(super) cache_control: Option<String>,
    pub(super) metadata: HashMap<String, String>,
    pub(super) sums: Sums,
}

/// Checksums that were sent with the bytes and agreed with them, in base64.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Sums {
    pub(super) crc32: Option<String>,
    pub(super) crc32c: Option<String>,
    pub(super) crc64nvme: Option<String>,
    pub(super) sha1: Option<String>,
    pub(super) sha256: Option<String>,
}

impl Record {
    /// The entity tag as the protocol has it.
    pub(super) fn tag(&self) -> ETag {
        ETag::Strong(self.e_tag.clone())
    }

    /// The length as the protocol has it.
    pub(super) fn length(&self) -> i64 {
        i64::try_from(self.bytes).unwrap_or(i64::MAX)
    }

    /// The time of the last change as the protocol has it.
    pub(super) fn modified(&self) -> Timestamp {
        timestamp(self.modified_ms)
    }
}

/// The protocol's form of a time in milliseconds since 1970.
pub(super) fn timestamp(ms: i64) -> Timestamp {
    Timestamp::from(UNIX_EPOCH + Duration::from_millis(u64::try_from(ms).unwrap_or(0)))
}

impl About {
    /// `aws-chunked` is how the bytes travelled, not what they are.
    pub(super) fn encoding(header: Option<String>) -> Option<String> {
        let kept: Vec<_> = header
            .as_deref()?
            .split(',')
            .map(str::trim)
            .filter(|encoding| !encoding.is_empty() && !encoding.eq_ignore_ascii_case("aws-chunked"))
            .collect();
        (!kept.is_empty()).then(|| kept.join(","))
    }
}

impl From<Checksum> for Sums {
    fn from(sums: Checksum) -> Self {
        Self {
            crc32: sums.checksum_crc32,
            crc32c: sums.checksum_crc32c,
            crc64nvme: sums.checksum_crc64nvme,
            sha1: sums.checksum_sha1,
            sha256: sums.checksum_sha256,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_transports_encoding_is_not_the_objects() {
        let kept = |header: &str| About::encoding(Some(header.to_owned()));
        assert_eq!(kept("aws-chunked"), None);
        assert_eq!(kept("aws-chunked,gzip").as_deref(), Some("gzip"));
        assert_eq!(kept("gzip, aws-chunked").as_deref(), Some("gzip"));
        assert_eq!(kept("br").as_deref(), Some("br"));
        assert_eq!(About::encoding(None), None);
    }
}
