//! The deployment's secret, from which all tokens' keys are derived.

use std::{
    fs,
    io::{self, ErrorKind, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use trunkline_auth::{TokenKeys, WeakKey};

/// The secret's file in the data folder.
pub const FILE: &str = "secret";
/// The file of the key that seals.
const DATA_KEY: &str = "data-key";

/// Why there are no keys.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// What was given is too short.
    #[error("{from}: {weak}")]
    Weak {
        /// A variable or a file.
        from: String,
        /// How short.
        weak: WeakKey,
    },
    /// None was given where no data folder can keep one.
    #[error("TRUNKLINE_TOKEN_SECRET is not set: give at least 32 random bytes, the same to every function")]
    Missing,
    /// The file cannot be read or made.
    #[error("{}: {problem}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// What the system says.
        problem: io::Error,
    },
}

/// The keys of a given secret: hexadecimal digits, or any text.
///
/// # Errors
/// [`SecretError::Weak`] below 32 bytes.
pub fn keys_of(from: &str, secret: &str) -> Result<TokenKeys, SecretError> {
    let bytes = unhex(secret).unwrap_or_else(|| secret.as_bytes().to_vec());
    TokenKeys::new(&bytes).map_err(|weak| SecretError::Weak {
        from: from.to_owned(),
        weak,
    })
}

/// The keys of the data folder's secret, which is made at the first start: readable by its owner alone.
///
/// # Errors
/// When the file cannot be read or made, or holds too little.
pub fn keys_in(folder: &Path, fresh: [u8; 32]) -> Result<TokenKeys, SecretError> {
    let path = folder.join(FILE);
    let problem = |problem| SecretError::File {
        path: path.clone(),
        problem,
    };
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .map_err(problem)?;
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => make(&path, fresh).map_err(problem)?,
        Err(error) => return Err(problem(error)),
    };
    keys_of(&path.display().to_string(), text.trim())
}

/// The data folder's own key that seals credentials, made at the first start: readable by its owner alone. It is not the
/// secret's, which may be changed to end all logins without losing what is sealed.
///
/// # Errors
/// When the file cannot be read or made, or holds no key.
pub fn data_key_in(folder: &Path, fresh: [u8; 32]) -> Result<[u8; 32], SecretError> {
    if let Some(key) = existing_data_key(folder)? {
        return Ok(key);
    }
    let path = folder.join(DATA_KEY);
    let made = fs::DirBuilder::new().recursive(true).mode(0o700).create(folder);
    made.and_then(|()| make(&path, fresh))
        .map_err(|problem| SecretError::File { path, problem })?;
    Ok(fresh)
}

/// As [`data_key_in`], when there is one: for a function that is run by itself beside a platform.
///
/// # Errors
/// When the file cannot be read, or holds no key.
pub fn existing_data_key(folder: &Path) -> Result<Option<[u8; 32]>, SecretError> {
    let path = folder.join(DATA_KEY);
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(problem) => return Err(SecretError::File { path, problem }),
    };
    let key = unhex(text.trim()).and_then(|bytes| bytes.try_into().ok());
    let damaged = || io::Error::new(ErrorKind::InvalidData, "it must hold 64 hexadecimal digits");
    key.map(Some).ok_or_else(|| SecretError::File {
        path,
        problem: damaged(),
    })
}

/// Whether two secrets are the same, in a time that does not tell how much of them is.
#[must_use]
pub fn same(given: &[u8], ours: &[u8]) -> bool {
    use subtle::ConstantTimeEq;
    given.ct_eq(ours).into()
}

/// Written beside and renamed, so that a crash leaves no half of one: that would be another secret at the next start.
fn make(path: &Path, fresh: [u8; 32]) -> io::Result<String> {
    let text: String = fresh.iter().map(|byte| format!("{byte:02x}")).collect();
    let beside = path.with_extension("new");
    let mut file = fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&beside)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&beside, path)?;
    Ok(text)
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    if text.len() < 64 || !text.len().is_multiple_of(2) || !text.bytes().all(|c| c.is_ascii_hexdigit()) {
        return None;
    }
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn the_folders_secret_is_made_once_and_is_its_owners_alone() {
        let folder = tempfile::tempdir().unwrap();
        keys_in(folder.path(), [7; 32]).unwrap();
        let file = folder.path().join("secret");
        let first = fs::read_to_string(&file).unwrap();
        assert_eq!(first, "07".repeat(32));
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        keys_in(folder.path(), [8; 32]).unwrap();
        assert_eq!(fs::read_to_string(&file).unwrap(), first);
    }

    #[test]
    fn the_data_key_is_made_once_is_its_owners_alone_and_is_never_written_over() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(existing_data_key(folder.path()).unwrap(), None);
        assert_eq!(data_key_in(folder.path(), [7; 32]).unwrap(), [7; 32]);
        assert_eq!(data_key_in(folder.path(), [8; 32]).unwrap(), [7; 32]);
        let file = folder.path().join("data-key");
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        fs::write(&file, "07").unwrap();
        let error = data_key_in(folder.path(), [8; 32]).unwrap_err().to_string();
        assert!(error.contains("64 hexadecimal digits"), "{error}");
        assert_eq!(fs::read_to_string(&file).unwrap(), "07");
    }

    #[test]
    fn a_short_secret_is_refused_with_where_it_stands() {
        assert!(
            keys_of("TRUNKLINE_TOKEN_SECRET", "short")
                .unwrap_err()
                .to_string()
                .starts_with("TRUNKLINE_TOKEN_SECRET")
        );
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("secret"), "short").unwrap();
        assert!(matches!(
            keys_in(folder.path(), [7; 32]),
            Err(SecretError::Weak { .. })
        ));
        assert!(keys_of("x", &"a".repeat(40)).is_ok());
    }
}
