//! What a function that is run by itself must be told of a running platform, as a file of variables.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

use trunkline_runtime::{Embedded, secret};

/// The file's name in the data folder.
const FILE: &str = "env";

/// Where a running platform's parts are.
pub(crate) struct Running<'a> {
    /// Its own URL.
    pub(crate) url: &'a str,
    /// The simulated carrier, when it runs here.
    pub(crate) carrier: Option<&'a str>,
    /// The embedded stores.
    pub(crate) stores: &'a Embedded,
    /// What tokens are signed with, when it was given; else it is in the data folder.
    pub(crate) token_secret: Option<&'a str>,
}

/// Writes `env` into the data folder, `NAME=value` a line, for its owner alone: it holds the tokens' secret and this start's key
/// to the stores. For `set -a; . .trunkline/env`.
///
/// # Errors
/// When the folder cannot be read or written.
pub(crate) fn write(folder: &Path, running: &Running<'_>) -> io::Result<()> {
    let secret = match running.token_secret {
        Some(given) => given.to_owned(),
        None => fs::read_to_string(folder.join(secret::FILE))?,
    };
    let stores = running.stores;
    // Whole, since a function may be started in another folder.
    let whole = fs::canonicalize(folder)?;
    let lines = [
        ("AWS_ENDPOINT_URL_DYNAMODB", stores.dynamodb.as_deref()),
        ("AWS_ENDPOINT_URL_SQS", stores.sqs.as_deref()),
        ("AWS_ENDPOINT_URL_S3", stores.s3.as_deref()),
        ("AWS_ACCESS_KEY_ID", Some(stores.access_key.as_str())),
        ("AWS_SECRET_ACCESS_KEY", Some(stores.secret_key.as_str())),
        ("AWS_REGION", Some("us-east-1")),
        ("TRUNKLINE_DATA_DIR", whole.to_str()),
        ("TRUNKLINE_PUBLIC_URL", Some(running.url)),
        ("TRUNKLINE_TOKEN_SECRET", Some(secret.trim())),
        ("TWILIO_API_BASE", running.carrier),
    ];
    let lines = lines
        .into_iter()
        .filter_map(|(name, value)| Some(format!("{name}={}\n", value?)));
    let path = folder.join(FILE);
    // Not written over, so that the permissions are right from the first byte.
    match fs::remove_file(&path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        Ok(()) | Err(_) => {}
    }
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&path)?;
    file.write_all(lines.collect::<String>().as_bytes())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_function_finds_each_part_and_nobody_else_reads_the_secret() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("secret"), "5ec3e7\n").unwrap();
        let stores = Embedded {
            dynamodb: Some("http://127.0.0.1:1".to_owned()),
            sqs: Some("http://127.0.0.1:2".to_owned()),
            s3: None,
            access_key: "key".to_owned(),
            secret_key: "secret".to_owned(),
        };
        let running = Running {
            url: "http://127.0.0.1:8000",
            carrier: Some("http://127.0.0.1:8001"),
            stores: &stores,
            token_secret: None,
        };
        for _ in 0..2 {
            write(folder.path(), &running).unwrap();
        }
        let path = folder.path().join(FILE);
        let text = fs::read_to_string(&path).unwrap();
        let whole = fs::canonicalize(folder.path()).unwrap();
        let expected = format!(
            "AWS_ENDPOINT_URL_DYNAMODB=http://127.0.0.1:1\nAWS_ENDPOINT_URL_SQS=http://127.0.0.1:2\nAWS_ACCESS_KEY_ID=key\n\
                        AWS_SECRET_ACCESS_KEY=secret\nAWS_REGION=us-east-1\nTRUNKLINE_DATA_DIR={}\nTRUNKLINE_PUBLIC_URL=http://127.0.0.1:8000\n\
                        TRUNKLINE_TOKEN_SECRET=5ec3e7\nTWILIO_API_BASE=http://127.0.0.1:8001\n",
            whole.display()
        );
        assert_eq!(text, expected);
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
