//! A layer for many vectors at once: matrix multiplication by `rten-gemm`.

use rten_gemm::{BiasVector, GemmExecutor, GemmInputA, GemmInputB, GemmOptions, PackedBMatrix};
use rten_tensor::prelude::*;
use rten_tensor::{NdTensor, NdTensorView};

/// The multiplication kernel for this processor. Cheap to make, and bound to
/// the thread that made it.
pub(crate) struct Gemm(GemmExecutor<f32>);

impl std::fmt::Debug for Gemm {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Gemm").field(&self.0.kernel_name()).finish()
    }
}

/// Why a multiplication was refused: shapes that do not fit one another.
#[derive(Debug, Clone, thiserror::Error)]
#[error("matrix shapes do not fit: {0}")]
pub(crate) struct ShapeError(String);

/// Some columns of a matrix that is stored row by row: one attention head.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Span<'a> {
    /// The whole matrix.
    pub(crate) data: &'a [f32],
    /// Its width.
    pub(crate) width: usize,
    /// The first column meant.
    pub(crate) first: usize,
    /// How many columns.
    pub(crate) columns: usize,
}

impl<'a> Span<'a> {
    fn view(self) -> Result<NdTensorView<'a, f32, 2>, ShapeError> {
        let rows = self.data.len() / self.width.max(1);
        if self.first + self.columns > self.width {
            return Err(ShapeError(format!(
                "columns {}+{} of {}",
                self.first, self.columns, self.width
            )));
        }
        let whole = NdTensorView::try_from_data([rows, self.width], self.data)
            .map_err(|error| ShapeError(error.to_string()))?;
        Ok(whole.slice((.., self.first..self.first + self.columns)))
    }
}

impl Gemm {
    pub(crate) fn new() -> Self {
        Self(GemmExecutor::default())
    }

    /// `a · b` for spans of equal inner size, row by row.
    pub(crate) fn multiply(&self, a: Span<'_>, b: Span<'_>) -> Result<Vec<f32>, ShapeError> {
        self.run(a.view()?, b.view()?)
    }

    /// `a · bᵀ`, row by row.
    pub(crate) fn multiply_transposed(&self, a: Span<'_>, b: Span<'_>) -> Result<Vec<f32>, ShapeError> {
        self.run(a.view()?, b.view()?.transposed())
    }

    fn run(&self, a: NdTensorView<'_, f32, 2>, b: NdTensorView<'_, f32, 2>) -> Result<Vec<f32>, ShapeError> {
        let mut out = vec![0.0; a.size(0) * b.size(1)];
        self.0
            .gemm(
                &mut out,
                GemmInputA::Unpacked(a),
                GemmInputB::Unpacked(b),
                GemmOptions::default(),
            )
            .map_err(|error| ShapeError(error.to_string()))?;
        Ok(out)
    }
}

/// `Y = X Wᵀ + b` for the rows of `X`, the weights laid out for the kernel once.
pub(crate) struct Linear {
    inputs: usize,
    weights: PackedBMatrix<f32>,
    bias: Vec<f32>,
}

impl std::fmt::Debug for Linear {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Linear")
            .field("inputs", &self.inputs)
            .field("outputs", &self.bias.len())
            .finish_non_exhaustive()
    }
}

impl Linear {
    /// A layer of `bias.len()` outputs; `weights` holds one row for each.
    pub(crate) fn new(gemm: &Gemm, weights: Vec<f32>, bias: Vec<f32>) -> Result<Self, ShapeError> {
        let outputs = bias.len();
        let inputs = weights.len() / outputs.max(1);
        if inputs * outputs != weights.len() {
            return Err(ShapeError(format!(
                "{} weights for {outputs} outputs",
                weights.len()
            )));
        }
        let rows = NdTensor::from_data([outputs, inputs], weights);
        Ok(Self {
            inputs,
            weights: gemm.0.prepack_b(rows.view().transposed()),
            bias,
        })
    }

    /// The layer's answer to each row of `x`.
    pub(crate) fn apply(&self, gemm: &Gemm, x: &[f32]) -> Result<Vec<f32>, ShapeError> {
        let rows = x.len() / self.inputs.max(1);
        let input =
            NdTensorView::try_from_data([rows, self.inputs], x).map_err(|e| ShapeError(e.to_string()))?;
        let mut out = vec![0.0; rows * self.bias.len()];
        let options = GemmOptions {
            bias: Some(BiasVector::Row(&self.bias)),
            ..GemmOptions::default()
        };
        gemm.0
            .gemm(
                &mut out,
                GemmInputA::Unpacked(input),
                GemmInputB::Packed(&self.weights),
                options,
            )
            .map_err(|error| ShapeError(error.to_string()))?;
        Ok(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_multiplied_and_biased() {
        let gemm = Gemm::new();
        let layer = Linear::new(&gemm, vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0], vec![0.5, -0.5]).unwrap();
        let out = layer.apply(&gemm, &[1.0, 1.0, 1.0, 2.0, 0.0, -1.0]).unwrap();
        assert_eq!(out, [6.5, 14.5, -0.5, 1.5]);
    }

    #[test]
    fn heads_are_columns_of_the_whole() {
        let gemm = Gemm::new();
        let q = [1.0, 2.0, 9.0, 9.0, 3.0, 4.0, 9.0, 9.0];
        let head = Span {
            data: &q,
            width: 4,
            first: 0,
            columns: 2,
        };
        assert_eq!(
            gemm.multiply_transposed(head, head).unwrap(),
            [5.0, 11.0, 11.0, 25.0]
        );
        assert_eq!(gemm.multiply(head, head).unwrap(), [7.0, 10.0, 15.0, 22.0]);
        assert!(gemm.multiply(Span { first: 3, ..head }, head).is_err());
    }
}
