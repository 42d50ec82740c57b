//! Working at an import: a piece of the file, then the checkpoint, until the file's end or the end of the time. Whoever goes on after a
//! crash goes on after the last checkpoint, and finds there what the dead one inserted beyond it.

use chrono::Duration;
use trunkline_domain::{Campaign, CampaignState, Error, ImportId, TenantId};
use trunkline_events::{Event, EventKind};
use trunkline_queue::ImportJob;
use trunkline_store::imports::{Import, ImportState};

use super::{
    batch, intake,
    source::{Broken, batches},
};
use crate::{Ctx, dialing::steer};

/// How long one message's work lasts; then it asks for another.
const SLICE_MS: u64 = 200_000;
/// How long a request waits for a small import.
const REQUEST_MS: u64 = 10_000;
/// For how long nobody else works at it: longer than a piece with all its patience.
const HOLD: Duration = Duration::seconds(90);
/// After this long a message counts as lost.
pub(super) const LOST: Duration = Duration::seconds(60);
/// How often it is taken in hand without getting any further, at most.
const TRIES_MAX: u32 = 10;

/// Works on at an import, for a while; asks to be called again when there is more.
///
/// # Errors
/// When store, bucket or queue do not answer; repeating is harmless.
pub async fn work(ctx: &Ctx, tenant: TenantId, id: ImportId) -> Result<(), Error> {
    match work_for(ctx, tenant, id, SLICE_MS).await? {
        Some(unfinished) => ask(ctx, &unfinished).await,
        None => Ok(()),
    }
}

/// The same within a request. `false`: it is not finished, and nobody was asked to go on.
pub(super) async fn work_now(ctx: &Ctx, tenant: TenantId, id: ImportId) -> Result<bool, Error> {
    Ok(work_for(ctx, tenant, id, REQUEST_MS).await?.is_none())
}

/// Has job-importer work at it.
pub(super) async fn ask(ctx: &Ctx, import: &Import) -> Result<(), Error> {
    let job = ImportJob::Run {
        tenant: import.tenant,
        import: import.id,
    };
    ctx.queues.import(&job, 0).await.map_err(Error::internal)
}

/// Answers the import when it is not finished.
async fn work_for(ctx: &Ctx, tenant: TenantId, id: ImportId, most_ms: u64) -> Result<Option<Import>, Error> {
    let Some(mut import) = take(ctx, tenant, id).await? else {
        return Ok(None);
    };
    if import.tries > TRIES_MAX {
        let why =
            "it could not go on for a long time; upload the file again, what was imported is not doubled";
        end(ctx, import, Some(why.to_owned())).await?;
        return Ok(None);
    }
    match Box::pin(slice(ctx, &mut import, most_ms)).await {
        Ok(Done::Over(reason)) => {
            end(ctx, import, reason).await?;
            Ok(None)
        }
        Ok(Done::Theirs) => Ok(None),
        Ok(Done::TimeIsUp) => let_go(ctx, import).await,
        Err(error) => {
            // Whoever comes next need not wait until it counts as dead.
            if let Err(held) = let_go(ctx, import).await {
                tracing::warn!(import.id = %id, "an import that stopped is held for a while: {held}");
            }
            Err(error)
        }
    }
}

/// Takes an import in hand; none when it is over, or somebody else has it.
async fn take(ctx: &Ctx, tenant: TenantId, id: ImportId) -> Result<Option<Import>, Error> {
    // Each time around somebody else wrote: after a few it is theirs.
    for _ in 0..4 {
        let Some(mut import) = ctx.store.import(tenant, id).await? else {
            return Ok(None);
        };
        let held = import.held_until.is_some_and(|until| until > ctx.now());
        if import.state.is_over() || held {
            return Ok(None);
        }
        import.state = ImportState::Running;
        import.tries += 1;
        hold(ctx, &mut import);
        if written(ctx, &mut import).await? {
            return Ok(Some(import));
        }
    }
    Ok(None)
}

