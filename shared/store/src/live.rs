//! What a media server writes while a call lasts.

use trunkline_domain::{CallId, transcript::TranscriptLine};

use crate::{Result, Store, StoreError, call_reads::track, item::item, keys};

impl Store {
    /// Writes a line; writing it again changes nothing, writing it anew corrects it.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn put_line(&self, call: CallId, line: &TranscriptLine) -> Result<()> {
        let track = track(line.speaker);
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
