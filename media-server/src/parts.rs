//! The providers that calls may name.

use std::collections::BTreeMap;
use std::sync::Arc;

use trunkline_providers::llm::LanguageModel;
use trunkline_providers::stt::SpeechToText;
use trunkline_providers::tts::TextToSpeech;
use trunkline_providers::vad::VoiceActivityFactory;

use crate::port::CallPlan;

/// All providers of this server, by the names that plans use.
#[derive(Debug, Clone)]
pub struct Parts {
    stt: BTreeMap<String, Arc<dyn SpeechToText>>,
    llm: BTreeMap<String, Arc<dyn LanguageModel>>,
    tts: BTreeMap<String, Arc<dyn TextToSpeech>>,
    vad: Arc<dyn VoiceActivityFactory>,
}

/// The providers of one call, in order of preference; at least one of each.
#[derive(Debug)]
pub(crate) struct Engines {
    pub(crate) stt: Vec<Arc<dyn SpeechToText>>,
    pub(crate) llm: Vec<Arc<dyn LanguageModel>>,
    pub(crate) tts: Vec<Arc<dyn TextToSpeech>>,
}

/// A plan names no provider that is here.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("none of the {part} providers {wanted:?} is here; there are {here:?}")]
pub struct NoProvider {
    part: &'static str,
    wanted: Vec<String>,
    here: Vec<String>,
}

impl Parts {
    /// Only a voice detector yet.
    #[must_use]
    pub fn new(vad: Arc<dyn VoiceActivityFactory>) -> Self {
        Self {
            stt: BTreeMap::new(),
            llm: BTreeMap::new(),
            tts: BTreeMap::new(),
            vad,
        }
    }

    /// Adds a recogniser.
    #[must_use]
    pub fn with_stt(mut self, name: &str, part: Arc<dyn SpeechToText>) -> Self {
        self.stt.insert(name.to_owned(), part);
        self
    }

    /// Adds a language model.
    #[must_use]
    pub fn with_llm(mut self, name: &str, part: Arc<dyn LanguageModel>) -> Self {
        self.llm.insert(name.to_owned(), part);
        self
    }

    /// Adds a voice.
    #[must_use]
    pub fn with_tts(mut self, name: &str, part: Arc<dyn TextToSpeech>) -> Self {
        self.tts.insert(name.to_owned(), part);
        self
    }

    pub(crate) fn vad(&self) -> &Arc<dyn VoiceActivityFactory> {
        &self.vad
    }

    /// The providers that a plan names, as far as they are here.
    pub(crate) fn engines(&self, plan: &CallPlan) -> Result<Engines, NoProvider> {
        Ok(Engines {
            stt: pick("speech-to-text", &self.stt, &plan.stt)?,
            llm: pick("language-model", &self.llm, &plan.llm)?,
            tts: pick("text-to-speech", &self.tts, &plan.tts)?,
        })
    }
}

fn pick<T: ?Sized>(
    part: &'static str,
    here: &BTreeMap<String, Arc<T>>,
    wanted: &[String],
) -> Result<Vec<Arc<T>>, NoProvider> {
    let found: Vec<_> = wanted
        .iter()
        .filter_map(|name| here.get(name))
        .map(Arc::clone)
        .collect();
    if found.is_empty() {
        return Err(NoProvider {
            part,
            wanted: wanted.to_vec(),
            here: here.keys().cloned().collect(),
        });
    }
    Ok(found)
}
