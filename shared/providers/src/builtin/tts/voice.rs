//! The voice's network: sounds in, audio out.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use rten::{Model, NodeId, RunOptions, ThreadPool};
use rten_tensor::prelude::*;
use rten_tensor::{NdTensor, Tensor};
use serde::Deserialize;

use crate::audio::resample::{Bank, convert};
use crate::audio::to_i16;
use crate::builtin::LoadError;
use crate::models::{ModelsDir, file};

/// Piper's network and its table of sounds.
pub(super) struct VoiceModel {
    model: Model,
    nodes: Nodes,
    ids: HashMap<char, Vec<i32>>,
    /// Loudness of the chance in tone and in rhythm, and the voice's own slowness.
    noise: f32,
    noise_in_rhythm: f32,
    slowness: f32,
    bank: Arc<Bank>,
    pool: Arc<ThreadPool>,
}

struct Nodes {
    input: NodeId,
    lengths: NodeId,
    scales: NodeId,
    output: NodeId,
}

impl std::fmt::Debug for VoiceModel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("VoiceModel").finish_non_exhaustive()
    }
}

#[derive(Deserialize)]
struct Config {
    audio: Audio,
    inference: Inference,
    phoneme_id_map: HashMap<String, Vec<i32>>,
}

#[derive(Deserialize)]
struct Audio {
    sample_rate: usize,
}

#[derive(Deserialize)]
struct Inference {
    noise_scale: f32,
    length_scale: f32,
    noise_w: f32,
}

/// The id between every two sounds, and those at the ends.
const BETWEEN: i32 = 0;
const BEGIN: char = '^';
const FINISH: char = '$';

impl VoiceModel {
    pub(super) fn load(models: &ModelsDir, pool: Arc<ThreadPool>) -> Result<Self, LoadError> {
        let path = models.path(file::PIPER);
        let config = config(&models.path(file::PIPER_CONFIG))?;
        let model = Model::load_file(&path).map_err(LoadError::at(&path))?;
        let node = |name: &str| model.node_id(name).map_err(LoadError::at(&path));
        let nodes = Nodes {
            input: node("input")?,
            lengths: node("input_lengths")?,
            scales: node("scales")?,
            output: node("output")?,
        };
        let ids = config
            .phoneme_id_map
            .into_iter()
            .filter_map(|(sound, ids)| Some((single(&sound)?, ids)));
        Ok(Self {
            nodes,
            ids: ids.collect(),
            noise: config.inference.noise_scale,
            noise_in_rhythm: config.inference.noise_w,
            slowness: config.inference.length_scale,
            bank: Bank::new(config.audio.sample_rate, 8_000),
            model,
            pool,
        })
    }

    /// Speaks sounds at a speed (1.0 is the voice's own): 8 kHz audio.
    pub(super) fn speak(&self, sounds: &str, speed: f32) -> Result<Vec<i16>, String> {
        let ids = self.ids(sounds);
        let count = ids.len();
        let length = i32::try_from(count).map_err(|_| "the clause is too long".to_owned())?;
        let input = NdTensor::from_data([1, count], ids);
        let lengths = NdTensor::from_data([1], vec![length]);
        let scales = NdTensor::from_data([3], vec![self.noise, self.slowness / speed, self.noise_in_rhythm]);
        let inputs = vec![
            (self.nodes.input, input.view().into()),
            (self.nodes.lengths, lengths.view().into()),
            (self.nodes.scales, scales.view().into()),
        ];
        let options = RunOptions::default().with_thread_pool(Some(Arc::clone(&self.pool)));
        let run = || {
            // The network draws its noise from its thread's generator. Seeded by what is
            // said, a clause sounds the same each time, in a test as on a call.
            fastrand::seed(seed(sounds, speed));
            self.model.run_n(inputs, [self.nodes.output], Some(options))
        };
        // Already on the pool's thread, the network stays on it.
        let [audio] = self.pool.run(run).map_err(|error| error.to_string())?;
        let audio: Tensor<f32> = audio
            .try_into()
            .map_err(|_| "the voice gave no audio".to_owned())?;
        let samples = audio.to_vec();
        Ok(convert(&self.bank, samples.into_iter())
            .into_iter()
            .map(to_i16)
            .collect())
    }

    /// The network's input; sounds that it does not know are left out.
    fn ids(&self, sounds: &str) -> Vec<i32> {
        let of = |sound: char| self.ids.get(&sound).into_iter().flatten().copied();
        let mut ids: Vec<i32> = of(BEGIN).chain([BETWEEN]).collect();
        for sound in sounds.chars() {
            if self.ids.contains_key(&sound) {
                ids.extend(of(sound).chain([BETWEEN]));
            } else {
                tracing::debug!(%sound, "the voice has no such sound");
            }
        }
        ids.extend(of(FINISH));
        ids
    }
}

/// A number for a clause at a speed, the same on every machine (FNV-1a).
fn seed(sounds: &str, speed: f32) -> u64 {
    let bytes = sounds.bytes().chain(speed.to_bits().to_le_bytes());
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

fn config(path: &Path) -> Result<Config, LoadError> {
    let text = std::fs::read(path).map_err(LoadError::at(path))?;
    serde_json::from_slice(&text).map_err(LoadError::at(path))
}

fn single(sound: &str) -> Option<char> {
    let mut letters = sound.chars();
    letters.next().filter(|_| letters.next().is_none())
}
