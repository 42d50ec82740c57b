//! Keys of calls and of what is counted of them.

use trunkline_domain::{CallId, Instant, TenantId, id::GroupId};

use super::time;

/// A call and all that hangs on it.
#[must_use]
pub fn call(call: CallId) -> String {
    format!("C#{call}")
}
/// A transcript line's sort key: in the order of speech.
#[must_use]
pub fn line(generation: u32, start_ms: u64, track: &str) -> String {
    format!("LINE#{generation:02}#{start_ms:010}#{track}")
}
/// What a call's streams used of providers; then the stream's number.
pub const SHARES: &str = "PARTS#";
/// Sort key of what one stream used of providers.
#[must_use]
pub fn shares(generation: u32) -> String {
    format!("{SHARES}{generation:02}")
}
/// Counters of a scope (`tenant`, `c#{campaign}`, `a#{agent}`), one of 8 shards.
#[must_use]
pub fn counters(tenant: TenantId, scope: &str, shard: u32) -> String {
    format!("K#{tenant}#{scope}#{shard}")
}

/// Partition of a scope's sums over all time, its shards below one another: one query reads them.
#[must_use]
pub fn sums(tenant: TenantId, scope: &str) -> String {
    format!("K#{tenant}#{scope}")
}

/// Sort key of one shard of them.
#[must_use]
pub fn sums_shard(shard: u32) -> String {
    format!("ALL#{shard}")
}

/// What calls under way are listed as, whatever they do just now.
pub const OPEN: &str = "open";

/// In which part of the lists by state a call with this status word stands.
#[must_use]
pub fn call_state(word: &'static str) -> &'static str {
    match word {
        "scheduled" | "queued" | "ringing" | "in_progress" => OPEN,
        ended => ended,
    }
}
/// Index `check`: unfinished calls by when they must be looked after, one of 8 shards.
#[must_use]
pub fn check(shard: u32) -> String {
    format!("CHK#{shard}")
}
/// Shards of `W#`, `CHK#` and counters.
pub const SHARDS: u32 = 8;
/// The shard of an id, from its last byte.
#[must_use]
pub fn shard_of(id: &uuid::Uuid) -> u32 {
    u32::from(id.as_bytes()[15]) % SHARDS
}
/// Sort key of the call lists: time, then id.
#[must_use]
pub fn created(at: Instant, call: CallId) -> String {
    format!("{}#{call}", time(at))
}

/// Sort key of a call's bridge.
pub const BRIDGE: &str = "BRIDGE";
/// Index `operator`: callers who wait for somebody of a group, by since when. No operator's own calls are listed there.
#[must_use]
pub fn waiting(tenant: TenantId, group: GroupId) -> String {
    format!("WAIT#{tenant}#{group}")
}
