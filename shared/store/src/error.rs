//! What a write or a read can answer instead of a result.

use aws_sdk_dynamodb::{
    error::{ProvideErrorMetadata, SdkError},
    operation::transact_write_items::TransactWriteItemsError,
};

/// Of the store.
pub type Result<T> = std::result::Result<T, StoreError>;

/// Why a request to the store gave no result.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A condition did not hold; for a transaction, at these positions.
    #[error("the condition did not hold (items {0:?})")]
    Condition(Vec<usize>),
    /// Another transaction was at the same item: try again.
    #[error("another transaction was at the same item")]
    Contended,
    /// Refused for load: try again later.
    #[error("the store is throttled")]
    Throttled,
    /// No answer: for a write, it may have been done.
    #[error("no answer from the store: {0}")]
    NoAnswer(String),
    /// It answered with an error that is ours: a wrong expression, a missing table.
    #[error("the store refused the request: {0}")]
    Refused(String),
    /// An item is not of the shape that its key promises.
    #[error("an item cannot be read: {0}")]
    Corrupt(String),
    /// A client's cursor is not one that such a list gave.
    #[error("the cursor is not one of this list")]
    Cursor,
}

impl StoreError {
    /// From any operation but a transaction.
    pub(crate) fn from_sdk<E, R>(error: SdkError<E, R>) -> Self
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
        R: std::fmt::Debug,
    {
        match &error {
            SdkError::ServiceError(service) => match service.err().code() {
                Some("ConditionalCheckFailedException") => Self::Condition(vec![0]),
                Some("TransactionConflictException") => Self::Contended,
                Some(
                    "ProvisionedThroughputExceededException" | "ThrottlingException" | "RequestLimitExceeded",
                ) => Self::Throttled,
                Some("InternalServerError") => Self::NoAnswer("internal server error".to_owned()),
                code => Self::Refused(format!(
                    "{}: {}",
                    code.unwrap_or("unknown"),
                    service.err().message().unwrap_or("")
                )),
            },
            SdkError::TimeoutError(_) | SdkError::DispatchFailure(_) | SdkError::ResponseError(_) => {
                Self::NoAnswer(chain(&error))
            }
            SdkError::ConstructionFailure(_) => Self::Refused("the request could not be built".to_owned()),
            // The SDK may add kinds: what is not known to be undone may be done.
            _ => Self::NoAnswer(chain(&error)),
        }
    }

    /// From a transaction: which conditions failed, by position.
    pub(crate) fn from_transaction<R: std::fmt::Debug>(error: SdkError<TransactWriteItemsError, R>) -> Self {
        if let SdkError::ServiceError(service) = &error
            && let TransactWriteItemsError::TransactionCanceledException(cancelled) = service.err()
        {
            let codes: Vec<&str> = cancelled
                .cancellation_reasons()
                .iter()
                .map(|r| r.code().unwrap_or("None"))
                .collect();
            let failed: Vec<usize> = codes
                .iter()
                .enumerate()
                .filter(|(_, code)| **code == "ConditionalCheckFailed")
                .map(|(at, _)| at)
                .collect();
            return if !failed.is_empty() {
                Self::Condition(failed)
            } else if codes.contains(&"TransactionConflict") {
                Self::Contended
            } else if codes
                .iter()
                .any(|code| code.contains("Throttl") || code.contains("Throughput"))
            {
                Self::Throttled
            } else {
                Self::Refused(format!("transaction cancelled: {codes:?}"))
            };
        }
        if let SdkError::ServiceError(service) = &error
            && matches!(
                service.err(),
                TransactWriteItemsError::TransactionInProgressException(_)
            )
        {
            return Self::Contended;
        }
        Self::from_sdk(error)
    }

    /// A condition failed at this position of a transaction (0 for a single write).
    #[must_use]
    pub fn failed_at(&self, position: usize) -> bool {
        matches!(self, Self::Condition(at) if at.contains(&position))
    }

    /// A condition failed anywhere.
    #[must_use]
    pub const fn is_condition(&self) -> bool {
        matches!(self, Self::Condition(_))
    }
}

fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text.push_str(": ");
        text.push_str(&inner.to_string());
        cause = inner.source();
    }
    text
}

impl From<StoreError> for trunkline_domain::Error {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Cursor => Self::invalid(
                "cursor",
                "must be the next_cursor of an earlier page of the same list",
            ),
            StoreError::Throttled | StoreError::Contended => Self::Unavailable {
                what: "the store is busy; try again".to_owned(),
                retry_after_s: 1,
            },
            StoreError::Condition(_)
            | StoreError::NoAnswer(_)
            | StoreError::Refused(_)
            | StoreError::Corrupt(_) => Self::internal(error),
        }
    }
}
