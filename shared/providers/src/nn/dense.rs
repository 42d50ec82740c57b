//! A layer for one vector at a time.

use rten_simd::ops::{BitOps, NumOps};
use rten_simd::{Isa, SimdOp};

/// `y = W x + b` with `W` stored row by row.
#[derive(Debug)]
pub(crate) struct Dense {
    inputs: usize,
    weights: Vec<f32>,
    bias: Vec<f32>,
}

impl Dense {
    /// A layer of `bias.len()` outputs; `weights` holds one row for each.
    pub(crate) fn new(weights: Vec<f32>, bias: Vec<f32>) -> Self {
        Self {
            inputs: weights.len() / bias.len().max(1),
            weights,
            bias,
        }
    }

    /// How many outputs it has.
    pub(crate) fn outputs(&self) -> usize {
        self.bias.len()
    }

    /// Writes the layer's answer to `x` into `out`, which has one place for each output.
    pub(crate) fn apply(&self, x: &[f32], out: &mut [f32]) {
        debug_assert_eq!(x.len(), self.inputs);
        debug_assert_eq!(out.len(), self.bias.len());
        out.copy_from_slice(&self.bias);
        AddMatVec {
            weights: &self.weights,
            x,
            out,
        }
        .dispatch();
    }
}

struct AddMatVec<'a> {
    weights: &'a [f32],
    x: &'a [f32],
    out: &'a mut [f32],
}

impl SimdOp for AddMatVec<'_> {
    type Output = ();

    #[inline(always)]
    fn eval<I: Isa>(self, isa: I) {
        for (row, out) in self.weights.chunks_exact(self.x.len()).zip(self.out) {
            *out += dot(isa, row, self.x);
        }
    }
}

/// Four sums at a time: one would wait for the multiplier at each step.
const SUMS: usize = 4;

#[inline(always)]
fn dot<I: Isa>(isa: I, a: &[f32], b: &[f32]) -> f32 {
    let ops = isa.f32();
    let width = ops.len();
    let mut sums = [ops.zero(); SUMS];
    let (mut blocks_a, mut blocks_b) = (a.chunks_exact(SUMS * width), b.chunks_exact(SUMS * width));
    for (x, y) in (&mut blocks_a).zip(&mut blocks_b) {
        let (x, y) = (ops.load_many::<SUMS>(x), ops.load_many::<SUMS>(y));
        for ((sum, x), y) in sums.iter_mut().zip(x).zip(y) {
            *sum = ops.mul_add(x, y, *sum);
        }
    }
    for (x, y) in blocks_a
        .remainder()
        .chunks(width)
        .zip(blocks_b.remainder().chunks(width))
    {
        sums[0] = ops.mul_add(ops.load_pad(x).0, ops.load_pad(y).0, sums[0]);
    }
    ops.sum(ops.add(ops.add(sums[0], sums[1]), ops.add(sums[2], sums[3])))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_width_gives_the_plain_sum() {
        for inputs in [1_usize, 7, 16, 63, 64, 65, 387] {
            let weights: Vec<f32> = (0..3 * inputs).map(|i| (i % 13) as f32 - 6.0).collect();
            let x: Vec<f32> = (0..inputs).map(|i| (i % 5) as f32 - 2.0).collect();
            let mut out = [0.0; 3];
            Dense::new(weights.clone(), vec![1.0, 2.0, 3.0]).apply(&x, &mut out);
            for (k, got) in out.iter().enumerate() {
                let row = &weights[k * inputs..(k + 1) * inputs];
                let want: f32 = row.iter().zip(&x).map(|(a, b)| a * b).sum::<f32>() + k as f32 + 1.0;
                assert!(
                    (got - want).abs() < 1e-3,
                    "{inputs} inputs, output {k}: {got}, not {want}"
                );
            }
        }
    }
}
