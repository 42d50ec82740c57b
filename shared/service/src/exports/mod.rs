//! Calls as a CSV file: small ones as they are read, large ones written to the bucket by a job.

mod failure;
mod job;
mod rows;

use bytes::Bytes;
use chrono::{Duration, DurationRound};
use futures::{Stream, StreamExt, stream, stream::BoxStream};
use trunkline_auth::Principal;
use trunkline_domain::{Error, Role, TenantId, error::Kind, id::derived};
use trunkline_queue::PostCallJob;
use trunkline_store::{CallFilter, Period};
use uuid::Uuid;

use crate::{Ctx, analytics::Question};

pub use job::work;
pub use rows::cell;
pub use trunkline_store::exports::{Export, ExportState};

/// Up to how many calls are answered directly: about 5 MB.
pub const DIRECT_MAX: i64 = 20_000;
/// Calls that are read at once.
const PAGE: u32 = 500;
/// For this long the same question is the same export.
const SAME_H: i64 = 1;

/// A file's bytes, as they come.
pub type Lines = BoxStream<'static, Result<Bytes, std::io::Error>>;

/// An answer to a wish for an export.
pub enum Exported {
    /// The file itself, and its size where that is known.
    File(Lines, Option<u64>),
    /// It will be written.
    Later(Box<Export>),
}

/// The calls that the question is about as CSV, oldest first: at once, or by a job when there are many. The same
/// question within the hour is the same export; one that failed begins anew when it is asked for again a minute later.
///
/// # Errors
/// As of [`crate::analytics::calls`]; [`Error::Unavailable`] when the queue does not take the job, or the export failed
/// within the last minute.
pub async fn export(ctx: &Ctx, who: &Principal, asked: &Question) -> Result<Exported, Error> {
    who.require(Role::User)?;
    let (period, calls) = crate::analytics::size(ctx, who.tenant, asked).await?;
    let filter = CallFilter {
        campaign: asked.campaign,
        voice_agent: asked.voice_agent,
        period,
        ..CallFilter::default()
    };
    let (Some(from), Some(before)) = (period.from, period.before) else {
        return Err(Error::internal("an export's period has two ends"));
    };
    if calls <= DIRECT_MAX {
        let lines = lines(ctx, who.tenant, filter);
        return Ok(Exported::File(lines.boxed(), None));
    }
    let now = ctx.now();
    let hour = now.duration_trunc(Duration::hours(SAME_H)).unwrap_or(now);
    let id = derived(&format!(
        "export {} {:?} {:?} {from} {before} {hour}",
        who.tenant, asked.campaign, asked.voice_agent
    ));
    let export = Export {
        id,
        tenant: who.tenant,
        campaign: asked.campaign,
        voice_agent: asked.voice_agent,
        from,
        before,
        state: ExportState::Queued,
        upload: None,
        parts: Vec::new(),
        place: None,
        rows: 0,
        bytes: 0,
        version: 1,
        created_at: now,
        finished_at: None,
        moved_at: None,
        tries: 0,
        failure: None,
    };
    let export = match ctx.store.export(who.tenant, id, now).await? {
        Some(known) => failure::shown(known, now),
        None => match ctx.store.put_export(&export).await {
            Ok(()) => export,
            Err(error) if error.is_condition() => ctx
                .store
                .export(who.tenant, id, now)
                .await?
                .ok_or(Error::NotFound(Kind::Export))?,
            Err(error) => return Err(error.into()),
        },
    };
    match export.state {
        ExportState::Ready => {
            let lines = open(ctx, &export).await?;
            Ok(Exported::File(lines, Some(export.bytes)))
        }
        ExportState::Queued => {
            // Again at each asking: a message more does no harm, one that was lost would.
            ask(ctx, &export).await?;
            Ok(Exported::Later(Box::new(export)))
        }
        ExportState::Running | ExportState::Closing => Ok(Exported::Later(Box::new(export))),
        ExportState::Failed => {
            let export = failure::begin_again(ctx, export, now).await?;
            ask(ctx, &export).await?;
            Ok(Exported::Later(Box::new(export)))
        }
    }
}

