//! Keys of campaigns, leads, numbers and slots.

use trunkline_domain::{CampaignId, E164, Instant, LeadId, TenantId, id::GroupId, lead::bucket};

use super::time;

/// A campaign's sort key below its tenant.
#[must_use]
pub fn campaign(campaign: CampaignId) -> String {
    format!("CAMP#{campaign}")
}
/// A campaign's voicemail message, which a signed link names without its tenant; key and sort key are one.
#[must_use]
pub fn voicemail(campaign: CampaignId) -> String {
    format!("VM#{campaign}")
}
/// A campaign's slot shards; the sort key is the shard's number.
#[must_use]
pub fn slot(campaign: CampaignId) -> String {
    format!("SLOT#{campaign}")
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
/// How many calls ring for a group of human agents; in index `list`, the campaigns that dial for it.
#[must_use]
pub fn people(tenant: TenantId, group: GroupId) -> String {
    format!("PEOPLE#{tenant}#{group}")
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
