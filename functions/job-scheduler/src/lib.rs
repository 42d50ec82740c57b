//! The clock's part: every minute, and at once when a process starts.

use trunkline_service::{Ctx, dialing::tick, mail};

/// One tick. `start`: looks after every unfinished call, as after a restart.
///
/// # Errors
/// When the store does not answer at all; the next tick does what this one did not.
pub async fn handle(ctx: &Ctx, start: bool) -> Result<(), trunkline_domain::Error> {
    // Calls come first; what mails wait for is no reason to let a call wait.
    let done = tick::tick(ctx, start).await?;
    let woken = mail::sweep(ctx).await?;
    if woken > 0 {
        tracing::info!(woken, "mails that waited are sent");
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
