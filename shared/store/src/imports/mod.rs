//! Imports of leads: what a file was, how far it came, and what was wrong with its rows.
//!
//! A row is counted in the write that moves the checkpoint, which is conditional on the version before: whoever repeats a piece of a
//! file after a crash counts it once. An unfinished import stands in index `due`, so that the clock finds one that nobody works at,
//! and is counted in its campaign's first slot shard, so that the campaign is neither completed nor deleted under it.

mod errors;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::{ConditionCheck, Put, TransactWriteItem, Update};
use serde::{Deserialize, Serialize};
use trunkline_domain::{CampaignId, CampaignState, ImportId, Instant, TenantId, UserId};
use trunkline_events::Event;

use crate::{
    Result, Store, StoreError,
    campaigns::built,
    item::{Item, item, key, n, nu, read, s, text},
    keys,
    rows::add_event,
};

pub use errors::{ERRORS_A_CHUNK, KEPT_S, RowList, RowResult, StoredRowError};

const META: &str = "META";

/// Where an import stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ImportState {
    /// It waits for its job.
    Queued,
    /// Its rows are being read.
    Running,
    /// All of its rows were read.
    Completed,
    /// It ended before its last row.
    Failed,
}

impl ImportState {
    /// Nothing more will come of it.
    #[must_use]
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Completed | Self::Failed)
    }

    /// As clients see it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Completed => "completed",
            Self::Failed => "failed",
        }
    }
}

/// What became of the rows so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportCounts {
    /// Rows read.
    pub total: u64,
    /// Rows with something wrong.
    pub invalid: u64,
    /// Rows whose number the campaign had already, or an earlier row.
    pub duplicates: u64,
    /// Rows whose number is not to be called.
    pub dnc: u64,
    /// Rows that became leads.
    pub inserted: u64,
}

impl ImportCounts {
    /// Rows that are leads, new and to be called.
    #[must_use]
    pub const fn valid(&self) -> u64 {
        self.total
            .saturating_sub(self.invalid + self.duplicates + self.dnc)
    }
}

impl std::ops::AddAssign for ImportCounts {
    fn add_assign(&mut self, more: Self) {
        self.total += more.total;
        self.invalid += more.invalid;
        self.duplicates += more.duplicates;
        self.dnc += more.dnc;
        self.inserted += more.inserted;
    }
}

/// An import, as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Import {
    /// Its id.
    pub id: ImportId,
    /// Whose leads.
    pub tenant: TenantId,
    /// For which campaign.
    pub campaign: CampaignId,
    /// Who uploaded the file.
    pub created_by: UserId,
    /// The file's key in the bucket.
    pub file: String,
    /// Its size.
    pub bytes: u64,
    /// Its rows below the header.
    pub rows: u64,
    /// Which of its columns are which fields.
    #[serde(default)]
    pub mapping: BTreeMap<String, String>,
    /// The tenant's country when it was uploaded, for national numbers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// Where it stands.
    pub state: ImportState,
    /// Why it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What became of the rows before the checkpoint, which is after `counts.total` rows.
    pub counts: ImportCounts,
    /// What was wrong with them: how many fields.
    pub errors: u64,
    /// How often it was taken in hand since its last checkpoint.
    pub tries: u32,
    /// Until when whoever has it in hand works at it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held_until: Option<Instant>,
    /// When the clock looks whether somebody works at it.
    pub look_at: Instant,
    /// Rises with every write; later writes are conditional on it.
    pub version: u64,
    /// When it was uploaded.
    pub created_at: Instant,
    /// When it last got further.
    pub updated_at: Instant,
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finished_at: Option<Instant>,
}

