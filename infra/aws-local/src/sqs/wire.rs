//! The JSON protocol's requests and answers, as AWS spells them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// A message attribute; the binary value stays in base64.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct AttributeValue {
    pub(crate) data_type: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) string_value: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) binary_value: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CreateQueue {
    pub(crate) queue_name: String,
    #[serde(default)]
    pub(crate) attributes: BTreeMap<String, String>,
    #[serde(default, rename = "tags")]
    pub(crate) tags: BTreeMap<String, String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct QueueName {
    pub(crate) queue_name: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct QueueUrl {
    pub(crate) queue_url: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListQueues {
    #[serde(default)]
    pub(crate) queue_name_prefix: String,
    #[serde(default)]
    pub(crate) max_results: Option<usize>,
    #[serde(default)]
    pub(crate) next_token: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetQueueAttributes {
    pub(crate) queue_url: String,
    #[serde(default)]
    pub(crate) attribute_names: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct SetQueueAttributes {
    pub(crate) queue_url: String,
    pub(crate) attributes: BTreeMap<String, String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct SendMessage {
    pub(crate) queue_url: String,
    #[serde(flatten)]
    pub(crate) message: Outgoing,
}

/// What a single send and an entry of a batch have in common.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Outgoing {
    pub(crate) message_body: String,
    #[serde(default)]
    pub(crate) delay_seconds: Option<i64>,
    #[serde(default)]
    pub(crate) message_attributes: BTreeMap<String, AttributeValue>,
    #[serde(default)]
    pub(crate) message_system_attributes: BTreeMap<String, AttributeValue>,
}

/// A batch of whatever its entries are.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Batch<T> {
    pub(crate) queue_url: String,
    #[serde(default = "Vec::new")]
    pub(crate) entries: Vec<Entry<T>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Entry<T> {
    pub(crate) id: String,
    #[serde(flatten)]
    pub(crate) rest: T,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ReceiveMessage {
    pub(crate) queue_url: String,
    #[serde(default)]
    pub(crate) attribute_names: Vec<String>,
    #[serde(default)]
    pub(crate) message_system_attribute_names: Vec<String>,
    #[serde(default)]
    pub(crate) message_attribute_names: Vec<String>,
    #[serde(default)]
    pub(crate) max_number_of_messages: Option<i64>,
    #[serde(default)]
    pub(crate) visibility_timeout: Option<i64>,
    #[serde(default)]
    pub(crate) wait_time_seconds: Option<i64>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DeleteMessage {
    pub(crate) queue_url: String,
    #[serde(flatten)]
    pub(crate) receipt: Receipt,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Receipt {
    pub(crate) receipt_handle: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ChangeVisibility {
    pub(crate) queue_url: String,
    #[serde(flatten)]
    pub(crate) change: Visibility,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Visibility {
    pub(crate) receipt_handle: String,
    // The SDKs leave it out of a batch's entry when it is not set; AWS then refuses that entry.
    #[serde(default)]
    pub(crate) visibility_timeout: Option<i64>,
}

/// A message as it is delivered.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Delivered {
    pub(crate) message_id: String,
    pub(crate) receipt_handle: String,
    pub(crate) body: String,
    #[serde(rename = "MD5OfBody")]
    pub(crate) md5_of_body: String,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) attributes: BTreeMap<&'static str, String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) message_attributes: BTreeMap<String, AttributeValue>,
    #[serde(rename = "MD5OfMessageAttributes", skip_serializing_if = "Option::is_none")]
    pub(crate) md5_of_message_attributes: Option<String>,
}

/// What a send answers with.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Sent {
    pub(crate) message_id: String,
    #[serde(rename = "MD5OfMessageBody")]
    pub(crate) md5_of_body: String,
    #[serde(rename = "MD5OfMessageAttributes", skip_serializing_if = "Option::is_none")]
    pub(crate) md5_of_attributes: Option<String>,
    #[serde(
        rename = "MD5OfMessageSystemAttributes",
        skip_serializing_if = "Option::is_none"
    )]
    pub(crate) md5_of_system_attributes: Option<String>,
}
