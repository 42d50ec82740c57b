//! Exports that get no further: after so many tries, or so long a silence, they have failed, which is said where their state is
//! asked for; whoever asks for the file again begins it anew.

use chrono::Duration;
use trunkline_domain::{Error, Instant, TenantId};
use trunkline_store::exports::{Export, ExportState};
use uuid::Uuid;

use crate::Ctx;

use super::key;

/// Tries that may get it no further: as many as the queue gives its message.
const TRIES: u32 = 5;
/// A silence as long as this means that even its failing could not be noted: longer than a message takes to come five times.
const SILENCE: Duration = Duration::minutes(75);
/// Whoever asks again sooner than this after a failure is told of it.
const PAUSE: Duration = Duration::minutes(1);

/// The export as it is to be seen.
pub(super) fn shown(export: Export, now: Instant) -> Export {
    let moved_at = export.moved_at.unwrap_or(export.created_at);
    match export.state {
        ExportState::Queued | ExportState::Running | ExportState::Closing if now - moved_at > SILENCE => {
            Export {
                state: ExportState::Failed,
                failure: Some(format!(
                    "nothing was written for {} minutes, after {} calls; ask for the export again",
                    SILENCE.num_minutes(),
                    export.rows
                )),
                finished_at: Some(moved_at + SILENCE),
                ..export
            }
        }
        ExportState::Queued
        | ExportState::Running
        | ExportState::Closing
        | ExportState::Ready
        | ExportState::Failed => export,
    }
}

/// Notes a try that got it no further; the last one fails it. What cannot be noted shows as silence.
pub(super) async fn note(ctx: &Ctx, tenant: TenantId, id: Uuid) {
    if let Err(error) = noted(ctx, tenant, id).await {
        tracing::warn!(export.id = %id, "that an export got no further could not be noted: {error}");
    }
}

async fn noted(ctx: &Ctx, tenant: TenantId, id: Uuid) -> Result<(), Error> {
    let now = ctx.now();
    let Some(mut export) = ctx.store.export(tenant, id, now).await? else {
        return Ok(());
    };
    if matches!(export.state, ExportState::Ready | ExportState::Failed) {
        return Ok(());
    }
    export.tries += 1;
    export.version += 1;
    let failed = export.tries >= TRIES;
    if failed {
        export.state = ExportState::Failed;
        export.finished_at = Some(now);
        export.failure = Some(format!(
            "after {} calls the file could not be written on, {TRIES} times in a row; ask for the export again",
            export.rows
        ));
    }
    ctx.store.put_export(&export).await?;
    if failed {
        tracing::error!(export.id = %id, "an export failed: its message goes to the dead queue");
        if let Some(upload) = export.upload.as_deref()
            && let Err(error) = ctx.blobs.abort_parts(&key(&export), upload).await
        {
            // The bucket's lifecycle rule clears it within a day.
            tracing::warn!(export.id = %id, "an unfinished upload is left behind: {error}");
        }
    }
    Ok(())
}

/// A failed export as it was before it began.
///
/// # Errors
/// [`Error::Unavailable`] with the reason, when it failed just now, or somebody else begins it.
pub(super) async fn begin_again(ctx: &Ctx, export: Export, now: Instant) -> Result<Export, Error> {
    let again_at = export.finished_at.unwrap_or(now) + PAUSE;
    if now < again_at {
        return Err(Error::Unavailable {
            what: format!("the export failed: {}", export.failure.unwrap_or_default()),
            retry_after_s: u32::try_from((again_at - now).num_seconds().max(1)).unwrap_or(60),
        });
    }
    let fresh = Export {
        state: ExportState::Queued,
        upload: None,
        parts: Vec::new(),
        place: None,
        rows: 0,
        bytes: 0,
        version: export.version + 1,
        finished_at: None,
        moved_at: Some(now),
        tries: 0,
        failure: None,
        ..export
    };
    match ctx.store.put_export(&fresh).await {
        Ok(()) => Ok(fresh),
        Err(error) if error.is_condition() => Err(Error::Unavailable {
            what: "the export is being begun anew; ask again".to_owned(),
            retry_after_s: 1,
        }),
        Err(error) => Err(error.into()),
    }
}