/// Why an import could not begin.
#[derive(Debug, thiserror::Error)]
pub enum NotBegun {
    /// Its id is taken: an earlier run of the same request began it.
    #[error("the import is there already")]
    Exists,
    /// The campaign takes no leads any more, or is gone.
    #[error("the campaign is over")]
    Over,
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Store {
    /// Begins an import: from now on its campaign is neither completed nor deleted before it has ended.
    ///
    /// # Errors
    /// [`NotBegun`].
    pub async fn create_import(&self, import: &Import) -> std::result::Result<(), NotBegun> {
        let row = Put::builder()
            .table_name(&self.tables.dialing)
            .set_item(Some(import_row(import, None)?))
            .condition_expression("attribute_not_exists(PK)")
            .build()
            .map_err(built)?;
        let campaign = ConditionCheck::builder()
            .table_name(&self.tables.dialing)
            .set_key(Some(key(
                keys::tenant(import.tenant),
                keys::campaign(import.campaign),
            )))
            .condition_expression("attribute_exists(PK) AND NOT (#state IN (:completed, :cancelled))")
            .expression_attribute_names("#state", "state")
            .expression_attribute_values(":completed", s(CampaignState::Completed.as_str()))
            .expression_attribute_values(":cancelled", s(CampaignState::Cancelled.as_str()))
            .build()
            .map_err(built)?;
        let writes = vec![
            TransactWriteItem::builder().put(row).build(),
            TransactWriteItem::builder().condition_check(campaign).build(),
            self.count_import(import.campaign, 1)?,
        ];
        match self.transact(writes, None).await {
            Ok(()) => Ok(()),
            Err(error) if error.failed_at(0) => Err(NotBegun::Exists),
            Err(error) if error.is_condition() => Err(NotBegun::Over),
            Err(error) => Err(error.into()),
        }
    }

    /// An import of this tenant, read consistently.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn import(&self, tenant: TenantId, id: ImportId) -> Result<Option<Import>> {
        let get = self
            .db
            .get_item()
            .table_name(&self.tables.dialing)
            .consistent_read(true)
            .set_key(Some(key(keys::import(id), META)));
        let got = get.send().await.map_err(StoreError::from_sdk)?;
        let import: Option<Import> = got.item.map(read).transpose()?;
        Ok(import.filter(|import| import.tenant == tenant))
    }

    /// Writes an unfinished import over the version before its own.
    ///
    /// # Errors
    /// [`StoreError::Condition`] when somebody else wrote first: then it is theirs.
    pub async fn update_import(&self, import: &Import) -> Result<()> {
        self.transact(vec![self.import_put(import, None)?], None).await
    }

    /// Writes the end of an import with its event, and lets go of its campaign.
    ///
    /// # Errors
    /// [`StoreError::Condition`] when somebody else wrote first.
    pub async fn end_import(&self, import: &Import, ev: &Event) -> Result<()> {
        let writes = vec![
            self.import_put(import, Some(ev))?,
            self.count_import(import.campaign, -1)?,
        ];
        match self.transact(writes, None).await {
            // The campaign was deleted: there is nothing to let go of.
            Err(error) if error.failed_at(1) && !error.failed_at(0) => {
                self.transact(vec![self.import_put(import, Some(ev))?], None)
                    .await
            }
            ended => ended,
        }
    }

    /// Unfinished imports that the clock is to look at, `limit` of each shard: `(tenant, import)`.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn due_imports(&self, now: Instant, limit: i32) -> Result<Vec<(TenantId, ImportId)>> {
        let due = self
            .due_rows(keys::IMPORT_DUE, &keys::import_due(now), limit)
            .await?;
        let import = |row: &Item| {
            let tenant = text(row, "f")?.parse().ok()?;
            Some((tenant, keys::read_import(text(row, "PK")?)?))
        };
        Ok(due.iter().filter_map(import).collect())
    }

    fn import_put(&self, import: &Import, ev: Option<&Event>) -> Result<TransactWriteItem> {
        let put = Put::builder()
            .table_name(&self.tables.dialing)
            .set_item(Some(import_row(import, ev)?))
            .condition_expression("version = :old")
            .expression_attribute_values(":old", nu(import.version.saturating_sub(1)));
        Ok(TransactWriteItem::builder()
            .put(put.build().map_err(built)?)
            .build())
    }

    /// How many imports a campaign has under way stands in its first shard: there is always one.
    fn count_import(&self, campaign: CampaignId, more: i64) -> Result<TransactWriteItem> {
        let update = Update::builder()
            .table_name(&self.tables.dialing)
            .set_key(Some(key(keys::slot(campaign), "0")))
            // `ver` moves too: a pump that looks at this shard looks again.
            .update_expression("ADD imports :more, ver :one")
            .condition_expression("attribute_exists(PK)")
            .expression_attribute_values(":more", n(more))
            .expression_attribute_values(":one", n(1));
        Ok(TransactWriteItem::builder()
            .update(update.build().map_err(built)?)
            .build())
    }
}

/// An import's row: in index `due` while it is unfinished.
fn import_row(import: &Import, ev: Option<&Event>) -> Result<Item> {
    let mut row = item(keys::import(import.id), META, import)?;
    add_event(&mut row, ev)?;
    if !import.state.is_over() {
        row.insert("due_pk".to_owned(), s(keys::wake(keys::shard_of(&import.id.0))));
        row.insert("due_sk".to_owned(), s(keys::import_due(import.look_at)));
        row.insert("f".to_owned(), s(import.tenant.to_string()));
    }
    Ok(row)
}
