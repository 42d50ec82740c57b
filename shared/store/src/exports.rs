//! Exports that are too large for one answer: what is to be written, and how far it got.

use serde::{Deserialize, Serialize};
use trunkline_domain::{CampaignId, Instant, TenantId, VoiceAgentId};
use uuid::Uuid;

use crate::{
    Result, Store, StoreError,
    item::{item, key, n, nu, read},
    keys,
};

/// How long an export and its file are kept, as the bucket's rule has it: seven days.
pub const KEPT_S: i64 = 7 * 86_400;

/// Where an export stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExportState {
    /// It waits for its job.
    Queued,
    /// Some of it is written.
    Running,
    /// All parts are written; they are being put together.
    Closing,
    /// It can be fetched.
    Ready,
    /// It will not be written; `failure` says why.
    Failed,
}

/// An export, as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Export {
    /// Its id.
    pub id: Uuid,
    /// Whose calls.
    pub tenant: TenantId,
    /// Of this campaign.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub campaign: Option<CampaignId>,
    /// Of this AI agent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub voice_agent: Option<VoiceAgentId>,
    /// Made from this instant on,
    pub from: Instant,
    /// and before this one.
    pub before: Instant,
    /// Where it stands.
    pub state: ExportState,
    /// The file's upload in parts, once begun.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upload: Option<String>,
    /// The tags of the parts that are written.
    #[serde(default)]
    pub parts: Vec<String>,
    /// The place in the list of calls after the last part.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// Calls in those parts.
    pub rows: u64,
    /// Bytes of those parts.
    pub bytes: u64,
    /// Rises with every write; later writes are conditional on it.
    pub version: u64,
    /// When it was asked for.
    pub created_at: Instant,
    /// When it became ready, or failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finished_at: Option<Instant>,
    /// When it last got further; none: not yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub moved_at: Option<Instant>,
    /// Tries since then that got it no further.
    #[serde(default)]
    pub tries: u32,
    /// Why it failed, for whoever asked for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
}

impl Store {
    /// An export of this tenant, unless it is over its time.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn export(&self, tenant: TenantId, id: Uuid, now: Instant) -> Result<Option<Export>> {
        Ok(self
            .export_unchecked(id, now)
            .await?
            .filter(|export| export.tenant == tenant))
    }

    /// An export of whatever tenant: for a signed link, which names none.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn export_unchecked(&self, id: Uuid, now: Instant) -> Result<Option<Export>> {
        let get = self
            .db
            .get_item()
            .table_name(&self.tables.ephemeral)
            .consistent_read(true);
        let get = get.set_key(Some(key(keys::export(id), "EXPORT")));
        let got = get.send().await.map_err(StoreError::from_sdk)?;
        let export: Option<Export> = got.item.map(read).transpose()?;
        Ok(export.filter(|export| now.timestamp() < export.created_at.timestamp() + KEPT_S))
    }

    /// Writes an export over the version before its own; the first one where there is none.
    ///
    /// # Errors
    /// [`StoreError::Condition`] when somebody else wrote first.
    pub async fn put_export(&self, export: &Export) -> Result<()> {
        let mut row = item(keys::export(export.id), "EXPORT", export)?;
        row.insert("expires_at".to_owned(), n(export.created_at.timestamp() + KEPT_S));
        let put = self
            .db
            .put_item()
            .table_name(&self.tables.ephemeral)
            .set_item(Some(row));
        let put = match export.version {
            0 | 1 => put.condition_expression("attribute_not_exists(PK)"),
            later => put
                .condition_expression("version = :old")
                .expression_attribute_values(":old", nu(later - 1)),
        };
        put.send().await.map_err(StoreError::from_sdk)?;
        Ok(())
    }
}
