//! What the media server needs of the platform, and nothing more.

use std::sync::Arc;

use bytes::Bytes;
use trunkline_providers::cloud::Account;
use trunkline_providers::llm::{Line, Persona};
use trunkline_providers::tts::Voice;

use crate::session::{
    Direction, LineRecord, MachinePolicy, Next, OptOutBy, People, Phrases, SilenceSettings, Stats,
};

/// Who did a stream's work, by the names that its plan used.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WorkByName {
    /// Milliseconds that each recogniser listened.
    pub heard_ms: Vec<(String, u64)>,
    /// Letters that each model wrote.
    pub written: Vec<(String, u64)>,
    /// Letters that each voice spoke.
    pub spoken: Vec<(String, u64)>,
}

/// What a carrier's stream says of itself when it starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamStart {
    /// Which call, and which of its streams.
    pub call: CallRef,
    /// The dialling attempt's epoch, from the stream's parameters.
    pub epoch: u32,
    /// The token from the stream's parameters; a secret.
    pub token: String,
    /// The carrier's id of the call.
    pub call_sid: String,
    /// The carrier's account.
    pub account_sid: String,
    /// The carrier's id of the stream.
    pub stream_sid: String,
}

/// One stream of one call.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CallRef {
    /// Our id of the call.
    pub call_id: String,
    /// 0 for the call's first stream; one more for each that continues a broken one.
    pub generation: u32,
}

/// Whose accounts with vendors a call uses; none for a part of this process. No key shows in its debug text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Accounts {
    /// For the recogniser of that vendor's name.
    pub stt: Option<Account>,
    /// For the language model of that vendor's name.
    pub llm: Option<Account>,
    /// For the voice of that vendor's name.
    pub tts: Option<Account>,
}

/// How a call is to be held.
#[derive(Debug, Clone)]
pub struct CallPlan {
    /// Who speaks.
    pub persona: Arc<Persona>,
    /// First words; empty: the model makes them.
    pub greeting: String,
    /// The voice to speak with.
    pub voice: Voice,
    /// BCP 47 tag of the caller's language.
    pub language: String,
    /// Names of recognisers in order of preference; see [`crate::Parts`].
    pub stt: Vec<String>,
    /// Names of language models in order of preference.
    pub llm: Vec<String>,
    /// Names of voice providers in order of preference.
    pub tts: Vec<String>,
    /// What the names of vendors among them are asked with.
    pub accounts: Accounts,
    /// The conversation's limit, counted anew for each stream.
    pub max_duration_s: u32,
    /// Whether both sides are recorded.
    pub record: bool,
    /// The conversation so far, for a stream that continues a broken one.
    pub history: Vec<Line>,
    /// Who called whom.
    pub direction: Direction,
    /// When a silent caller is asked, and given up.
    pub silence: SilenceSettings,
    /// What to do about answering machines.
    pub machine: MachinePolicy,
    /// A machine has answered, and nobody talks: its beep is waited for, and no provider is needed.
    pub listens: bool,
    /// Who might take the caller over.
    pub handover: People,
    /// What follows when no provider is left.
    pub fallback: Next,
    /// Sentences that are not the model's.
    pub phrases: Phrases,
}

impl CallPlan {
    /// A plan of stub providers, for load tests and as a base.
    #[must_use]
    pub fn stub() -> Self {
        let stub = || vec!["stub".to_owned()];
        Self {
            persona: Arc::new(Persona {
                language: "en".to_owned(),
                ..Persona::default()
            }),
            greeting: String::new(),
            voice: Voice {
                speed: 1.0,
                language: "en".to_owned(),
                ..Voice::default()
            },
            language: "en".to_owned(),
            stt: stub(),
            llm: stub(),
            tts: stub(),
            accounts: Accounts::default(),
            max_duration_s: 3_600,
            record: true,
            history: Vec::new(),
            direction: Direction::Inbound,
            silence: SilenceSettings::default(),
            machine: MachinePolicy::Ignore,
            listens: false,
            handover: People::None,
            fallback: Next::Hangup,
            phrases: Phrases::default(),
        }
    }
}

/// Why a stream may not start. The text is sent to the client and logged.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The token is not one of ours, or of another call, or expired.
    #[error("the stream's token is not valid for this call")]
    Token,
    /// The token has been used before.
    #[error("the stream's token was already used")]
    Used,
    /// The call does not exist, is over, or belongs to another carrier account.
    #[error("there is no such call to stream")]
    NoCall,
    /// The platform cannot say now; the reason is logged, not sent.
    #[error("the call cannot be started at the moment")]
    Unavailable(String),
}

/// Who wants to talk from a browser or an app, and to whom.
#[derive(Clone, PartialEq, Eq)]
pub struct VoiceStart {
    /// The user's access token; a secret.
    pub token: String,
    /// The voice agent to talk to.
    pub agent_id: String,
    /// The campaign that the call is to belong to.
    pub campaign_id: Option<String>,
}

/// A call from a browser or an app that may begin.
#[derive(Debug, Clone)]
pub struct VoiceCall {
    /// The call and its only stream.
    pub call: CallRef,
    /// How it is held.
    pub plan: CallPlan,
}

