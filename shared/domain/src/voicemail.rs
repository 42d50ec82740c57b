//! A campaign's voicemail message: our checked copy of the file whose address its user gave.

use chrono::Duration;
use serde::{Deserialize, Serialize};

use crate::{CampaignId, Instant, TenantId};

/// How soon after a failure, or after somebody began and did not come back, the file is asked for again.
const AGAIN: Duration = Duration::seconds(60);

/// What came of the file at an address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VoicemailMessage {
    /// The campaign that it is for.
    pub campaign: CampaignId,
    /// Whose.
    pub tenant: TenantId,
    /// Where it was asked for: it stands for this address alone.
    pub url: String,
    /// When it was asked for last.
    pub tried_at: Instant,
    /// What came of it.
    pub state: VoicemailState,
}

/// Whether there is something to play.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VoicemailState {
    /// It is kept, and can be played.
    Ready(VoicemailFile),
    /// There is nothing that could be played, because of this.
    Failed(String),
    /// Somebody fetches it; with the copy that was kept before, of another address.
    Fetching(Option<VoicemailFile>),
}

/// The copy in the bucket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VoicemailFile {
    /// The object's key.
    pub key: String,
    /// What it is, by its bytes.
    pub format: SoundFormat,
    /// How large.
    pub size_bytes: u64,
    /// How long it plays, in milliseconds.
    pub duration_ms: u64,
}

/// What carriers play.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SoundFormat {
    /// RIFF/WAVE: PCM of 8 or 16 bits, or mu-law.
    Wav,
    /// MPEG audio, layer III.
    Mp3,
}

impl SoundFormat {
    /// As HTTP says it.
    #[must_use]
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Wav => "audio/wav",
            Self::Mp3 => "audio/mpeg",
        }
    }

    /// The end of a file's name.
    #[must_use]
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Wav => "wav",
            Self::Mp3 => "mp3",
        }
    }
}

impl VoicemailMessage {
    /// The copy of the file at this address.
    #[must_use]
    pub fn file(&self, url: &str) -> Option<&VoicemailFile> {
        match &self.state {
            VoicemailState::Ready(file) if self.url == url => Some(file),
            VoicemailState::Ready(_) | VoicemailState::Failed(_) | VoicemailState::Fetching(_) => None,
        }
    }

    /// The copy that is in the bucket, of whatever address: who was given its link may still fetch it.
    #[must_use]
    pub const fn copy(&self) -> Option<&VoicemailFile> {
        match &self.state {
            VoicemailState::Ready(file) => Some(file),
            VoicemailState::Fetching(before) => before.as_ref(),
            VoicemailState::Failed(_) => None,
        }
    }

    /// Why there is nothing to play of this address; none: there is, or nobody has asked yet.
    #[must_use]
    pub fn failure(&self, url: &str) -> Option<&str> {
        match &self.state {
            VoicemailState::Failed(reason) if self.url == url => Some(reason),
            VoicemailState::Failed(_) | VoicemailState::Ready(_) | VoicemailState::Fetching(_) => None,
        }
    }

    /// Whether the file at this address is to be asked for: it never was, or in vain and some time ago.
    #[must_use]
    pub fn is_wanted(&self, url: &str, now: Instant) -> bool {
        self.url != url || (self.file(url).is_none() && self.tried_at + AGAIN <= now)
    }
}

/// Everything of a campaign's message in the bucket begins with this.
#[must_use]
pub fn prefix(tenant: TenantId, campaign: CampaignId) -> String {
    format!("voicemail/{tenant}/{campaign}/")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::derived;

    fn message(state: VoicemailState) -> VoicemailMessage {
        VoicemailMessage {
            campaign: CampaignId(derived("campaign")),
            tenant: TenantId(derived("tenant")),
            url: "https://example.com/a.wav".to_owned(),
            tried_at: "2026-11-23T10:00:00Z".parse().unwrap(),
            state,
        }
    }

    #[test]
    fn a_copy_stands_for_the_address_that_it_was_made_of() {
        let file = VoicemailFile {
            key: "voicemail/1".to_owned(),
            format: SoundFormat::Wav,
            size_bytes: 10,
            duration_ms: 5,
        };
        let message = message(VoicemailState::Ready(file.clone()));
        let later = message.tried_at + Duration::days(300);
        assert_eq!(message.file(&message.url), Some(&file));
        assert!(!message.is_wanted(&message.url, later), "it is fetched once");
        assert_eq!(message.file("https://example.com/b.wav"), None);
        assert!(message.is_wanted("https://example.com/b.wav", message.tried_at));
    }

    #[test]
    fn what_somebody_fetches_is_left_to_them_for_a_minute() {
        let message = message(VoicemailState::Fetching(None));
        assert_eq!(
            (message.file(&message.url), message.failure(&message.url)),
            (None, None)
        );
        assert!(!message.is_wanted(&message.url, message.tried_at + Duration::seconds(59)));
        assert!(message.is_wanted(&message.url, message.tried_at + Duration::seconds(60)));
        assert!(message.is_wanted("https://example.com/b.wav", message.tried_at));
    }

    #[test]
    fn what_failed_is_asked_for_again_after_a_minute() {
        let message = message(VoicemailState::Failed("404".to_owned()));
        assert_eq!(message.failure(&message.url), Some("404"));
        assert_eq!(message.failure("https://example.com/b.wav"), None);
        assert!(!message.is_wanted(&message.url, message.tried_at + Duration::seconds(59)));
        assert!(message.is_wanted(&message.url, message.tried_at + Duration::seconds(60)));
    }
}
