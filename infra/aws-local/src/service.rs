//! The services that can be embedded, by name.

use std::fmt;

/// The services that can be embedded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Service {
    /// DynamoDB with its streams.
    DynamoDb,
    /// SQS.
    Sqs,
    /// S3.
    S3,
}

impl fmt::Display for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::DynamoDb => "DynamoDB",
            Self::Sqs => "SQS",
            Self::S3 => "S3",
        })
    }
}
