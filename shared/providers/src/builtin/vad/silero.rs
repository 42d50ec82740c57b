//! Silero v6 at 16 kHz: spectrum, four convolutions, one recurrent cell.
//!
//! The file's first layer is a Fourier transform written as a convolution; a
//! real transform gives the same numbers for a twentieth of the work.

use std::path::Path;
use std::sync::Arc;

use realfft::num_complex::Complex;
use realfft::{RealFftPlanner, RealToComplex};
use safetensors::SafeTensors;

use crate::builtin::LoadError;
use crate::nn::{Dense, sigmoid};

/// New samples for each step: 32 ms at 16 kHz.
pub(super) const STEP: usize = 512;
/// Samples of the step before that the network wants to see again.
pub(super) const CONTEXT: usize = 64;
const WINDOW: usize = 256;
const HOP: usize = 128;
const BINS: usize = WINDOW / 2 + 1;
const FRAMES: usize = 4;
const CELL: usize = 128;

/// The weights, shared by all detectors.
pub(super) struct Network {
    transform: Arc<dyn RealToComplex<f32>>,
    window: [f32; WINDOW],
    convolutions: [Convolution; 4],
    /// Input and forget gates, candidate and output gate, over `[input, hidden]`.
    cell: Dense,
    output: Dense,
}

impl std::fmt::Debug for Network {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Network")
    }
}

/// What a detector remembers between steps.
#[derive(Debug, Clone)]
pub(super) struct Memory {
    hidden: [f32; CELL],
    cell: [f32; CELL],
    context: [f32; CONTEXT],
}

impl Default for Memory {
    fn default() -> Self {
        Self {
            hidden: [0.0; CELL],
            cell: [0.0; CELL],
            context: [0.0; CONTEXT],
        }
    }
}

impl Memory {
    /// Tells what came just before the next step, when steps were left out.
    pub(super) fn skip_to(&mut self, before: &[f32; CONTEXT]) {
        self.context = *before;
    }
}

impl Network {
    /// Reads the weights.
    pub(super) fn load(path: &Path) -> Result<Self, LoadError> {
        let bytes = std::fs::read(path).map_err(LoadError::at(path))?;
        let file = SafeTensors::deserialize(&bytes).map_err(LoadError::at(path))?;
        let read = |name: &str, length: usize| tensor(&file, name, length).map_err(LoadError::at(path));
        let convolution =
            |name: &str, inputs: usize, outputs: usize, stride: usize| -> Result<_, LoadError> {
                let weights = read(&format!("{name}.weight"), outputs * inputs * 3)?;
                let bias = read(&format!("{name}.bias"), outputs)?;
                Ok(Convolution {
                    inputs,
                    stride,
                    kernel: Dense::new(by_time(&weights, inputs), bias),
                })
            };
        let both = |a: Vec<f32>, b: Vec<f32>| a.iter().zip(&b).map(|(x, y)| x + y).collect::<Vec<f32>>();
        let from_input = read("lstm_cell.weight_ih", 4 * CELL * CELL)?;
        let from_hidden = read("lstm_cell.weight_hh", 4 * CELL * CELL)?;
        let bias = both(
            read("lstm_cell.bias_ih", 4 * CELL)?,
            read("lstm_cell.bias_hh", 4 * CELL)?,
        );
        let rows = from_input.chunks_exact(CELL).zip(from_hidden.chunks_exact(CELL));
        let cell = rows.flat_map(|(a, b)| a.iter().chain(b)).copied().collect();
        Ok(Self {
            transform: RealFftPlanner::new().plan_fft_forward(WINDOW),
            window: std::array::from_fn(|i| {
                0.5 - 0.5 * (std::f32::consts::TAU * i as f32 / WINDOW as f32).cos()
            }),
            convolutions: [
                convolution("conv1", BINS, 128, 1)?,
                convolution("conv2", 128, 64, 2)?,
                convolution("conv3", 64, 64, 2)?,
                convolution("conv4", 64, CELL, 1)?,
            ],
            cell: Dense::new(cell, bias),
            output: Dense::new(read("final_conv.weight", CELL)?, read("final_conv.bias", 1)?),
        })
    }

