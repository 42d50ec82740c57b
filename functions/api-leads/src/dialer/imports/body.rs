//! What is said of an import.

use schemars::JsonSchema;
use serde::Serialize;
use trunkline_http::{Seconds, example};
use trunkline_service::{
    Ctx,
    imports::{Import, StoredRowError},
};
use uuid::Uuid;

/// An import, wherever it stands.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct ImportBody {
    id: Uuid,
    campaign_id: Uuid,
    /// `queued`, `running`, `completed`, or `failed`: ended before its last row.
    #[schemars(example = &"completed")]
    state: &'static str,
    /// Why it failed.
    reason: Option<String>,
    /// Percent of its rows that are done.
    #[schemars(example = 100)]
    progress: u64,
    results: Results,
    /// The first 1,000 wrong fields.
    errors: Vec<ErrorBody>,
    /// How many wrong fields there are.
    #[schemars(example = 1)]
    errors_total: u64,
    /// All rows that became no leads, and why, as CSV, for thirty days: also duplicates and numbers that are not to be called.
    #[schemars(example = example::link("/api/imports/{import_id}/errors"))]
    errors_url: String,
    created_at: Seconds,
    updated_at: Seconds,
    finished_at: Option<Seconds>,
}

/// An answer to an upload.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Uploaded {
    import_id: Uuid,
    /// `completed`; of a large file `queued`: look at `/api/imports/{import_id}`.
    #[schemars(example = &"completed")]
    state: &'static str,
    results: Results,
    /// The first 1,000 wrong fields.
    errors: Vec<ErrorBody>,
}

/// What became of the rows so far: `total` is the sum of `valid`, `invalid`, `duplicates` and `dnc`.
#[derive(Debug, Serialize, JsonSchema)]
struct Results {
    /// Rows that were read.
    #[schemars(example = 100)]
    total: u64,
    /// Rows that are new leads.
    #[schemars(example = 95)]
    valid: u64,
    /// Rows with something wrong.
    #[schemars(example = 2)]
    invalid: u64,
    /// Rows whose number the campaign or an earlier row has.
    #[schemars(example = 2)]
    duplicates: u64,
    /// Rows whose number is not to be called.
    #[schemars(example = 1)]
    dnc: u64,
    /// Leads that were made.
    #[schemars(example = 95)]
    inserted: u64,
}

/// What was wrong with a field of a row.
#[derive(Debug, Serialize, JsonSchema)]
struct ErrorBody {
    /// As a spreadsheet numbers it: the header is 1.
    #[schemars(example = 15)]
    row: u64,
    #[schemars(example = &"phone")]
    field: String,
    #[schemars(example = &"invalid")]
    value: String,
    #[schemars(example = &"it has no `+` and country code, such as +14155550100")]
    error: String,
}

impl ImportBody {
    pub(super) fn new(ctx: &Ctx, import: Import, errors: Vec<StoredRowError>) -> Self {
        Self {
            id: import.id.0,
            campaign_id: import.campaign.0,
            state: import.state.as_str(),
            results: Results::of(&import),
            progress: import.counts.total.saturating_mul(100) / import.rows.max(1),
            reason: import.reason,
            errors: errors.into_iter().map(ErrorBody::from).collect(),
            errors_total: import.errors,
            errors_url: format!("{}/api/imports/{}/errors", ctx.settings.public_url, import.id),
            created_at: import.created_at.into(),
            updated_at: import.updated_at.into(),
            finished_at: import.finished_at.map(Seconds),
        }
    }
}

impl Uploaded {
    pub(super) fn new(import: &Import, errors: Vec<StoredRowError>) -> Self {
        Self {
            import_id: import.id.0,
            state: import.state.as_str(),
            results: Results::of(import),
            errors: errors.into_iter().map(ErrorBody::from).collect(),
        }
    }
}

impl Results {
    const fn of(import: &Import) -> Self {
        let counts = &import.counts;
        Self {
            total: counts.total,
            valid: counts.valid(),
            invalid: counts.invalid,
            duplicates: counts.duplicates,
            dnc: counts.dnc,
            inserted: counts.inserted,
        }
    }
}

impl From<StoredRowError> for ErrorBody {
    fn from(error: StoredRowError) -> Self {
        Self {
            row: error.row,
            field: error.field,
            value: error.value,
            error: error.error,
        }
    }
}
