//! Rows with the attributes by which indexes find them. A row is always written whole from its
//! record, under a condition on `version`, so a record and its index entries cannot part.

use serde::{Deserialize, Serialize};
use trunkline_domain::{AnsweredBy, Call, Campaign, Lead, LeadStatus, call_status::CallStatus, lead::bucket};
use trunkline_events::Event;

use crate::{
    Result,
    dialing::people::Dialling,
    item::{Item, item, s},
    keys,
};

/// A record with its last event.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WithEvent<T> {
    /// The record.
    #[serde(flatten)]
    pub record: T,
    /// Its last event, for the stream.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ev: Option<Event>,
}

/// A campaign's row.
pub(crate) fn campaign_row(campaign: &Campaign, ev: Option<&Event>) -> Result<Item> {
    let mut row = item(
        keys::tenant(campaign.tenant),
        keys::campaign(campaign.id),
        campaign,
    )?;
    add_event(&mut row, ev)?;
    if campaign.state == trunkline_domain::CampaignState::Scheduled
        && let Some(start) = campaign.start_time
    {
        row.insert("due_pk".to_owned(), s(keys::wake(keys::shard_of(&campaign.id.0))));
        row.insert("due_sk".to_owned(), s(keys::time(start)));
    }
    if campaign.state == trunkline_domain::CampaignState::Active {
        row.insert("due_pk".to_owned(), s(keys::wake(keys::shard_of(&campaign.id.0))));
        row.insert("due_sk".to_owned(), s(keys::ACTIVE));
        if let Some(group) = campaign.people() {
            row.insert("list_pk".to_owned(), s(keys::people(campaign.tenant, group)));
            row.insert("list_sk".to_owned(), s(Dialling::entry(campaign)));
        }
    }
    Ok(row)
}

/// A lead's row: in index `due` while it may be dialled, in `list` by status, in `id` always.
pub(crate) fn lead_row(lead: &Lead) -> Result<Item> {
    let part = bucket(&lead.phone);
    let mut row = item(
        keys::lead(lead.tenant, lead.campaign, &lead.phone),
        lead.phone.as_str(),
        lead,
    )?;
    if let (LeadStatus::Pending, Some(due)) = (lead.status, lead.due_at) {
        row.insert("due_pk".to_owned(), s(keys::ready(lead.campaign, part)));
        row.insert(
            "due_sk".to_owned(),
            s(keys::ready_order(&lead.zone_key, lead.priority.digit(), due)),
        );
    }
    row.insert("list_pk".to_owned(), s(keys::leads_list(lead.campaign, part)));
    row.insert(
        "list_sk".to_owned(),
        s(format!(
            "{}#{}#{}",
            lead.status.as_str(),
            keys::time(lead.created_at),
            lead.id
        )),
    );
    row.insert("lead_pk".to_owned(), s(keys::lead_id(lead.id)));
    row.insert("lead_sk".to_owned(), s("LEAD"));
    Ok(row)
}

/// A call's row: in the call lists, there once more by how far it is, in `check` while unfinished, in `sid` once the
/// carrier named it.
pub(crate) fn call_row(call: &Call, ev: Option<&Event>) -> Result<Item> {
    let mut row = item(keys::call(call.id), "META", call)?;
    add_event(&mut row, ev)?;
    let created = keys::created(call.created_at, call.id);
    let mut list = |index: &str, scope: String| {
        row.insert(format!("{index}_pk"), s(scope));
        row.insert(format!("{index}_sk"), s(created.clone()));
    };
    let state = keys::call_state(call.status.word());
    list("tenant", call.tenant.to_string());
    list("tenant_state", format!("{}#{state}", call.tenant));
    list("phone", format!("{}#{}", call.tenant, call.to));
    if let Some(campaign) = call.campaign {
        list("campaign", format!("{}#{campaign}", call.tenant));
        list("campaign_state", format!("{}#{campaign}#{state}", call.tenant));
    }
    if let Some(agent) = call.voice_agent {
        list("agent", format!("{}#{agent}", call.tenant));
        list("agent_state", format!("{}#{agent}#{state}", call.tenant));
    }
    if let Some(operator) = call.operator {
        list("operator", format!("{}#{operator}", call.tenant));
    }
    if let Some(at) = call.check_at.filter(|_| !call.status.is_ended()) {
        row.insert("check_pk".to_owned(), s(keys::check(keys::shard_of(&call.id.0))));
        row.insert("check_sk".to_owned(), s(keys::created(at, call.id)));
    }
    if let Some(sid) = &call.sid {
        row.insert("sid_pk".to_owned(), s(format!("{}#{sid}", call.account)));
        row.insert("sid_sk".to_owned(), s("CALL"));
    }
    row.insert("f".to_owned(), s(filter(call)));
    Ok(row)
}

/// What list queries filter by without reading the row: `status|outcome|campaign|agent|number|rec|tenant|operator|by:…|`.
fn filter(call: &Call) -> String {
    let outcome = match call.status {
        CallStatus::Ended(outcome) => outcome.as_str(),
        CallStatus::Scheduled
        | CallStatus::Claimed
        | CallStatus::Unsent
        | CallStatus::Placed
        | CallStatus::Ringing
        | CallStatus::Talking => "",
    };
    let id = |id: Option<uuid::Uuid>| id.map(|id| id.to_string()).unwrap_or_default();
    format!(
        "{}|{outcome}|{}|{}|{}|{}|{}|{}|by:{}|",
        call.status.word(),
        id(call.campaign.map(|c| c.0)),
        id(call.voice_agent.map(|a| a.0)),
        call.to,
        if call.recording.is_some() { "rec" } else { "" },
        call.tenant,
        id(call.operator.map(|o| o.0)),
        call.answered_by.map_or("", AnsweredBy::as_str),
    )
}

pub(crate) fn add_event(row: &mut Item, ev: Option<&Event>) -> Result<()> {
    if let Some(ev) = ev {
        let event = serde_dynamo::aws_sdk_dynamodb_1::to_attribute_value(ev);
        row.insert(
            "ev".to_owned(),
            event.map_err(|e| crate::StoreError::Corrupt(e.to_string()))?,
        );
    }
    Ok(())
}