/// Why a call from a browser or an app may not begin, or not go on. The text is for its user.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VoiceRefused {
    /// The token is not one of ours, or its login has ended.
    #[error("{0}")]
    Token(String),
    /// The token's time is over.
    #[error("the access token has expired; refresh it and connect again")]
    Expired,
    /// The user may not, or what they name is not theirs.
    #[error("{0}")]
    Request(String),
    /// Too many conversations are under way.
    #[error("all lines are busy; try again in a moment")]
    Full,
    /// The platform is closed to this user for now, and says why.
    #[error("{0}")]
    Closed(String),
    /// The platform cannot say now; the reason is logged, not sent.
    #[error("the call cannot be started at the moment")]
    Unavailable(String),
}

/// Why the platform did not store something. Messages have no secrets.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PortError {
    /// It may work when tried again.
    #[error("not now: {0}")]
    Retry(String),
    /// It never will.
    #[error("never: {0}")]
    Never(String),
}

/// The platform, as the media server sees it.
///
/// Every write may be repeated after an error whose effect is unknown, so each
/// must be idempotent: a line by `(generation, start_ms, track)`, a segment by its
/// number. The server retries, keeps the order and never waits for a write on
/// the live path.
#[async_trait::async_trait]
pub trait CallPort: Send + Sync + std::fmt::Debug {
    /// Checks the token, uses it up, names this instance on the call, and says
    /// how to hold it.
    ///
    /// # Errors
    /// [`Refused`]: the stream is closed.
    async fn admit(&self, start: &StreamStart) -> Result<CallPlan, Refused>;

    /// Whether a carrier that signed a stream's handshake is the one that calls go out by. One
    /// that signs nothing is known by its token alone.
    fn handshake_signed(&self, _path_and_query: &str, _signature: &str) -> bool {
        true
    }

    /// Stores a line of the transcript.
    ///
    /// # Errors
    /// [`PortError`]
    async fn line(&self, call: &CallRef, line: &LineRecord) -> Result<(), PortError>;

    /// Stores segment `number` (from 0) of the recording: see [`crate::recorder`] for the bytes.
    ///
    /// # Errors
    /// [`PortError`]
    async fn segment(&self, call: &CallRef, number: u32, bytes: Bytes) -> Result<(), PortError>;

    /// Records that the called person does not want to be called again.
    ///
    /// # Errors
    /// [`PortError`]
    async fn opt_out(&self, call: &CallRef, by: OptOutBy) -> Result<(), PortError>;

    /// Looks for a person who takes the caller over: whoever accepts gets the call by the carrier, which ends the stream. Asked again
    /// while somebody is looked for, it begins no second search. False: nobody can come.
    ///
    /// # Errors
    /// [`PortError`]
    async fn find_person(&self, _call: &CallRef) -> Result<bool, PortError> {
        Ok(false)
    }

    /// Whether a person whom [`CallPort::find_person`] looks for may still come.
    ///
    /// # Errors
    /// [`PortError`]
    async fn is_sought(&self, _call: &CallRef) -> Result<bool, PortError> {
        Ok(false)
    }

    /// Stores who did the stream's work; before [`CallPort::finish`].
    ///
    /// # Errors
    /// [`PortError`]
    async fn work(&self, _call: &CallRef, _work: &WorkByName) -> Result<(), PortError> {
        Ok(())
    }

    /// Writes what the call does next; the stream is closed after this. All
    /// lines and segments have been handed over before, or given up.
    ///
    /// # Errors
    /// [`PortError`]
    async fn finish(&self, call: &CallRef, next: Next, stats: &Stats) -> Result<(), PortError>;

    /// Whether an access token is good, asked again and again while its call lasts.
    ///
    /// # Errors
    /// [`VoiceRefused`]
    async fn voice_token(&self, _token: &str) -> Result<(), VoiceRefused> {
        Err(VoiceRefused::Unavailable(
            "no calls from browsers here".to_owned(),
        ))
    }

    /// Makes a call from a browser or an app, and takes its place among the conversations.
    ///
    /// # Errors
    /// [`VoiceRefused`]
    async fn voice_open(&self, _start: &VoiceStart) -> Result<VoiceCall, VoiceRefused> {
        Err(VoiceRefused::Unavailable(
            "no calls from browsers here".to_owned(),
        ))
    }

    /// Keeps what a browser or an app says of its call: a JSON object.
    ///
    /// # Errors
    /// [`PortError`]
    async fn voice_metadata(&self, _call: &CallRef, _metadata: &str) -> Result<(), PortError> {
        Ok(())
    }

    /// Publishes, every 5 s, how many conversations run here and how many more may.
    ///
    /// # Errors
    /// [`PortError`]; not retried, since the next one follows soon.
    async fn capacity(&self, active: usize, free: usize) -> Result<(), PortError>;
}

/// A platform that keeps nothing: for streams in open mode.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoPlatform;

#[async_trait::async_trait]
impl CallPort for NoPlatform {
    async fn admit(&self, _: &StreamStart) -> Result<CallPlan, Refused> {
        Err(Refused::NoCall)
    }

    async fn line(&self, _: &CallRef, _: &LineRecord) -> Result<(), PortError> {
        Ok(())
    }

    async fn segment(&self, _: &CallRef, _: u32, _: Bytes) -> Result<(), PortError> {
        Ok(())
    }

    async fn opt_out(&self, _: &CallRef, _: OptOutBy) -> Result<(), PortError> {
        Ok(())
    }

    async fn finish(&self, _: &CallRef, _: Next, _: &Stats) -> Result<(), PortError> {
        Ok(())
    }

    async fn capacity(&self, _: usize, _: usize) -> Result<(), PortError> {
        Ok(())
    }
}
