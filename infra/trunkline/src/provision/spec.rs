//! What the template declares, in the terms of this program. Names are without the stack's prefix.

use serde::Deserialize;

/// All that is made before the first request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resources {
    /// In the template's order.
    pub tables: Vec<TableSpec>,
    /// In the template's order; dead ones too.
    pub queues: Vec<QueueSpec>,
    /// The one bucket.
    pub bucket: BucketSpec,
}

/// A DynamoDB table, paid by request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableSpec {
    /// As `calls`.
    pub name: String,
    /// Every attribute that is in a key, and no other.
    pub attributes: Vec<Attribute>,
    /// The table's own key.
    pub key: KeySpec,
    /// Its global secondary indexes.
    pub indexes: Vec<IndexSpec>,
    /// `NEW_AND_OLD_IMAGES` and the like, if it has a stream.
    pub stream: Option<String>,
    /// The attribute that holds when an item may be deleted, in epoch seconds.
    pub expires: Option<String>,
}

/// The type of an attribute that is in a key.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attribute {
    /// As `PK`.
    #[serde(rename = "AttributeName")]
    pub name: String,
    /// `S`, `N` or `B`.
    #[serde(rename = "AttributeType")]
    pub kind: String,
}

/// A table's or an index's key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeySpec {
    /// The attribute that says where an item is kept.
    pub hash: String,
    /// The attribute that items of one place are sorted by.
    pub range: Option<String>,
}

/// A global secondary index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndexSpec {
    /// As `due`.
    pub name: String,
    /// Its key.
    pub key: KeySpec,
    /// Attributes that it holds beside the keys.
    pub include: Vec<String>,
}

/// An SQS queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueueSpec {
    /// As `dial`.
    pub name: String,
    /// How long a received message stays hidden, in seconds.
    pub visibility_s: u32,
    /// How long a message is kept, in seconds.
    pub retention_s: u32,
    /// How long an empty receive waits, in seconds.
    pub wait_s: u32,
    /// Where messages go that fail too often.
    pub redrive: Option<Redrive>,
}

/// Where a queue's failing messages go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redrive {
    /// The dead queue's name, as `dial-dead`.
    pub queue: String,
    /// After how many receives.
    pub max_receives: u32,
}

/// An S3 bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BucketSpec {
    /// As `blobs`.
    pub name: String,
}