    /// The probability of speech in the next 32 ms.
    pub(super) fn step(&self, memory: &mut Memory, samples: &[f32; STEP]) -> f32 {
        let mut features = self.spectrum(&memory.context, samples);
        memory.context.copy_from_slice(&samples[STEP - CONTEXT..]);
        for convolution in &self.convolutions {
            features = convolution.apply(&features);
        }
        let mut input = [0.0; 2 * CELL];
        input[..CELL].copy_from_slice(&features[..CELL]);
        input[CELL..].copy_from_slice(&memory.hidden);
        let mut gates = [0.0; 4 * CELL];
        self.cell.apply(&input, &mut gates);
        for k in 0..CELL {
            let kept = sigmoid(gates[CELL + k]) * memory.cell[k];
            memory.cell[k] = kept + sigmoid(gates[k]) * gates[2 * CELL + k].tanh();
            memory.hidden[k] = sigmoid(gates[3 * CELL + k]) * memory.cell[k].tanh();
        }
        let mut out = [0.0];
        self.output.apply(&memory.hidden.map(|h| h.max(0.0)), &mut out);
        sigmoid(out[0])
    }

    /// Magnitudes of four overlapping windows, the end mirrored outwards.
    fn spectrum(&self, context: &[f32; CONTEXT], samples: &[f32; STEP]) -> Vec<f32> {
        let mut signal = [0.0; CONTEXT + STEP + CONTEXT];
        signal[..CONTEXT].copy_from_slice(context);
        signal[CONTEXT..CONTEXT + STEP].copy_from_slice(samples);
        for k in 0..CONTEXT {
            signal[CONTEXT + STEP + k] = signal[CONTEXT + STEP - 2 - k];
        }
        let mut out = Vec::with_capacity(FRAMES * BINS);
        let mut scratch = [Complex::default(); 2 * WINDOW];
        let scratch = &mut scratch[..self.transform.get_scratch_len()];
        for frame in 0..FRAMES {
            let mut input: [f32; WINDOW] = std::array::from_fn(|i| signal[frame * HOP + i] * self.window[i]);
            let mut bins = [Complex::default(); BINS];
            // The lengths are those that the plan was made for, so it cannot refuse.
            let done = self
                .transform
                .process_with_scratch(&mut input, &mut bins, scratch);
            debug_assert!(done.is_ok());
            out.extend(bins.iter().map(|bin| bin.norm_sqr().sqrt()));
        }
        out
    }
}

/// A convolution over three steps in time, one step of padding at each end, then ReLU.
struct Convolution {
    inputs: usize,
    stride: usize,
    kernel: Dense,
}

impl Convolution {
    fn apply(&self, x: &[f32]) -> Vec<f32> {
        let steps = x.len() / self.inputs;
        let mut padded = vec![0.0; (steps + 2) * self.inputs];
        padded[self.inputs..(steps + 1) * self.inputs].copy_from_slice(x);
        let outputs = self.kernel.outputs();
        let mut out = vec![0.0; ((steps - 1) / self.stride + 1) * outputs];
        for (step, row) in out.chunks_exact_mut(outputs).enumerate() {
            let start = step * self.stride * self.inputs;
            self.kernel.apply(&padded[start..start + 3 * self.inputs], row);
        }
        out.iter_mut().for_each(|v| *v = v.max(0.0));
        out
    }
}

/// Weights as `[output][input][time]` turned to `[output][time][input]`, so
/// that one step is one row of numbers that lie together.
fn by_time(weights: &[f32], inputs: usize) -> Vec<f32> {
    let rows = weights.chunks_exact(inputs * 3);
    rows.flat_map(|row| (0..3).flat_map(move |time| (0..inputs).map(move |input| row[input * 3 + time])))
        .collect()
}

fn tensor(file: &SafeTensors<'_>, name: &str, length: usize) -> Result<Vec<f32>, String> {
    let view = file.tensor(name).map_err(|error| format!("{name}: {error}"))?;
    let values: Vec<f32> = view
        .data()
        .as_chunks::<4>()
        .0
        .iter()
        .map(|b| f32::from_le_bytes(*b))
        .collect();
    if values.len() == length {
        Ok(values)
    } else {
        Err(format!("{name} has {} values, not {length}", values.len()))
    }
}
