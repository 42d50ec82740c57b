//! One call's Silero detector, fed with 8 kHz frames.

use std::path::Path;
use std::sync::Arc;

use super::gate::Gate;
use super::silero::{CONTEXT, Memory, Network, STEP};
use crate::audio::resample::{Bank, Resampler};
use crate::audio::to_float;
use crate::builtin::LoadError;
use crate::vad::{FRAME, VoiceActivity, VoiceActivityFactory};

/// Makes Silero detectors; the weights and the filter are shared by all.
#[derive(Debug, Clone)]
pub struct Silero {
    network: Arc<Network>,
    bank: Arc<Bank>,
}

impl Silero {
    /// Reads the model's file.
    ///
    /// # Errors
    /// [`LoadError`] when it is not there or not that model.
    pub fn load(path: &Path) -> Result<Self, LoadError> {
        Ok(Self {
            network: Arc::new(Network::load(path)?),
            bank: Bank::new(8_000, 16_000),
        })
    }

    /// The probability of speech for each 32 ms of a recording at 16 kHz,
    /// without the gate.
    pub(crate) fn scan(&self, samples: &[f32]) -> Vec<f32> {
        let mut memory = Memory::default();
        let steps = samples.as_chunks::<STEP>().0;
        steps
            .iter()
            .map(|step| self.network.step(&mut memory, step))
            .collect()
    }
}

impl VoiceActivityFactory for Silero {
    fn name(&self) -> &'static str {
        "silero"
    }

    fn open(&self) -> Box<dyn VoiceActivity> {
        Box::new(Detector {
            network: Arc::clone(&self.network),
            memory: Memory::default(),
            gate: Gate::new(),
            resampler: Resampler::new(Arc::clone(&self.bank)),
            bank: Arc::clone(&self.bank),
            pending: Vec::with_capacity(2 * KEPT),
            probability: 0.0,
        })
    }
}

/// Samples kept while the gate is closed: 80 ms, so that the onset of a word is
/// heard by the network when the gate opens.
const KEPT: usize = CONTEXT + 2 * STEP + 192;
/// From here on the network holds the gate open by itself.
const SPEAKING: f32 = 0.3;

#[derive(Debug)]
struct Detector {
    network: Arc<Network>,
    memory: Memory,
    gate: Gate,
    resampler: Resampler,
    bank: Arc<Bank>,
    /// 16 kHz samples that the network has not seen.
    pending: Vec<f32>,
    probability: f32,
}

impl VoiceActivity for Detector {
    fn push(&mut self, frame: &[i16; FRAME]) -> f32 {
        self.resampler
            .push(frame.iter().map(|&s| to_float(s)), &mut self.pending);
        if self.gate.observe(frame, self.probability > SPEAKING) {
            self.hear();
        } else {
            self.forget();
        }
        self.probability
    }

    fn reset(&mut self) {
        self.memory = Memory::default();
        self.gate = Gate::new();
        self.resampler = Resampler::new(Arc::clone(&self.bank));
        self.pending.clear();
        self.probability = 0.0;
    }
}

impl Detector {
    /// Lets the network hear all whole steps that wait.
    fn hear(&mut self) {
        let (steps, _) = self.pending.as_chunks::<STEP>();
        for step in steps {
            self.probability = self.network.step(&mut self.memory, step);
        }
        let heard = steps.len() * STEP;
        self.pending.drain(..heard);
    }

    /// Nobody speaks: keeps only what a coming word might have started in.
    fn forget(&mut self) {
        self.probability = 0.0;
        if let Some(surplus) = self.pending.len().checked_sub(KEPT)
            && let Some(before) = self.pending[..surplus + CONTEXT].last_chunk::<CONTEXT>()
        {
            self.memory.skip_to(before);
            self.pending.drain(..surplus + CONTEXT);
        }
    }
}
