//! The DynamoDB engine: one call from operation name and JSON body to status and JSON body.

use std::path::Path;
use std::time::Instant;

use axum::http::StatusCode;
use bytes::Bytes;
use dynoxide::actions::transact_write_items::TransactWriteItemsRequest;
use dynoxide::{Database, DynoxideError};
use serde_json::json;

use super::operations;
use super::tokens::{Seen, Tokens};

/// The database and the tokens of its latest transactions.
pub(crate) struct Engine {
    database: Database,
    tokens: Tokens,
}

/// What a call answers with.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) body: Bytes,
}

impl Engine {
    /// Opens or creates the database at `path`.
    pub(crate) fn on_disk(path: &Path) -> Result<Self, OpenError> {
        Self::open(path.to_str().ok_or(OpenError::NotUnicode)?)
    }

    /// `location` is a path, or a SQLite URI of a database in memory.
    pub(crate) fn open(location: &str) -> Result<Self, OpenError> {
        let database = Database::new(location)?;
        // By its name it ends a bulk load; what it does is `synchronous = NORMAL`, which the engine offers
        // nowhere else. The default, FULL, waits for the disk at each commit and guards against power cuts
        // alone.
        database.disable_bulk_loading()?;
        index_stream_records(location)?;
        Ok(Self {
            database,
            tokens: Tokens::default(),
        })
    }

    /// The engine's own handle, for what is no request.
    pub(crate) fn database(&self) -> &Database {
        &self.database
    }

    /// Runs one operation, `PutItem` for example, to its end.
    pub(crate) fn call(&self, operation: &str, body: &[u8]) -> Answer {
        match operation {
            "TransactWriteItems" => self.transact(body),
            _ => operations::run(&self.database, operation, body),
        }
    }

    /// The SDK puts a token on every transaction, so that its own retry cannot apply one twice.
    fn transact(&self, body: &[u8]) -> Answer {
        let mut request: TransactWriteItemsRequest = match operations::read(body) {
            Ok(request) => request,
            Err(refusal) => return refusal,
        };
        // Taken away from the engine, whose own store of tokens is searched from end to end at each
        // transaction.
        let Some(token) = request.client_request_token.take() else {
            return operations::answer(self.database.transact_write_items(request));
        };
        if token.is_empty() || token.len() > Tokens::LENGTH_MAX {
            return Answer::refusal(
                StatusCode::BAD_REQUEST,
                "com.amazon.coral.validate#ValidationException",
                "ClientRequestToken must have 1 to 36 characters.",
            );
        }
        let mut tokens = self.tokens.lock();
        match tokens.seen(&token, &request.transact_items, Instant::now()) {
            Seen::Same => Answer {
                status: StatusCode::OK,
                body: Bytes::from_static(b"{}"),
            },
            Seen::Other => Answer::from_error(&DynoxideError::IdempotentParameterMismatchException(
                "This ClientRequestToken was used with other parameters in the last ten minutes.".to_owned(),
            )),
            Seen::New(fingerprint) => {
                let answer = operations::answer(self.database.transact_write_items(request));
                // A refused transaction changed nothing: the same token may try again.
                if answer.status.is_success() {
                    tokens.remember(token, fingerprint, Instant::now());
                }
                answer
            }
        }
    }
}

impl Answer {
    /// An error of ours, in DynamoDB's form.
    pub(crate) fn refusal(status: StatusCode, kind: &str, message: &str) -> Self {
        Self {
            status,
            body: json!({ "__type": kind, "message": message }).to_string().into(),
        }
    }

    /// The engine's error, in DynamoDB's form.
    pub(crate) fn from_error(error: &DynoxideError) -> Self {
        let status = StatusCode::from_u16(error.status_code()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        if status.is_server_error() {
            tracing::error!(%error, "the embedded DynamoDB could not carry out a request");
        }
        Self {
            status,
            body: error.to_json().into(),
        }
    }
}

/// Why the database cannot be opened.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OpenError {
    #[error("its path is not Unicode")]
    NotUnicode,
    #[error(transparent)]
    Engine(#[from] DynoxideError),
    #[error(transparent)]
    Sqlite(#[from] rusqlite::Error),
}

/// The engine looks up a table's last stream record at every write, and each reader's next ones, without an
/// index: with a day's records in the file every write would read them all.
fn index_stream_records(location: &str) -> rusqlite::Result<()> {
    rusqlite::Connection::open(location)?.execute_batch(
        "CREATE INDEX IF NOT EXISTS trunkline_stream_order
         ON _stream_records (table_name, CAST(sequence_number AS INTEGER), shard_id)",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_engines_own_questions_about_stream_records_use_our_index() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("d.db");
        let _engine = Engine::on_disk(&path).unwrap();
        let file = rusqlite::Connection::open(&path).unwrap();
        for question in [
            "SELECT COALESCE(MAX(CAST(sequence_number AS INTEGER)), 0) + 1 FROM _stream_records WHERE table_name = 'x'",
            "SELECT event_name FROM _stream_records
             WHERE table_name = 'x' AND shard_id = 'y' AND CAST(sequence_number AS INTEGER) > 5
             ORDER BY CAST(sequence_number AS INTEGER) ASC LIMIT 9",
        ] {
            let plan: Vec<String> = file
                .prepare(&format!("EXPLAIN QUERY PLAN {question}"))
                .unwrap()
                .query_map([], |row| row.get(3))
                .unwrap()
                .collect::<Result<_, _>>()
                .unwrap();
            assert!(
                plan.iter().any(|step| step.contains("trunkline_stream_order")),
                "{plan:?}"
            );
            assert!(!plan.iter().any(|step| step.contains("TEMP B-TREE")), "{plan:?}");
        }
    }
}
