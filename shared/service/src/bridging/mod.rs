//! A caller and a human agent, brought together (ARCHITECTURE.md, "Bridging"): `domain::bridge` decides, this does.
//!
//! [`begin()`] makes a bridge, [`agent_answered`] and its neighbours hear of it, [`work()`] does what is left, [`wake()`] gives whoever became free to
//! who waits longest.

mod begin;
mod effects;
pub mod floor;
mod observe;
mod ring;
mod told;
mod wake;
mod work;

pub use begin::{Begun, Stands, begin, begin_for_ai, stands};
pub use effects::give_up;
pub(crate) use effects::redirect;
pub(crate) use observe::news;
pub use observe::observe;
pub use told::{Room, agent_answered, caller_comes, caller_left, in_room, leg_status, machine};
pub use wake::wake;
pub use work::{check, work};

use std::time::Duration;

use trunkline_domain::{CallId, Instant, OperatorId, bridge::Bridge};
use trunkline_queue::BridgeJob;

use crate::Ctx;

/// How long a human agent's telephone rings, in seconds.
pub const RING_S: u32 = 20;
/// How often a write that met another is tried anew; each time somebody else's succeeded.
const ROUNDS: u32 = 16;

/// Wakes job-bridge for what is left to be done, if anything is.
async fn hint(ctx: &Ctx, bridge: &Bridge) {
    if !bridge.owed().is_empty() || bridge.wants().is_some() {
        send(ctx, bridge.call, None, 0).await;
    }
}

/// Wakes it once that instant has come.
async fn hint_at(ctx: &Ctx, call: CallId, at: Instant) {
    let wait = (at - ctx.now()).to_std().unwrap_or(Duration::ZERO);
    // A queue counts in seconds, and one too early would only look.
    let delay_s = u16::try_from(wait.as_secs() + 1).unwrap_or(900).min(900);
    send(ctx, call, None, delay_s).await;
}

async fn send(ctx: &Ctx, call: CallId, free: Option<OperatorId>, delay_s: u16) {
    post(ctx, &BridgeJob::Work { call, free }, delay_s).await;
}

/// Has the clock's part looked after: of those who talk the carrier is asked.
pub async fn send_check(ctx: &Ctx, call: CallId) {
    post(ctx, &BridgeJob::Check { call }, 0).await;
}

async fn post(ctx: &Ctx, job: &BridgeJob, delay_s: u16) {
    if let Err(error) = ctx.queues.bridge(job, delay_s).await {
        // Only a hint is lost: the tick finds the row.
        tracing::warn!("no wake-up for a caller who waits: {error}");
    }
}
