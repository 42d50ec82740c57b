//! How far a list of a campaign's leads has come.

use trunkline_domain::LeadStatus;

use crate::{Result, StoreError};

/// How far a list has come.
pub(crate) struct Position {
    /// The partition.
    pub(crate) bucket: u32,
    /// The last index key of it; empty at its start.
    pub(crate) after: String,
}

impl Position {
    pub(crate) fn read(cursor: Option<&str>) -> Result<Self> {
        let Some(cursor) = cursor else {
            return Ok(Self {
                bucket: 0,
                after: String::new(),
            });
        };
        let parsed = cursor.split_once('!').and_then(|(bucket, after)| {
            Some(Self {
                bucket: bucket.parse().ok()?,
                after: after.to_owned(),
            })
        });
        parsed.ok_or_else(|| StoreError::Refused("the cursor is not one of this list".to_owned()))
    }

    pub(crate) fn write(&self) -> String {
        format!("{}!{}", self.bucket, self.after)
    }

    pub(crate) fn floor(&self, status: Option<LeadStatus>) -> String {
        let first = || status.map_or_else(|| "!".to_owned(), |status| format!("{}#", status.as_str()));
        if self.after.is_empty() {
            first()
        } else {
            self.after.clone()
        }
    }

    pub(crate) fn ceiling(status: Option<LeadStatus>) -> String {
        status.map_or_else(|| "~".to_owned(), |status| format!("{}#~", status.as_str()))
    }
}
