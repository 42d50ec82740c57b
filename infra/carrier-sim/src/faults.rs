//! Faults that were asked for over `/sim/faults`, and which of them strikes now.

use std::{
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use serde::{Deserialize, Serialize};

/// At most so many faults stand at a time.
const FAULTS_MAX: usize = 1000;

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    /// A webhook is sent `ms` late (2000).
    Delay,
    /// A webhook is sent twice.
    Duplicate,
    /// A callback is held until the call's next one was sent, at most `ms` (3000).
    Reorder,
    /// A webhook is not sent.
    Drop,
    #[serde(rename = "status_429")]
    Status429,
    #[serde(rename = "status_500")]
    Status500,
    /// The call is placed, the answer never comes: after `ms` (30 000) the connection is closed.
    TimeoutAfterAccept,
    /// Calls younger than `ms` (10 000) are missing from the list.
    ListLag,
    /// A media stream's connection breaks `ms` (1000) later.
    CutStream,
}

impl Kind {
    const ALL: [(&'static str, Self); 9] = [
        ("delay", Self::Delay),
        ("duplicate", Self::Duplicate),
        ("reorder", Self::Reorder),
        ("drop", Self::Drop),
        ("status_429", Self::Status429),
        ("status_500", Self::Status500),
        ("timeout_after_accept", Self::TimeoutAfterAccept),
        ("list_lag", Self::ListLag),
        ("cut_stream", Self::CutStream),
    ];

    /// All names, for an error message.
    pub(crate) fn names() -> [&'static str; 9] {
        Self::ALL.map(|(name, _)| name)
    }

    pub(crate) fn parse(name: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, kind)| *kind)
    }

    fn default_ms(self) -> u64 {
        match self {
            Self::Delay => 2000,
            Self::Reorder => 3000,
            Self::TimeoutAfterAccept => 30_000,
            Self::ListLag => 10_000,
            Self::CutStream => 1000,
            Self::Duplicate | Self::Drop | Self::Status429 | Self::Status500 => 0,
        }
    }
}

/// What a fault strikes; what is not given matches everything.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Match {
    /// The called number, or its last digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) to: Option<String>,
    /// A part of the request's path.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) path: Option<String>,
}

/// A standing fault.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Fault {
    pub(crate) id: u64,
    pub(crate) kind: Kind,
    #[serde(rename = "match")]
    pub(crate) matching: Match,
    /// How often it will still strike; none: until it is deleted.
    pub(crate) count: Option<u32>,
    pub(crate) ms: u64,
}

/// What a fault might strike.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Victim<'a> {
    pub(crate) to: &'a str,
    pub(crate) path: &'a str,
    /// Only a fault that names this path may strike: what it would break is rarely meant when no path is given (the fetch of
    /// instructions for `drop`, any request but the making of a call for `status_500`).
    pub(crate) only_by_path: bool,
}

/// All standing faults.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    standing: Mutex<Vec<Fault>>,
    next_id: AtomicU64,
    /// Moves when a fault is added, so that a running stream notices without taking the lock 50 times a second.
    version: AtomicU64,
}

impl Faults {
    /// Adds a fault; none when too many stand already.
    pub(crate) fn add(
        &self,
        kind: Kind,
        matching: Match,
        count: Option<u32>,
        ms: Option<u64>,
    ) -> Option<Fault> {
        let mut standing = self.lock();
        if standing.len() >= FAULTS_MAX {
            return None;
        }
        let id = self.next_id.fetch_add(1, Ordering::Relaxed) + 1;
        let fault = Fault {
            id,
            kind,
            matching,
            count,
            ms: ms.unwrap_or(kind.default_ms()),
        };
        standing.push(fault.clone());
        self.version.fetch_add(1, Ordering::Release);
        Some(fault)
    }

    pub(crate) fn clear(&self) -> usize {
        std::mem::take(&mut *self.lock()).len()
    }

    pub(crate) fn list(&self) -> Vec<Fault> {
        self.lock().clone()
    }

    pub(crate) fn version(&self) -> u64 {
        self.version.load(Ordering::Acquire)
    }

