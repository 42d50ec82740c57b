//! The providers that calls may name.

use std::collections::BTreeMap;
use std::sync::Arc;

use trunkline_providers::cloud::{self, Account};
use trunkline_providers::llm::LanguageModel;
use trunkline_providers::stt::SpeechToText;
use trunkline_providers::tts::TextToSpeech;
use trunkline_providers::vad::VoiceActivityFactory;

use crate::cloud::Clients;
use crate::port::{CallPlan, WorkByName};
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

/// The providers of one call, in order of preference; at least one of each, or none where nobody talks.
#[derive(Debug, Default)]
pub(crate) struct Engines {
    pub(crate) stt: Vec<Arc<dyn SpeechToText>>,
    pub(crate) llm: Vec<Arc<dyn LanguageModel>>,
    pub(crate) tts: Vec<Arc<dyn TextToSpeech>>,
    /// Their names in the plan.
    names: [Vec<String>; 3],
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
        if plan.listens {
            return Ok(Engines::default());
        }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::port::Accounts;
    use trunkline_providers::builtin::vad::Energy;
    use trunkline_providers::cloud::Vendor;
    use trunkline_providers::stub::{StubLlm, StubStt, StubTts};

    fn parts() -> Parts {
        Parts::new(Arc::new(Energy))
            .with_stt("stub", Arc::new(StubStt))
            .with_llm("stub", Arc::new(StubLlm))
            .with_tts("stub", Arc::new(StubTts))
    }

    fn plan(account: Option<Account>) -> CallPlan {
        CallPlan {
            llm: vec!["openai".to_owned(), "stub".to_owned()],
            accounts: Accounts {
                llm: account,
                ..Accounts::default()
            },
            ..CallPlan::stub()
        }
    }

    #[test]
    fn a_vendors_client_is_made_once_an_account_and_named_in_what_was_done() {
        let parts = parts();
        let account = Account::new(Vendor::Openai, "sk-secret");
        let plan = plan(Some(account));
        let first = parts.engines(&plan).unwrap();
        let again = parts.clone().engines(&plan).unwrap();
        assert!(Arc::ptr_eq(&first.llm[0], &again.llm[0]));
        assert_eq!((first.llm[0].name(), first.llm[1].name()), ("openai", "stub"));
        let work = Work {
            heard_ms: vec![20],
            written: vec![3, 4],
            spoken: vec![0],
        };
        let named = WorkByName {
            heard_ms: vec![("stub".to_owned(), 20)],
            written: vec![("openai".to_owned(), 3), ("stub".to_owned(), 4)],
            spoken: Vec::new(),
        };
        assert_eq!(first.named(&work), named);
        assert!(!format!("{plan:?} {parts:?} {first:?}").contains("sk-secret"));
    }

    #[test]
    fn a_vendor_without_an_account_or_an_address_is_passed_over() {
        let nowhere = Account {
            base_url: "nowhere".to_owned(),
            ..Account::new(Vendor::Openai, "sk-secret")
        };
        for account in [None, Some(nowhere)] {
            let engines = parts().engines(&plan(account)).unwrap();
            assert_eq!(engines.llm.len(), 1);
            let work = Work {
                written: vec![5],
                ..Work::default()
            };
            assert_eq!(engines.named(&work).written, [("stub".to_owned(), 5)]);
        }
        let mut none = plan(None);
        none.llm = vec!["openai".to_owned()];
        assert!(parts().engines(&none).is_err());
    }
}
