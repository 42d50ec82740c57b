//! Writing a large export: in parts, each with the place after it, so that whoever goes on after a crash
//! or the end of its time goes on exactly there. Holds one part in memory.

use chrono::Duration;
use trunkline_domain::{Error, TenantId};
use trunkline_store::exports::{Export, ExportState};
use uuid::Uuid;

use crate::Ctx;

use super::{PAGE, ask, failure, filter, key, rows};

/// A part has at least so many bytes; the bucket takes no less but for the last.
const PART_BYTES: usize = 6 * 1_024 * 1_024;
/// How long one message's work lasts; then it asks for another.
const SLICE_MS: u64 = 40_000;
/// For how long nobody else works on it: longer than a slice and a part.
const LEASE: Duration = Duration::seconds(150);

/// Writes on at an export, for a while; asks to be called again when there is more.
///
/// # Errors
/// When store, bucket or queue do not answer; repeating is harmless. After five tries that got it no further it has failed, and
/// the message goes where a person looks.
pub async fn work(ctx: &Ctx, tenant: TenantId, id: Uuid) -> Result<(), Error> {
    let lease = format!("export {id}");
    let me = ctx.ids.uuid().to_string();
    let now = ctx.now();
    if !ctx.store.take_lease(&lease, &me, now, now + LEASE).await? {
        // Somebody is at it; should they die, their message comes again.
        return Ok(());
    }
    let done = slice(ctx, tenant, id).await;
    if done.is_err() {
        failure::note(ctx, tenant, id).await;
    }
    ctx.store.release_lease(&lease, &me).await?;
    match done? {
        Some(unfinished) => ask(ctx, &unfinished).await,
        None => Ok(()),
    }
}

/// Answers the export when it is not finished.
async fn slice(ctx: &Ctx, tenant: TenantId, id: Uuid) -> Result<Option<Export>, Error> {
    let Some(mut export) = ctx.store.export(tenant, id, ctx.now()).await? else {
        return Ok(None);
    };
    let began = ctx.clock.boot_ms();
    loop {
        match export.state {
            ExportState::Ready | ExportState::Failed => return Ok(None),
            ExportState::Queued => {
                export.upload = Some(ctx.blobs.begin_parts(&key(&export), "text/csv").await?);
                export.state = ExportState::Running;
            }
            ExportState::Running => write_part(ctx, &mut export).await?,
            ExportState::Closing => {
                close(ctx, &export).await?;
                export.state = ExportState::Ready;
                export.finished_at = Some(ctx.now());
            }
        }
        export.version += 1;
        export.moved_at = Some(ctx.now());
        export.tries = 0;
        ctx.store.put_export(&export).await?;
        if ctx.clock.boot_ms().saturating_sub(began) > SLICE_MS {
            return Ok((export.state != ExportState::Ready).then_some(export));
        }
    }
}

async fn write_part(ctx: &Ctx, export: &mut Export) -> Result<(), Error> {
    let mut part = Vec::with_capacity(PART_BYTES + PART_BYTES / 4);
    if export.parts.is_empty() {
        part.extend(rows::HEADER.as_bytes());
    }
    let filter = filter(export);
    while part.len() < PART_BYTES && export.state == ExportState::Running {
        let (calls, next) = ctx
            .store
            .walk_calls(export.tenant, &filter, export.place.as_deref(), PAGE)
            .await?;
        calls.iter().for_each(|call| rows::line(&mut part, call));
        export.rows += u64::try_from(calls.len()).unwrap_or(0);
        if next.is_none() {
            export.state = ExportState::Closing;
        }
        export.place = next;
    }
    export.bytes += u64::try_from(part.len()).unwrap_or(0);
    let number = i32::try_from(export.parts.len() + 1).unwrap_or(i32::MAX);
    let tag = ctx
        .blobs
        .put_part(&key(export), upload(export)?, number, part.into())
        .await?;
    export.parts.push(tag);
    Ok(())
}

/// Puts the parts together, unless somebody did who died before they could say so.
async fn close(ctx: &Ctx, export: &Export) -> Result<(), Error> {
    let key = key(export);
    let closed = ctx.blobs.finish_parts(&key, upload(export)?, &export.parts).await;
    let Err(error) = closed else { return Ok(()) };
    let there = ctx.blobs.list(&key).await?;
    if there.contains(&(key, export.bytes)) {
        Ok(())
    } else {
        Err(error.into())
    }
}

fn upload(export: &Export) -> Result<&str, Error> {
    let upload = export.upload.as_deref();
    upload.ok_or_else(|| Error::internal("an export that runs has no upload"))
}
