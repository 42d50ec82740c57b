//! SQS's errors: the JSON protocol's type, and beside it the older code that SDKs still show.

use std::fmt;

use axum::http::StatusCode;
use serde_json::{Value, json};

/// An error as SQS answers it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SqsError {
    pub(crate) status: StatusCode,
    /// The shape's name in the JSON protocol.
    kind: &'static str,
    /// The code of the query protocol, sent in `x-amzn-query-error`.
    pub(crate) code: &'static str,
    pub(crate) message: String,
}

impl SqsError {
    const fn sender(kind: &'static str, code: &'static str, message: String) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            kind,
            code,
            message,
        }
    }

    /// Whether the client is to blame, as batch answers say it.
    pub(crate) fn sender_fault(&self) -> bool {
        self.status.is_client_error()
    }

    /// The answer's body.
    pub(crate) fn body(&self) -> Value {
        json!({ "__type": self.kind, "message": self.message })
    }

    /// The value of `x-amzn-query-error`.
    pub(crate) fn query_code(&self) -> String {
        format!(
            "{};{}",
            self.code,
            if self.sender_fault() { "Sender" } else { "Receiver" }
        )
    }

    pub(crate) fn no_queue(name: &str) -> Self {
        Self::sender(
            "com.amazonaws.sqs#QueueDoesNotExist",
            "AWS.SimpleQueueService.NonExistentQueue",
            format!("The specified queue does not exist: {name:?}."),
        )
    }

    pub(crate) fn queue_exists(name: &str, attribute: &str) -> Self {
        Self::sender(
            "com.amazonaws.sqs#QueueNameExists",
            "QueueAlreadyExists",
            format!("A queue {name:?} already exists with a different value for attribute {attribute}."),
        )
    }

    pub(crate) fn unknown_attribute(name: &str) -> Self {
        Self::sender(
            "com.amazonaws.sqs#InvalidAttributeName",
            "InvalidAttributeName",
            format!("Unknown Attribute {name}."),
        )
    }

    pub(crate) fn bad_attribute(name: &str, why: &str) -> Self {
        Self::sender(
            "com.amazonaws.sqs#InvalidAttributeValue",
            "InvalidAttributeValue",
            format!("Invalid value for the parameter {name}. Reason: {why}"),
        )
    }

    pub(crate) fn bad_parameter(message: impl Into<String>) -> Self {
        Self::sender(
            "com.amazonaws.sqs#InvalidParameterValueException",
            "InvalidParameterValue",
            message.into(),
        )
    }

    pub(crate) fn missing(parameter: &str) -> Self {
        Self::sender(
            "com.amazonaws.sqs#MissingRequiredParameterException",
            "MissingParameter",
            format!("The request must contain the parameter {parameter}."),
        )
    }

    pub(crate) fn bad_contents() -> Self {
        Self::sender(
            "com.amazonaws.sqs#InvalidMessageContents",
            "InvalidMessageContents",
            "Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to \
             #xFFFD | #x10000 to #x10FFFF."
                .to_owned(),
        )
    }

    pub(crate) fn bad_handle() -> Self {
        Self::sender(
            "com.amazonaws.sqs#ReceiptHandleIsInvalid",
            "ReceiptHandleIsInvalid",
            "The input receipt handle is invalid.".to_owned(),
        )
    }

    pub(crate) fn not_in_flight() -> Self {
        Self::sender(
            "com.amazonaws.sqs#MessageNotInflight",
            "AWS.SimpleQueueService.MessageNotInflight",
            "The message is not in flight: it was deleted, or its visibility timeout is over.".to_owned(),
        )
    }

    pub(crate) fn empty_batch() -> Self {
        Self::sender(
            "com.amazonaws.sqs#EmptyBatchRequest",
            "AWS.SimpleQueueService.EmptyBatchRequest",
            "There should be at least one entry in the request.".to_owned(),
        )
    }

    pub(crate) fn batch_too_many(entries: usize) -> Self {
        Self::sender(
            "com.amazonaws.sqs#TooManyEntriesInBatchRequest",
            "AWS.SimpleQueueService.TooManyEntriesInBatchRequest",
            format!("Maximum number of entries per request are 10. You have sent {entries}."),
        )
    }

    pub(crate) fn batch_ids_repeat(id: &str) -> Self {
        Self::sender(
            "com.amazonaws.sqs#BatchEntryIdsNotDistinct",
            "AWS.SimpleQueueService.BatchEntryIdsNotDistinct",
            format!("Id {id} repeated."),
        )
    }

    pub(crate) fn batch_id_invalid(id: &str) -> Self {
        Self::sender(
            "com.amazonaws.sqs#InvalidBatchEntryId",
            "AWS.SimpleQueueService.InvalidBatchEntryId",
            format!(
                "A batch entry id can only contain alphanumeric characters, hyphens and underscores, and be at most \
                 80 long: {id:?}."
            ),
        )
    }

    pub(crate) fn batch_too_long(bytes: usize, limit: usize) -> Self {
        Self::sender(
            "com.amazonaws.sqs#BatchRequestTooLong",
            "AWS.SimpleQueueService.BatchRequestTooLong",
            format!("Batch requests cannot be longer than {limit} bytes. You have sent {bytes} bytes."),
        )
    }

    pub(crate) fn unsupported(message: String) -> Self {
        Self::sender(
            "com.amazonaws.sqs#UnsupportedOperation",
            "AWS.SimpleQueueService.UnsupportedOperation",
            message,
        )
    }

    pub(crate) fn unreadable(error: &serde_json::Error) -> Self {
        Self::sender(
            "com.amazon.coral.service#SerializationException",
            "SerializationException",
            format!("The request cannot be read: {error}."),
        )
    }

    pub(crate) fn unknown_key() -> Self {
        Self {
            status: StatusCode::FORBIDDEN,
            kind: "com.amazon.coral.service#UnrecognizedClientException",
            code: "InvalidClientTokenId",
            message: "The security token included in the request is invalid: the embedded SQS takes only the access \
                      key made at its start."
                .to_owned(),
        }
    }
}

impl From<rusqlite::Error> for SqsError {
    fn from(error: rusqlite::Error) -> Self {
        Self {
            status: StatusCode::INTERNAL_SERVER_ERROR,
            kind: "com.amazonaws.sqs#InternalError",
            code: "InternalError",
            message: format!("The queues' database failed: {error}."),
        }
    }
}

impl fmt::Display for SqsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.message)
    }
}

impl std::error::Error for SqsError {}
