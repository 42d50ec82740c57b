//! Whisper's decoder: one token at a time, all earlier ones cached.

use super::ct2::Ct2File;
use super::encoder::{EncodeError, HEADS, LAYERS, WIDTH, linear_of, norm};
use crate::builtin::LoadError;
use crate::nn::{Gemm, Int8Dense, Linear, Norm, add, attend, gelu};

/// Tokens in the vocabulary.
pub(super) const TOKENS: usize = 51_864;
/// Tokens that fit one decoding.
pub(super) const POSITIONS: usize = 448;

#[derive(Debug)]
pub(super) struct Decoder {
    /// Both the table of token vectors and, at the end, the scores of all tokens.
    tokens: Int8Dense,
    positions: Vec<f32>,
    layers: Vec<Layer>,
    norm: Norm,
    /// What silence is to each layer. The model has only ever read 30 s at a
    /// time: when nothing follows a short utterance, it says it again and again.
    silence: Vec<LayerCache>,
}

#[derive(Debug)]
struct Layer {
    before_self: Norm,
    project: Int8Dense,
    attended: Int8Dense,
    before_cross: Norm,
    cross_query: Int8Dense,
    /// Applied once to all that was heard, so in one multiplication.
    cross_key_value: Linear,
    cross_attended: Int8Dense,
    before_mlp: Norm,
    widen: Int8Dense,
    narrow: Int8Dense,
}

/// What one decoding remembers.
#[derive(Debug)]
pub(super) struct Cache {
    layers: Vec<LayerCache>,
    length: usize,
}

#[derive(Debug, Default)]
struct LayerCache {
    keys: Vec<f32>,
    values: Vec<f32>,
    heard_keys: Vec<f32>,
    heard_values: Vec<f32>,
}

impl Decoder {
    pub(super) fn load(file: &Ct2File, gemm: &Gemm) -> Result<Self, LoadError> {
        let layers = (0..LAYERS).map(|i| Layer::load(file, gemm, &format!("decoder/layer_{i}")));
        let table = file.values("decoder/embeddings/weight", TOKENS * WIDTH)?;
        Ok(Self {
            tokens: Int8Dense::new(&table, TOKENS, Vec::new()),
            positions: file.values("decoder/position_encodings/encodings", POSITIONS * WIDTH)?,
            layers: layers.collect::<Result<_, _>>()?,
            norm: norm(file, "decoder/layer_norm")?,
            silence: Vec::new(),
        })
    }

    /// Starts a decoding of what the encoder heard (rows of [`WIDTH`]).
    pub(super) fn start(&self, gemm: &Gemm, heard: &[f32]) -> Result<Cache, EncodeError> {
        let mut layers = self.hear(gemm, heard)?;
        for (layer, silence) in layers.iter_mut().zip(&self.silence) {
            fill_up(&mut layer.heard_keys, &silence.heard_keys);
            fill_up(&mut layer.heard_values, &silence.heard_values);
        }
        Ok(Cache { layers, length: 0 })
    }

    /// Keeps what 30 s of silence sound like, to put behind all speech.
    pub(super) fn learn_silence(&mut self, gemm: &Gemm, heard: &[f32]) -> Result<(), EncodeError> {
        self.silence = self.hear(gemm, heard)?;
        Ok(())
    }

    fn hear(&self, gemm: &Gemm, heard: &[f32]) -> Result<Vec<LayerCache>, EncodeError> {
        let cache = |layer: &Layer| {
            let both = layer.cross_key_value.apply(gemm, heard)?;
            let rows = both.chunks_exact(2 * WIDTH);
            Ok(LayerCache {
                heard_keys: rows.clone().flat_map(|row| &row[..WIDTH]).copied().collect(),
                heard_values: rows.flat_map(|row| &row[WIDTH..]).copied().collect(),
                ..LayerCache::default()
            })
        };
        self.layers.iter().map(cache).collect()
    }

    /// Takes the next token and answers the state behind it; `None` once
    /// [`POSITIONS`] tokens are used.
    pub(super) fn step(&self, cache: &mut Cache, token: usize) -> Option<Vec<f32>> {
        let position = self.positions.chunks_exact(WIDTH).nth(cache.length)?;
        let mut x: Vec<f32> = self.tokens.row(token).zip(position).map(|(t, p)| t + p).collect();
        for (layer, cache) in self.layers.iter().zip(&mut cache.layers) {
            layer.apply(cache, &mut x);
        }
        cache.length += 1;
        Some(self.norm.apply(&x))
    }

    /// The score of each token to come next.
    pub(super) fn scores(&self, state: &[f32]) -> Vec<f32> {
        self.tokens.apply(state)
    }
}

/// Puts the end of `whole` behind `part`, up to the same length.
fn fill_up(part: &mut Vec<f32>, whole: &[f32]) {
    part.extend_from_slice(whole.get(part.len()..).unwrap_or_default());
}

impl Layer {
    fn load(file: &Ct2File, gemm: &Gemm, base: &str) -> Result<Self, LoadError> {
        let dense = |name: &str, inputs: usize, outputs: usize| -> Result<Int8Dense, LoadError> {
            let weights = file.values(&format!("{base}/{name}/weight"), inputs * outputs)?;
            Ok(Int8Dense::new(
                &weights,
                outputs,
                file.values(&format!("{base}/{name}/bias"), outputs)?,
            ))
        };
        Ok(Self {
            before_self: norm(file, &format!("{base}/self_attention/layer_norm"))?,
            project: dense("self_attention/linear_0", WIDTH, 3 * WIDTH)?,
            attended: dense("self_attention/linear_1", WIDTH, WIDTH)?,
            before_cross: norm(file, &format!("{base}/attention/layer_norm"))?,
            cross_query: dense("attention/linear_0", WIDTH, WIDTH)?,
            cross_key_value: linear_of(
                gemm,
                file.values(&format!("{base}/attention/linear_1/weight"), 2 * WIDTH * WIDTH)?,
                file.values(&format!("{base}/attention/linear_1/bias"), 2 * WIDTH)?,
            )?,
            cross_attended: dense("attention/linear_2", WIDTH, WIDTH)?,
            before_mlp: norm(file, &format!("{base}/ffn/layer_norm"))?,
            widen: dense("ffn/linear_0", WIDTH, 4 * WIDTH)?,
            narrow: dense("ffn/linear_1", 4 * WIDTH, WIDTH)?,
        })
    }

    fn apply(&self, cache: &mut LayerCache, x: &mut [f32]) {
        let projected = self.project.apply(&self.before_self.apply(x));
        cache.keys.extend_from_slice(&projected[WIDTH..2 * WIDTH]);
        cache.values.extend_from_slice(&projected[2 * WIDTH..]);
        let own = attend(&projected[..WIDTH], &cache.keys, &cache.values, HEADS);
        add(x, &self.attended.apply(&own));
        let query = self.cross_query.apply(&self.before_cross.apply(x));
        let heard = attend(&query, &cache.heard_keys, &cache.heard_values, HEADS);
        add(x, &self.cross_attended.apply(&heard));
        let mut inner = self.widen.apply(&self.before_mlp.apply(x));
        gelu(&mut inner);
        add(x, &self.narrow.apply(&inner));
    }
}
