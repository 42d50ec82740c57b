//! The carrier's identifiers: two letters for the kind, then 32 hexadecimal digits.

use uuid::Uuid;

/// What a SID names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Call,
    Conference,
    Recording,
    Stream,
}

/// A new SID. Random rather than seeded: a ledger that was thrown away must not give its SIDs a second time.
pub(crate) fn new_sid(kind: Kind) -> String {
    let prefix = match kind {
        Kind::Call => "CA",
        Kind::Conference => "CF",
        Kind::Recording => "RE",
        Kind::Stream => "MZ",
    };
    format!("{prefix}{}", Uuid::new_v4().simple())
}

/// A token that stays the same over the retries of one webhook (`I-Twilio-Idempotency-Token`).
pub(crate) fn new_idempotency_token() -> String {
    Uuid::new_v4().to_string()
}
