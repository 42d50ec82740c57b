//! The clock's part: imports that nobody works at.

use trunkline_domain::Error;

use super::job::{LOST, ask};
use crate::Ctx;

/// Imports that a tick wakes of each shard.
const A_SHARD: i32 = 50;

/// Has job-importer look at imports whose message was lost, or whose worker died; how many that were.
///
/// # Errors
/// When the store does not answer, or the queue does not take it; the next tick finds the same, or a later one.
pub async fn wake_due(ctx: &Ctx) -> Result<usize, Error> {
    let now = ctx.now();
    let mut woken = 0;
    for (tenant, id) in ctx.store.due_imports(now, A_SHARD).await? {
        let Some(mut import) = ctx.store.import(tenant, id).await? else {
            continue;
        };
        if import.state.is_over() || import.look_at > now {
            continue;
        }
        // Noted first: whoever gets the message must find the version that it will write over.
        import.look_at = now + LOST;
        import.version += 1;
        match ctx.store.update_import(&import).await {
            Ok(()) => {}
            Err(error) if error.is_condition() => continue,
            Err(error) => return Err(error.into()),
        }
        ask(ctx, &import).await?;
        woken += 1;
    }
    Ok(woken)
}
