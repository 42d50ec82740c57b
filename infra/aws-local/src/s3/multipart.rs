//! Multipart uploads.

use std::io;
use std::sync::Arc;

use s3s::checksum::ChecksumHasher;
use s3s::crypto::{Checksum as _, Md5};
use s3s::dto::{
    CompleteMultipartUploadInput, CompleteMultipartUploadOutput, CompletedPart, CreateMultipartUploadInput,
    CreateMultipartUploadOutput, ListPartsInput, ListPartsOutput, UploadPartInput, UploadPartOutput,
};
use s3s::{S3Error, S3ErrorCode, S3Request, S3Result, s3_error};
use uuid::Uuid;

use super::conditions::WriteIf;
use super::draft::Draft;
use super::index::{Part, Upload};
use super::keys;
use super::objects::Objects;
use super::record::{About, Record, Sums};
use super::sums::{Claimed, hex};
use crate::clock::now_ms;

/// Source: S3's limits.
const PARTS_MAX: i32 = 10_000;
/// Every part but the last has at least this many bytes. Source: S3's limits.
const PART_BYTES_MIN: u64 = 5 * 1024 * 1024;

/// `CreateMultipartUpload`.
pub(super) fn create(
    objects: &Objects,
    input: CreateMultipartUploadInput,
) -> S3Result<CreateMultipartUploadOutput> {
    keys::check(&input.key)?;
    objects.require_bucket(&input.bucket)?;
    let about = About {
        content_type: input.content_type,
        content_encoding: About::encoding(input.content_encoding),
        content_disposition: input.content_disposition,
        content_language: input.content_language,
        cache_control: input.cache_control,
        metadata: input.metadata.unwrap_or_default(),
        sums: Sums::default(),
    };
    let id = Uuid::new_v4().simple().to_string();
    let upload = Upload {
        id,
        bucket: input.bucket,
        key: input.key,
        about,
    };
    objects.index().begin_upload(&upload, now_ms())?;
    Ok(CreateMultipartUploadOutput {
        bucket: Some(upload.bucket),
        key: Some(upload.key),
        upload_id: Some(upload.id),
        ..CreateMultipartUploadOutput::default()
    })
}

/// `UploadPart`.
pub(super) async fn upload_part(
    objects: &Arc<Objects>,
    request: S3Request<UploadPartInput>,
) -> S3Result<UploadPartOutput> {
    let (input, trailers) = (request.input, request.trailing_headers);
    if !(1..=PARTS_MAX).contains(&input.part_number) {
        return Err(s3_error!(
            InvalidArgument,
            "The part number must be from 1 to {PARTS_MAX}, not {}.",
            input.part_number
        ));
    }
    let upload = objects
        .index()
        .upload(&input.upload_id, &input.bucket, &input.key)?;
    let claimed = Claimed {
        md5: input.content_md5,
        algorithm: input.checksum_algorithm,
        sums: Sums {
            crc32: input.checksum_crc32,
            crc32c: input.checksum_crc32c,
            crc64nvme: input.checksum_crc64nvme,
            sha1: input.checksum_sha1,
            sha256: input.checksum_sha256,
        },
    };
    let mut draft = Draft::begin(objects, claimed.hasher()?)?;
    if let Some(body) = input.body {
        draft.take(body).await?;
    }
    let written = draft.written();
    claimed.check(&written, trailers.and_then(|trailers| trailers.take()).as_ref())?;
    let about = About {
        sums: written.sums,
        ..About::default()
    };
    let part = Part {
        number: input.part_number,
        record: draft.record(hex(&written.md5), about),
    };
    let replaced = objects.index().put_part(&upload, &part)?;
    draft.keep();
    objects.discard(replaced);

    let e_tag = part.record.tag();
    let sums = part.record.about.sums;
    Ok(UploadPartOutput {
        e_tag: Some(e_tag),
        checksum_crc32: sums.crc32,
        checksum_crc32c: sums.crc32c,
        checksum_crc64nvme: sums.crc64nvme,
        checksum_sha1: sums.sha1,
        checksum_sha256: sums.sha256,
        ..UploadPartOutput::default()
    })
}

