//! The data folder: private to this user, and held by one process at a time.

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use crate::error::StartError;

const PRIVATE: u32 = 0o700;
const STICKY: u32 = 0o1000;
const LOCK_FILE: &str = "lock";

/// The open, locked data folder. The lock ends with this value, or with the process, however that ends.
#[derive(Debug)]
pub(crate) struct DataFolder {
    path: PathBuf,
    _lock: File,
}

impl DataFolder {
    /// Creates the folder if it is missing, makes it private, and locks it.
    pub(crate) fn open(path: &Path) -> Result<Self, StartError> {
        make_private(path)?;
        let lock = lock(path)?;
        Ok(Self {
            path: path.to_owned(),
            _lock: lock,
        })
    }

    /// A file or folder in it.
    pub(crate) fn join(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }
}

fn make_private(path: &Path) -> Result<(), StartError> {
    let not_writable = |source| StartError::NotWritable {
        path: path.to_owned(),
        source,
    };
    DirBuilder::new()
        .recursive(true)
        .mode(PRIVATE)
        .create(path)
        .map_err(not_writable)?;
    let mode = fs::metadata(path).map_err(not_writable)?.permissions().mode();
    // Somebody who names /tmp itself must not have it closed to everybody else.
    if mode & STICKY != 0 {
        return Err(StartError::Shared {
            path: path.to_owned(),
        });
    }
    if mode & 0o777 != PRIVATE {
        fs::set_permissions(path, Permissions::from_mode(PRIVATE)).map_err(not_writable)?;
    }
    Ok(())
}

/// Takes the folder's lock. It belongs to the open file, so the kernel drops it with the process, `SIGKILL`
/// included.
fn lock(folder: &Path) -> Result<File, StartError> {
    let path = folder.join(LOCK_FILE);
    let not_writable = |source| StartError::NotWritable {
        path: path.clone(),
        source,
    };
    let mut file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(&path)
        .map_err(not_writable)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            return Err(StartError::Locked {
                path: folder.to_owned(),
                holder: holder(&mut file),
            });
        }
        Err(TryLockError::Error(source)) => return Err(not_writable(source)),
    }
    sign(&mut file).map_err(not_writable)?;
    Ok(file)
}

/// Leaves our process id in the file, so that a second start can say who is in its way.
fn sign(file: &mut File) -> io::Result<()> {
    file.set_len(0)?;
    file.rewind()?;
    writeln!(file, "{}", std::process::id())
}

fn holder(file: &mut File) -> Option<u32> {
    let mut text = String::new();
    file.take(32).read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folder_is_private_even_if_it_was_not() {
        let parent = tempfile::tempdir().unwrap();
        let path = parent.path().join("data");
        fs::create_dir(&path).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o755)).unwrap();
        let _folder = DataFolder::open(&path).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o700);
    }

    #[test]
    fn a_second_holder_is_refused_and_told_who_the_first_is() {
        let parent = tempfile::tempdir().unwrap();
        let path = parent.path().join("data");
        let first = DataFolder::open(&path).unwrap();
        let refusal = DataFolder::open(&path).unwrap_err();
        let StartError::Locked { holder, .. } = &refusal else {
            panic!("{refusal:?}")
        };
        assert_eq!(*holder, Some(std::process::id()));
        let said = refusal.to_string();
        assert!(
            said.contains("in use by another Trunkline") && said.contains("TRUNKLINE_DATA_DIR"),
            "{said}"
        );
        drop(first);
        DataFolder::open(&path).unwrap();
    }

    #[test]
    fn a_folder_that_everybody_shares_is_left_alone() {
        let parent = tempfile::tempdir().unwrap();
        let path = parent.path().join("shared");
        fs::create_dir(&path).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o1777)).unwrap();
        assert!(matches!(DataFolder::open(&path), Err(StartError::Shared { .. })));
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o7777, 0o1777);
    }

    #[test]
    fn a_file_in_the_folders_place_is_named_in_the_error() {
        let parent = tempfile::tempdir().unwrap();
        let path = parent.path().join("data");
        fs::write(&path, "").unwrap();
        let said = DataFolder::open(&path).unwrap_err().to_string();
        assert!(
            said.contains("cannot be written") && said.contains("data"),
            "{said}"
        );
    }
}
