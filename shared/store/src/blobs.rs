//! The bucket: recordings and other large things.

mod parts;

use aws_sdk_s3::{Client, error::ProvideErrorMetadata, primitives::ByteStream};

use crate::{Result, StoreError};

/// The bucket, behind the AWS SDK.
#[derive(Debug, Clone)]
pub struct Blobs {
    s3: Client,
    bucket: std::sync::Arc<str>,
}

/// An object's bytes, or a part of them.
#[derive(Debug)]
pub struct Blob {
    /// The bytes, as a stream.
    pub body: ByteStream,
    /// How many bytes the whole object has.
    pub total_bytes: u64,
}

impl Blobs {
    /// Over a client; opens nothing.
    #[must_use]
    pub fn new(s3: Client, bucket: &str) -> Self {
        Self {
            s3,
            bucket: bucket.into(),
        }
    }

    /// Asks for the bucket: what readiness wants to know.
    ///
    /// # Errors
    /// When it is missing or does not answer.
    pub async fn ping(&self) -> Result<()> {
        self.s3
            .head_bucket()
            .bucket(&*self.bucket)
            .send()
            .await
            .map_err(no_answer)?;
        Ok(())
    }

    /// Writes an object whole.
    ///
    /// # Errors
    /// When the bucket refuses or does not answer; writing again is harmless.
    pub async fn put(&self, key: &str, bytes: impl Into<ByteStream>, content_type: &str) -> Result<()> {
        let put = self
            .s3
            .put_object()
            .bucket(&*self.bucket)
            .key(key)
            .content_type(content_type);
        put.body(bytes.into()).send().await.map_err(no_answer)?;
        Ok(())
    }

    /// Reads an object, or the bytes `first..=last` of it. `None`: there is none.
    ///
    /// # Errors
    /// When the bucket does not answer.
    pub async fn get(&self, key: &str, range: Option<(u64, u64)>) -> Result<Option<Blob>> {
        let range = range.map(|(first, last)| format!("bytes={first}-{last}"));
        match self
            .s3
            .get_object()
            .bucket(&*self.bucket)
            .key(key)
            .set_range(range)
            .send()
            .await
        {
            Ok(got) => {
                let length = u64::try_from(got.content_length().unwrap_or(0)).unwrap_or(0);
                let total = got
                    .content_range()
                    .and_then(|r| r.rsplit('/').next())
                    .and_then(|t| t.parse().ok())
                    .unwrap_or(length);
                Ok(Some(Blob {
                    body: got.body,
                    total_bytes: total,
                }))
            }
            Err(error) if error.code() == Some("NoSuchKey") => Ok(None),
            Err(error) => Err(no_answer(error)),
        }
    }

    /// The keys below a prefix, in order, with their sizes; at most 10,000.
    ///
    /// # Errors
    /// When the bucket does not answer.
    pub async fn list(&self, prefix: &str) -> Result<Vec<(String, u64)>> {
        let mut found = Vec::new();
        let mut next = None;
        for _ in 0..10 {
            let page = self
                .s3
                .list_objects_v2()
                .bucket(&*self.bucket)
                .prefix(prefix)
                .set_continuation_token(next);
            let page = page.send().await.map_err(no_answer)?;
            for object in page.contents() {
                let size = u64::try_from(object.size().unwrap_or(0)).unwrap_or(0);
                found.extend(object.key().map(|key| (key.to_owned(), size)));
            }
            next = page.next_continuation_token().map(str::to_owned);
            if next.is_none() {
                break;
            }
        }
        Ok(found)
    }

    /// Deletes an object; one that is not there is no error.
    ///
    /// # Errors
    /// When the bucket does not answer.
    pub async fn delete(&self, key: &str) -> Result<()> {
        self.s3
            .delete_object()
            .bucket(&*self.bucket)
            .key(key)
            .send()
            .await
            .map_err(no_answer)?;
        Ok(())
    }
}

fn no_answer<E: ProvideErrorMetadata + std::fmt::Debug, R: std::fmt::Debug>(
    error: aws_sdk_s3::error::SdkError<E, R>,
) -> StoreError {
    let code = error.code().unwrap_or("no answer").to_owned();
    StoreError::NoAnswer(format!("the bucket: {code}"))
}
