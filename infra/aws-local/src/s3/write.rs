//! Putting, copying and deleting objects.

use std::sync::Arc;

use s3s::checksum::ChecksumHasher;
use s3s::dto::{
    CopyObjectInput, CopyObjectOutput, CopyObjectResult, CopySource, DeleteObjectsInput, DeleteObjectsOutput,
    DeletedObject, MetadataDirective, PutObjectInput, PutObjectOutput,
};
use s3s::{S3Request, S3Result, s3_error};

use super::conditions::{ReadIf, WriteIf};
use super::draft::Draft;
use super::keys;
use super::objects::Objects;
use super::record::{About, Sums};
use super::sums::{Claimed, hex};

/// How many keys one `DeleteObjects` takes. Source: S3's limit.
const DELETES_MAX: usize = 1000;

/// `PutObject`.
pub(super) async fn put(
    objects: &Arc<Objects>,
    request: S3Request<PutObjectInput>,
) -> S3Result<PutObjectOutput> {
    let (input, trailers) = (request.input, request.trailing_headers);
    let (bucket, key) = (input.bucket, input.key);
    keys::check(&key)?;
    objects.require_bucket(&bucket)?;
    let write_if = WriteIf {
        matches: input.if_match,
        none_matches: input.if_none_match,
    };
    // Looked at before the bytes come, to refuse early, and again with the commit.
    write_if.check(objects.index().object(&bucket, &key)?.as_ref())?;

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
        content_type: input.content_type,
        content_encoding: About::encoding(input.content_encoding),
        content_disposition: input.content_disposition,
        content_language: input.content_language,
        cache_control: input.cache_control,
        metadata: input.metadata.unwrap_or_default(),
        sums: written.sums,
    };
    let record = draft.record(hex(&written.md5), about);
    let replaced = objects.index().put(&bucket, &key, &record, &write_if)?;
    draft.keep();
    objects.discard(replaced);

    let e_tag = record.tag();
    let sums = record.about.sums;
    Ok(PutObjectOutput {
        e_tag: Some(e_tag),
        checksum_crc32: sums.crc32,
        checksum_crc32c: sums.crc32c,
        checksum_crc64nvme: sums.crc64nvme,
        checksum_sha1: sums.sha1,
        checksum_sha256: sums.sha256,
        ..PutObjectOutput::default()
    })
}

/// `CopyObject`, within this store.
pub(super) fn copy(objects: &Arc<Objects>, input: CopyObjectInput) -> S3Result<CopyObjectOutput> {
    keys::check(&input.key)?;
    objects.require_bucket(&input.bucket)?;
    let CopySource::Bucket {
        bucket,
        key,
        version_id: None,
    } = &input.copy_source
    else {
        return Err(s3_error!(
            NotImplemented,
            "The source must be an object of a bucket here, without a version."
        ));
    };
    let (source, file) = objects.open_object(bucket, key)?;
    let read_if = ReadIf {
        matches: input.copy_source_if_match,
        none_matches: input.copy_source_if_none_match,
        modified_since: input.copy_source_if_modified_since,
        unmodified_since: input.copy_source_if_unmodified_since,
    };
    // For a copy, S3 says "precondition failed" where a read says "not modified".
    read_if
        .check(&source)
        .map_err(|_refused| s3_error!(PreconditionFailed, "The source does not fit the condition."))?;

    let sums = source.about.sums.clone();
    let replace = input
        .metadata_directive
        .as_ref()
        .is_some_and(|how| how.as_str() == MetadataDirective::REPLACE);
    let about = if replace {
        About {
            content_type: input.content_type,
            content_encoding: About::encoding(input.content_encoding),
            content_disposition: input.content_disposition,
            content_language: input.content_language,
            cache_control: input.cache_control,
            metadata: input.metadata.unwrap_or_default(),
            sums,
        }
    } else {
        source.about.clone()
    };
    let mut draft = Draft::begin(objects, ChecksumHasher::default())?;
    draft.append(file)?;
    let md5 = draft.written().md5;
    let record = draft.record(hex(&md5), about);
    let replaced = objects
        .index()
        .put(&input.bucket, &input.key, &record, &WriteIf::default())?;
    draft.keep();
    objects.discard(replaced);

    let result = CopyObjectResult {
        e_tag: Some(record.tag()),
        last_modified: Some(record.modified()),
        ..CopyObjectResult::default()
    };
    Ok(CopyObjectOutput {
        copy_object_result: Some(result),
        ..CopyObjectOutput::default()
    })
}

/// `DeleteObject`; one that is not there is deleted too.
pub(super) fn delete(objects: &Objects, bucket: &str, key: &str) -> S3Result<()> {
    objects.require_bucket(bucket)?;
    let blob = objects.index().delete(bucket, key)?;
    objects.discard(blob);
    Ok(())
}

/// `DeleteObjects`.
pub(super) fn delete_all(objects: &Objects, input: DeleteObjectsInput) -> S3Result<DeleteObjectsOutput> {
    objects.require_bucket(&input.bucket)?;
    if input.delete.objects.len() > DELETES_MAX {
        return Err(s3_error!(
            MalformedXML,
            "One request deletes at most {DELETES_MAX} objects, not {}.",
            input.delete.objects.len()
        ));
    }
    let quiet = input.delete.quiet.unwrap_or(false);
    let mut deleted = Vec::new();
    for object in input.delete.objects {
        delete(objects, &input.bucket, &object.key)?;
        if !quiet {
            deleted.push(DeletedObject {
                key: Some(object.key),
                ..DeletedObject::default()
            });
        }
    }
    Ok(DeleteObjectsOutput {
        deleted: Some(deleted),
        ..DeleteObjectsOutput::default()
    })
}
