//! What the platform asks of a carrier.

use bytes::Bytes;
use futures::stream::BoxStream;
use trunkline_domain::{CallId, CallerId, E164, Instant, call_status::Report};

use crate::participants::{Change, Guest, Seat};

/// One call to be placed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DialOrder {
    /// Our id; it rides in the callback URLs, since the carrier has no field for it.
    pub call: CallId,
    /// Which placing of the row; rides along too.
    pub epoch: u32,
    /// Whom to call.
    pub to: E164,
    /// Who calls.
    pub from: CallerId,
    /// How long it may ring, in seconds.
    pub ring_timeout_s: u32,
    /// How long it may last, in seconds.
    pub time_limit_s: u32,
    /// Whether the carrier is to detect answering machines (asynchronously).
    pub amd: bool,
    /// Whether the carrier is to record it, both sides apart, and to tell when the recording is there.
    pub record: bool,
}

/// A human agent's telephone to be rung for a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RingOrder {
    /// The call that it is rung for; it rides in the callback URLs, as the epoch and the leg do.
    pub call: CallId,
    /// Which placing of the call's row.
    pub epoch: u32,
    /// The how-manieth telephone of the call, from 1.
    pub leg: u32,
    /// Whom to ring.
    pub to: E164,
    /// Who rings.
    pub from: CallerId,
    /// How long it may ring, in seconds.
    pub ring_s: u32,
    /// How long it may be connected, in seconds.
    pub time_limit_s: u32,
}

/// A call as the carrier has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CarrierCall {
    /// The carrier's id.
    pub sid: String,
    /// Where it stands.
    pub report: Report,
    /// The called number, where it is one.
    pub to: Option<E164>,
    /// When the carrier took it.
    pub created_at: Option<Instant>,
    /// Seconds from answer to end.
    pub duration_s: Option<u32>,
    /// What answered, where the carrier knows.
    pub answered_by: Option<trunkline_domain::AnsweredBy>,
}

/// Why a call was not placed, or may not have been.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DialError {
    /// Certainly not placed: too fast. Safe to repeat after a while.
    #[error("the carrier asks to slow down")]
    SlowDown {
        /// Seconds to wait, where the carrier says.
        retry_after_s: Option<u32>,
    },
    /// Certainly not placed, and a repetition would be refused too.
    #[error("the carrier refused the call: {code} {what}")]
    Refused {
        /// The carrier's error code.
        code: String,
        /// Its words.
        what: String,
    },
    /// It may have been placed: a timeout, a 5xx, error 20500. Never repeated, only settled.
    #[error("the carrier's answer is not known: {what}")]
    Ambiguous {
        /// What was seen.
        what: String,
    },
}

/// Why the carrier could not be asked about a call, or did not do what was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CarrierError {
    /// No answer, or one that cannot be read: ask again later.
    #[error("the carrier does not answer: {0}")]
    Unreachable(String),
    /// It refused: wrong account, wrong state.
    #[error("the carrier refused: {0}")]
    Refused(String),
}

/// A recording's sound, as it comes.
pub type Sound = BoxStream<'static, Result<Bytes, CarrierError>>;

/// A carrier account.
#[async_trait::async_trait]
pub trait Carrier: Send + Sync + std::fmt::Debug {
    /// The account's id: kept on each call, so that its callbacks are checked with its token.
    fn account(&self) -> &str;

    /// Places a call: one POST, no retry, no redirects, within [`trunkline_domain::dial::POST_TIMEOUT`].
    /// Answers the carrier's id.
    ///
    /// # Errors
    /// [`DialError`] tells what is certain.
    async fn dial(&self, order: &DialOrder) -> Result<String, DialError>;

    /// Rings a human agent's telephone: one POST, no retry, as for [`Carrier::dial`]. Answers the carrier's id.
    ///
    /// # Errors
    /// [`DialError`] tells what is certain.
    async fn ring(&self, order: &RingOrder) -> Result<String, DialError> {
        _ = order;
        Err(DialError::Refused {
            code: "none".to_owned(),
            what: "this carrier rings nobody for a call".to_owned(),
        })
    }

    /// A call by the carrier's id; `None`: the carrier has no such call.
    ///
    /// # Errors
    /// When the carrier could not be asked.
    async fn fetch(&self, sid: &str) -> Result<Option<CarrierCall>, CarrierError>;

    /// The carrier's calls from one number to another, created no earlier than `since`.
    ///
    /// # Errors
    /// When the carrier could not be asked.
    async fn list(
        &self,
        to: &E164,
        from: &CallerId,
        since: Instant,
    ) -> Result<Vec<CarrierCall>, CarrierError>;

    /// Withdraws a call that is queued or ringing. One that was answered meanwhile goes on.
    ///
    /// # Errors
    /// When the carrier could not be asked.
    async fn cancel(&self, sid: &str) -> Result<(), CarrierError>;

    /// Ends a call in any state.
    ///
    /// # Errors
    /// When the carrier could not be asked.
    async fn hang_up(&self, sid: &str) -> Result<(), CarrierError>;

    /// Sends a live call to other instructions: the carrier asks this URL of ours what to do now.
    ///
    /// # Errors
    /// When the carrier could not be asked.
    async fn redirect(&self, sid: &str, url: &str) -> Result<(), CarrierError>;

    /// Changes somebody in a conference, and answers the carrier's id of that call; none: nobody there is meant by it, or the conference is
    /// over.
    ///
    /// # Errors
    /// When the carrier could not be asked.
    async fn change_participant(&self, seat: &Seat, change: &Change) -> Result<Option<String>, CarrierError> {
        _ = (seat, change);
        Err(no_conferences())
    }

    /// Rings somebody for a conference that is under way: one POST, no retry. Answers the carrier's id of the call.
    ///
    /// # Errors
    /// When the carrier could not be asked: then the telephone may ring all the same, and is found by its label.
    async fn invite(&self, conference: &str, guest: &Guest) -> Result<String, CarrierError> {
        _ = (conference, guest);
        Err(no_conferences())
    }

    /// Takes somebody out of a conference, and ends the call; one who still rings is called off. False: nobody there is meant by it.
    ///
    /// # Errors
    /// When the carrier could not be asked.
    async fn dismiss(&self, seat: &Seat) -> Result<bool, CarrierError> {
        _ = seat;
        Err(no_conferences())
    }

    /// A recording by the carrier's id, as a WAV; none: the carrier has no such recording, or not any more.
    ///
    /// # Errors
    /// When the carrier could not be asked.
    async fn recording(&self, sid: &str) -> Result<Option<Sound>, CarrierError> {
        _ = sid;
        Err(no_recordings())
    }

    /// Has the carrier delete a recording; one that is not there is no error.
    ///
    /// # Errors
    /// When the carrier could not be asked.
    async fn delete_recording(&self, sid: &str) -> Result<(), CarrierError> {
        _ = sid;
        Err(no_recordings())
    }

    /// Whether a webhook is the account's own: `signature` is made with its token over this URL and these form
    /// parameters. A carrier that signs nothing vouches for nothing.
    fn signed(&self, url: &str, params: &[(String, String)], signature: &str) -> bool {
        _ = (url, params, signature);
        false
    }

    /// Asks for the account: what a health check wants to know.
    ///
    /// # Errors
    /// When the carrier could not be asked.
    async fn ping(&self) -> Result<(), CarrierError>;
}

fn no_recordings() -> CarrierError {
    CarrierError::Refused("this carrier records nothing".to_owned())
}

fn no_conferences() -> CarrierError {
    CarrierError::Refused("this carrier has no conferences".to_owned())
}
