//! Whisper's encoder: spectrogram in, one vector for each 20 ms out.

use super::ct2::Ct2File;
use super::mel::BANDS;
use crate::builtin::LoadError;
use crate::nn::{Gemm, Linear, Norm, Span, add, gelu, softmax};

/// Width of all vectors in the model.
pub(super) const WIDTH: usize = 384;
/// Attention heads.
pub(super) const HEADS: usize = 6;
/// Layers, in the encoder and in the decoder.
pub(super) const LAYERS: usize = 4;
const SIZE: usize = WIDTH / HEADS;
const POSITIONS: usize = 1_500;

#[derive(Debug)]
pub(super) struct Encoder {
    first: Linear,
    second: Linear,
    positions: Vec<f32>,
    layers: Vec<Layer>,
    norm: Norm,
}

#[derive(Debug)]
struct Layer {
    before_attention: Norm,
    /// Query, key and value at once.
    project: Linear,
    attended: Linear,
    before_mlp: Norm,
    widen: Linear,
    narrow: Linear,
}

/// A failed multiplication: never with a model that was loaded.
pub(super) type EncodeError = Box<dyn std::error::Error + Send + Sync>;

impl Encoder {
    pub(super) fn load(file: &Ct2File, gemm: &Gemm) -> Result<Self, LoadError> {
        let convolution = |name: &str, inputs: usize| {
            let weights = file.values(&format!("encoder/{name}/weight"), WIDTH * inputs * 3)?;
            let bias = file.values(&format!("encoder/{name}/bias"), WIDTH)?;
            linear_of(gemm, by_time(&weights, inputs), bias)
        };
        let layers = (0..LAYERS).map(|i| Layer::load(file, gemm, &format!("encoder/layer_{i}")));
        Ok(Self {
            first: convolution("conv1", BANDS)?,
            second: convolution("conv2", WIDTH)?,
            positions: file.values("encoder/position_encodings/encodings", POSITIONS * WIDTH)?,
            layers: layers.collect::<Result<_, _>>()?,
            norm: norm(file, "encoder/layer_norm")?,
        })
    }

    /// The vectors for a spectrogram of at most 3,000 columns; half as many as columns.
    pub(super) fn encode(&self, gemm: &Gemm, columns: &[f32]) -> Result<Vec<f32>, EncodeError> {
        let mut x = self.first.apply(gemm, &windows(columns, BANDS, 1))?;
        gelu(&mut x);
        x = self.second.apply(gemm, &windows(&x, WIDTH, 2))?;
        gelu(&mut x);
        x.truncate(self.positions.len());
        add(&mut x, &self.positions);
        for layer in &self.layers {
            layer.apply(gemm, &mut x)?;
        }
        Ok(self.norm.apply(&x))
    }
}

impl Layer {
    fn load(file: &Ct2File, gemm: &Gemm, base: &str) -> Result<Self, LoadError> {
        let linear = |name: &str, inputs: usize, outputs: usize| {
            let weights = file.values(&format!("{base}/{name}/weight"), inputs * outputs)?;
            linear_of(
                gemm,
                weights,
                file.values(&format!("{base}/{name}/bias"), outputs)?,
            )
        };
        Ok(Self {
            before_attention: norm(file, &format!("{base}/self_attention/layer_norm"))?,
            project: linear("self_attention/linear_0", WIDTH, 3 * WIDTH)?,
            attended: linear("self_attention/linear_1", WIDTH, WIDTH)?,
            before_mlp: norm(file, &format!("{base}/ffn/layer_norm"))?,
            widen: linear("ffn/linear_0", WIDTH, 4 * WIDTH)?,
            narrow: linear("ffn/linear_1", 4 * WIDTH, WIDTH)?,
        })
    }

