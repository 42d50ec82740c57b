//! The operations of S3, each handed to its place.

use std::sync::Arc;

use s3s::dto::{
    AbortMultipartUploadInput, AbortMultipartUploadOutput, Bucket, CommonPrefix,
    CompleteMultipartUploadInput, CompleteMultipartUploadOutput, CopyObjectInput, CopyObjectOutput,
    CreateBucketInput, CreateBucketOutput, CreateMultipartUploadInput, CreateMultipartUploadOutput,
    DeleteBucketInput, DeleteBucketOutput, DeleteObjectInput, DeleteObjectOutput, DeleteObjectsInput,
    DeleteObjectsOutput, GetBucketLocationInput, GetBucketLocationOutput, GetObjectInput, GetObjectOutput,
    HeadBucketInput, HeadBucketOutput, HeadObjectInput, HeadObjectOutput, ListBucketsInput,
    ListBucketsOutput, ListObjectsV2Input, ListObjectsV2Output, ListPartsInput, ListPartsOutput, Object,
    PostObjectInput, PostObjectOutput, PutObjectInput, PutObjectOutput, UploadPartInput, UploadPartOutput,
};
use s3s::{S3, S3Request, S3Response, S3Result, s3_error};

use super::index::Removal;
use super::list::{self, Query};
use super::objects::Objects;
use super::record::timestamp;
use super::{multipart, read, write};
use crate::clock::now_ms;

/// The most entries of a page. Source: S3's limit.
const PAGE_MAX: i32 = 1000;

type Answer<T> = S3Result<S3Response<T>>;

/// What `s3s` calls. Whatever is not here is answered with `NotImplemented`.
pub(super) struct Handlers(Arc<Objects>);

impl Handlers {
    pub(super) fn new(objects: Objects) -> Self {
        Self(Arc::new(objects))
    }
}

#[async_trait::async_trait]
impl S3 for Handlers {
    async fn create_bucket(&self, request: S3Request<CreateBucketInput>) -> Answer<CreateBucketOutput> {
        let name = request.input.bucket;
        if !self.0.index().create_bucket(&name, now_ms())? {
            return Err(s3_error!(
                BucketAlreadyOwnedByYou,
                "The bucket {name} is there already, and yours."
            ));
        }
        Ok(S3Response::new(CreateBucketOutput {
            location: Some(format!("/{name}")),
        }))
    }

    async fn head_bucket(&self, request: S3Request<HeadBucketInput>) -> Answer<HeadBucketOutput> {
        self.0.require_bucket(&request.input.bucket)?;
        Ok(S3Response::new(HeadBucketOutput::default()))
    }

    async fn get_bucket_location(
        &self,
        request: S3Request<GetBucketLocationInput>,
    ) -> Answer<GetBucketLocationOutput> {
        self.0.require_bucket(&request.input.bucket)?;
        // Nothing stands for us-east-1, as in S3.
        Ok(S3Response::new(GetBucketLocationOutput::default()))
    }

    async fn list_buckets(&self, _request: S3Request<ListBucketsInput>) -> Answer<ListBucketsOutput> {
        let buckets = self
            .0
            .index()
            .buckets()?
            .into_iter()
            .map(|(name, created_ms)| Bucket {
                name: Some(name),
                creation_date: Some(timestamp(created_ms)),
                ..Bucket::default()
            });
        Ok(S3Response::new(ListBucketsOutput {
            buckets: Some(buckets.collect()),
            ..ListBucketsOutput::default()
        }))
    }

    async fn delete_bucket(&self, request: S3Request<DeleteBucketInput>) -> Answer<DeleteBucketOutput> {
        let name = request.input.bucket;
        match self.0.index().delete_bucket(&name)? {
            Removal::Done => Ok(S3Response::new(DeleteBucketOutput {})),
            Removal::Missing => Err(s3_error!(NoSuchBucket, "There is no bucket {name}.")),
            Removal::NotEmpty => Err(s3_error!(
                BucketNotEmpty,
                "The bucket {name} still has objects or uploads under way; delete those first."
            )),
        }
    }

    async fn list_objects_v2(&self, request: S3Request<ListObjectsV2Input>) -> Answer<ListObjectsV2Output> {
        list_objects(&self.0, request.input).map(S3Response::new)
    }

    async fn put_object(&self, request: S3Request<PutObjectInput>) -> Answer<PutObjectOutput> {
        write::put(&self.0, request).await.map(S3Response::new)
    }

    async fn post_object(&self, _request: S3Request<PostObjectInput>) -> Answer<PostObjectOutput> {
        Err(s3_error!(
            NotImplemented,
            "The embedded S3 takes no form uploads; use PutObject or a presigned URL."
        ))
    }

