//! Integrations: a tenant's accounts at providers. What each kind's credentials are stands here once.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{Instant, TenantId, UserId, id::IntegrationId};

/// Whose account it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IntegrationKind {
    /// Twilio, a carrier.
    Twilio,
    /// Exotel, a carrier.
    Exotel,
    /// OpenAI, language models and speech.
    Openai,
    /// Deepgram, speech to text.
    Deepgram,
    /// Cartesia, text to speech.
    Cartesia,
    /// ElevenLabs, text to speech.
    Elevenlabs,
    /// Slack, messages.
    Slack,
    /// Any HTTP service.
    Http,
}

/// One part of a kind's credentials.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CredentialField {
    /// Its name in the body.
    pub name: &'static str,
    /// Whether there is none without it.
    pub required: bool,
    /// Whether it is shown masked.
    pub secret: bool,
}

const fn key(name: &'static str) -> CredentialField {
    CredentialField {
        name,
        required: true,
        secret: true,
    }
}
const fn named(name: &'static str) -> CredentialField {
    CredentialField {
        name,
        required: true,
        secret: false,
    }
}
const fn also(name: &'static str) -> CredentialField {
    CredentialField {
        name,
        required: false,
        secret: false,
    }
}
const fn also_key(name: &'static str) -> CredentialField {
    CredentialField {
        name,
        required: false,
        secret: true,
    }
}

impl IntegrationKind {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Twilio,
        Self::Exotel,
        Self::Openai,
        Self::Deepgram,
        Self::Cartesia,
        Self::Elevenlabs,
        Self::Slack,
        Self::Http,
    ];

    /// As it is stored and shown.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Twilio => "twilio",
            Self::Exotel => "exotel",
            Self::Openai => "openai",
            Self::Deepgram => "deepgram",
            Self::Cartesia => "cartesia",
            Self::Elevenlabs => "elevenlabs",
            Self::Slack => "slack",
            Self::Http => "http",
        }
    }

    /// What its credentials are made of. Slack needs one of its two, which no single field says.
    #[must_use]
    pub const fn credentials(self) -> &'static [CredentialField] {
        match self {
            Self::Twilio => &const { [named("account_sid"), key("auth_token")] },
            Self::Exotel => &const { [named("account_sid"), key("api_key"), key("api_token")] },
            Self::Openai => &const { [key("api_key"), also("organization")] },
            Self::Deepgram | Self::Cartesia | Self::Elevenlabs => &const { [key("api_key")] },
            Self::Slack => &const { [also_key("bot_token"), also_key("webhook_url")] },
            Self::Http => {
                &const {
                    [
                        named("url"),
                        also_key("token"),
                        also("username"),
                        also_key("password"),
                        also("header_name"),
                        also_key("header_value"),
                    ]
                }
            }
        }
    }

    /// Where its API is, unless the settings' `base_url` says otherwise; none where a credential says it.
    #[must_use]
    pub const fn base_url(self) -> Option<&'static str> {
        match self {
            Self::Twilio => Some("https://api.twilio.com"),
            Self::Exotel => Some("https://api.exotel.com"),
            Self::Openai => Some("https://api.openai.com/v1"),
            Self::Deepgram => Some("https://api.deepgram.com"),
            Self::Cartesia => Some("https://api.cartesia.ai"),
            Self::Elevenlabs => Some("https://api.elevenlabs.io"),
            Self::Slack => Some("https://slack.com/api"),
            Self::Http => None,
        }
    }
}

/// What the last test said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IntegrationStatus {
    /// Not tested since its credentials were given.
    Untested,
    /// The provider took the credentials.
    Connected,
    /// It did not, or could not be asked.
    Failed,
}

impl IntegrationStatus {
    /// As it is shown.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Untested => "untested",
            Self::Connected => "connected",
            Self::Failed => "failed",
        }
    }
}

/// An integration, as it is stored: its credentials sealed, and beside them only what may be shown.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Integration {
    /// Its id.
    pub id: IntegrationId,
    /// Whose it is.
    pub tenant: TenantId,
    /// Who made it.
    pub created_by: UserId,
    /// The tenant's name for it.
    pub name: String,
    /// Whose account it is; never changes.
    pub kind: IntegrationKind,
    /// The credentials, sealed for this tenant and id.
    pub sealed: String,
    /// The credentials as they are shown: secrets masked.
    pub shown: BTreeMap<String, String>,
    /// Free-form; `base_url` says where the provider's API is.
    pub settings: Map<String, Value>,
    /// What the last test said.
    pub status: IntegrationStatus,
    /// In words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// When.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_tested_at: Option<Instant>,
    /// Rises with every change; a test is none.
    pub version: u64,
    /// When it was made.
    pub created_at: Instant,
    /// When it last changed.
    pub updated_at: Instant,
}

/// A secret as it is shown: `sk-…wxyz`. Of a short one nothing is.
#[must_use]
pub fn mask(secret: &str) -> String {
    const SHOWN: usize = 4;
    let letters: Vec<char> = secret.chars().collect();
    if letters.len() < 3 * SHOWN {
        return "…".to_owned();
    }
    // A provider's own prefix, such as `sk-` or `xoxb-`, says what kind of key it is and nothing of the key.
    let prefix = letters
        .iter()
        .take(SHOWN + 1)
        .position(|letter| matches!(letter, '-' | '_'))
        .map_or(0, |at| at + 1);
    let start: String = letters.iter().take(prefix).collect();
    let end: String = letters.iter().skip(letters.len() - SHOWN).collect();
    format!("{start}…{end}")
}

/// Whether a text has a masked secret's mark, which no real one has.
#[must_use]
pub fn is_masked(text: &str) -> bool {
    text.contains('…')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mask_shows_a_providers_prefix_and_the_last_four() {
        for (secret, shown) in [
            ("sk-proj-abcdefghijklwxyz", "sk-…wxyz"),
            ("xoxb-123456789012-abcd", "xoxb-…abcd"),
            ("0123456789abcdef", "…cdef"),
            ("abcdefghijk", "…"),
            ("", "…"),
            ("пароль-очень-длинный", "…нный"),
        ] {
            assert_eq!(mask(secret), shown, "{secret}");
            assert!(is_masked(shown) && !is_masked(secret));
        }
    }

    #[test]
    fn a_kinds_word_is_the_same_stored_and_shown() {
        for kind in IntegrationKind::ALL {
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.as_str());
            assert!(kind.credentials().iter().any(|field| field.secret), "{kind:?}");
        }
    }
}
