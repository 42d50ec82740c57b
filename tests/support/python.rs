//! Python's packages in a test.

use std::path::{Path, PathBuf};

use serde_json::Value;
use tokio::process::Command;

use super::packages;

/// What is needed for it.
const NEEDED: &str = "Python 3 with pip, as the README says";

/// Python with some packages of PyPI's.
pub(crate) struct Python {
    packages: PathBuf,
}

impl Python {
    /// With these, as `name==version`, without what they depend on.
    pub(crate) async fn with(names: &[&str]) -> Self {
        let packages = packages::kept(names, async |folder: &Path| fetch(names, folder).await).await;
        Self { packages }
    }

    /// Runs a program that reads a question from its input, and answers it, both JSON.
    pub(crate) async fn ask(&self, program: &str, question: &Value) -> Value {
        let mut command = Command::new("python3");
        command
            .args(["-c", program])
            .env("PYTHONPATH", &self.packages)
            .env("PYTHONIOENCODING", "utf-8");
        packages::ask(command, question).await
    }
}

/// Puts packages into a folder.
pub(super) async fn fetch(names: &[&str], into: &Path) {
    let mut pip = Command::new("python3");
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]);
    pip.args(["--no-deps", "--no-compile", "--only-binary=:all:", "--target"]);
    pip.arg(into).args(names);
    packages::fetch(pip, names, NEEDED).await;
}
