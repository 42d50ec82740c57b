//! Getting an object, its head, or a range of it.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::ops::Range;

use bytes::Bytes;
use futures::stream;
use s3s::dto::{GetObjectInput, GetObjectOutput, HeadObjectInput, HeadObjectOutput, StreamingBlob};
use s3s::{S3Error, S3ErrorCode, S3Result};

use super::conditions::ReadIf;
use super::objects::Objects;
use super::record::Record;

const CHUNK: u64 = 64 * 1024;

/// `GetObject`.
pub(super) fn get(objects: &Objects, input: GetObjectInput) -> S3Result<GetObjectOutput> {
    let (record, file) = objects.open_object(&input.bucket, &input.key)?;
    let read_if = ReadIf {
        matches: input.if_match,
        none_matches: input.if_none_match,
        modified_since: input.if_modified_since,
        unmodified_since: input.if_unmodified_since,
    };
    read_if.check(&record)?;
    let (range, content_range) = part_of(&record, input.range)?;
    let length = i64::try_from(range.end - range.start).unwrap_or(i64::MAX);
    let whole = content_range.is_none();
    let body = StreamingBlob::wrap(stream::iter(chunks(file, range).map_err(unreadable)?));

    let (e_tag, modified) = (record.tag(), record.modified());
    let about = record.about;
    // The sums are those of the whole object; with a part of it a client would find them wrong.
    let sums = if whole { about.sums } else { Default::default() };
    Ok(GetObjectOutput {
        accept_ranges: Some("bytes".to_owned()),
        body: Some(body),
        content_length: Some(length),
        content_range,
        e_tag: Some(e_tag),
        last_modified: Some(modified),
        content_type: input.response_content_type.or(about.content_type),
        content_encoding: input.response_content_encoding.or(about.content_encoding),
        content_disposition: input.response_content_disposition.or(about.content_disposition),
        content_language: input.response_content_language.or(about.content_language),
        cache_control: input.response_cache_control.or(about.cache_control),
        expires: input.response_expires,
        metadata: Some(about.metadata),
        checksum_crc32: sums.crc32,
        checksum_crc32c: sums.crc32c,
        checksum_crc64nvme: sums.crc64nvme,
        checksum_sha1: sums.sha1,
        checksum_sha256: sums.sha256,
        ..GetObjectOutput::default()
    })
}

/// `HeadObject`.
pub(super) fn head(objects: &Objects, input: HeadObjectInput) -> S3Result<HeadObjectOutput> {
    let record = objects.find(&input.bucket, &input.key)?;
    let read_if = ReadIf {
        matches: input.if_match,
        none_matches: input.if_none_match,
        modified_since: input.if_modified_since,
        unmodified_since: input.if_unmodified_since,
    };
    read_if.check(&record)?;
    let (range, content_range) = part_of(&record, input.range)?;
    let (e_tag, modified) = (record.tag(), record.modified());
    let about = record.about;
    Ok(HeadObjectOutput {
        accept_ranges: Some("bytes".to_owned()),
        content_length: Some(i64::try_from(range.end - range.start).unwrap_or(i64::MAX)),
        content_range,
        e_tag: Some(e_tag),
        last_modified: Some(modified),
        content_type: about.content_type,
        content_encoding: about.content_encoding,
        content_disposition: about.content_disposition,
        content_language: about.content_language,
        cache_control: about.cache_control,
        metadata: Some(about.metadata),
        checksum_crc32: about.sums.crc32,
        checksum_crc32c: about.sums.crc32c,
        checksum_crc64nvme: about.sums.crc64nvme,
        checksum_sha1: about.sums.sha1,
        checksum_sha256: about.sums.sha256,
        ..HeadObjectOutput::default()
    })
}

/// The bytes that are asked for, and the `Content-Range` header when they are not all.
fn part_of(record: &Record, asked: Option<s3s::dto::Range>) -> S3Result<(Range<u64>, Option<String>)> {
    match asked {
        None => Ok((0..record.bytes, None)),
        Some(asked) => {
            let range = asked.check(record.bytes)?;
            let header = format!(
                "bytes {}-{}/{}",
                range.start,
                range.end.saturating_sub(1),
                record.bytes
            );
            Ok((range, Some(header)))
        }
    }
}

/// The bytes of `range`, a chunk at a time.
fn chunks(mut file: File, range: Range<u64>) -> io::Result<impl Iterator<Item = io::Result<Bytes>>> {
    file.seek(SeekFrom::Start(range.start))?;
    let mut left = range.end - range.start;
    Ok(std::iter::from_fn(move || {
        if left == 0 {
            return None;
        }
        let mut chunk = Vec::new();
        let read = Read::by_ref(&mut file)
            .take(left.min(CHUNK))
            .read_to_end(&mut chunk);
        Some(match read {
            // The length was announced: an end before it must not look like one.
            Ok(0) => {
                left = 0;
                Err(io::ErrorKind::UnexpectedEof.into())
            }
            Ok(read) => {
                left -= read as u64;
                Ok(Bytes::from(chunk))
            }
            Err(error) => {
                left = 0;
                Err(error)
            }
        })
    }))
}

fn unreadable(error: io::Error) -> S3Error {
    tracing::error!(%error, "an object's file cannot be read");
    S3Error::with_source(S3ErrorCode::InternalError, Box::new(error))
}
