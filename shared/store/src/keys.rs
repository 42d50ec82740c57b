//! Every key of every table, and nothing else. ARCHITECTURE.md has the map.

use trunkline_domain::id::{DeliveryId, GroupId, IntegrationId, SubscriptionId};
use trunkline_domain::{
    CallId, CampaignId, E164, ImportId, Instant, LeadId, OperatorId, SessionId, TenantId, UserId,
    VoiceAgentId, lead::bucket,
};

/// Sortable text of an instant: fixed width, milliseconds.
#[must_use]
pub fn time(at: Instant) -> String {
    at.format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}

// identity

/// A user.
#[must_use]
pub fn user(user: UserId) -> String {
    format!("U#{user}")
}
/// An e-mail address, lower-case: unique in the whole directory.
#[must_use]
pub fn email(email: &str) -> String {
    format!("E#{email}")
}
/// A tenant: its row, and its users under `USER#…`.
#[must_use]
pub fn tenant(tenant: TenantId) -> String {
    format!("T#{tenant}")
}
/// A login.
#[must_use]
pub fn session(session: SessionId) -> String {
    format!("S#{session}")
}

/// A tenant's user, below the tenant.
#[must_use]
pub fn tenant_user(user: UserId) -> String {
    format!("USER#{user}")
}
/// An invitation, by its token's fingerprint.
#[must_use]
pub fn invitation(fingerprint: &str) -> String {
    format!("INV#{fingerprint}")
}
/// Index `all`: the users of one of 4 shards, by when they came.
#[must_use]
pub fn all_users(user: UserId) -> String {
    format!("USERS#{}", user.0.as_bytes()[15] % LISTED)
}

/// How many shards index `all` has of a list.
const LISTED: u8 = 4;
/// Index `all`: every partition of the users' list.
#[must_use]
pub fn user_shards() -> Vec<String> {
    (0..LISTED).map(|shard| format!("USERS#{shard}")).collect()
}
/// What a tenant's people did, by when.
#[must_use]
pub fn audit(tenant: TenantId) -> String {
    format!("AUD#{tenant}")
}
/// Index `all`: what everybody did, one of 4 shards, by when.
#[must_use]
pub fn all_audit(entry: uuid::Uuid) -> String {
    format!("AUDIT#{}", entry.as_bytes()[15] % LISTED)
}
/// Index `all`: every partition of the trail.
#[must_use]
pub fn audit_shards() -> Vec<String> {
    (0..LISTED).map(|shard| format!("AUDIT#{shard}")).collect()
}
/// One of 4 lists of all tenants; the sort key is the tenant's id.
#[must_use]
pub fn tenants(tenant: TenantId) -> String {
    format!("TENANTS#{}", tenant.0.as_bytes()[15] % LISTED)
}
/// Every list of tenants.
#[must_use]
pub fn tenant_shards() -> Vec<String> {
    (0..LISTED).map(|shard| format!("TENANTS#{shard}")).collect()
}
/// What there is once in a deployment.
pub const PLATFORM: &str = "PLATFORM";
/// Whether it is under maintenance.
pub const MAINTENANCE: &str = "MAINTENANCE";
/// What all tenants' counters add up to.
pub const SUMS: &str = "SUMS";
/// How many users and tenants there are, in 8 shards.
pub const TOTALS: &str = "TOTALS";

// ephemeral

/// How often somebody asked in one window of time.
#[must_use]
pub fn rate(who: &str, window: i64) -> String {
    format!("RL#{who}#{window}")
}
/// A request with an idempotency key, by the fingerprint of user, method, path and key.
#[must_use]
pub fn idempotency(fingerprint: &str) -> String {
    format!("IDEM#{fingerprint}")
}
/// A token that is used once, by its purpose and fingerprint.
#[must_use]
pub fn token(purpose: &str, fingerprint: &str) -> String {
    format!("TOK#{purpose}#{fingerprint}")
}
/// Calls that are written into a file.
#[must_use]
pub fn export(export: uuid::Uuid) -> String {
    format!("EXPORT#{export}")
}
/// Something that one holder has for a while.
#[must_use]
pub fn lease(name: &str) -> String {
    format!("LEASE#{name}")
}

