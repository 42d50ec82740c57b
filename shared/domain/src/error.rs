//! What can go wrong, once; each API dialect names these in its own words.

/// What was wrong with one field of a body or one parameter of a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// The field's name as the client wrote it, dotted when nested: `retry_policy.max_attempts`.
    pub field: String,
    /// What was wrong, and what would be right.
    pub what: String,
    /// The field is a phone number; one dialect has a code of its own for that.
    pub phone: bool,
}

impl FieldError {
    /// An error on a field that is no phone number.
    pub fn new(field: impl Into<String>, what: impl Into<String>) -> Self {
        Self {
            field: field.into(),
            what: what.into(),
            phone: false,
        }
    }

    /// An error on a phone number.
    pub fn phone(field: impl Into<String>, what: impl Into<String>) -> Self {
        Self {
            field: field.into(),
            what: what.into(),
            phone: true,
        }
    }
}

/// The kinds of record that a request can name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A user.
    User,
    /// An AI voice agent.
    VoiceAgent,
    /// A human agent.
    Operator,
    /// A group of human agents.
    Group,
    /// An entry of the do-not-call list.
    DoNotCall,
    /// A campaign.
    Campaign,
    /// A lead.
    Lead,
    /// A call.
    Call,
    /// A call's recording.
    Recording,
    /// A tenant.
    Tenant,
    /// A provider's account that a tenant gave.
    Integration,
    /// An outbound webhook.
    Subscription,
    /// Calls written into a file.
    Export,
    /// A list of leads on its way in.
    Import,
}

impl Kind {
    /// As it reads in a sentence.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::VoiceAgent => "agent",
            Self::Operator => "agent",
            Self::Group => "agent group",
            Self::DoNotCall => "do-not-call entry",
            Self::Campaign => "campaign",
            Self::Lead => "lead",
            Self::Call => "call",
            Self::Recording => "recording",
            Self::Tenant => "tenant",
            Self::Integration => "integration",
            Self::Subscription => "webhook",
            Self::Export => "export",
            Self::Import => "import",
        }
    }
}

/// Why a use case did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Unreadable: not JSON, not UTF-8, a parameter that is no number.
    #[error("{0}")]
    Malformed(String),
    /// Readable but wrong; names each field.
    #[error("{}", list(.0))]
    Invalid(Vec<FieldError>),
    /// No such record, or one of another tenant.
    #[error("no {} with this id", .0.name())]
    NotFound(Kind),
    /// The record's state, or another record, forbids it.
    #[error("{what}")]
    Conflict {
        /// What record it is about.
        kind: Kind,
        /// What stands in the way, such as `a paused campaign cannot be launched twice`.
        what: String,
    },
    /// Email or password wrong; never which.
    #[error("the email or the password is wrong")]
    BadCredentials,
    /// The token was right once.
    #[error("the token has expired")]
    TokenExpired,
    /// No token, or one that is not of this platform or of the wrong kind.
    #[error("{0}")]
    TokenInvalid(String),
    /// A valid token whose owner may not do this.
    #[error("{0}")]
    Forbidden(String),
    /// Too many requests.
    #[error("too many requests: the limit is {limit} a minute; try again in {retry_after_s} s")]
    RateLimited {
        /// Requests a minute.
        limit: u32,
        /// Seconds until the window ends.
        retry_after_s: u32,
    },
    /// Cannot be served now: maintenance, a part is down.
    #[error("{what}")]
    Unavailable {
        /// What is missing.
        what: String,
        /// Seconds after which it may be worth another try.
        retry_after_s: u32,
    },
    /// A request's body is too large.
    #[error("the body is larger than {limit_bytes} bytes")]
    TooLarge {
        /// The most that is accepted.
        limit_bytes: u64,
    },
    /// A body of a kind that the route does not read.
    #[error("{0}")]
    UnsupportedMedia(String),
    /// A fault of ours: logged, never shown.
    #[error("internal error")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl Error {
    /// One wrong field.
    pub fn invalid(field: impl Into<String>, what: impl Into<String>) -> Self {
        Self::Invalid(vec![FieldError::new(field, what)])
    }

    /// A state that forbids it.
    pub fn conflict(kind: Kind, what: impl Into<String>) -> Self {
        Self::Conflict {
            kind,
            what: what.into(),
        }
    }

    /// A fault of ours.
    pub fn internal(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Internal(cause.into())
    }
}

fn list(errors: &[FieldError]) -> String {
    errors
        .iter()
        .map(|e| format!("{}: {}", e.field, e.what))
        .collect::<Vec<_>>()
        .join("; ")
}
