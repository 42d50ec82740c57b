//! The files with the bytes, under random names.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use uuid::Uuid;

/// The folder of blobs: 256 folders by the name's first two digits, so that none grows too large.
#[derive(Debug, Clone)]
pub(super) struct Blobs(PathBuf);

impl Blobs {
    /// Opens or creates the folder.
    pub(super) fn open(folder: &Path) -> io::Result<Self> {
        DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        Ok(Self(folder.to_owned()))
    }

    /// A name for a new blob.
    pub(super) fn fresh_name() -> String {
        Uuid::new_v4().simple().to_string()
    }

    /// Creates the file of a new blob.
    pub(super) fn create(&self, name: &str) -> io::Result<File> {
        let path = self.path(name);
        let create = || {
            OpenOptions::new()
                .write(true)
                .create_new(true)
                .mode(0o600)
                .open(&path)
        };
        match create() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                if let Some(folder) = path.parent() {
                    DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
                }
                create()
            }
            done => done,
        }
    }

    /// Opens a blob to read it.
    pub(super) fn read(&self, name: &str) -> io::Result<File> {
        File::open(self.path(name))
    }

    /// Removes a blob; one that is not there is as good as removed.
    pub(super) fn remove(&self, name: &str) -> io::Result<()> {
        match fs::remove_file(self.path(name)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.join(name.get(..2).unwrap_or("00")).join(name)
    }
}