/// An export of the asker's tenant.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn get(ctx: &Ctx, who: &Principal, id: Uuid) -> Result<Export, Error> {
    who.require(Role::User)?;
    let now = ctx.now();
    let found = ctx.store.export(who.tenant, id, now).await?;
    let found = found.map(|export| failure::shown(export, now));
    found.ok_or(Error::NotFound(Kind::Export))
}

/// The export behind a signed link, whose signature the caller has checked.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn get_signed(ctx: &Ctx, id: Uuid) -> Result<Export, Error> {
    let found = ctx.store.export_unchecked(id, ctx.now()).await?;
    found.ok_or(Error::NotFound(Kind::Export))
}

/// An export's file.
///
/// # Errors
/// [`Error::NotFound`] before it is ready, and when the bucket has lost it.
pub async fn open(ctx: &Ctx, export: &Export) -> Result<Lines, Error> {
    if export.state != ExportState::Ready {
        return Err(Error::NotFound(Kind::Export));
    }
    let blob = ctx.blobs.get(&key(export), None).await?;
    let blob = blob.ok_or(Error::NotFound(Kind::Export))?;
    let lines = stream::unfold(Some(blob.body), |body| async move {
        let mut body = body?;
        match body.next().await? {
            Ok(bytes) => Some((Ok(bytes), Some(body))),
            Err(error) => Some((Err(std::io::Error::other(error)), None)),
        }
    });
    Ok(lines.boxed())
}

/// The path under which an export's state is seen.
#[must_use]
pub fn status_path(export: Uuid) -> String {
    format!("/analytics/export/{export}")
}

/// The path under which its file is fetched.
#[must_use]
pub fn download_path(export: Uuid) -> String {
    format!("/analytics/export/{export}/download")
}

/// Where its file can be fetched without a token, for 15 minutes; none before it is ready.
#[must_use]
pub fn download_url(ctx: &Ctx, export: &Export) -> Option<String> {
    let signed = ctx.keys.sign_path(&download_path(export.id), ctx.now());
    (export.state == ExportState::Ready).then(|| format!("{}{signed}", ctx.settings.public_url))
}

fn key(export: &Export) -> String {
    format!("exports/{}/{}.csv", export.tenant, export.id)
}

fn filter(export: &Export) -> CallFilter {
    CallFilter {
        campaign: export.campaign,
        voice_agent: export.voice_agent,
        period: Period {
            from: Some(export.from),
            before: Some(export.before),
        },
        ..CallFilter::default()
    }
}

async fn ask(ctx: &Ctx, export: &Export) -> Result<(), Error> {
    let job = PostCallJob::Export {
        tenant: export.tenant,
        export: export.id,
    };
    ctx.queues.post_call(&job, 0).await.map_err(|error| {
        tracing::warn!(export.id = %export.id, "an export could not be queued: {error}");
        Error::Unavailable {
            what: "the queue does not take it now; try again".to_owned(),
            retry_after_s: 5,
        }
    })
}

/// The file in pieces of one page of calls each, read as they are taken.
fn lines(
    ctx: &Ctx,
    tenant: TenantId,
    filter: CallFilter,
) -> impl Stream<Item = Result<Bytes, std::io::Error>> + Send + use<> {
    let store = ctx.store.clone();
    let header = Ok(Bytes::from_static(rows::HEADER.as_bytes()));
    let pages = stream::try_unfold(Some(None::<String>), move |place| {
        let (store, filter) = (store.clone(), filter.clone());
        async move {
            let Some(after) = place else { return Ok(None) };
            let (calls, next) = store
                .walk_calls(tenant, &filter, after.as_deref(), PAGE)
                .await
                .map_err(std::io::Error::other)?;
            let mut page = Vec::new();
            calls.iter().for_each(|call| rows::line(&mut page, call));
            Ok(Some((Bytes::from(page), next.map(Some))))
        }
    });
    stream::once(async { header }).chain(pages)
}
