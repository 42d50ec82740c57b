//! A lead: one number in one campaign.

use serde::{Deserialize, Serialize};

use crate::{Campaign, CampaignId, E164, ImportId, Instant, LeadId, TenantId, zones};

/// Where a lead stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LeadStatus {
    /// Waits for its first call, or for a retry.
    Pending,
    /// A call to it is under way.
    Calling,
    /// Reached.
    Completed,
    /// Attempts used up.
    Failed,
    /// On the do-not-call list.
    Dnc,
}

impl LeadStatus {
    /// Every status, for filters.
    pub const ALL: [Self; 5] = [
        Self::Pending,
        Self::Calling,
        Self::Completed,
        Self::Failed,
        Self::Dnc,
    ];

    /// Nothing more will be dialled.
    #[must_use]
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Completed | Self::Failed | Self::Dnc)
    }

    /// As it is stored.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Calling => "calling",
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Dnc => "dnc",
        }
    }
}

/// Which leads go first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Priority {
    /// Before all others.
    Urgent,
    /// Before the normal ones.
    High,
    /// As most.
    #[default]
    Normal,
    /// After all others.
    Low,
}

impl Priority {
    /// A digit that sorts the most urgent first.
    #[must_use]
    pub const fn digit(self) -> char {
        match self {
            Self::Urgent => '0',
            Self::High => '1',
            Self::Normal => '2',
            Self::Low => '3',
        }
    }
}

/// A lead, as it is stored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Lead {
    /// Its id, random: a key holds the number, an id must not.
    pub id: LeadId,
    /// Whose it is.
    pub tenant: TenantId,
    /// The campaign it belongs to.
    pub campaign: CampaignId,
    /// Its number.
    pub phone: E164,
    /// Given name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_name: Option<String>,
    /// Family name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_name: Option<String>,
    /// E-mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// ISO 3166 country, two letters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// The tenant's own word for its kind.
    #[serde(default, rename = "kind", skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Its own IANA zone, where the list names one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timezone: Option<String>,
    /// Which go first.
    #[serde(default)]
    pub priority: Priority,
    /// Any other columns, usable in the agent's prompt.
    #[serde(default)]
    pub custom_fields: serde_json::Map<String, serde_json::Value>,
    /// Free text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notes: Option<String>,
    /// Where it stands.
    pub status: LeadStatus,
    /// Attempts begun so far.
    pub attempts: u32,
    /// The next attempt has a call row already: claimed once and certainly not placed.
    #[serde(default)]
    pub unsent: bool,
    /// When it may be dialled next; none when nothing is planned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_at: Option<Instant>,
    /// When it was dialled last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_call_at: Option<Instant>,
    /// The key of the zones whose windows it keeps to (see [`crate::zones::key_of`]).
    pub zone_key: String,
    /// The import that brought it.
    pub import: ImportId,
    /// Rises with every write.
    pub version: u64,
    /// When it came.
    pub created_at: Instant,
    /// When it last changed.
    pub updated_at: Instant,
}

impl Lead {
    /// Waits for its first call or for a retry, and the time of that has come: what the dialer takes, if all else allows it.
    #[must_use]
    pub fn is_ready(&self, now: Instant) -> bool {
        self.waits() && self.is_due(now)
    }

    /// Waits for its first call or for a retry.
    #[must_use]
    pub fn waits(&self) -> bool {
        self.status == LeadStatus::Pending
    }

    /// The time of its next attempt has come.
    #[must_use]
    pub fn is_due(&self, now: Instant) -> bool {
        self.due_at.is_some_and(|due| due <= now)
    }
}

impl Lead {
    /// A lead of which only its number is known, and that may be dialled at once.
    #[must_use]
    pub fn waiting(campaign: &Campaign, id: LeadId, import: ImportId, phone: E164, now: Instant) -> Self {
        Self {
            id,
            tenant: campaign.tenant,
            campaign: campaign.id,
            zone_key: zones::key_of(&phone, None),
            phone,
            first_name: None,
            last_name: None,
            email: None,
            country: None,
            kind: None,
            timezone: None,
            priority: Priority::Normal,
            custom_fields: serde_json::Map::new(),
            notes: None,
            status: LeadStatus::Pending,
            attempts: 0,
            unsent: false,
            due_at: Some(now),
            last_call_at: None,
            import,
            version: 1,
            created_at: now,
            updated_at: now,
        }
    }
}

/// Into how many partitions a campaign's leads are spread.
pub const BUCKETS: u32 = 4;

/// The partition of a number: FNV-1a over its digits, stable for ever since it is in keys.
#[must_use]
pub fn bucket(phone: &E164) -> u32 {
    let hash = phone.digits().bytes().fold(0x811c_9dc5_u32, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    });
    hash % BUCKETS
}
