//! Items: the small change of every aggregate's file.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use serde::{Serialize, de::DeserializeOwned};
use trunkline_domain::Instant;

use crate::{Result, StoreError};

/// An item, as the SDK has it.
pub(crate) type Item = HashMap<String, AttributeValue>;

/// A string attribute.
pub(crate) fn s(text: impl Into<String>) -> AttributeValue {
    AttributeValue::S(text.into())
}

/// A number attribute.
pub(crate) fn n(number: impl Into<i64>) -> AttributeValue {
    AttributeValue::N(Into::<i64>::into(number).to_string())
}

/// An unsigned number attribute.
pub(crate) fn nu(number: u64) -> AttributeValue {
    AttributeValue::N(number.to_string())
}

/// A truth attribute.
pub(crate) fn b(truth: bool) -> AttributeValue {
    AttributeValue::Bool(truth)
}

/// Epoch milliseconds: what conditions compare.
pub(crate) fn ms(at: Instant) -> AttributeValue {
    n(at.timestamp_millis())
}

/// A record with its key.
pub(crate) fn item<T: Serialize>(pk: impl Into<String>, sk: impl Into<String>, record: &T) -> Result<Item> {
    let mut item: Item =
        serde_dynamo::aws_sdk_dynamodb_1::to_item(record).map_err(|e| StoreError::Corrupt(e.to_string()))?;
    item.insert("PK".to_owned(), s(pk));
    item.insert("SK".to_owned(), s(sk));
    Ok(item)
}

/// Only a key.
pub(crate) fn key(pk: impl Into<String>, sk: impl Into<String>) -> Item {
    HashMap::from([("PK".to_owned(), s(pk)), ("SK".to_owned(), s(sk))])
}

/// A record out of an item; attributes that it does not know are left aside.
pub(crate) fn read<T: DeserializeOwned>(item: Item) -> Result<T> {
    let at = item
        .get("PK")
        .and_then(|pk| pk.as_s().ok())
        .map_or_else(String::new, |pk| pk.chars().take(12).collect());
    serde_dynamo::aws_sdk_dynamodb_1::from_item(item).map_err(|e| StoreError::Corrupt(format!("{at}…: {e}")))
}

/// A string attribute's text.
pub(crate) fn text<'a>(item: &'a Item, name: &str) -> Option<&'a str> {
    item.get(name)?.as_s().ok().map(String::as_str)
}

/// A number attribute's value; 0 when absent.
pub(crate) fn number(item: &Item, name: &str) -> i64 {
    item.get(name)
        .and_then(|value| value.as_n().ok())
        .and_then(|digits| digits.parse().ok())
        .unwrap_or(0)
}

/// A truth attribute; false when absent.
pub(crate) fn truth(item: &Item, name: &str) -> bool {
    item.get(name)
        .and_then(|value| value.as_bool().ok())
        .copied()
        .unwrap_or(false)
}
