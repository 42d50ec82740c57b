//! What a media server writes while a call lasts.

use trunkline_domain::{
    CallId,
    transcript::{Speaker, TranscriptLine},
};

use crate::{Result, Store, StoreError, item::item, keys};

impl Store {
    /// Writes a line; writing it again changes nothing, writing it anew corrects it.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn put_line(&self, call: CallId, line: &TranscriptLine) -> Result<()> {
        let track = match line.speaker {
            Speaker::Agent => "a",
            Speaker::User => "u",
        };
        let row = item(
            keys::call(call),
            keys::line(line.generation, line.start_ms, track),
            line,
        )?;
        self.db
            .put_item()
            .table_name(&self.tables.calls)
            .set_item(Some(row))
            .send()
            .await
            .map_err(StoreError::from_sdk)?;
        Ok(())
    }
}
