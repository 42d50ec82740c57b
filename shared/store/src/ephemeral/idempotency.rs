//! Idempotency keys: the first request with a key runs, the others get its answer.

use aws_sdk_dynamodb::types::{AttributeValue, ReturnValuesOnConditionCheckFailure};
use aws_sdk_dynamodb::{error::SdkError, operation::put_item::PutItemError};
use chrono::{DateTime, Duration};
use serde::{Deserialize, Serialize};
use trunkline_domain::Instant;

use crate::{
    Result, Store, StoreError,
    item::{Item, key, ms, n, number, s, text},
    keys,
};

/// How long a request may run before another with its key takes over.
const RUNS_S: i64 = 60;
/// How long an answer is kept.
const KEPT_H: i64 = 24;

/// An answer, as it went out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredAnswer {
    /// HTTP status.
    pub status: u16,
    /// Headers worth repeating.
    pub headers: Vec<(String, String)>,
    /// The body; at most 256 KiB.
    pub body: String,
}

/// What the store says to a request with a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Begun {
    /// It is the first: it runs.
    First,
    /// The first one still runs, until then at the latest.
    Running {
        /// When another may take over.
        until: Instant,
    },
    /// The key was used with another body.
    OtherBody,
    /// The first one's answer.
    Answered(StoredAnswer),
}

impl Store {
    /// Asks to run the request with this key; `run` names this run.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn begin_idempotent(
        &self,
        fingerprint: &str,
        body_hash: &str,
        run: &str,
        now: Instant,
    ) -> Result<Begun> {
        let mut row = key(keys::idempotency(fingerprint), "IDEM");
        let until = now + Duration::seconds(RUNS_S);
        row.insert("body_hash".to_owned(), s(body_hash));
        row.insert("run".to_owned(), s(run));
        row.insert("until_ms".to_owned(), ms(until));
        row.insert(
            "expires_at".to_owned(),
            n((now + Duration::hours(KEPT_H)).timestamp()),
        );
        // A run that was broken off is taken over with the same body; an answer only ends with its day.
        let put = self
            .db
            .put_item()
            .table_name(&self.tables.ephemeral)
            .set_item(Some(row));
        let put = put
            .condition_expression(
                "attribute_not_exists(PK) OR expires_at <= :now_s OR (attribute_not_exists(answer) AND until_ms <= :now AND body_hash = :hash)",
            )
            .expression_attribute_values(":now_s", n(now.timestamp()))
            .expression_attribute_values(":now", ms(now))
            .expression_attribute_values(":hash", s(body_hash))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        match put.send().await {
            Ok(_) => Ok(Begun::First),
            Err(error) => match there(&error) {
                // The request was repeated because its answer was lost: the row is this very run's.
                Some(row) if text(row, "run") == Some(run) => Ok(Begun::First),
                Some(row) => begun(row, body_hash, now),
                None => Err(StoreError::from_sdk(error)),
            },
        }
    }

    /// Keeps the answer of this run.
    ///
    /// # Errors
    /// [`StoreError::Condition`] when another run took over.
    pub async fn keep_answer(&self, fingerprint: &str, run: &str, answer: &StoredAnswer) -> Result<()> {
        let answer = serde_json::to_string(answer).map_err(|e| StoreError::Corrupt(e.to_string()))?;
        let update = self.db.update_item().table_name(&self.tables.ephemeral);
        let update = update
            .set_key(Some(key(keys::idempotency(fingerprint), "IDEM")))
            .update_expression("SET answer = :answer")
            .condition_expression("run = :run")
            .expression_attribute_values(":answer", s(answer))
            .expression_attribute_values(":run", s(run));
        update.send().await.map_err(StoreError::from_sdk)?;
        Ok(())
    }

    /// Forgets this run: its answer is not one to keep.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn forget_run(&self, fingerprint: &str, run: &str) -> Result<()> {
        let delete = self.db.delete_item().table_name(&self.tables.ephemeral);
        let delete = delete
            .set_key(Some(key(keys::idempotency(fingerprint), "IDEM")))
            .condition_expression("run = :run")
            .expression_attribute_values(":run", s(run));
        match delete.send().await.map_err(StoreError::from_sdk) {
            Ok(_) | Err(StoreError::Condition(_)) => Ok(()),
            Err(error) => Err(error),
        }
    }
}

fn there<R>(error: &SdkError<PutItemError, R>) -> Option<&Item> {
    let Some(PutItemError::ConditionalCheckFailedException(failed)) = error.as_service_error() else {
        return None;
    };
    failed.item()
}

fn begun(row: &Item, body_hash: &str, now: Instant) -> Result<Begun> {
    if text(row, "body_hash") != Some(body_hash) {
        return Ok(Begun::OtherBody);
    }
    match row
        .get("answer")
        .and_then(|answer| AttributeValue::as_s(answer).ok())
    {
        Some(answer) => {
            let answer = serde_json::from_str(answer).map_err(|e| StoreError::Corrupt(e.to_string()))?;
            Ok(Begun::Answered(answer))
        }
        None => Ok(Begun::Running {
            until: DateTime::from_timestamp_millis(number(row, "until_ms")).unwrap_or(now),
        }),
    }
}
