//! The clock's part: every minute, and at once when a process starts.

use trunkline_service::{Ctx, dialing::tick, dnc, imports, mail, webhooks};

/// One tick. `start`: looks after every unfinished call, as after a restart.
///
/// # Errors
/// When the store does not answer at all, or a queue takes nothing; the next tick does what this one did not.
pub async fn handle(ctx: &Ctx, start: bool) -> Result<(), trunkline_domain::Error> {
    // Calls come first; what mails and webhooks wait for is no reason to let a call wait, nor either for the other.
    let done = tick::tick(ctx, start).await?;
    let (mails, tries) = (mail::sweep(ctx).await, webhooks::wake_due(ctx).await);
    let lists = imports::wake_due(ctx).await;
    let lifted = dnc::lift_ended(ctx).await;
    let mails = mails?;
    if mails > 0 {
        tracing::info!(mails, "mails that waited are sent");
    }
    let tries = tries?;
    if tries > 0 {
        tracing::info!(tries, "tries at webhooks that were due are woken");
    }
    let lists = lists?;
    if lists > 0 {
        tracing::info!(lists, "imports that nobody worked at are woken");
    }
    let lifted = lifted?;
    if lifted > 0 {
        tracing::info!(lifted, "do-not-call marks that had an end are lifted");
    }
    if done.checked > 0 || done.started > 0 {
        tracing::debug!(
            started = done.started,
            woken = done.woken,
            checked = done.checked,
            faults = done.faults,
            "tick"
        );
    }
    Ok(())
}
