//! The Dialer's agent.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;
use trunkline_http::{Seconds, example};
use trunkline_service::operators::{Known, OperatorStats, week_of};
use uuid::Uuid;

use super::fields::Shift;

/// A human agent.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct OperatorBody {
    #[schemars(example = example::id("operator_id"))]
    id: Uuid,
    tenant_id: Uuid,
    /// The user with the same e-mail address; null until it registers.
    user_id: Option<Uuid>,
    #[schemars(example = &"John Doe")]
    name: String,
    /// E.164: the number that is rung.
    #[schemars(example = &"+14155553333")]
    phone: String,
    #[schemars(example = &"john@example.com")]
    email: Option<String>,
    agent_group_id: Uuid,
    /// `available`, `busy`, `offline` or `break`.
    #[schemars(example = &"available")]
    status: &'static str,
    #[schemars(example = 2)]
    max_concurrent_calls: u32,
    #[schemars(example = 0)]
    current_calls: usize,
    #[schemars(example = 156)]
    total_calls_handled: u64,
    #[schemars(example = 23_400)]
    total_call_duration_seconds: u64,
    /// Shifts by the day, in `timezone`; null: always at work.
    #[schemars(example = json!({"monday": {"start": "09:00", "end": "17:00"}, "tuesday": {"start": "09:00", "end": "17:00"}}))]
    working_hours: Option<BTreeMap<&'static str, Shift>>,
    /// IANA zone of the working hours.
    #[schemars(example = &"America/Los_Angeles")]
    timezone: &'static str,
    #[schemars(example = true)]
    is_active: bool,
    created_at: Seconds,
    updated_at: Seconds,
    last_active_at: Option<Seconds>,
}

impl From<Known> for OperatorBody {
    fn from(Known { operator, user }: Known) -> Self {
        let week = operator.working_hours.as_ref().map(week_of);
        Self {
            id: operator.id.0,
            tenant_id: operator.tenant.0,
            user_id: user.map(|user| user.0),
            name: operator.name,
            phone: operator.phone.to_string(),
            email: operator.email,
            agent_group_id: operator.group.0,
            status: operator.status.as_str(),
            max_concurrent_calls: operator.max_concurrent_calls,
            current_calls: operator.calls.len(),
            total_calls_handled: operator.total_calls,
            total_call_duration_seconds: operator.total_talk_s,
            working_hours: week.map(|week| {
                week.into_iter()
                    .map(|(day, shift)| (day, Shift::from(shift)))
                    .collect()
            }),
            timezone: operator.timezone.name(),
            is_active: operator.is_active,
            created_at: operator.created_at.into(),
            updated_at: operator.updated_at.into(),
            last_active_at: operator.last_active_at.map(Seconds),
        }
    }
}

/// What a human agent has done.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct StatsBody {
    #[schemars(example = 156)]
    total_calls: i64,
    #[schemars(example = 142)]
    answered_calls: i64,
    /// Seconds.
    #[schemars(example = 150.5)]
    avg_talk_time: f64,
    /// Seconds.
    #[schemars(example = 23_400)]
    total_talk_time: i64,
}

impl From<OperatorStats> for StatsBody {
    fn from(stats: OperatorStats) -> Self {
        Self {
            total_calls: stats.total_calls,
            answered_calls: stats.answered_calls,
            avg_talk_time: stats.avg_talk_s,
            total_talk_time: stats.total_talk_s,
        }
    }
}
