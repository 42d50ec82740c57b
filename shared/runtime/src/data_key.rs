//! The key that seals credentials: in AWS a data key of KMS, whose encrypted form stands in the store; locally a file.

use aws_sdk_kms::{error::DisplayErrorContext, primitives::Blob, types::DataKeySpec};
use base64::{Engine, engine::general_purpose::STANDARD};
use trunkline_store::{Store, StoreError};

/// What the encrypted key is bound to: KMS refuses it under any other context.
const CONTEXT: (&str, &str) = ("purpose", "trunkline sealed values");

/// Why there is no data key.
#[derive(Debug, thiserror::Error)]
pub enum DataKeyError {
    /// KMS does not give it.
    #[error("the key service: {0}")]
    Kms(String),
    /// The store does not.
    #[error("the store: {0}")]
    Store(#[from] StoreError),
    /// It is not one.
    #[error("the stored data key is damaged: {0}")]
    Damaged(&'static str),
}

/// The deployment's data key. The first process that asks has it made; KMS decrypts it for each process, once.
///
/// # Errors
/// When KMS or the store do not answer.
pub async fn of_kms(
    kms: &aws_sdk_kms::Client,
    key_id: &str,
    store: &Store,
) -> Result<[u8; 32], DataKeyError> {
    let encrypted = match store.data_key().await? {
        Some(encrypted) => encrypted,
        None => {
            let made = kms
                .generate_data_key_without_plaintext()
                .key_id(key_id)
                .key_spec(DataKeySpec::Aes256)
                .encryption_context(CONTEXT.0, CONTEXT.1);
            let made = made.send().await.map_err(|error| told(&error))?;
            let made = made
                .ciphertext_blob
                .ok_or(DataKeyError::Damaged("KMS gave none"))?;
            store.put_data_key(&STANDARD.encode(made)).await?;
            // Another process may have been faster; the first one stays.
            store
                .data_key()
                .await?
                .ok_or(DataKeyError::Damaged("it is gone again"))?
        }
    };
    let encrypted = STANDARD
        .decode(encrypted)
        .map_err(|_| DataKeyError::Damaged("it is no base64"))?;
    let ask = kms
        .decrypt()
        .key_id(key_id)
        .ciphertext_blob(Blob::new(encrypted))
        .encryption_context(CONTEXT.0, CONTEXT.1);
    let plain = ask.send().await.map_err(|error| told(&error))?.plaintext;
    let plain = plain.ok_or(DataKeyError::Damaged("KMS decrypts it to nothing"))?;
    plain
        .into_inner()
        .try_into()
        .map_err(|_| DataKeyError::Damaged("it does not have 32 bytes"))
}

fn told<E: std::error::Error + 'static, R: std::fmt::Debug + 'static>(
    error: &aws_sdk_kms::error::SdkError<E, R>,
) -> DataKeyError {
    DataKeyError::Kms(DisplayErrorContext(error).to_string())
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    };

    use aws_sdk_kms::config::{BehaviorVersion, Credentials, Region};
    use axum::{Router, body::Bytes, http::HeaderMap, routing::post};
    use serde_json::{Value, json};
    use trunkline_testing::World;

    use super::*;

    /// A key service that encrypts by turning letters around, and counts the keys that it makes.
    async fn stand_in(made: Arc<AtomicUsize>) -> String {
        let answer = async move |headers: HeaderMap, body: Bytes| {
            let asked: Value = serde_json::from_slice(&body).unwrap();
            assert_eq!(
                asked["EncryptionContext"],
                json!({ "purpose": "trunkline sealed values" })
            );
            match headers["x-amz-target"].to_str().unwrap() {
                "TrentService.GenerateDataKeyWithoutPlaintext" => {
                    let number = u8::try_from(made.fetch_add(1, Ordering::Relaxed)).unwrap();
                    json!({ "KeyId": "k", "CiphertextBlob": STANDARD.encode([b'e', number]) }).to_string()
                }
                "TrentService.Decrypt" => {
                    let blob = STANDARD
                        .decode(asked["CiphertextBlob"].as_str().unwrap())
                        .unwrap();
                    assert_eq!(blob[0], b'e');
                    json!({ "KeyId": "k", "Plaintext": STANDARD.encode([blob[1]; 32]) }).to_string()
                }
                other => panic!("{other}"),
            }
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, Router::new().route("/", post(answer))).await });
        url
    }

    #[tokio::test]
    async fn a_deployment_has_one_data_key_whoever_asks_first() {
        let made = Arc::new(AtomicUsize::new(0));
        let config = aws_sdk_kms::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("us-east-1"))
            .endpoint_url(stand_in(made.clone()).await)
            .credentials_provider(Credentials::new("t", "t", None, None, "t"));
        let kms = aws_sdk_kms::Client::from_conf(config.build());
        let store = World::new().await.ctx().store;
        let asks = (0..5).map(|_| of_kms(&kms, "k", &store));
        let first: Vec<[u8; 32]> = futures::future::try_join_all(asks).await.unwrap();
        assert!(first.iter().all(|key| *key == first[0]));
        let before = made.load(Ordering::Relaxed);
        assert_eq!(of_kms(&kms, "k", &store).await.unwrap(), first[0]);
        assert_eq!(
            made.load(Ordering::Relaxed),
            before,
            "it is made once and decrypted each time"
        );
    }
}