// directory

/// The price table, of the whole platform.
pub const PRICES: &str = "PRICES";
/// A voice agent's sort key below its tenant.
#[must_use]
pub fn voice_agent(agent: VoiceAgentId) -> String {
    format!("AGENT#{agent}")
}
/// The guard of a voice agent's name, unique in its tenant in any case.
#[must_use]
pub fn voice_agent_name(name: &str) -> String {
    format!("AGENTNAME#{}", name.trim().to_lowercase())
}

/// Begins the sort keys of a tenant's human agents.
pub const OPERATORS: &str = "OP#";
/// A human agent's sort key below its tenant.
#[must_use]
pub fn operator(operator: OperatorId) -> String {
    format!("{OPERATORS}{operator}")
}
/// The guard of a human agent's e-mail address, unique in its tenant.
#[must_use]
pub fn operator_email(email: &str) -> String {
    format!("OPMAIL#{email}")
}
/// Begins the sort keys of a tenant's groups of human agents.
pub const GROUPS: &str = "GROUP#";
/// A group's sort key below its tenant.
#[must_use]
pub fn group(group: GroupId) -> String {
    format!("{GROUPS}{group}")
}
/// The guard of a group's name, unique in its tenant in any case.
#[must_use]
pub fn group_name(name: &str) -> String {
    format!("GROUPNAME#{}", name.trim().to_lowercase())
}
/// Index `idle`: those of a group who could take a call, by since when they wait.
#[must_use]
pub fn idle(tenant: TenantId, group: GroupId) -> String {
    format!("G#{tenant}#{group}")
}

// dialing

/// A campaign's sort key below its tenant.
#[must_use]
pub fn campaign(campaign: CampaignId) -> String {
    format!("CAMP#{campaign}")
}
/// A campaign's slot shards; the sort key is the shard's number.
#[must_use]
pub fn slot(campaign: CampaignId) -> String {
    format!("SLOT#{campaign}")
}
/// A tenant's slot shard for calls outside campaigns.
#[must_use]
pub fn tenant_slot(tenant: TenantId) -> String {
    format!("SLOT#T#{tenant}")
}
/// The partition of a lead; the sort key is the number.
#[must_use]
pub fn lead(tenant: TenantId, campaign: CampaignId, phone: &E164) -> String {
    lead_bucket(tenant, campaign, bucket(phone))
}
/// One of a campaign's lead partitions.
#[must_use]
pub fn lead_bucket(tenant: TenantId, campaign: CampaignId, bucket: u32) -> String {
    format!("L#{tenant}#{campaign}#{bucket}")
}
/// A number in a tenant: its lock and its do-not-call mark.
#[must_use]
pub fn phone_number(tenant: TenantId, phone: &E164) -> String {
    format!("N#{tenant}#{phone}")
}
/// A number's tenant and the number, out of its key.
pub(crate) fn read_phone_number(pk: &str) -> Option<(TenantId, E164)> {
    let (tenant, phone) = pk.strip_prefix("N#")?.split_once('#')?;
    Some((tenant.parse().ok()?, phone.parse().ok()?))
}
/// Index `list`: a tenant's do-not-call list.
#[must_use]
pub fn dnc_list(tenant: TenantId) -> String {
    format!("DNC#{tenant}")
}
/// Index `list`, sort key of a number on the do-not-call list.
#[must_use]
pub fn dnc_place(at: Instant, phone: &E164) -> String {
    format!("{}#{}", time(at), phone.digits())
}
/// Index `due`, begins the sort keys of marks that end by themselves: apart from the times of all else.
pub const DNC_DUE: &str = "dnc#";
/// Index `due`, sort key of such a mark.
#[must_use]
pub fn dnc_due(at: Instant) -> String {
    format!("{DNC_DUE}{}", time(at))
}
/// Index `due`: the ready leads of one bucket.
#[must_use]
pub fn ready(campaign: CampaignId, bucket: u32) -> String {
    format!("R#{campaign}#{bucket}")
}
/// Index `due`, sort key: zone, then priority, then when.
#[must_use]
pub fn ready_order(zone: &str, priority: char, due: Instant) -> String {
    format!("{zone}#{priority}#{}", time(due))
}
/// Index `due`: what the scheduler wakes for, one of 8 shards.
#[must_use]
pub fn wake(shard: u32) -> String {
    format!("W#{shard}")
}
/// Index `due`, sort key of campaigns that dial: after every time.
pub const ACTIVE: &str = "active";
/// A campaign's tenant and id, out of its key.
pub(crate) fn read_campaign(row: &crate::item::Item) -> Option<(TenantId, CampaignId)> {
    let tenant = crate::item::text(row, "PK")?.strip_prefix("T#")?.parse().ok()?;
    let campaign = crate::item::text(row, "SK")?
        .strip_prefix("CAMP#")?
        .parse()
        .ok()?;
    Some((tenant, campaign))
}
/// Index `list`: a campaign's leads, one bucket.
#[must_use]
pub fn leads_list(campaign: CampaignId, bucket: u32) -> String {
    format!("{campaign}#{bucket}")
}
/// Index `lead`: a lead by its id. (DynamoDB wants at least three letters of an index.)
#[must_use]
pub fn lead_id(lead: LeadId) -> String {
    format!("LEAD#{lead}")
}

