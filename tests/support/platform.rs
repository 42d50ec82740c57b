//! Platforms of a test's own: in this process, or as a process that can be killed.

use std::{collections::HashMap, ffi::OsString, path::Path, process::Stdio, sync::Arc, time::Duration};

use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt, BufReader, Lines},
    process::{Child, ChildStdout, Command},
};
use trunkline::{Config, Stack};
use trunkline_carrier_sim::{Sim, SimOptions, SimVoice};
use trunkline_runtime::Clients;

/// A platform in this process, on free ports, in a folder that goes with it.
pub(crate) struct Platform {
    pub(crate) url: String,
    pub(crate) sim_url: String,
    pub(crate) stack: Stack,
    config: Config,
    data: TempDir,
}

impl Platform {
    /// With stub speech and short rings.
    pub(crate) async fn start() -> Self {
        Box::pin(Self::with(&[])).await
    }

    /// As `start`, with these variables over its own.
    pub(crate) async fn with(more: &[(&str, &str)]) -> Self {
        let data = tempfile::tempdir().unwrap();
        let config = config(data.path(), more);
        let stack = Box::pin(Stack::start(&config)).await.unwrap();
        Self {
            url: stack.url.clone(),
            sim_url: stack
                .sim_url
                .clone()
                .or_else(|| config.carrier.api_base.clone())
                .unwrap(),
            stack,
            config,
            data,
        }
    }

    /// Its folder.
    pub(crate) fn data(&self) -> &Path {
        self.data.path()
    }

    /// Clients of its stores: for what no use case does.
    pub(crate) async fn clients(&self) -> Clients {
        Clients::new(&self.config.aws, self.stack.embedded.as_ref()).await
    }

    pub(crate) async fn stop(self) {
        self.stack.shutdown().await;
    }
}

/// What a test's platform is told, besides what a test says.
const TOLD: [(&str, &str); 8] = [
    ("TRUNKLINE_ADDR", "127.0.0.1:0"),
    ("TRUNKLINE_SIM_ADDR", "127.0.0.1:0"),
    ("TRUNKLINE_SIM_RING_MS", "200"),
    ("TRUNKLINE_STT", "stub"),
    ("TRUNKLINE_LLM", "stub"),
    ("TRUNKLINE_TTS", "stub"),
    ("TRUNKLINE_RATE_LIMITS", "off"),
    ("TRUNKLINE_SIM_TALK_MS", "4000"),
];

fn config(data: &Path, more: &[(&str, &str)]) -> Config {
    let mut told: HashMap<String, OsString> = TOLD
        .iter()
        .chain(more)
        .map(|(name, value)| ((*name).to_owned(), (*value).into()))
        .collect();
    told.insert("TRUNKLINE_DATA_DIR".to_owned(), data.into());
    Config::read(&|name| told.get(name).cloned()).unwrap()
}

/// A carrier of its own, which outlives the platforms that are killed.
pub(crate) struct Carrier {
    pub(crate) url: String,
    sim: Sim,
    _data: TempDir,
}

impl Carrier {
    pub(crate) async fn start() -> Self {
        Self::speaking(SimOptions::defaults().voice).await
    }

    /// As `start`, whose people and whose own sentences have this voice.
    pub(crate) async fn speaking(voice: Arc<dyn SimVoice>) -> Self {
        let data = tempfile::tempdir().unwrap();
        let options = SimOptions {
            data_dir: data.path().to_owned(),
            ring_ms: 300,
            voice,
            ..SimOptions::defaults()
        };
        let sim = Sim::start(options).await.unwrap();
        Self {
            url: sim.url().to_owned(),
            sim,
            _data: data,
        }
    }

    pub(crate) async fn stop(self) {
        self.sim.shutdown().await;
    }
}

/// A loopback address that is free now: a platform that comes back must listen where the carrier calls it.
pub(crate) fn free_address() -> String {
    std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .to_string()
}

/// A platform as a process: this test binary, told to be one.
pub(crate) struct Process {
    pub(crate) url: String,
    child: Child,
    /// Held open: after a minute the child's test harness has a word to say, and ends where nobody would hear it.
    _says: Lines<BufReader<ChildStdout>>,
}

/// Where the platform's folder is, for the process that is to be one.
const BE_ONE: &str = "TRUNKLINE_E2E_DATA";

impl Process {
    pub(crate) async fn start(data: &Path, carrier: &Carrier, addr: &str) -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command
            .args(["--exact", "support::platform::be_one", "--nocapture", "--ignored"])
            .env(BE_ONE, data)
            .env("TRUNKLINE_E2E_CARRIER", &carrier.url)
            .env("TRUNKLINE_E2E_ADDR", addr);
        let mut child = command.stdout(Stdio::piped()).kill_on_drop(true).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let url = tokio::time::timeout(Duration::from_secs(30), async {
            loop {
                let line = lines
                    .next_line()
                    .await
                    .unwrap()
                    .expect("the platform's process ended before it was ready");
                if let Some((_, url)) = line.split_once("listening on ") {
                    return url.to_owned();
                }
            }
        });
        Self {
            url: url
                .await
                .expect("the platform's process is not ready within 30 s"),
            child,
            _says: lines,
        }
    }

    /// SIGKILL.
    pub(crate) async fn kill(mut self) {
        self.child.kill().await.unwrap();
    }
}

/// Not a test: the body of [`Process`], which runs it by name.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "run by the crash test as a process of its own"]
async fn be_one() {
    let Some(data) = std::env::var_os(BE_ONE) else {
        return;
    };
    let carrier = std::env::var("TRUNKLINE_E2E_CARRIER").unwrap();
    let addr = std::env::var("TRUNKLINE_E2E_ADDR").unwrap();
    let more = [
        ("TRUNKLINE_SIM_ADDR", "off"),
        ("TRUNKLINE_ALLOW_PRIVATE_URLS", "true"),
        ("TWILIO_API_BASE", carrier.as_str()),
        ("TRUNKLINE_ADDR", addr.as_str()),
    ];
    let config = config(Path::new(&data), &more);
    let stack = Box::pin(Stack::start(&config)).await.unwrap();
    println!("listening on {}", stack.url);
    std::future::pending::<()>().await;
}
