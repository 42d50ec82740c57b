//! The speech model files: what they are, where they lie, whether they are whole.
//!
//! This crate neither reads the environment nor fetches anything: the folder
//! is given, and `trunkline models fetch` fills it.

mod dir;
mod manifest;
mod verified;

pub use dir::{FileState, MissingModels, ModelsDir, Problem, file_state};
pub use manifest::{FILES, ModelFile, Set, file};
