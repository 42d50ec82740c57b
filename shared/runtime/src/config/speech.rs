//! Speech providers.

use std::{
    num::NonZeroUsize,
    path::{Path, PathBuf},
};

use trunkline_providers::{cloud::Vendor, registry::Choice};
use trunkline_service::parts::Vendors;

use super::{
    vars::{Result, Vars},
    vendors,
};

/// Who hears, thinks and speaks, where that is forced; and where the built-in parts' models are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpeechConfig {
    /// The folder of the speech models.
    pub models_dir: PathBuf,
    /// Which part of this process understands; a vendor's calls fall back to it.
    pub stt: Choice,
    /// Which part of this process decides what is said.
    pub llm: Choice,
    /// Which part of this process speaks.
    pub tts: Choice,
    /// The forced provider's name.
    pub forced_stt: Option<String>,
    /// See `forced_stt`.
    pub forced_llm: Option<String>,
    /// See `forced_stt`.
    pub forced_tts: Option<String>,
    /// The deployment's own accounts with vendors.
    pub vendors: Vendors,
}

impl SpeechConfig {
    pub(super) fn read(vars: &Vars<'_>, data_dir: &Path) -> Result<Self> {
        let vendors = vendors::read(vars)?;
        let forced = |name, has| vendors::forced(vars, name, has, &vendors);
        let (stt, forced_stt) = forced("TRUNKLINE_STT", Vendor::has_stt)?;
        let (llm, forced_llm) = forced("TRUNKLINE_LLM", Vendor::has_llm)?;
        let (tts, forced_tts) = forced("TRUNKLINE_TTS", Vendor::has_tts)?;
        let models_dir = models_dir(vars, data_dir)?;
        Ok(Self {
            models_dir,
            stt,
            llm,
            tts,
            forced_stt,
            forced_llm,
            forced_tts,
            vendors,
        })
    }

    /// How many conversations this machine holds at once: two a core with the built-in speech (recognising takes
    /// 0.64 s of a core an utterance, and the answer is due within 2 s), two hundred a core with stubs.
    #[must_use]
    pub fn conversations(&self) -> u32 {
        let cores = u32::try_from(threads().get()).unwrap_or(u32::MAX);
        let stubs = self.stt == Choice::Stub && self.tts == Choice::Stub;
        cores.saturating_mul(if stubs { 200 } else { 2 })
    }
}

/// The machine's cores.
#[must_use]
pub fn threads() -> NonZeroUsize {
    std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN)
}

/// The user's cache folder, shared by all checkouts; the data folder where a user has no home.
fn models_dir(vars: &Vars<'_>, data_dir: &Path) -> Result<PathBuf> {
    if let Some(given) = vars.text("TRUNKLINE_MODELS_DIR")? {
        return Ok(PathBuf::from(given));
    }
    if let Some(cache) = vars.text("XDG_CACHE_HOME")? {
        return Ok(Path::new(&cache).join("trunkline/models"));
    }
    let below_home = if cfg!(target_os = "macos") {
        "Library/Caches"
    } else {
        ".cache"
    };
    let home = vars
        .text("HOME")?
        .map(|home| Path::new(&home).join(below_home).join("trunkline/models"));
    Ok(home.unwrap_or_else(|| data_dir.join("models")))
}