    async fn get_object(&self, request: S3Request<GetObjectInput>) -> Answer<GetObjectOutput> {
        read::get(&self.0, request.input).map(S3Response::new)
    }

    async fn head_object(&self, request: S3Request<HeadObjectInput>) -> Answer<HeadObjectOutput> {
        read::head(&self.0, request.input).map(S3Response::new)
    }

    async fn copy_object(&self, request: S3Request<CopyObjectInput>) -> Answer<CopyObjectOutput> {
        write::copy(&self.0, request.input).map(S3Response::new)
    }

    async fn delete_object(&self, request: S3Request<DeleteObjectInput>) -> Answer<DeleteObjectOutput> {
        write::delete(&self.0, &request.input.bucket, &request.input.key)?;
        Ok(S3Response::new(DeleteObjectOutput::default()))
    }

    async fn delete_objects(&self, request: S3Request<DeleteObjectsInput>) -> Answer<DeleteObjectsOutput> {
        write::delete_all(&self.0, request.input).map(S3Response::new)
    }

    async fn create_multipart_upload(
        &self,
        request: S3Request<CreateMultipartUploadInput>,
    ) -> Answer<CreateMultipartUploadOutput> {
        multipart::create(&self.0, request.input).map(S3Response::new)
    }

    async fn upload_part(&self, request: S3Request<UploadPartInput>) -> Answer<UploadPartOutput> {
        multipart::upload_part(&self.0, request)
            .await
            .map(S3Response::new)
    }

    async fn list_parts(&self, request: S3Request<ListPartsInput>) -> Answer<ListPartsOutput> {
        multipart::list_parts(&self.0, request.input).map(S3Response::new)
    }

    async fn complete_multipart_upload(
        &self,
        request: S3Request<CompleteMultipartUploadInput>,
    ) -> Answer<CompleteMultipartUploadOutput> {
        multipart::complete(&self.0, request.input).map(S3Response::new)
    }

    async fn abort_multipart_upload(
        &self,
        request: S3Request<AbortMultipartUploadInput>,
    ) -> Answer<AbortMultipartUploadOutput> {
        let input = request.input;
        multipart::abort(&self.0, &input.upload_id, &input.bucket, &input.key)?;
        Ok(S3Response::new(AbortMultipartUploadOutput::default()))
    }
}

fn list_objects(objects: &Objects, input: ListObjectsV2Input) -> S3Result<ListObjectsV2Output> {
    objects.require_bucket(&input.bucket)?;
    let entries_max = input.max_keys.unwrap_or(PAGE_MAX);
    if entries_max < 0 {
        return Err(s3_error!(
            InvalidArgument,
            "max-keys must not be negative, as {entries_max} is."
        ));
    }
    let entries_max = entries_max.min(PAGE_MAX);
    // The token is the last entry of the page before; it wins over start-after, as in S3.
    let after = input
        .continuation_token
        .as_deref()
        .or(input.start_after.as_deref())
        .unwrap_or_default();
    let query = Query {
        prefix: input.prefix.as_deref().unwrap_or_default(),
        delimiter: input.delimiter.as_deref().unwrap_or_default(),
        after,
        entries_max: usize::try_from(entries_max).unwrap_or(0),
    };
    let page = if query.entries_max == 0 {
        list::Page::default()
    } else {
        list::page(query, |from, after, limit| {
            objects.index().page(&input.bucket, from, after, limit)
        })?
    };

    let contents = page.objects.into_iter().map(|listed| Object {
        key: Some(listed.key),
        e_tag: Some(listed.record.tag()),
        size: Some(listed.record.length()),
        last_modified: Some(listed.record.modified()),
        ..Object::default()
    });
    let common_prefixes = page
        .common_prefixes
        .into_iter()
        .map(|prefix| CommonPrefix { prefix: Some(prefix) });
    let (contents, common_prefixes): (Vec<_>, Vec<_>) = (contents.collect(), common_prefixes.collect());
    let count = i32::try_from(contents.len() + common_prefixes.len()).unwrap_or(i32::MAX);
    Ok(ListObjectsV2Output {
        key_count: Some(count),
        max_keys: Some(entries_max),
        is_truncated: Some(page.next.is_some()),
        next_continuation_token: page.next,
        contents: Some(contents),
        common_prefixes: Some(common_prefixes),
        continuation_token: input.continuation_token,
        start_after: input.start_after,
        name: Some(input.bucket),
        prefix: input.prefix,
        delimiter: input.delimiter,
        ..ListObjectsV2Output::default()
    })
}
