//! What was said: line by line while a call lasts, and as one text after it.

use serde::{Deserialize, Serialize};
use trunkline_domain::{CallId, transcript::TranscriptLine};

use crate::{
    Result, Store,
    item::{key, read},
    keys,
};

use super::{TEXT, call_id};

/// All that was said, as one text, beside the call's row: a list shows it without the lines.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallText {
    /// `Agent: … User: …`.
    pub text: String,
    /// How many lines it is made of; more lines mean that it is old.
    pub lines: u32,
}

impl Store {
    /// A call's lines, in the order of speech. A call lasts at most hours, so there are thousands at most.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn transcript_lines(&self, call: CallId) -> Result<Vec<TranscriptLine>> {
        let rows = self
            .directory_rows(&self.tables.calls, &keys::call(call), "LINE#")
            .await?;
        rows.into_iter().map(read).collect()
    }

    /// The texts of these calls; a call without one is left out.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn call_texts(&self, calls: &[CallId]) -> Result<Vec<(CallId, CallText)>> {
        let wanted = calls.iter().map(|id| key(keys::call(*id), TEXT)).collect();
        let rows = self.batch_get(&self.tables.calls, wanted).await?;
        rows.into_iter()
            .map(|row| Ok((call_id(&row)?, read(row)?)))
            .collect()
    }
}
