//! The times and choices of the dial-once protocol that are pure (ARCHITECTURE.md, "Dial once").

use chrono::Duration;

use crate::Instant;

/// How long after its claim a call may still be asked of the carrier.
pub const POST_BY: Duration = Duration::seconds(1);
/// How long the carrier may take to answer.
pub const POST_TIMEOUT: Duration = Duration::seconds(10);
/// A pump's lease.
pub const LEASE: Duration = Duration::seconds(20);
/// The longest that one invocation of the pump may work.
pub const PUMP_FOR: Duration = Duration::seconds(30);
/// After this long without an answer from the carrier a call is given up as unknown.
pub const GIVE_UP: Duration = Duration::hours(24);
/// The minimum gap: from the end of a call to a number until any campaign of the tenant may dial that number again, answered or not,
/// however short the campaign's own retry delay is. Every claim asks for it, under the number's row.
///
/// The value is ours, since no law that we know sets so short a one: it is long enough that nobody who hung up, or whose line was
/// busy, is rung again at once by the same or by another campaign, and that the late callbacks of the call before are in.
pub const MIN_GAP: Duration = Duration::seconds(60);

/// When a number may be dialled again after a call that ended then, by whatever campaign of the tenant.
#[must_use]
pub fn next_ok(ended_at: Instant) -> Instant {
    ended_at + MIN_GAP
}

/// What the protocol's times are in this deployment, and which safeguards hold.
///
/// The safeguards are always on; the model test takes each out to show that it is needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Protocol {
    /// How long the carrier's list may lag behind a placed call.
    pub settle: Duration,
    /// Each number is in at most one unfinished call of a tenant.
    pub number_lock: bool,
    /// No POST later than [`POST_BY`] after the claim.
    pub post_deadline: bool,
}

impl Protocol {
    /// As it runs.
    #[must_use]
    pub const fn with_settle(settle: Duration) -> Self {
        Self {
            settle,
            number_lock: true,
            post_deadline: true,
        }
    }

    /// When a claimed call must first be looked after.
    #[must_use]
    pub fn check_at(&self, claimed_at: Instant) -> Instant {
        claimed_at + POST_BY + POST_TIMEOUT + self.settle
    }
}

/// What the scheduler does about a claimed call without an id of the carrier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settle {
    /// The carrier has exactly one fitting call that is bound to none of ours.
    Adopt,
    /// Not there: remember that, look again a settle time later.
    LookAgainAt(Instant),
    /// Twice not there, a settle apart: it was never placed.
    Unsent,
    /// Several fit, or it cannot be told: keep looking.
    WaitUntil(Instant),
    /// Nothing could be learnt for a day.
    GiveUp,
}

/// Judges what the carrier's list says of a claimed call. `fitting`: how many unbound calls of the
/// list fit, or `None` when the carrier could not be asked.
#[must_use]
pub fn settle(
    protocol: &Protocol,
    claimed_at: Instant,
    looked_at: Option<Instant>,
    fitting: Option<usize>,
    now: Instant,
) -> Settle {
    let again = Settle::WaitUntil(now + protocol.settle.max(Duration::seconds(1)));
    if now - claimed_at >= GIVE_UP && fitting != Some(1) {
        return Settle::GiveUp;
    }
    match (fitting, looked_at) {
        (Some(1), _) => Settle::Adopt,
        (Some(0), None) => Settle::LookAgainAt(now + protocol.settle),
        (Some(0), Some(first)) if now - first >= protocol.settle => Settle::Unsent,
        (Some(0), Some(first)) => Settle::WaitUntil(first + protocol.settle),
        (Some(_) | None, _) => again,
    }
}
