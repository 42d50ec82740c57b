//! Words that no dictionary knows: a network of one encoder and one decoder
//! layer writes their sounds letter by letter.

use std::collections::HashMap;
use std::path::Path;

use serde::Deserialize;

use super::npz::Npz;
use crate::builtin::LoadError;
use crate::nn::{Dense, Norm, add, attend, gelu};

/// The network and its two alphabets.
#[derive(Debug)]
pub(super) struct Speller {
    letters: HashMap<char, usize>,
    sounds: Vec<char>,
    start: usize,
    first: usize,
    end: usize,
    longest: usize,
    table: Vec<f32>,
    scores: Dense,
    encoder: Side,
    decoder: Side,
    /// The decoder's look at what the encoder made, and the norm behind it.
    cross: (Attention, Norm),
}

/// What the file says of itself.
#[derive(Deserialize)]
struct Description {
    grapheme_chars: String,
    phoneme_chars: String,
    max_position_embeddings: usize,
    bos_token_id: usize,
    eos_token_id: usize,
    decoder_start_token_id: usize,
    position_offset: usize,
    d_model: usize,
    num_heads: usize,
}

const WIDTH: usize = 128;
const INNER: usize = 1_024;
/// The first tokens of both alphabets are marks.
const MARKS: usize = 4;
/// Stands for a letter that the network does not know.
const UNKNOWN: usize = 3;

/// What encoder and decoder have alike.
#[derive(Debug)]
struct Side {
    positions: Vec<f32>,
    before: Norm,
    own: Attention,
    after_own: Norm,
    widen: Dense,
    narrow: Dense,
    after_mlp: Norm,
}

#[derive(Debug)]
struct Attention {
    query: Dense,
    key: Dense,
    value: Dense,
    out: Dense,
}

impl Speller {
    pub(super) fn load(path: &Path) -> Result<Self, LoadError> {
        let file = Npz::read(path)?;
        let about: Description =
            serde_json::from_str(&file.text("meta_json")?).map_err(LoadError::at(path))?;
        if about.d_model != WIDTH || about.num_heads != 1 {
            return Err(LoadError::new(path, "it is another size of network"));
        }
        let sounds: Vec<char> = about.phoneme_chars.chars().collect();
        // One table serves letters and sounds; it has a few places that neither uses.
        let tokens = file.count("final_logits_bias")?;
        let table = file.floats("model.shared.weight", tokens * WIDTH)?;
        let bias = file.floats("final_logits_bias", tokens)?;
        let skipped = about.position_offset * WIDTH;
        let side = |name: &str| Side::load(&file, name, about.max_position_embeddings, skipped);
        let cross = "model.decoder.layers.0.encoder_attn";
        Ok(Self {
            letters: about
                .grapheme_chars
                .chars()
                .enumerate()
                .skip(MARKS)
                .map(|(i, c)| (c, i))
                .collect(),
            start: about.decoder_start_token_id,
            first: about.bos_token_id,
            end: about.eos_token_id,
            longest: about.max_position_embeddings,
            scores: Dense::new(table.clone(), bias),
            encoder: side("model.encoder")?,
            decoder: side("model.decoder")?,
            cross: (
                Attention::load(&file, cross)?,
                norm(&file, &format!("{cross}_layer_norm"))?,
            ),
            table,
            sounds,
        })
    }

    /// The sounds of a word; a word too long for the network is cut into pieces.
    pub(super) fn spell(&self, word: &str) -> String {
        let letters: Vec<char> = word.chars().collect();
        letters
            .chunks(self.longest.saturating_sub(2).max(1))
            .map(|piece| self.piece(piece))
            .collect()
    }

    fn piece(&self, letters: &[char]) -> String {
        let inner = letters.iter().map(|c| {
            let known = self
                .letters
                .get(c)
                .or_else(|| self.letters.get(&c.to_ascii_lowercase()));
            known.copied().unwrap_or(UNKNOWN)
        });
        let tokens: Vec<usize> = std::iter::once(self.first)
            .chain(inner)
            .chain([self.end])
            .collect();
        let heard = self.encode(&tokens);
        let (keys, values) = self.cross.0.keys_and_values(&heard);
        let (mut own_keys, mut own_values) = (Vec::new(), Vec::new());
        let mut out = String::new();
        let mut token = self.start;
        for position in 0..self.longest - 1 {
            let mut x = self.decoder.embed(&self.table, token, position);
            let (key, value) = self.decoder.own.keys_and_values(&x);
            own_keys.extend(key);
            own_values.extend(value);
            x = self
                .decoder
                .own
                .residual(&x, &own_keys, &own_values, &self.decoder.after_own);
            x = self.cross.0.residual(&x, &keys, &values, &self.cross.1);
            x = self.decoder.mlp(&x);
            token = best(&apply(&self.scores, &x));
            if token == self.end {
                break;
            }
            out.extend(self.sounds.get(token).filter(|_| token >= MARKS));
        }
        out
    }