    fn apply(&self, gemm: &Gemm, x: &mut [f32]) -> Result<(), EncodeError> {
        let projected = self.project.apply(gemm, &self.before_attention.apply(x))?;
        add(x, &self.attended.apply(gemm, &attention(gemm, &projected)?)?);
        let mut inner = self.widen.apply(gemm, &self.before_mlp.apply(x))?;
        gelu(&mut inner);
        add(x, &self.narrow.apply(gemm, &inner)?);
        Ok(())
    }
}

/// Every step attends to every other; `projected` holds query, key, value side by side.
fn attention(gemm: &Gemm, projected: &[f32]) -> Result<Vec<f32>, EncodeError> {
    let rows = projected.len() / (3 * WIDTH);
    let part = |which: usize, head: usize| Span {
        data: projected,
        width: 3 * WIDTH,
        first: which * WIDTH + head * SIZE,
        columns: SIZE,
    };
    let scale = 1.0 / (SIZE as f32).sqrt();
    let mut out = vec![0.0; rows * WIDTH];
    for head in 0..HEADS {
        let mut weights = gemm.multiply_transposed(part(0, head), part(1, head))?;
        for row in weights.chunks_exact_mut(rows) {
            row.iter_mut().for_each(|w| *w *= scale);
            softmax(row);
        }
        let weights = Span {
            data: &weights,
            width: rows,
            first: 0,
            columns: rows,
        };
        let heard = gemm.multiply(weights, part(2, head))?;
        for (row, heard) in out.chunks_exact_mut(WIDTH).zip(heard.chunks_exact(SIZE)) {
            row[head * SIZE..(head + 1) * SIZE].copy_from_slice(heard);
        }
    }
    Ok(out)
}

pub(super) fn norm(file: &Ct2File, base: &str) -> Result<Norm, LoadError> {
    Ok(Norm::new(
        file.values(&format!("{base}/gamma"), WIDTH)?,
        file.values(&format!("{base}/beta"), WIDTH)?,
    ))
}

pub(super) fn linear_of(gemm: &Gemm, weights: Vec<f32>, bias: Vec<f32>) -> Result<Linear, LoadError> {
    Linear::new(gemm, weights, bias)
        .map_err(LoadError::at(std::path::Path::new(crate::models::file::WHISPER)))
}

/// `[output][input][time]` to `[output][time][input]`.
fn by_time(weights: &[f32], inputs: usize) -> Vec<f32> {
    let rows = weights.chunks_exact(inputs * 3);
    rows.flat_map(|row| (0..3).flat_map(move |time| (0..inputs).map(move |input| row[input * 3 + time])))
        .collect()
}

/// Three neighbouring steps side by side for each output step: a convolution
/// of width 3 becomes one multiplication.
fn windows(x: &[f32], width: usize, stride: usize) -> Vec<f32> {
    let steps = x.len() / width;
    let mut padded = vec![0.0; (steps + 2) * width];
    padded[width..(steps + 1) * width].copy_from_slice(&x[..steps * width]);
    let starts = (0..steps).step_by(stride);
    starts
        .flat_map(|step| padded[step * width..(step + 3) * width].iter().copied())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_pad_the_ends_and_keep_the_stride() {
        let x = [1.0, 2.0, 3.0, 4.0];
        assert_eq!(
            windows(&x, 1, 1),
            [0.0, 1.0, 2.0, 1.0, 2.0, 3.0, 2.0, 3.0, 4.0, 3.0, 4.0, 0.0]
        );
        assert_eq!(windows(&x, 1, 2), [0.0, 1.0, 2.0, 2.0, 3.0, 4.0]);
        assert_eq!(
            windows(&x, 2, 1),
            [0.0, 0.0, 1.0, 2.0, 3.0, 4.0, 1.0, 2.0, 3.0, 4.0, 0.0, 0.0]
        );
    }

    #[test]
    fn weights_are_turned_so_that_time_comes_before_input() {
        assert_eq!(
            by_time(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0], 2),
            [1.0, 4.0, 2.0, 5.0, 3.0, 6.0]
        );
    }
}
