//! What a human agent is made from and changed by.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use trunkline_domain::id::GroupId;
use trunkline_http::Patch;
use trunkline_service::operators::{OperatorPatch, ShiftText};
use uuid::Uuid;

/// From when to when on one day.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
pub(super) struct Shift {
    /// `09:00`
    #[schemars(example = &"09:00")]
    start: String,
    /// `17:00`; `24:00` is midnight.
    #[schemars(example = &"17:00")]
    end: String,
}

impl From<ShiftText> for Shift {
    fn from(shift: ShiftText) -> Self {
        Self {
            start: shift.start,
            end: shift.end,
        }
    }
}

/// A human agent's fields. At its making `name` and `phone` are required; in a change what is absent stays, null clears.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub(super) struct Fields {
    #[schemars(example = &"John Doe")]
    name: Patch<String>,
    /// The number that is rung.
    #[schemars(example = &"+14155553333")]
    phone: Patch<String>,
    /// Unique among the agents; the user with the same address is this agent.
    #[schemars(example = &"john@example.com")]
    email: Patch<String>,
    /// The group whose calls it takes; the default one unless given.
    agent_group_id: Patch<Uuid>,
    /// 1 to 10; 1 unless given.
    #[schemars(example = 2)]
    max_concurrent_calls: Patch<u32>,
    /// Shifts by the day; a day that is left out is free. Null: always at work.
    #[schemars(example = json!({"monday": {"start": "09:00", "end": "17:00"}}))]
    working_hours: Patch<BTreeMap<String, Option<Shift>>>,
    /// IANA zone of the working hours; the phone number's unless given.
    timezone: Patch<String>,
    /// Whether it is given calls at all; true unless given.
    is_active: Patch<bool>,
}

impl Fields {
    pub(super) fn patch(self) -> OperatorPatch {
        let week = |week: BTreeMap<String, Option<Shift>>| {
            week.into_iter()
                .map(|(day, shift)| {
                    let shift = shift.map(|shift| ShiftText {
                        start: shift.start,
                        end: shift.end,
                    });
                    (day, shift)
                })
                .collect()
        };
        OperatorPatch {
            name: self.name.change(),
            phone: self.phone.change(),
            email: self.email.change(),
            group: self.agent_group_id.change().map(|id| id.map(GroupId)),
            max_concurrent_calls: self.max_concurrent_calls.change(),
            working_hours: self.working_hours.change().map(|hours| hours.map(week)),
            timezone: self.timezone.change(),
            is_active: self.is_active.change(),
        }
    }
}

/// What a human agent says of itself.
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct Status {
    /// `available`, `busy`, `offline` or `break`.
    #[schemars(example = &"available")]
    pub(super) status: String,
}