    fn encode(&self, tokens: &[usize]) -> Vec<f32> {
        let side = &self.encoder;
        let rows: Vec<f32> = tokens
            .iter()
            .enumerate()
            .flat_map(|(position, &token)| side.embed(&self.table, token, position))
            .collect();
        let (keys, values) = side.own.keys_and_values(&rows);
        let attended = rows
            .chunks_exact(WIDTH)
            .map(|x| side.own.residual(x, &keys, &values, &side.after_own));
        attended.flat_map(|x| side.mlp(&x)).collect()
    }
}

impl Side {
    fn load(file: &Npz, name: &str, longest: usize, skipped: usize) -> Result<Self, LoadError> {
        let layer = format!("{name}.layers.0");
        let positions = file.floats(
            &format!("{name}.embed_positions.weight"),
            longest * WIDTH + skipped,
        )?;
        Ok(Self {
            positions: positions.get(skipped..).unwrap_or_default().to_vec(),
            before: norm(file, &format!("{name}.layernorm_embedding"))?,
            own: Attention::load(file, &format!("{layer}.self_attn"))?,
            after_own: norm(file, &format!("{layer}.self_attn_layer_norm"))?,
            widen: dense(file, &format!("{layer}.fc1"), WIDTH, INNER)?,
            narrow: dense(file, &format!("{layer}.fc2"), INNER, WIDTH)?,
            after_mlp: norm(file, &format!("{layer}.final_layer_norm"))?,
        })
    }

    fn embed(&self, table: &[f32], token: usize, position: usize) -> Vec<f32> {
        let row = |rows: &[f32], at: usize| {
            rows.get(at * WIDTH..(at + 1) * WIDTH)
                .unwrap_or(&[0.0; WIDTH])
                .to_vec()
        };
        let mut x = row(table, token);
        add(&mut x, &row(&self.positions, position));
        self.before.apply(&x)
    }

    fn mlp(&self, x: &[f32]) -> Vec<f32> {
        let mut inner = apply(&self.widen, x);
        gelu(&mut inner);
        let mut out = apply(&self.narrow, &inner);
        add(&mut out, x);
        self.after_mlp.apply(&out)
    }
}

impl Attention {
    fn load(file: &Npz, base: &str) -> Result<Self, LoadError> {
        let part = |name: &str| dense(file, &format!("{base}.{name}"), WIDTH, WIDTH);
        Ok(Self {
            query: part("q_proj")?,
            key: part("k_proj")?,
            value: part("v_proj")?,
            out: part("out_proj")?,
        })
    }

    fn keys_and_values(&self, rows: &[f32]) -> (Vec<f32>, Vec<f32>) {
        let each = |layer: &Dense| {
            rows.chunks_exact(WIDTH)
                .flat_map(|row| apply(layer, row))
                .collect()
        };
        (each(&self.key), each(&self.value))
    }

    /// `x` plus what it attends to, normalised.
    fn residual(&self, x: &[f32], keys: &[f32], values: &[f32], norm: &Norm) -> Vec<f32> {
        let mut out = apply(&self.out, &attend(&apply(&self.query, x), keys, values, 1));
        add(&mut out, x);
        norm.apply(&out)
    }
}

fn apply(layer: &Dense, x: &[f32]) -> Vec<f32> {
    let mut out = vec![0.0; layer.outputs()];
    layer.apply(x, &mut out);
    out
}

fn best(scores: &[f32]) -> usize {
    scores
        .iter()
        .enumerate()
        .max_by(|a, b| a.1.total_cmp(b.1))
        .map_or(0, |(token, _)| token)
}

fn norm(file: &Npz, base: &str) -> Result<Norm, LoadError> {
    Ok(Norm::new(
        file.floats(&format!("{base}.weight"), WIDTH)?,
        file.floats(&format!("{base}.bias"), WIDTH)?,
    ))
}

fn dense(file: &Npz, base: &str, inputs: usize, outputs: usize) -> Result<Dense, LoadError> {
    let weights = file.floats(&format!("{base}.weight"), inputs * outputs)?;
    Ok(Dense::new(
        weights,
        file.floats(&format!("{base}.bias"), outputs)?,
    ))
}
