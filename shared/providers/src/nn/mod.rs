//! The little arithmetic that the speech models need, on the processor's
//! widest vectors (chosen while running).

mod dense;
mod gemm;
mod int8;
mod ops;

pub(crate) use dense::Dense;
pub(crate) use gemm::{Gemm, Linear, Span};
pub(crate) use int8::Int8Dense;
pub(crate) use ops::{Norm, add, attend, gelu, sigmoid, softmax};
