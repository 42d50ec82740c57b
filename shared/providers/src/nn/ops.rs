//! Normalisation, activations and attention of one query.

use rten_simd::{SimdOp, SimdUnaryOp};
use rten_vecmath::{Gelu, Softmax};

/// A layer normalisation.
#[derive(Debug)]
pub(crate) struct Norm {
    gain: Vec<f32>,
    bias: Vec<f32>,
}

impl Norm {
    pub(crate) fn new(gain: Vec<f32>, bias: Vec<f32>) -> Self {
        Self { gain, bias }
    }

    /// Each row of `x`, as wide as the layer, brought to mean 0 and variance 1, then scaled.
    pub(crate) fn apply(&self, x: &[f32]) -> Vec<f32> {
        let width = self.gain.len().max(1);
        let mut out = Vec::with_capacity(x.len());
        for row in x.chunks_exact(width) {
            let mean = row.iter().sum::<f32>() / width as f32;
            let variance = row.iter().map(|v| (v - mean) * (v - mean)).sum::<f32>() / width as f32;
            let scale = 1.0 / (variance + 1e-5).sqrt();
            out.extend(
                row.iter()
                    .zip(&self.gain)
                    .zip(&self.bias)
                    .map(|((v, g), b)| (v - mean) * scale * g + b),
            );
        }
        out
    }
}

/// The exact (erf) GELU, in place.
pub(crate) fn gelu(x: &mut [f32]) {
    Gelu {}.map_mut(x);
}

/// Softmax of one row, in place; nothing for an empty row.
pub(crate) fn softmax(row: &mut [f32]) {
    if !row.is_empty() {
        Softmax::new_mut(row).dispatch();
    }
}

pub(crate) fn sigmoid(x: f32) -> f32 {
    1.0 / (1.0 + (-x).exp())
}

/// Adds `b` to `a`, element by element.
pub(crate) fn add(a: &mut [f32], b: &[f32]) {
    for (a, b) in a.iter_mut().zip(b) {
        *a += b;
    }
}

/// One query's attention over cached keys and values, all heads side by side.
///
/// `keys` and `values` hold rows as wide as the query; the answer is that wide too.
pub(crate) fn attend(query: &[f32], keys: &[f32], values: &[f32], heads: usize) -> Vec<f32> {
    let width = query.len();
    let size = width / heads.max(1);
    let scale = 1.0 / (size as f32).sqrt();
    let mut out = vec![0.0; width];
    for head in 0..heads {
        let columns = head * size..(head + 1) * size;
        let q = &query[columns.clone()];
        let mut weights: Vec<f32> = keys
            .chunks_exact(width)
            .map(|key| scale * dot(q, &key[columns.clone()]))
            .collect();
        softmax(&mut weights);
        let sum = &mut out[columns.clone()];
        for (weight, value) in weights.iter().zip(values.chunks_exact(width)) {
            for (sum, v) in sum.iter_mut().zip(&value[columns.clone()]) {
                *sum += weight * v;
            }
        }
    }
    out
}

/// Eight sums side by side, so that the compiler can use vectors.
fn dot(a: &[f32], b: &[f32]) -> f32 {
    let mut sums = [0.0_f32; 8];
    let (mut blocks_a, mut blocks_b) = (a.chunks_exact(8), b.chunks_exact(8));
    for (x, y) in (&mut blocks_a).zip(&mut blocks_b) {
        for ((sum, x), y) in sums.iter_mut().zip(x).zip(y) {
            *sum += x * y;
        }
    }
    let rest: f32 = blocks_a
        .remainder()
        .iter()
        .zip(blocks_b.remainder())
        .map(|(x, y)| x * y)
        .sum();
    sums.iter().sum::<f32>() + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn norm_centres_and_scales_each_row() {
        let norm = Norm::new(vec![2.0, 2.0], vec![1.0, 1.0]);
        let out = norm.apply(&[1.0, 3.0, -5.0, 5.0]);
        assert!(
            out.iter()
                .zip([-1.0, 3.0, -1.0, 3.0])
                .all(|(a, b)| (a - b).abs() < 1e-3)
        );
    }

    #[test]
    fn gelu_matches_known_values() {
        let mut x = [-1.0, 0.0, 1.0, 3.0];
        gelu(&mut x);
        assert!(
            x.iter()
                .zip([-0.158_655, 0.0, 0.841_345, 2.995_95])
                .all(|(a, b)| (a - b).abs() < 1e-4)
        );
    }

    #[test]
    fn attention_picks_the_value_whose_key_fits() {
        // Two heads of one column each; each head's query fits another key.
        let out = attend(&[20.0, 20.0], &[1.0, 0.0, 0.0, 1.0], &[5.0, 6.0, 7.0, 8.0], 2);
        assert!(
            (out[0] - 5.0).abs() < 1e-3 && (out[1] - 8.0).abs() < 1e-3,
            "{out:?}"
        );
    }
}
