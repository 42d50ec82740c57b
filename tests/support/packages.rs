//! Other people's clients, for tests alone: fetched by the tools of this machine's user, as it is set up, and kept beside what is built.

use std::{
    ffi::OsStr,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use serde_json::Value;
use tokio::{io::AsyncWriteExt, process::Command, sync::Mutex};

/// How long fetching may take.
const FETCH: Duration = Duration::from_secs(240);
/// And one run of a client.
const RUN: Duration = Duration::from_secs(60);
/// One fetches at a time: the others find what it fetched.
static FETCHING: Mutex<()> = Mutex::const_new(());

/// The folder of these packages, which `fetch` fills when they are not there yet. It outlives the run, and goes with what is built.
pub(crate) async fn kept(packages: &[&str], fetch: impl AsyncFnOnce(&Path)) -> PathBuf {
    let _alone = FETCHING.lock().await;
    let all = Path::new(env!("CARGO_TARGET_TMPDIR")).join("clients");
    let name: String = packages
        .join("+")
        .replace(|c: char| !(c.is_ascii_alphanumeric() || "+-.=@".contains(c)), "_");
    let kept = all.join(name);
    if !kept.exists() {
        std::fs::create_dir_all(&all).unwrap();
        let fresh = tempfile::tempdir_in(&all).unwrap();
        fetch(fresh.path()).await;
        // Whole or not at all. Another run may have been faster: then what it fetched is as good.
        if std::fs::rename(fresh.path(), &kept).is_ok() {
            drop(fresh.keep());
        }
        assert!(kept.exists(), "{} was not kept", kept.display());
    }
    kept
}

/// Whether this program is there and answers its version.
pub(crate) async fn version(program: impl AsRef<OsStr>) -> Option<String> {
    let said = Command::new(program).arg("--version").output().await.ok()?;
    let said = String::from_utf8(said.stdout)
        .ok()
        .filter(|_| said.status.success());
    said.map(|said| said.trim().to_owned())
}

/// Runs a command that fetches packages.
pub(crate) async fn fetch(mut command: Command, packages: &[&str], needed: &str) {
    let run = command.stdin(Stdio::null()).kill_on_drop(true).output();
    let done = tokio::time::timeout(FETCH, run).await;
    let done = done.unwrap_or_else(|_| panic!("{packages:?} could not be fetched within {FETCH:?}"));
    let done = done.unwrap_or_else(|error| panic!("{packages:?}: this test needs {needed}: {error}"));
    let said = String::from_utf8_lossy(&done.stderr);
    let status = done.status;
    assert!(
        status.success(),
        "{packages:?} could not be fetched ({needed}), {status}: {said}"
    );
}

/// Runs a client that is told JSON and answers JSON.
pub(crate) async fn ask(mut command: Command, question: &Value) -> Value {
    let command = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.kill_on_drop(true).spawn().unwrap();
    let mut told = child.stdin.take().unwrap();
    let question = question.to_string();
    let said = async {
        let ((), said) = tokio::join!(
            async {
                // It may end before it has read all, and then says why.
                drop(told.write_all(question.as_bytes()).await);
                drop(told);
            },
            child.wait_with_output()
        );
        said.unwrap()
    };
    let said = tokio::time::timeout(RUN, said)
        .await
        .expect("the client takes too long");
    let why = String::from_utf8_lossy(&said.stderr);
    assert!(said.status.success(), "the client failed: {why}");
    serde_json::from_slice(&said.stdout).unwrap_or_else(|error| {
        let said = String::from_utf8_lossy(&said.stdout);
        panic!("the client answered no JSON ({error}): {said}{why}")
    })
}
