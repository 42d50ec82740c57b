//! Providers by name.

use std::str::FromStr;

/// A provider that this build has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Choice {
    /// The built-in part: on this machine, without a key.
    #[default]
    Builtin,
    /// Fixed answers, at once: for load tests.
    Stub,
}

/// A name that no provider has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no speech provider named `{0}`; there are `builtin` and `stub`")]
pub struct UnknownProvider(pub String);

impl FromStr for Choice {
    type Err = UnknownProvider;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        match name.trim().to_ascii_lowercase().as_str() {
            "builtin" | "built-in" => Ok(Self::Builtin),
            "stub" => Ok(Self::Stub),
            _ => Err(UnknownProvider(name.to_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_known_or_refused_with_the_list() {
        assert_eq!("builtin".parse(), Ok(Choice::Builtin));
        assert_eq!(" Stub ".parse(), Ok(Choice::Stub));
        let refused = "whisper".parse::<Choice>().unwrap_err().to_string();
        assert!(
            refused.contains("`whisper`") && refused.contains("`builtin`"),
            "{refused}"
        );
    }
}
