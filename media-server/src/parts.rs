//! The providers that calls may name.

use std::collections::BTreeMap;
use std::sync::Arc;

use trunkline_providers::cloud::{self, Account};
use trunkline_providers::llm::LanguageModel;
use trunkline_providers::stt::SpeechToText;
use trunkline_providers::tts::TextToSpeech;
use trunkline_providers::vad::VoiceActivityFactory;

use crate::cloud::Clients;
use crate::port::CallPlan;
use crate::session::Work;

/// All providers of this server, by the names that plans use; vendors' are made from a plan's accounts.
#[derive(Debug, Clone)]
pub struct Parts {
    stt: Kind<dyn SpeechToText>,
    llm: Kind<dyn LanguageModel>,
    tts: Kind<dyn TextToSpeech>,
    vad: Arc<dyn VoiceActivityFactory>,
}

/// The providers of one kind.
#[derive(Debug)]
struct Kind<T: ?Sized> {
    here: BTreeMap<String, Arc<T>>,
    vendors: Arc<Clients<T>>,
}

impl<T: ?Sized> Clone for Kind<T> {
    fn clone(&self) -> Self {
        Self {
            here: self.here.clone(),
            vendors: Arc::clone(&self.vendors),
        }
    }
}

/// The providers of one call, in order of preference; at least one of each.
#[derive(Debug)]
pub(crate) struct Engines {
    pub(crate) stt: Vec<Arc<dyn SpeechToText>>,
    pub(crate) llm: Vec<Arc<dyn LanguageModel>>,
    pub(crate) tts: Vec<Arc<dyn TextToSpeech>>,
    /// Their names in the plan.
    names: [Vec<String>; 3],
}

/// Who did a stream's work, by the names that its plan used.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WorkByName {
    /// Milliseconds that each recogniser listened.
    pub heard_ms: Vec<(String, u64)>,
    /// Letters that each model wrote.
    pub written: Vec<(String, u64)>,
    /// Letters that each voice spoke.
    pub spoken: Vec<(String, u64)>,
}

impl Engines {
    /// A session's figures, by names.
    pub(crate) fn named(&self, work: &Work) -> WorkByName {
        let [stt, llm, tts] = &self.names;
        let by_name = |names: &[String], amounts: &[u64]| {
            let did = names.iter().cloned().zip(amounts.iter().copied());
            did.filter(|(_, amount)| *amount > 0).collect()
        };
        WorkByName {
            heard_ms: by_name(stt, &work.heard_ms),
            written: by_name(llm, &work.written),
            spoken: by_name(tts, &work.spoken),
        }
    }
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
            stt: Kind::new(Clients::new(cloud::speech_to_text)),
            llm: Kind::new(Clients::new(cloud::language_model)),
            tts: Kind::new(Clients::new(cloud::text_to_speech)),
            vad,
        }
    }

    /// Adds a recogniser.
    #[must_use]
    pub fn with_stt(mut self, name: &str, part: Arc<dyn SpeechToText>) -> Self {
        self.stt.here.insert(name.to_owned(), part);
        self
    }

    /// Adds a language model.
    #[must_use]
    pub fn with_llm(mut self, name: &str, part: Arc<dyn LanguageModel>) -> Self {
        self.llm.here.insert(name.to_owned(), part);
        self
    }

    /// Adds a voice.
    #[must_use]
    pub fn with_tts(mut self, name: &str, part: Arc<dyn TextToSpeech>) -> Self {
        self.tts.here.insert(name.to_owned(), part);
        self
    }

    pub(crate) fn vad(&self) -> &Arc<dyn VoiceActivityFactory> {
        &self.vad
    }

    /// The providers that a plan names, as far as they are here or can be made.
    pub(crate) fn engines(&self, plan: &CallPlan) -> Result<Engines, NoProvider> {
        let accounts = &plan.accounts;
        let (stt, stt_names) = self
            .stt
            .pick("speech-to-text", &plan.stt, accounts.stt.as_ref())?;
        let (llm, llm_names) = self
            .llm
            .pick("language-model", &plan.llm, accounts.llm.as_ref())?;
        let (tts, tts_names) = self
            .tts
            .pick("text-to-speech", &plan.tts, accounts.tts.as_ref())?;
        Ok(Engines {
            stt,
            llm,
            tts,
            names: [stt_names, llm_names, tts_names],
        })
    }
}

/// Providers with their names.
type Picked<T> = (Vec<Arc<T>>, Vec<String>);

impl<T: ?Sized> Kind<T> {
    fn new(vendors: Clients<T>) -> Self {
        Self {
            here: BTreeMap::new(),
            vendors: Arc::new(vendors),
        }
    }

    fn pick(
        &self,
        part: &'static str,
        wanted: &[String],
        account: Option<&Account>,
    ) -> Result<Picked<T>, NoProvider> {
        let (mut found, mut names) = (Vec::new(), Vec::new());
        for name in wanted {
            let theirs = account.filter(|account| account.vendor.as_str() == name);
            let made = match theirs.map(|account| self.vendors.of(account)) {
                Some(Ok(made)) => Some(made),
                Some(Err(error)) => {
                    tracing::error!(part, "a provider is passed over: {error}");
                    None
                }
                None => self.here.get(name).map(Arc::clone),
            };
            if let Some(made) = made {
                found.push(made);
                names.push(name.clone());
            }
        }
        if found.is_empty() {
            return Err(NoProvider {
                part,
                wanted: wanted.to_vec(),
                here: self.here.keys().cloned().collect(),
            });
        }
        Ok((found, names))
    }
}
