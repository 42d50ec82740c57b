//! What a provider can answer instead of a result.

/// Why a provider did not do what was asked.
///
/// Messages name the provider and never contain a key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProviderError {
    /// The part cannot work yet or at all: models missing, no key.
    #[error("{provider} is not available: {reason}")]
    Unavailable {
        /// The provider's name, such as `builtin`.
        provider: &'static str,
        /// What is missing, and how to get it.
        reason: String,
    },
    /// Its queue is full: the caller speaks a filler or falls back.
    #[error("{provider} is overloaded")]
    Overloaded {
        /// The provider's name.
        provider: &'static str,
    },
    /// It answered with an error or something unreadable.
    #[error("{provider} failed: {reason}")]
    Failed {
        /// The provider's name.
        provider: &'static str,
        /// What happened, without secrets.
        reason: String,
    },
}
