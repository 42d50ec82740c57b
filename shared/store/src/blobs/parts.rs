//! Large objects, written in parts; and small ones, read whole.

use aws_sdk_s3::{
    primitives::ByteStream,
    types::{CompletedMultipartUpload, CompletedPart},
};
use bytes::Bytes;
use futures::{Stream, StreamExt};

use super::{Blobs, no_answer};
use crate::{Result, StoreError};

impl Blobs {
    /// Reads a small object whole.
    ///
    /// # Errors
    /// When it is not there, or the bucket does not answer.
    pub async fn read(&self, key: &str) -> Result<Bytes> {
        let gone = || StoreError::NoAnswer("the bucket: an object that was listed is gone".to_owned());
        let blob = self.get(key, None).await?.ok_or_else(gone)?;
        let bytes = blob.body.collect().await;
        Ok(bytes
            .map_err(|error| StoreError::NoAnswer(format!("the bucket: {error}")))?
            .into_bytes())
    }

    /// Reads the bytes `first..=last` of an object, as far as it has them. `None`: there is none.
    ///
    /// # Errors
    /// When the bucket does not answer, or stops in the middle.
    pub async fn read_range(&self, key: &str, range: (u64, u64)) -> Result<Option<Bytes>> {
        let Some(blob) = self.get(key, Some(range)).await? else {
            return Ok(None);
        };
        let bytes = blob.body.collect().await;
        let bytes = bytes.map_err(|error| StoreError::NoAnswer(format!("the bucket: {error}")))?;
        Ok(Some(bytes.into_bytes()))
    }

    /// Writes an object in parts, holding one at a time; each but the last must have at least 5 MiB.
    /// The object appears whole, or not at all.
    ///
    /// # Errors
    /// The stream's; when the bucket refuses or does not answer. Writing again is harmless.
    pub async fn put_parts(
        &self,
        key: &str,
        content_type: &str,
        parts: impl Stream<Item = Result<Bytes>> + Send,
    ) -> Result<()> {
        let upload = self.begin_parts(key, content_type).await?;
        let id = upload.as_str();
        let written = self.write_parts(key, id, parts).await;
        if written.is_err()
            && let Err(error) = self.abort_parts(key, id).await
        {
            // The bucket's lifecycle rule clears it within a day.
            tracing::warn!("an unfinished upload is left behind: {error}");
        }
        written
    }

    async fn write_parts(
        &self,
        key: &str,
        id: &str,
        parts: impl Stream<Item = Result<Bytes>> + Send,
    ) -> Result<()> {
        let mut parts = std::pin::pin!(parts);
        let mut tags = Vec::new();
        while let Some(part) = parts.next().await {
            let number = i32::try_from(tags.len() + 1).unwrap_or(i32::MAX);
            tags.push(self.put_part(key, id, number, part?).await?);
        }
        self.finish_parts(key, id, &tags).await
    }

    /// Begins an object that is written in parts, maybe by several processes in turn; answers the upload's id.
    ///
    /// # Errors
    /// When the bucket refuses or does not answer.
    pub async fn begin_parts(&self, key: &str, content_type: &str) -> Result<String> {
        let create = self
            .s3
            .create_multipart_upload()
            .bucket(&*self.bucket)
            .key(key)
            .content_type(content_type);
        let upload = create.send().await.map_err(no_answer)?;
        upload
            .upload_id
            .ok_or_else(|| StoreError::Refused("the bucket gave no upload id".to_owned()))
    }

    /// Gives up an object that was begun in parts.
    ///
    /// # Errors
    /// When the bucket refuses or does not answer.
    pub async fn abort_parts(&self, key: &str, upload: &str) -> Result<()> {
        let abort = self
            .s3
            .abort_multipart_upload()
            .bucket(&*self.bucket)
            .key(key)
            .upload_id(upload);
        abort.send().await.map_err(no_answer)?;
        Ok(())
    }

    /// Writes a part, numbered from 1, and answers its tag; writing it again replaces it.
    ///
    /// # Errors
    /// When the bucket refuses or does not answer.
    pub async fn put_part(&self, key: &str, upload: &str, number: i32, bytes: Bytes) -> Result<String> {
        let put = self
            .s3
            .upload_part()
            .bucket(&*self.bucket)
            .key(key)
            .upload_id(upload)
            .part_number(number);
        let written = put
            .body(ByteStream::from(bytes))
            .send()
            .await
            .map_err(no_answer)?;
        written
            .e_tag
            .ok_or_else(|| StoreError::Refused("the bucket gave no tag of a part".to_owned()))
    }

    /// Makes the object of its parts, given by their tags in order.
    ///
    /// # Errors
    /// When the bucket refuses or does not answer.
    pub async fn finish_parts(&self, key: &str, upload: &str, tags: &[String]) -> Result<()> {
        let parts = tags
            .iter()
            .zip(1..)
            .map(|(tag, number)| CompletedPart::builder().part_number(number).e_tag(tag).build());
        let done = CompletedMultipartUpload::builder().set_parts(Some(parts.collect()));
        let complete = self
            .s3
            .complete_multipart_upload()
            .bucket(&*self.bucket)
            .key(key)
            .upload_id(upload)
            .multipart_upload(done.build());
        complete.send().await.map_err(no_answer)?;
        Ok(())
    }
}
