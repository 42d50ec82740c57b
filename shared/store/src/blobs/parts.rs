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
        let create = self
            .s3
            .create_multipart_upload()
            .bucket(&*self.bucket)
            .key(key)
            .content_type(content_type);
        let upload = create.send().await.map_err(no_answer)?;
        let id = upload
            .upload_id()
            .ok_or_else(|| StoreError::Refused("the bucket gave no upload id".to_owned()))?;
        let written = self.write_parts(key, id, parts).await;
        if written.is_err() {
            let abort = self
                .s3
                .abort_multipart_upload()
                .bucket(&*self.bucket)
                .key(key)
                .upload_id(id);
            if let Err(error) = abort.send().await.map_err(no_answer) {
                // The bucket's lifecycle rule clears it within a day.
                tracing::warn!("an unfinished upload is left behind: {error}");
            }
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
        let mut done = CompletedMultipartUpload::builder();
        let mut number = 0;
        while let Some(part) = parts.next().await {
            number += 1;
            let upload = self
                .s3
                .upload_part()
                .bucket(&*self.bucket)
                .key(key)
                .upload_id(id)
                .part_number(number);
            let written = upload
                .body(ByteStream::from(part?))
                .send()
                .await
                .map_err(no_answer)?;
            let part = CompletedPart::builder()
                .part_number(number)
                .set_e_tag(written.e_tag().map(str::to_owned));
            done = done.parts(part.build());
        }
        let complete = self
            .s3
            .complete_multipart_upload()
            .bucket(&*self.bucket)
            .key(key)
            .upload_id(id);
        complete
            .multipart_upload(done.build())
            .send()
            .await
            .map_err(no_answer)?;
        Ok(())
    }
}
