//! Transcribing a recording again, as somebody asked: a job with a status.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::Instant;

/// How far the job is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TranscriptionStatus {
    /// Waits for a worker.
    Queued,
    /// A worker is at it.
    Processing,
    /// Done.
    Completed,
    /// Given up; `reason` says why.
    Failed,
}

impl TranscriptionStatus {
    /// As every dialect writes it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Processing => "processing",
            Self::Completed => "completed",
            Self::Failed => "failed",
        }
    }

    /// Nothing comes after it.
    #[must_use]
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Completed | Self::Failed)
    }
}

/// Where a transcript's words of the person come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TranscriptSource {
    /// Heard while the call lasted.
    Live,
    /// Recognised from the recording.
    Recording,
}

impl TranscriptSource {
    /// As every dialect writes it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Recording => "recording",
        }
    }
}

/// The last wish that a call's recording be transcribed again, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transcription {
    /// Which wish: a message of an earlier one does nothing.
    pub job: Uuid,
    /// How far it is.
    pub status: TranscriptionStatus,
    /// Where the words come from now, once it is completed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<TranscriptSource>,
    /// Why it failed, or why the words are still those of the live call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// How often a worker began.
    pub tries: u32,
    /// Until when the worker that is at it is believed to live.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lease_until: Option<Instant>,
    /// When it was asked for.
    pub requested_at: Instant,
    /// When it was over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finished_at: Option<Instant>,
    /// Rises with every write; later writes are conditional on it.
    pub version: u64,
}

/// A wish that was not over by then is believed lost, and may be made anew.
const FORGOTTEN: chrono::Duration = chrono::Duration::hours(1);

impl Transcription {
    /// A fresh wish, which follows the version of the one before.
    #[must_use]
    pub const fn asked(job: Uuid, now: Instant, version: u64) -> Self {
        Self {
            job,
            status: TranscriptionStatus::Queued,
            source: None,
            reason: None,
            tries: 0,
            lease_until: None,
            requested_at: now,
            finished_at: None,
            version,
        }
    }

    /// Whether it is still to be done, and not so old that its message must be lost.
    #[must_use]
    pub fn is_under_way(&self, now: Instant) -> bool {
        !self.status.is_over() && now < self.requested_at + FORGOTTEN
    }

    /// Whether another worker is at it.
    #[must_use]
    pub fn is_taken(&self, now: Instant) -> bool {
        self.status == TranscriptionStatus::Processing && self.lease_until.is_some_and(|until| until > now)
    }

    /// Taken by a worker until `until`.
    #[must_use]
    pub fn taken(&self, until: Instant) -> Self {
        Self {
            status: TranscriptionStatus::Processing,
            tries: self.tries + 1,
            lease_until: Some(until),
            version: self.version + 1,
            ..self.clone()
        }
    }

    /// Given back, for another try.
    #[must_use]
    pub fn put_back(&self, reason: String) -> Self {
        Self {
            status: TranscriptionStatus::Queued,
            reason: Some(reason),
            lease_until: None,
            version: self.version + 1,
            ..self.clone()
        }
    }

    /// Over: with where the words come from, or failed.
    #[must_use]
    pub fn over(&self, source: Option<TranscriptSource>, reason: Option<String>, now: Instant) -> Self {
        Self {
            status: if source.is_some() {
                TranscriptionStatus::Completed
            } else {
                TranscriptionStatus::Failed
            },
            source,
            reason,
            lease_until: None,
            finished_at: Some(now),
            version: self.version + 1,
            ..self.clone()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_goes_its_way_and_a_lost_one_may_be_asked_for_again() {
        let now: Instant = "2026-11-22T10:00:00Z".parse().unwrap();
        let asked = Transcription::asked(Uuid::nil(), now, 1);
        assert!(asked.is_under_way(now) && !asked.is_taken(now));
        let taken = asked.taken(now + chrono::Duration::minutes(10));
        assert!(taken.is_taken(now) && !taken.is_taken(now + chrono::Duration::minutes(10)));
        assert!(!taken.is_under_way(now + chrono::Duration::hours(1)));
        let back = taken.put_back("busy".to_owned());
        assert_eq!(
            (back.status, back.tries, back.version),
            (TranscriptionStatus::Queued, 1, 3)
        );
        let done = back.over(Some(TranscriptSource::Recording), None, now);
        assert!(done.status.is_over() && !done.is_under_way(now));
        assert_eq!(
            taken.over(None, Some("broken".to_owned()), now).status,
            TranscriptionStatus::Failed
        );
    }
}