// calls

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

// integrations and webhooks

/// An integration's sort key below its tenant.
#[must_use]
pub fn integration(id: IntegrationId) -> String {
    format!("INT#{id}")
}
/// A subscription's sort key below its tenant.
#[must_use]
pub fn subscription(id: SubscriptionId) -> String {
    format!("SUB#{id}")
}
/// Since when a subscription's receiver has only failed, below its tenant.
#[must_use]
pub fn subscription_health(id: SubscriptionId) -> String {
    format!("SUBHEALTH#{id}")
}
/// A delivery: its row in `ephemeral`, and in `dialing` while it is due.
#[must_use]
pub fn delivery(id: DeliveryId) -> String {
    format!("D#{id}")
}
/// A delivery's id, out of its key.
pub(crate) fn read_delivery(pk: &str) -> Option<DeliveryId> {
    pk.strip_prefix("D#")?.parse().ok()
}
/// A subscription's deliveries and tries.
#[must_use]
pub fn subscription_log(id: SubscriptionId) -> String {
    format!("HOOK#{id}")
}
/// Begins the sort keys of a subscription's deliveries.
pub const DELIVERIES: &str = "E#";
/// A delivery's sort key below its subscription.
#[must_use]
pub fn delivered_order(at: Instant, id: DeliveryId) -> String {
    format!("{DELIVERIES}{}#{id}", time(at))
}
/// Begins the sort keys of a subscription's tries.
pub const TRIES: &str = "L#";
/// A try's sort key below its subscription.
#[must_use]
pub fn try_order(at: Instant, id: DeliveryId, attempt: u32) -> String {
    format!("{TRIES}{}#{id}#{attempt:06}", time(at))
}
/// Index `due`, begins the sort keys of deliveries: apart from the times of all else.
pub const HOOK_DUE: &str = "hook#";
/// Index `due`, sort key of a delivery.
#[must_use]
pub fn hook_due(at: Instant) -> String {
    format!("{HOOK_DUE}{}", time(at))
}

// imports

/// An import: its row in `dialing`, what was wrong with its rows in `ephemeral`.
#[must_use]
pub fn import(import: ImportId) -> String {
    format!("I#{import}")
}
/// An import's id, out of its key.
pub(crate) fn read_import(pk: &str) -> Option<ImportId> {
    pk.strip_prefix("I#")?.parse().ok()
}
/// Begins the sort keys of what was wrong with an import's rows.
pub const IMPORT_ERRORS: &str = "ERR#";
/// What was wrong with the rows after these many: one of its chunks.
#[must_use]
pub fn import_errors(rows_before: u64, chunk: u32) -> String {
    format!("{IMPORT_ERRORS}{rows_before:012}#{chunk:04}")
}
/// Index `due`, begins the sort keys of unfinished imports: apart from the times of all else.
pub const IMPORT_DUE: &str = "import#";
/// Index `due`, sort key of an import that is not finished.
#[must_use]
pub fn import_due(at: Instant) -> String {
    format!("{IMPORT_DUE}{}", time(at))
}
