//! Which of the documents a path belongs to.

/// Whose shapes, words and codes an answer has. The three of `/api/v1` differ in their bodies and in `details`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// `voiceera-rest.md`, at `/`; unknown paths too.
    VoiceEra,
    /// `dialer.md`, at `/api`.
    Dialer,
    /// `ai-caller.md`'s own paths below `/api/v1`: bare bodies.
    AiCaller,
    /// `calling-platform.md`'s own paths below `/api/v1`, and `/exotel`: `{success, message?, data}`.
    Platform,
    /// The paths below `/api/v1` that both claim, and the unknown ones.
    V1,
}

/// The three limits, and the three documents' prefixes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Family {
    /// `/`.
    VoiceEra,
    /// `/api`.
    Dialer,
    /// `/api/v1`.
    V1,
}

/// What follows `/api/v1` on the Calling Platform's own paths.
const PLATFORM: [&str; 11] = [
    "/auth/register",
    "/phones",
    "/calls/outbound",
    "/scheduling",
    "/retry",
    "/bulk",
    "/analytics/calls",
    "/analytics/agents",
    "/analytics/costs",
    "/knowledge-base",
    "/stats",
];

/// What follows `/api/v1` on AI Caller's own paths.
const AI_CALLER: [&str; 9] = [
    "/auth/forgot-password",
    "/auth/reset-password",
    "/config",
    "/setup",
    "/notifications",
    "/analytics/dashboard",
    "/analytics/call-volume",
    "/analytics/qa-stats",
    "/analytics/export",
];

impl Dialect {
    /// By longest prefix.
    #[must_use]
    pub fn of_path(path: &str) -> Self {
        if below(path, "/exotel").is_some() {
            return Self::Platform;
        }
        if let Some(rest) = below(path, "/api/v1") {
            return Self::of_v1(rest);
        }
        if below(path, "/api").is_some() {
            Self::Dialer
        } else {
            Self::VoiceEra
        }
    }

    fn of_v1(rest: &str) -> Self {
        let among = |prefixes: &[&str]| prefixes.iter().any(|prefix| below(rest, prefix).is_some());
        if among(&PLATFORM) || below(rest, "/exotel").is_some() {
            return Self::Platform;
        }
        if among(&AI_CALLER) || below(rest, "/calls").is_some() {
            return Self::AiCaller;
        }
        // The five of `/agents` are shared; what is below one agent is AI Caller's.
        match below(rest, "/agents") {
            Some(one) if one.trim_start_matches('/').contains('/') => Self::AiCaller,
            _ => Self::V1,
        }
    }

    /// The prefix that it is under.
    #[must_use]
    pub const fn family(self) -> Family {
        match self {
            Self::VoiceEra => Family::VoiceEra,
            Self::Dialer => Family::Dialer,
            Self::AiCaller | Self::Platform | Self::V1 => Family::V1,
        }
    }
}

/// What follows `prefix`, when the path is it or below it.
fn below<'a>(path: &'a str, prefix: &str) -> Option<&'a str> {
    let rest = path.strip_prefix(prefix)?;
    (rest.is_empty() || rest.starts_with('/')).then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_prefix_decides() {
        for (path, dialect) in [
            ("/", Dialect::VoiceEra),
            ("/agents", Dialect::VoiceEra),
            ("/nothing/here", Dialect::VoiceEra),
            ("/apis", Dialect::VoiceEra),
            ("/api", Dialect::Dialer),
            ("/api/leads", Dialect::Dialer),
            ("/api/v10", Dialect::Dialer),
            ("/api/v1", Dialect::V1),
            ("/api/v1/nothing", Dialect::V1),
            ("/api/v1/auth/login", Dialect::V1),
            ("/api/v1/auth/register", Dialect::Platform),
            ("/api/v1/auth/reset-password", Dialect::AiCaller),
            ("/api/v1/agents", Dialect::V1),
            ("/api/v1/agents/42", Dialect::V1),
            ("/api/v1/agents/42/usage", Dialect::AiCaller),
            ("/api/v1/calls", Dialect::AiCaller),
            ("/api/v1/calls/outbound/42", Dialect::Platform),
            ("/api/v1/analytics/calls", Dialect::Platform),
            ("/api/v1/analytics/call-volume", Dialect::AiCaller),
            ("/exotel/webhook/incoming", Dialect::Platform),
            ("/api/v1/exotel/webhook/incoming", Dialect::Platform),
        ] {
            assert_eq!(Dialect::of_path(path), dialect, "{path}");
        }
    }
}