fn hold(ctx: &Ctx, import: &mut Import) {
    let until = ctx.now() + HOLD;
    import.held_until = Some(until);
    import.look_at = until;
}

/// Gives an unfinished import back; answers it, unless somebody else has it.
async fn let_go(ctx: &Ctx, mut import: Import) -> Result<Option<Import>, Error> {
    import.held_until = None;
    import.look_at = ctx.now() + LOST;
    Ok(written(ctx, &mut import).await?.then_some(import))
}

/// Writes it as its next version; `false` when somebody else did.
async fn written(ctx: &Ctx, import: &mut Import) -> Result<bool, Error> {
    import.version += 1;
    import.updated_at = ctx.now();
    match ctx.store.update_import(import).await {
        Ok(()) => Ok(true),
        Err(error) if error.is_condition() => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// How a slice ended.
enum Done {
    /// The import is over: with its file's end, or for this reason.
    Over(Option<String>),
    /// There is more.
    TimeIsUp,
    /// Somebody else has it.
    Theirs,
}

async fn slice(ctx: &Ctx, import: &mut Import, most_ms: u64) -> Result<Done, Error> {
    let began = ctx.clock.boot_ms();
    let mut batches = batches(ctx, import);
    loop {
        let batch = match batches.recv().await {
            Some(Ok(batch)) => batch,
            Some(Err(Broken::ForGood(why))) => return Ok(Done::Over(Some(why))),
            Some(Err(Broken::ForNow(error))) => return Err(error),
            None if import.counts.total == import.rows => return Ok(Done::Over(None)),
            None => return Err(Error::internal("the file ended before its last row")),
        };
        let campaign = match ctx.store.campaign(import.tenant, import.campaign).await? {
            Some(campaign) if takes_leads(campaign.state) => campaign,
            Some(campaign) => {
                let why = format!("the campaign was {} meanwhile", campaign.state.as_str());
                return Ok(Done::Over(Some(why)));
            }
            None => return Ok(Done::Over(Some("the campaign was deleted meanwhile".to_owned()))),
        };
        let counts = batch::put(ctx, &campaign, import, &batch).await?;
        import.counts += counts;
        import.errors += u64::try_from(batch.errors.len()).unwrap_or(u64::MAX);
        import.tries = 0;
        hold(ctx, import);
        if !written(ctx, import).await? {
            return Ok(Done::Theirs);
        }
        if counts.inserted > 0 && campaign.state == CampaignState::Active {
            steer::wake(ctx, &campaign).await;
        }
        if ctx.clock.boot_ms().saturating_sub(began) > most_ms {
            return Ok(Done::TimeIsUp);
        }
    }
}

/// Whether a campaign may still be given leads.
pub(super) const fn takes_leads(state: CampaignState) -> bool {
    !matches!(state, CampaignState::Completed | CampaignState::Cancelled)
}

/// Ends an import: with its file's end, or for a reason. Unless somebody else has it.
async fn end(ctx: &Ctx, mut import: Import, reason: Option<String>) -> Result<(), Error> {
    let now = ctx.now();
    import.state = if reason.is_some() {
        ImportState::Failed
    } else {
        ImportState::Completed
    };
    import.reason = reason;
    import.held_until = None;
    import.version += 1;
    import.updated_at = now;
    import.finished_at = Some(now);
    let event = Event::new(
        EventKind::ImportCompleted,
        import.tenant,
        import.id.0,
        import.version,
        now,
    );
    match ctx.store.end_import(&import, &event).await {
        Ok(()) => {}
        Err(error) if error.is_condition() => return Ok(()),
        Err(error) => return Err(error.into()),
    }
    intake::discard(ctx, &import.file).await;
    // An active campaign that has nothing left to dial was kept open by the import alone.
    let campaign = ctx.store.campaign(import.tenant, import.campaign).await?;
    if let Some(campaign) = campaign.filter(|one: &Campaign| one.state == CampaignState::Active) {
        steer::wake(ctx, &campaign).await;
    }
    Ok(())
}
