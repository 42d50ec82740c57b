//! Speech and language by vendors' APIs, behind the same traits as the built-in
//! parts.
//!
//! Each client is made from an [`Account`] and shared by all calls of whoever
//! pays for it: keep it, since it keeps its connections. Addresses come from the
//! deployment's configuration alone.

mod account;
mod cartesia;
mod deepgram;
mod elevenlabs;
mod endpoint;
mod http;
mod limits;
mod openai;
mod pcm;
mod retry;
mod socket;
mod spoken;
mod sse;
mod vendor;
mod words;

use std::sync::Arc;

pub use account::Account;
pub use limits::Limits;
pub use vendor::Vendor;

use endpoint::Endpoint;

use crate::ProviderError;
use crate::llm::LanguageModel;
use crate::stt::SpeechToText;
use crate::tts::TextToSpeech;

/// The account's language model.
///
/// # Errors
/// [`ProviderError::Unavailable`] where the vendor has none, or the account's
/// key or address cannot be used.
pub fn language_model(account: &Account) -> Result<Arc<dyn LanguageModel>, ProviderError> {
    language_model_within(account, Limits::default())
}

/// The same, waiting for other times.
///
/// # Errors
/// As [`language_model`].
pub fn language_model_within(
    account: &Account,
    limits: Limits,
) -> Result<Arc<dyn LanguageModel>, ProviderError> {
    match account.vendor {
        Vendor::Openai => Ok(Arc::new(openai::Chat::new(Endpoint::new(account)?, limits))),
        Vendor::Deepgram | Vendor::Cartesia | Vendor::Elevenlabs => {
            Err(lacks(account.vendor, "language model"))
        }
    }
}

/// The account's recogniser.
///
/// # Errors
/// As [`language_model`].
pub fn speech_to_text(account: &Account) -> Result<Arc<dyn SpeechToText>, ProviderError> {
    speech_to_text_within(account, Limits::default())
}

/// The same, waiting for other times.
///
/// # Errors
/// As [`language_model`].
pub fn speech_to_text_within(
    account: &Account,
    limits: Limits,
) -> Result<Arc<dyn SpeechToText>, ProviderError> {
    match account.vendor {
        Vendor::Deepgram => Ok(Arc::new(deepgram::Deepgram::new(Endpoint::new(account)?, limits))),
        Vendor::Openai | Vendor::Cartesia | Vendor::Elevenlabs => {
            Err(lacks(account.vendor, "speech to text"))
        }
    }
}

/// The account's voice.
///
/// # Errors
/// As [`language_model`].
pub fn text_to_speech(account: &Account) -> Result<Arc<dyn TextToSpeech>, ProviderError> {
    text_to_speech_within(account, Limits::default())
}

/// The same, waiting for other times.
///
/// # Errors
/// As [`language_model`].
pub fn text_to_speech_within(
    account: &Account,
    limits: Limits,
) -> Result<Arc<dyn TextToSpeech>, ProviderError> {
    match account.vendor {
        Vendor::Openai => Ok(Arc::new(openai::Speech::new(Endpoint::new(account)?, limits))),
        Vendor::Elevenlabs => Ok(Arc::new(elevenlabs::Elevenlabs::new(
            Endpoint::new(account)?,
            limits,
        ))),
        Vendor::Cartesia => Ok(Arc::new(cartesia::Cartesia::new(Endpoint::new(account)?, limits))),
        Vendor::Deepgram => Err(lacks(account.vendor, "text to speech")),
    }
}

fn lacks(vendor: Vendor, part: &str) -> ProviderError {
    ProviderError::Unavailable {
        provider: vendor.as_str(),
        reason: format!("{vendor} has no {part} here"),
    }
}
