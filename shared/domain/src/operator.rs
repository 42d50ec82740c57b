//! Human agents and the groups that calls go to.

use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use crate::{CallId, E164, Instant, OperatorId, TenantId, id::GroupId, working_hours::WorkingHours};

/// What a human agent says of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OperatorStatus {
    /// Takes calls.
    Available,
    /// Works on something else.
    Busy,
    /// Not there.
    Offline,
    /// Back soon.
    Break,
}

impl OperatorStatus {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Available, Self::Busy, Self::Offline, Self::Break];

    /// As it is stored and shown.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Available => "available",
            Self::Busy => "busy",
            Self::Offline => "offline",
            Self::Break => "break",
        }
    }
}

/// A group of human agents.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// Its id.
    pub id: GroupId,
    /// Whose it is.
    pub tenant: TenantId,
    /// Unique in the tenant, in any case.
    pub name: String,
    /// What it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// How many human agents are in it; the store keeps it with their rows.
    #[serde(default)]
    pub members: u64,
    /// Rises with every write.
    pub version: u64,
    /// When it was made.
    pub created_at: Instant,
    /// When it last changed.
    pub updated_at: Instant,
}

/// A human agent, as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Operator {
    /// Its id.
    pub id: OperatorId,
    /// Whose it is.
    pub tenant: TenantId,
    /// Its name.
    pub name: String,
    /// Where it is rung.
    pub phone: E164,
    /// Lower-case; unique among the tenant's human agents.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// The group whose calls it takes.
    pub group: GroupId,
    /// What it says of itself.
    pub status: OperatorStatus,
    /// How many calls it takes at once.
    pub max_concurrent_calls: u32,
    /// The calls that it is rung for or talks in. Ids, not a number: to give a call back twice is no error.
    #[serde(default)]
    pub calls: Vec<CallId>,
    /// Calls that it has talked in.
    #[serde(default)]
    pub total_calls: u64,
    /// Seconds that it has talked.
    #[serde(default)]
    pub total_talk_s: u64,
    /// When it works; none: always.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub working_hours: Option<WorkingHours>,
    /// In which zone its working hours are meant.
    pub timezone: Tz,
    /// Whether it is given calls at all.
    pub is_active: bool,
    /// Since when it has had nothing to do: who has waited longest is rung first.
    pub idle_since: Instant,
    /// When it last did something: changed its status, or ended a call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_active_at: Option<Instant>,
    /// Rises with every write.
    pub version: u64,
    /// When it was made.
    pub created_at: Instant,
    /// When it last changed.
    pub updated_at: Instant,
}

impl Operator {
    /// Whether it could take one more call, were it at work.
    #[must_use]
    pub fn is_free(&self) -> bool {
        let talking = u32::try_from(self.calls.len()).unwrap_or(u32::MAX);
        self.is_active && self.status == OperatorStatus::Available && talking < self.max_concurrent_calls
    }

    /// Whether one of its shifts is on.
    #[must_use]
    pub fn at_work(&self, now: Instant) -> bool {
        self.working_hours
            .as_ref()
            .is_none_or(|hours| hours.at_work(now, self.timezone))
    }

    /// With one more call, if it may have it. To give it the same call twice changes nothing.
    #[must_use]
    pub fn taking(&self, call: CallId, now: Instant) -> Option<Self> {
        if self.calls.contains(&call) {
            return Some(self.clone());
        }
        (self.is_free() && self.at_work(now)).then(|| {
            let mut next = self.changed(now);
            next.calls.push(call);
            next
        })
    }

    /// Without a call, after so many seconds of talk; none talked: it was rung in vain. None: it does not have this call.
    #[must_use]
    pub fn giving_back(&self, call: CallId, talk_s: Option<u32>, now: Instant) -> Option<Self> {
        self.calls.contains(&call).then(|| {
            let mut next = self.changed(now);
            next.calls.retain(|held| *held != call);
            if let Some(talk_s) = talk_s {
                next.total_calls += 1;
                next.total_talk_s += u64::from(talk_s);
            }
            // Who did not answer goes to the end of the line as well: the next call rings somebody else.
            next.idle_since = now;
            next.last_active_at = Some(now);
            next
        })
    }

    /// With another status. Who becomes available waits from now on.
    #[must_use]
    pub fn with_status(&self, status: OperatorStatus, now: Instant) -> Self {
        let mut next = self.changed(now);
        if status == OperatorStatus::Available && self.status != OperatorStatus::Available {
            next.idle_since = now;
        }
        next.status = status;
        next.last_active_at = Some(now);
        next
    }

    fn changed(&self, now: Instant) -> Self {
        Self {
            version: self.version + 1,
            updated_at: now,
            ..self.clone()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::derived;

    fn now() -> Instant {
        "2026-03-06T14:00:00Z".parse().unwrap()
    }

    fn operator() -> Operator {
        Operator {
            id: OperatorId(derived("operator")),
            tenant: TenantId(derived("tenant")),
            name: "John Doe".to_owned(),
            phone: "+14155553333".parse().unwrap(),
            email: None,
            group: GroupId(derived("group")),
            status: OperatorStatus::Available,
            max_concurrent_calls: 1,
            calls: Vec::new(),
            total_calls: 0,
            total_talk_s: 0,
            working_hours: None,
            timezone: Tz::UTC,
            is_active: true,
            idle_since: now(),
            last_active_at: None,
            version: 1,
            created_at: now(),
            updated_at: now(),
        }
    }

    fn call(name: &str) -> CallId {
        CallId(derived(name))
    }

    #[test]
    fn it_takes_as_many_calls_as_it_may_and_each_once() {
        let one = operator().taking(call("a"), now()).unwrap();
        assert_eq!(one.taking(call("a"), now()).as_ref(), Some(&one));
        assert_eq!(one.taking(call("b"), now()), None);
        let two = Operator {
            max_concurrent_calls: 2,
            ..one
        };
        assert!(two.taking(call("b"), now()).is_some());
    }

    #[test]
    fn nobody_is_rung_who_is_not_there() {
        let away = operator().with_status(OperatorStatus::Break, now());
        assert_eq!(away.taking(call("a"), now()), None);
        let gone = Operator {
            is_active: false,
            ..operator()
        };
        assert_eq!(gone.taking(call("a"), now()), None);
        let home = Operator {
            working_hours: Some(WorkingHours(std::collections::BTreeMap::new())),
            ..operator()
        };
        assert_eq!(home.taking(call("a"), now()), None);
    }

    #[test]
    fn giving_a_call_back_counts_the_talk_once_and_ends_the_wait() {
        let later = now() + chrono::Duration::minutes(5);
        let busy = operator().taking(call("a"), now()).unwrap();
        let free = busy.giving_back(call("a"), Some(120), later).unwrap();
        assert_eq!(
            (free.total_calls, free.total_talk_s, free.idle_since),
            (1, 120, later)
        );
        assert_eq!(free.giving_back(call("a"), Some(120), later), None);
        let missed = busy.giving_back(call("a"), None, later).unwrap();
        assert_eq!((missed.total_calls, missed.idle_since), (0, later));
    }

    #[test]
    fn to_say_available_again_does_not_lose_ones_place_in_line() {
        let later = now() + chrono::Duration::minutes(5);
        let same = operator().with_status(OperatorStatus::Available, later);
        assert_eq!(same.idle_since, now());
    }
}