    /// Whether a fault of this kind strikes now, and its time. Counts it.
    pub(crate) fn strike(&self, kind: Kind, victim: Victim<'_>) -> Option<Duration> {
        let mut standing = self.lock();
        let index = standing
            .iter()
            .position(|fault| fault.kind == kind && fault.matching.fits(victim))?;
        let fault = standing.get_mut(index)?;
        let ms = fault.ms;
        if let Some(left) = &mut fault.count {
            *left = left.saturating_sub(1);
            if *left == 0 {
                standing.remove(index);
            }
        }
        Some(Duration::from_millis(ms))
    }

    /// The lags of the list that stand now, each with the number it hides. Counts them: one strike a look.
    pub(crate) fn list_lags(&self) -> Vec<(Option<String>, u64)> {
        let mut standing = self.lock();
        let mut lags = Vec::new();
        standing.retain_mut(|fault| {
            if fault.kind != Kind::ListLag {
                return true;
            }
            lags.push((fault.matching.to.clone(), fault.ms));
            match &mut fault.count {
                Some(left) => {
                    *left = left.saturating_sub(1);
                    *left > 0
                }
                None => true,
            }
        });
        lags
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Fault>> {
        self.standing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Match {
    fn fits(&self, victim: Victim<'_>) -> bool {
        let to = self.to.as_ref().is_none_or(|to| victim.to.ends_with(to.as_str()));
        let path = self
            .path
            .as_ref()
            .map_or(!victim.only_by_path, |path| victim.path.contains(path.as_str()));
        to && path
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn victim(to: &'static str, path: &'static str) -> Victim<'static> {
        Victim {
            to,
            path,
            only_by_path: false,
        }
    }

    #[test]
    fn strikes_as_often_as_asked_and_only_what_matches() {
        let faults = Faults::default();
        let matching = Match {
            to: Some("+15550000001".into()),
            path: Some("/status".into()),
        };
        faults.add(Kind::Drop, matching, Some(2), None).unwrap();
        assert_eq!(
            faults.strike(Kind::Drop, victim("+15550000002", "/twilio/status")),
            None
        );
        assert_eq!(
            faults.strike(Kind::Drop, victim("+15550000001", "/twilio/amd")),
            None
        );
        assert_eq!(
            faults.strike(Kind::Delay, victim("+15550000001", "/twilio/status")),
            None
        );
        for _ in 0..2 {
            assert!(
                faults
                    .strike(Kind::Drop, victim("+15550000001", "/twilio/status"))
                    .is_some()
            );
        }
        assert_eq!(
            faults.strike(Kind::Drop, victim("+15550000001", "/twilio/status")),
            None
        );
        assert!(faults.list().is_empty());
    }

    #[test]
    fn without_a_count_it_stands_until_deleted() {
        let faults = Faults::default();
        faults.add(Kind::Delay, Match::default(), None, Some(70)).unwrap();
        for _ in 0..50 {
            assert_eq!(
                faults.strike(Kind::Delay, victim("+1", "/x")),
                Some(Duration::from_millis(70))
            );
        }
        assert_eq!(faults.clear(), 1);
        assert_eq!(faults.strike(Kind::Delay, victim("+1", "/x")), None);
    }

    #[test]
    fn delicate_victims_are_struck_only_by_path() {
        let faults = Faults::default();
        faults.add(Kind::Drop, Match::default(), None, None).unwrap();
        let fetch = Victim {
            to: "+1",
            path: "/answer",
            only_by_path: true,
        };
        assert_eq!(faults.strike(Kind::Drop, fetch), None);
        faults
            .add(
                Kind::Drop,
                Match {
                    path: Some("answer".into()),
                    to: None,
                },
                None,
                None,
            )
            .unwrap();
        assert!(faults.strike(Kind::Drop, fetch).is_some());
    }

    #[test]
    fn lags_are_counted_by_look() {
        let faults = Faults::default();
        faults
            .add(Kind::ListLag, Match::default(), Some(1), Some(5))
            .unwrap();
        assert_eq!(faults.list_lags(), [(None, 5)]);
        assert!(faults.list_lags().is_empty());
    }

    #[test]
    fn every_name_is_known() {
        for name in Kind::names() {
            let kind = Kind::parse(name).unwrap();
            assert_eq!(serde_json::to_value(kind).unwrap(), name);
        }
        assert_eq!(Kind::parse("meteor"), None);
    }
}
