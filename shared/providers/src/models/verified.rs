//! Which files were found good before, so that a start need not read 150 MB.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::UNIX_EPOCH;

use serde::{Deserialize, Serialize};

use super::ModelFile;

const NAME: &str = ".verified.json";

/// What was known of a file when its checksum was right.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Stamp {
    bytes: u64,
    modified_ns: u128,
    sha256: String,
}

/// The stamps of all files found good, by name.
#[derive(Debug, Default)]
pub(super) struct VerifiedList {
    stamps: BTreeMap<String, Stamp>,
    changed: bool,
}

impl VerifiedList {
    /// The folder's list; empty when there is none or it cannot be read.
    pub(super) fn read(root: &Path) -> Self {
        let stamps = std::fs::read(root.join(NAME))
            .ok()
            .and_then(|text| serde_json::from_slice(&text).ok())
            .unwrap_or_default();
        Self {
            stamps,
            changed: false,
        }
    }

    /// Whether this very file, unchanged since, was found good before.
    pub(super) fn knows(&self, file: &ModelFile, path: &Path) -> bool {
        stamp(file, path).is_some_and(|now| self.stamps.get(file.path) == Some(&now))
    }

    pub(super) fn add(&mut self, file: &ModelFile, path: &Path) {
        if let Some(now) = stamp(file, path) {
            self.stamps.insert(file.path.to_owned(), now);
            self.changed = true;
        }
    }

    /// Keeps the list for the next start. A folder that cannot be written
    /// (shared, read-only) only costs the next start its second of reading.
    pub(super) fn write(&self, root: &Path) {
        if !self.changed {
            return;
        }
        let temporary = root.join(format!("{NAME}.{}", std::process::id()));
        let result = serde_json::to_vec_pretty(&self.stamps)
            .map_err(std::io::Error::other)
            .and_then(|text| std::fs::write(&temporary, text))
            .and_then(|()| std::fs::rename(&temporary, root.join(NAME)));
        if let Err(error) = result {
            tracing::debug!(%error, "the list of verified speech models could not be kept");
        }
    }
}

fn stamp(file: &ModelFile, path: &Path) -> Option<Stamp> {
    let found = std::fs::metadata(path).ok()?;
    let modified_ns = found.modified().ok()?.duration_since(UNIX_EPOCH).ok()?.as_nanos();
    (found.len() == file.bytes).then(|| Stamp {
        bytes: found.len(),
        modified_ns,
        sha256: file.sha256.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::Set;

    const FILE: ModelFile = ModelFile {
        path: "a",
        package: "p",
        version: "1",
        member: "m",
        bytes: 3,
        sha256: "s",
        set: Set::Speech,
    };

    #[test]
    fn a_file_is_known_until_it_changes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        std::fs::write(&path, "abc").unwrap();
        let mut list = VerifiedList::read(folder.path());
        assert!(!list.knows(&FILE, &path));
        list.add(&FILE, &path);
        list.write(folder.path());
        let list = VerifiedList::read(folder.path());
        assert!(list.knows(&FILE, &path));
        assert!(!list.knows(
            &ModelFile {
                sha256: "other",
                ..FILE
            },
            &path
        ));
        std::fs::write(&path, "abcd").unwrap();
        assert!(!list.knows(&FILE, &path));
    }
}
