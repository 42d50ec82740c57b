//! A piece of an import: its rows become leads, and what becomes of each is counted.

use std::collections::{HashMap, HashSet, hash_map::Entry};

use futures::{StreamExt, TryStreamExt, stream};
use trunkline_domain::{Campaign, E164, Error, ImportId, Lead, LeadId, id::derived, zones};
use trunkline_imports::LeadRow;
use trunkline_store::imports::{Import, ImportCounts, RowList, RowResult, StoredRowError};

use super::source::Batch;
use crate::{Ctx, dialing::opt_out::opt_out};

/// Numbers that are marked at once.
const AT_ONCE: usize = 16;
/// For how many seconds a store that is busy is waited for, one time after the other.
const PATIENCE_S: [u64; 4] = [1, 2, 4, 8];

/// Makes leads of a piece's rows. Repeating it changes nothing and counts the same, but for what others changed meanwhile.
///
/// # Errors
/// When the store does not answer.
pub(super) async fn put(
    ctx: &Ctx,
    campaign: &Campaign,
    import: &Import,
    batch: &Batch,
) -> Result<ImportCounts, Error> {
    for wait_s in PATIENCE_S {
        match try_put(ctx, campaign, import, batch).await {
            Err(Error::Unavailable { .. }) => {
                ctx.clock.sleep(std::time::Duration::from_secs(wait_s)).await;
            }
            done => return done,
        }
    }
    try_put(ctx, campaign, import, batch).await
}

async fn try_put(
    ctx: &Ctx,
    campaign: &Campaign,
    import: &Import,
    batch: &Batch,
) -> Result<ImportCounts, Error> {
    let errors: Vec<StoredRowError> = batch.errors.iter().map(stored).collect();
    ctx.store
        .put_import_errors(import, RowList::Wrong, &errors)
        .await?;
    let not_to_call = not_to_call(ctx, campaign, &batch.leads).await?;
    let mut counts = ImportCounts {
        total: batch.rows,
        invalid: batch.invalid,
        ..ImportCounts::default()
    };
    let mut first = HashMap::new();
    let mut leads = Vec::with_capacity(batch.leads.len());
    let mut passed = Vec::new();
    for row in &batch.leads {
        if not_to_call.contains(&row.phone) {
            counts.dnc += 1;
            passed.push(passed_over(row, RowResult::Dnc));
        } else if let Entry::Vacant(number) = first.entry(&row.phone) {
            number.insert(row);
            leads.push(lead(ctx, campaign, import.id, row));
        } else {
            counts.duplicates += 1;
            passed.push(passed_over(row, RowResult::Duplicate));
        }
    }
    let done = ctx.store.insert_leads(campaign, &leads).await?;
    counts.inserted = done.inserted;
    counts.duplicates += u64::try_from(done.duplicates.len()).unwrap_or(u64::MAX);
    let there = done.duplicates.iter().filter_map(|phone| first.get(phone));
    passed.extend(there.map(|row| passed_over(row, RowResult::Duplicate)));
    passed.sort_unstable_by_key(|row| row.row);
    ctx.store
        .put_import_errors(import, RowList::PassedOver, &passed)
        .await?;
    Ok(counts)
}

/// A row that is no new lead, though nothing is wrong with it.
fn passed_over(row: &LeadRow, result: RowResult) -> StoredRowError {
    let why = match result {
        RowResult::Dnc if row.do_not_call => "the list itself says that this number is not to be called",
        RowResult::Dnc => "this number is on the do-not-call list",
        RowResult::Duplicate | RowResult::Invalid => {
            "the campaign or an earlier row of the file has this number; nothing was changed"
        }
    };
    StoredRowError {
        row: row.row,
        field: "phone".to_owned(),
        value: row.phone.to_string(),
        error: why.to_owned(),
        result,
    }
}

/// The numbers among them that the tenant is not to call. Rows that say so themselves are marked, for all campaigns.
async fn not_to_call(ctx: &Ctx, campaign: &Campaign, rows: &[LeadRow]) -> Result<HashSet<E164>, Error> {
    let phones: Vec<E164> = rows.iter().map(|row| row.phone.clone()).collect();
    let mut marked = ctx.store.not_to_call(campaign.tenant, &distinct(phones)).await?;
    let asked = rows.iter().filter(|row| row.do_not_call);
    let asked = asked
        .map(|row| row.phone.clone())
        .filter(|phone| !marked.contains(phone));
    let asked = distinct(asked.collect());
    stream::iter(asked.iter().cloned())
        .map(|phone| async move { opt_out(ctx, campaign.tenant, &phone, "import").await })
        .buffer_unordered(AT_ONCE)
        .try_collect::<()>()
        .await?;
    marked.extend(asked);
    Ok(marked)
}

/// A batch read takes each key once.
fn distinct(mut phones: Vec<E164>) -> Vec<E164> {
    phones.sort_unstable();
    phones.dedup();
    phones
}

/// The lead of a row. Its id is derived from the import and the row, so that a repetition finds its own leads there, and a number that
/// stands in the file twice is told from one that was inserted before a crash.
fn lead(ctx: &Ctx, campaign: &Campaign, import: ImportId, row: &LeadRow) -> Lead {
    let id = LeadId(derived(&format!("lead {import} {}", row.row)));
    let lead = Lead::waiting(campaign, id, import, row.phone.clone(), ctx.now());
    let own_zone = row.timezone.as_deref().and_then(|name| zones::read(name).ok());
    Lead {
        first_name: row.first_name.clone(),
        last_name: row.last_name.clone(),
        email: row.email.clone(),
        country: row.country.clone(),
        kind: row.kind.clone(),
        priority: row.priority,
        notes: row.notes.clone(),
        zone_key: zones::key_of(&row.phone, own_zone),
        timezone: row.timezone.clone(),
        custom_fields: row.custom_fields.clone(),
        ..lead
    }
}

fn stored(error: &trunkline_imports::RowError) -> StoredRowError {
    StoredRowError {
        row: error.row,
        field: error.field.clone(),
        value: error.value.clone(),
        error: error.error.clone(),
        result: RowResult::Invalid,
    }
}
