//! A layer for one vector at a time, kept at one byte a weight.
//!
//! A decoder reads all its weights for every word it writes, so memory decides
//! its speed: a quarter of the bytes is about a quarter of the time.

use rten_simd::{Isa, SimdOp};

/// `y = W x + b`, each row of `W` scaled to 8 bits on its own.
#[derive(Debug)]
pub(crate) struct Int8Dense {
    inputs: usize,
    weights: Vec<i8>,
    scales: Vec<f32>,
    bias: Vec<f32>,
}

impl Int8Dense {
    /// Quantises a layer of `outputs` rows; an empty `bias` means none.
    pub(crate) fn new(weights: &[f32], outputs: usize, bias: Vec<f32>) -> Self {
        let inputs = weights.len() / outputs.max(1);
        let mut scales = Vec::with_capacity(outputs);
        let mut bytes = Vec::with_capacity(weights.len());
        for row in weights.chunks_exact(inputs.max(1)) {
            let scale = (largest(row) / 127.0).max(f32::MIN_POSITIVE);
            bytes.extend(row.iter().map(|w| to_i8(w / scale)));
            scales.push(scale);
        }
        Self {
            inputs,
            weights: bytes,
            scales,
            bias,
        }
    }

    /// The layer's answer to `x`.
    pub(crate) fn apply(&self, x: &[f32]) -> Vec<f32> {
        debug_assert_eq!(x.len(), self.inputs);
        // The input keeps as many bits as its length allows without overflow.
        let room = (i32::MAX as f32 / (127.0 * x.len().max(1) as f32))
            .min(32_767.0)
            .floor();
        let step = (largest(x) / room).max(f32::MIN_POSITIVE);
        let input: Vec<i16> = x.iter().map(|v| to_i16_step(v / step)).collect();
        let mut out = match self.bias.is_empty() {
            true => vec![0.0; self.scales.len()],
            false => self.bias.clone(),
        };
        AddMatVec {
            weights: &self.weights,
            scales: &self.scales,
            input: &input,
            step,
            out: &mut out,
        }
        .dispatch();
        out
    }

    /// One row, back in floats: an embedding table's vector.
    pub(crate) fn row(&self, index: usize) -> impl Iterator<Item = f32> {
        let scale = self.scales.get(index).copied().unwrap_or_default();
        let row = self
            .weights
            .get(index * self.inputs..(index + 1) * self.inputs)
            .unwrap_or_default();
        row.iter().map(move |&w| f32::from(w) * scale)
    }
}

fn largest(values: &[f32]) -> f32 {
    values.iter().fold(0.0, |most, v| most.max(v.abs()))
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "at most 127 by the choice of scale"
)]
fn to_i8(value: f32) -> i8 {
    value.round() as i8
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "at most 32,767 by the choice of step"
)]
fn to_i16_step(value: f32) -> i16 {
    value.round() as i16
}

struct AddMatVec<'a> {
    weights: &'a [i8],
    scales: &'a [f32],
    input: &'a [i16],
    step: f32,
    out: &'a mut [f32],
}

impl SimdOp for AddMatVec<'_> {
    type Output = ();

    // The plain loop is what the compiler turns into multiply-add of bytes,
    // once compiled for the instruction set that `dispatch` has chosen.
    #[inline(always)]
    fn eval<I: Isa>(self, _: I) {
        let rows = self.weights.chunks_exact(self.input.len());
        for ((row, scale), out) in rows.zip(self.scales).zip(self.out) {
            let mut sum = 0_i32;
            for (w, x) in row.iter().zip(self.input) {
                sum = sum.wrapping_add(i32::from(*w).wrapping_mul(i32::from(*x)));
            }
            *out += sum as f32 * scale * self.step;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_stays_within_a_byte_of_the_exact_answer() {
        for inputs in [384_usize, 1_536] {
            let weights: Vec<f32> = (0..2 * inputs)
                .map(|i| ((i * 37) % 101) as f32 / 50.0 - 1.0)
                .collect();
            let x: Vec<f32> = (0..inputs).map(|i| ((i * 17) % 29) as f32 / 14.0 - 1.0).collect();
            let layer = Int8Dense::new(&weights, 2, vec![0.5, -0.5]);
            for (k, got) in layer.apply(&x).iter().enumerate() {
                let row = &weights[k * inputs..(k + 1) * inputs];
                let want: f32 = row.iter().zip(&x).map(|(a, b)| a * b).sum::<f32>() + 0.5 - k as f32;
                assert!((got - want).abs() < 0.3, "{inputs} inputs: {got}, not {want}");
            }
        }
    }

    #[test]
    fn the_largest_input_does_not_overflow() {
        let layer = Int8Dense::new(&vec![1.0; 4_096], 1, Vec::new());
        let out = layer.apply(&vec![1.0; 4_096]);
        assert!((out[0] - 4_096.0).abs() < 1.0);
    }

    #[test]
    fn a_row_comes_back_nearly_as_it_went_in() {
        let layer = Int8Dense::new(&[0.1, -0.2, 0.4, 3.0, 2.0, 1.0], 2, Vec::new());
        let row: Vec<f32> = layer.row(1).collect();
        assert!(row.iter().zip([3.0, 2.0, 1.0]).all(|(a, b)| (a - b).abs() < 0.02));
        assert_eq!(layer.row(9).count(), 0);
    }
}
