//! The user's own pip.

use std::{
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use indicatif::ProgressBar;
use tokio::process::Command;

use super::FetchError;

/// How pip may be called, the likeliest first.
const PIPS: [&[&str]; 3] = [&["python3", "-m", "pip"], &["python", "-m", "pip"], &["pip3"]];

/// Downloads a package's wheel into `into`; the bar shows what has come so far.
pub(super) async fn download(package: &str, into: &Path, bar: &ProgressBar) -> Result<PathBuf, FetchError> {
    for pip in PIPS {
        let mut command = Command::new(pip[0]);
        command.args(&pip[1..]).args([
            "download",
            "--no-deps",
            "--no-cache-dir",
            "--disable-pip-version-check",
            "--progress-bar",
            "off",
        ]);
        // pip keeps what is still coming in the system's temporary folder: in ours it can be watched, and goes with it.
        command
            .arg("--dest")
            .arg(into)
            .arg(package)
            .env("TMPDIR", into)
            .stdin(Stdio::null())
            .kill_on_drop(true);
        let watched = watch(into, bar);
        let done = tokio::select! {
            done = command.output() => done,
            never = watched => match never {},
        };
        match done {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(failed(package, error.to_string())),
            Ok(done) if done.status.success() => return wheel(package, into),
            // A Python without pip says so; the next candidate may have it.
            Ok(done) if String::from_utf8_lossy(&done.stderr).contains("No module named pip") => {}
            Ok(done) => {
                let said = String::from_utf8_lossy(&done.stderr);
                let last = said
                    .lines()
                    .rev()
                    .find(|line| !line.trim().is_empty())
                    .unwrap_or("it gave no reason");
                return Err(failed(package, last.trim().to_owned()));
            }
        }
    }
    Err(FetchError::NoPip {
        package: package.to_owned(),
    })
}

fn failed(package: &str, reason: String) -> FetchError {
    FetchError::Download {
        package: package.to_owned(),
        reason,
    }
}

fn wheel(package: &str, folder: &Path) -> Result<PathBuf, FetchError> {
    let entries = std::fs::read_dir(folder).map_err(|source| FetchError::Folder {
        path: folder.to_owned(),
        source,
    })?;
    let wheels = entries.filter_map(Result::ok).map(|entry| entry.path());
    let found = wheels
        .into_iter()
        .find(|path| path.extension().is_some_and(|kind| kind == "whl"));
    found.ok_or_else(|| failed(package, "it downloaded no wheel".to_owned()))
}

/// Moves the bar by how much lies in the folder, for as long as it is awaited.
async fn watch(folder: &Path, bar: &ProgressBar) -> std::convert::Infallible {
    loop {
        tokio::time::sleep(Duration::from_millis(200)).await;
        bar.set_position(size(folder, 3));
    }
}

fn size(folder: &Path, depth: u32) -> u64 {
    let entries = std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .filter_map(Result::ok);
    entries
        .map(|entry| match entry.metadata() {
            Ok(found) if found.is_dir() && depth > 0 => size(&entry.path(), depth - 1),
            Ok(found) => found.len(),
            Err(_) => 0,
        })
        .sum()
}
