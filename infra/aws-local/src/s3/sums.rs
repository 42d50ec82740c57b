//! Checksums that clients send with the bytes: which to compute, and whether they agree.

use axum::http::HeaderMap;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use s3s::checksum::ChecksumHasher;
use s3s::dto::ChecksumAlgorithm;
use s3s::{S3Result, s3_error};

use super::draft::Written;
use super::record::Sums;

/// What the client says the sums are. It says so in headers, or in trailers after the bytes, announced by the
/// algorithm's name.
#[derive(Debug, Default)]
pub(super) struct Claimed {
    pub(super) md5: Option<String>,
    pub(super) sums: Sums,
    pub(super) algorithm: Option<ChecksumAlgorithm>,
}

impl Claimed {
    /// What computes the sums that were claimed or announced.
    pub(super) fn hasher(&self) -> S3Result<ChecksumHasher> {
        let announced = self
            .algorithm
            .as_ref()
            .map(ChecksumAlgorithm::as_str)
            .unwrap_or_default();
        if !matches!(
            announced,
            "" | "CRC32" | "CRC32C" | "CRC64NVME" | "SHA1" | "SHA256"
        ) {
            return Err(s3_error!(
                InvalidRequest,
                "The checksum algorithm {announced} is not known; use CRC32, CRC32C, CRC64NVME, SHA1 or SHA256."
            ));
        }
        let Sums {
            crc32,
            crc32c,
            crc64nvme,
            sha1,
            sha256,
        } = &self.sums;
        let wanted = |claimed: &Option<String>, name| claimed.is_some() || announced == name;
        Ok(ChecksumHasher {
            crc32: wanted(crc32, "CRC32").then(Default::default),
            crc32c: wanted(crc32c, "CRC32C").then(Default::default),
            crc64nvme: wanted(crc64nvme, "CRC64NVME").then(Default::default),
            sha1: wanted(sha1, "SHA1").then(Default::default),
            sha256: wanted(sha256, "SHA256").then(Default::default),
        })
    }

    /// Refuses what was written when its sums are not the claimed ones; `trailers` came after the bytes.
    pub(super) fn check(self, written: &Written, trailers: Option<&HeaderMap>) -> S3Result<()> {
        let trailer = |name: &str| Some(trailers?.get(name)?.to_str().ok()?.to_owned());
        let (claimed, computed) = (self.sums, &written.sums);
        for (name, claimed, computed) in [
            ("x-amz-checksum-crc32", claimed.crc32, &computed.crc32),
            ("x-amz-checksum-crc32c", claimed.crc32c, &computed.crc32c),
            ("x-amz-checksum-crc64nvme", claimed.crc64nvme, &computed.crc64nvme),
            ("x-amz-checksum-sha1", claimed.sha1, &computed.sha1),
            ("x-amz-checksum-sha256", claimed.sha256, &computed.sha256),
        ] {
            let Some(claimed) = claimed.or_else(|| trailer(name)) else {
                continue;
            };
            if computed.as_ref().is_some_and(|computed| *computed != claimed) {
                return Err(s3_error!(
                    BadDigest,
                    "The bytes do not have the {name} that was sent with them."
                ));
            }
        }
        match self.md5 {
            Some(md5) if STANDARD.decode(&md5).ok().as_deref() != Some(&written.md5) => Err(s3_error!(
                BadDigest,
                "The bytes do not have the Content-MD5 that was sent with them."
            )),
            _ => Ok(()),
        }
    }
}

/// Bytes in hexadecimal, as entity tags have them.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