/// `CompleteMultipartUpload`.
pub(super) fn complete(
    objects: &Arc<Objects>,
    input: CompleteMultipartUploadInput,
) -> S3Result<CompleteMultipartUploadOutput> {
    let upload = objects
        .index()
        .upload(&input.upload_id, &input.bucket, &input.key)?;
    let named = input
        .multipart_upload
        .and_then(|parts| parts.parts)
        .unwrap_or_default();
    let parts = chosen(objects, &upload, &named)?;

    let mut draft = Draft::begin(objects, ChecksumHasher::default())?;
    let mut md5s = Md5::new();
    for part in &parts {
        let file = objects.blobs().read(&part.blob).map_err(unreadable)?;
        draft.append(file)?;
        md5s.update(&from_hex(&part.e_tag));
    }
    let e_tag = format!("{}-{}", hex(&md5s.finalize()), parts.len());
    let record = draft.record(e_tag, upload.about.clone());
    let write_if = WriteIf {
        matches: input.if_match,
        none_matches: input.if_none_match,
    };
    let replaced = objects.index().complete(&upload, &record, &write_if)?;
    draft.keep();
    objects.discard(replaced);

    Ok(CompleteMultipartUploadOutput {
        e_tag: Some(record.tag()),
        bucket: Some(upload.bucket),
        key: Some(upload.key),
        ..CompleteMultipartUploadOutput::default()
    })
}

/// `AbortMultipartUpload`.
pub(super) fn abort(objects: &Objects, id: &str, bucket: &str, key: &str) -> S3Result<()> {
    let upload = objects.index().upload(id, bucket, key)?;
    objects.discard(objects.index().abort(&upload)?);
    Ok(())
}

/// `ListParts`.
pub(super) fn list_parts(objects: &Objects, input: ListPartsInput) -> S3Result<ListPartsOutput> {
    let upload = objects
        .index()
        .upload(&input.upload_id, &input.bucket, &input.key)?;
    let limit = usize::try_from(input.max_parts.unwrap_or(1000).clamp(0, 1000)).unwrap_or(0);
    let after = input.part_number_marker.unwrap_or(0);
    let mut parts = objects.index().parts(&upload.id, after, limit + 1)?;
    let truncated = parts.len() > limit;
    parts.truncate(limit);
    Ok(ListPartsOutput {
        bucket: Some(upload.bucket),
        key: Some(upload.key),
        upload_id: Some(upload.id),
        is_truncated: Some(truncated),
        next_part_number_marker: parts.last().filter(|_| truncated).map(|part| part.number),
        parts: Some(parts.into_iter().map(shown).collect()),
        ..ListPartsOutput::default()
    })
}

fn shown(part: Part) -> s3s::dto::Part {
    s3s::dto::Part {
        part_number: Some(part.number),
        e_tag: Some(part.record.tag()),
        size: Some(part.record.length()),
        last_modified: Some(part.record.modified()),
        ..s3s::dto::Part::default()
    }
}

/// The parts that the client names, as they are kept: in order, with the tags it got for them, none but the
/// last too small.
fn chosen(objects: &Objects, upload: &Upload, named: &[CompletedPart]) -> S3Result<Vec<Record>> {
    let kept = objects
        .index()
        .parts(&upload.id, 0, usize::try_from(PARTS_MAX).unwrap_or(usize::MAX))?;
    let number_of = |part: &CompletedPart| part.part_number.unwrap_or(0);
    if let Some([first, second]) = named
        .array_windows()
        .find(|[first, second]| number_of(first) >= number_of(second))
    {
        return Err(s3_error!(
            InvalidPartOrder,
            "The parts must be named in ascending order: {} after {}.",
            number_of(second),
            number_of(first)
        ));
    }
    let mut chosen = Vec::with_capacity(named.len());
    for (place, name) in named.iter().enumerate() {
        let number = number_of(name);
        let part = kept
            .iter()
            .find(|part| part.number == number)
            .filter(|part| {
                name.e_tag
                    .as_ref()
                    .is_none_or(|tag| tag.value() == part.record.e_tag)
            })
            .ok_or_else(|| {
                s3_error!(
                    InvalidPart,
                    "Part {number} was not uploaded, or its entity tag is another one."
                )
            })?;
        if part.record.bytes < PART_BYTES_MIN && place + 1 < named.len() {
            return Err(s3_error!(
                EntityTooSmall,
                "Part {number} has {} bytes; every part but the last has at least {PART_BYTES_MIN}.",
                part.record.bytes
            ));
        }
        chosen.push(part.record.clone());
    }
    if chosen.is_empty() {
        return Err(s3_error!(MalformedXML, "At least one part must be named."));
    }
    Ok(chosen)
}

fn from_hex(text: &str) -> Vec<u8> {
    let digit = |at: usize| {
        text.get(at..at + 2)
            .and_then(|pair| u8::from_str_radix(pair, 16).ok())
    };
    (0..text.len()).step_by(2).filter_map(digit).collect()
}

fn unreadable(error: io::Error) -> S3Error {
    tracing::error!(%error, "an uploaded part's file cannot be read");
    S3Error::with_source(S3ErrorCode::InternalError, Box::new(error))
}
