//! The Dialer's lead.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value, json};
use trunkline_domain::{Lead, LeadStatus, Priority};
use trunkline_http::Seconds;
use uuid::Uuid;

/// A lead.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct LeadBody {
    id: Uuid,
    campaign_id: Uuid,
    tenant_id: Uuid,
    /// E.164.
    #[schemars(example = &"+14155552671")]
    phone: String,
    /// E.164.
    #[schemars(example = &"+14155552671")]
    phone_normalized: String,
    #[schemars(example = &"Sara")]
    first_name: Option<String>,
    #[schemars(example = &"Ahmed")]
    last_name: Option<String>,
    #[schemars(example = &"sara@example.com")]
    email: Option<String>,
    /// Two letters.
    #[schemars(example = &"US")]
    country: Option<String>,
    #[schemars(example = &"carrier")]
    r#type: Option<String>,
    /// `low`, `normal`, `high` or `urgent`.
    #[schemars(example = &"normal")]
    priority: &'static str,
    #[schemars(example = json!({"company": "ABC Corp"}))]
    custom_fields: Map<String, Value>,
    #[schemars(example = &"VIP customer")]
    notes: Option<String>,
    /// IANA zone of its own; null: as its number says.
    timezone: Option<String>,
    /// `pending`, `calling`, `completed`, `failed` or `dnc`.
    #[schemars(example = &"pending")]
    status: &'static str,
    #[schemars(example = 0)]
    call_attempts: u32,
    #[schemars(example = None::<Seconds>)]
    last_call_at: Option<Seconds>,
    /// When it is tried again; null when no retry is planned.
    #[schemars(example = None::<Seconds>)]
    next_call_at: Option<Seconds>,
    #[schemars(example = false)]
    pub(super) do_not_call: bool,
    created_at: Seconds,
    updated_at: Seconds,
}

impl From<Lead> for LeadBody {
    fn from(lead: Lead) -> Self {
        let retry = lead
            .due_at
            .filter(|_| lead.attempts > 0 && lead.status == LeadStatus::Pending);
        Self {
            id: lead.id.0,
            campaign_id: lead.campaign.0,
            tenant_id: lead.tenant.0,
            phone: lead.phone.to_string(),
            phone_normalized: lead.phone.to_string(),
            first_name: lead.first_name,
            last_name: lead.last_name,
            email: lead.email,
            country: lead.country,
            r#type: lead.kind,
            priority: word(lead.priority),
            custom_fields: lead.custom_fields,
            notes: lead.notes,
            timezone: lead.timezone,
            status: lead.status.as_str(),
            call_attempts: lead.attempts,
            last_call_at: lead.last_call_at.map(Seconds),
            next_call_at: retry.map(Seconds),
            do_not_call: lead.status == LeadStatus::Dnc,
            created_at: lead.created_at.into(),
            updated_at: lead.updated_at.into(),
        }
    }
}

const fn word(priority: Priority) -> &'static str {
    match priority {
        Priority::Urgent => "urgent",
        Priority::High => "high",
        Priority::Normal => "normal",
        Priority::Low => "low",
    }
}
