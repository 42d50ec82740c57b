//! Why a model could not be loaded.

use std::path::{Path, PathBuf};

/// A model file could not be turned into a model.
#[derive(Debug, thiserror::Error)]
#[error("{} cannot be used: {reason}", path.display())]
pub struct LoadError {
    /// The file.
    pub path: PathBuf,
    /// What is wrong with it.
    pub reason: String,
}

impl LoadError {
    pub(crate) fn new(path: &Path, reason: impl std::fmt::Display) -> Self {
        Self {
            path: path.to_owned(),
            reason: reason.to_string(),
        }
    }

    /// For `map_err`: the same path for whatever went wrong.
    pub(crate) fn at<E: std::fmt::Display>(path: &Path) -> impl Fn(E) -> Self {
        move |error| Self::new(path, error)
    }
}
