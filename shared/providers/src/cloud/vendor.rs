//! Who is asked, and what each of them offers.

/// A company with an API for speech or language.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Vendor {
    /// OpenAI, or whoever speaks its chat completions: language models and speech.
    Openai,
    /// Deepgram: speech to text.
    Deepgram,
    /// Cartesia: text to speech.
    Cartesia,
    /// ElevenLabs: text to speech.
    Elevenlabs,
}

impl Vendor {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Openai, Self::Deepgram, Self::Cartesia, Self::Elevenlabs];

    /// The name in configuration, in an agent's settings and in errors.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Openai => "openai",
            Self::Deepgram => "deepgram",
            Self::Cartesia => "cartesia",
            Self::Elevenlabs => "elevenlabs",
        }
    }

    /// The vendor of that name, whatever its case; none for any other word.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|vendor| vendor.as_str().eq_ignore_ascii_case(name.trim()))
    }

    /// Whether it has language models.
    #[must_use]
    pub const fn has_llm(self) -> bool {
        matches!(self, Self::Openai)
    }

    /// Whether it turns live speech into text.
    #[must_use]
    pub const fn has_stt(self) -> bool {
        matches!(self, Self::Deepgram)
    }

    /// Whether it speaks.
    #[must_use]
    pub const fn has_tts(self) -> bool {
        matches!(self, Self::Openai | Self::Cartesia | Self::Elevenlabs)
    }

    /// Where its API is, without a slash at the end. Only OpenAI's has the
    /// version in it, as that vendor's own clients have it.
    #[must_use]
    pub const fn default_base_url(self) -> &'static str {
        match self {
            Self::Openai => "https://api.openai.com/v1",
            Self::Deepgram => "https://api.deepgram.com",
            Self::Cartesia => "https://api.cartesia.ai",
            Self::Elevenlabs => "https://api.elevenlabs.io",
        }
    }
}

impl std::fmt::Display for Vendor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_found_by_its_name_and_offers_something() {
        for vendor in Vendor::ALL {
            assert_eq!(Vendor::parse(&vendor.to_string().to_uppercase()), Some(vendor));
            assert!(vendor.has_llm() || vendor.has_stt() || vendor.has_tts());
            assert!(!vendor.default_base_url().ends_with('/'));
        }
        assert_eq!(Vendor::parse("builtin"), None);
    }
}
