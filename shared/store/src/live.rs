//! What a media server writes while a call lasts.

use trunkline_domain::{CallId, shares::StreamShares, transcript::TranscriptLine};

use crate::{
    Result, Store, StoreError,
    call_reads::track,
    item::{item, read},
    keys,
};

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

    /// Writes who did a stream's work; writing it again changes nothing.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn put_shares(&self, call: CallId, shares: &StreamShares) -> Result<()> {
        let row = item(keys::call(call), keys::shares(shares.generation), shares)?;
        let put = self.db.put_item().table_name(&self.tables.calls);
        put.set_item(Some(row))
            .send()
            .await
            .map_err(StoreError::from_sdk)?;
        Ok(())
    }

    /// Who did the work of a call's streams, those that are over.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn shares(&self, call: CallId) -> Result<Vec<StreamShares>> {
        let rows = self
            .directory_rows(&self.tables.calls, &keys::call(call), keys::SHARES)
            .await?;
        rows.into_iter().map(read).collect()
    }
}
