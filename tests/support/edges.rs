//! Media servers as processes of their own, and what stands before them.

use std::{
    io,
    path::Path,
    process::Stdio,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt, BufReader, Lines, copy_bidirectional},
    net::{TcpListener, TcpStream},
    process::{Child, ChildStdout, Command},
    task::JoinHandle,
};
use trunkline::{Config, Stack, stack::edge::Edge};

/// A media server as a process: this test binary, told to be `trunkline edge`.
pub(crate) struct EdgeProcess {
    pub(crate) url: String,
    child: Child,
    /// Held open: the child's test harness has a word to say after a minute.
    _says: Lines<BufReader<ChildStdout>>,
}

/// Set for the process that is to be an edge.
const BE_AN_EDGE: &str = "TRUNKLINE_E2E_EDGE";

impl EdgeProcess {
    /// One over the stack's stores, as `.trunkline/env` tells them, that is reached at `media_url`; `more` over it.
    pub(crate) async fn start(stack: &Stack, data: &Path, media_url: &str, more: &[(&str, &str)]) -> Self {
        let stores = stack.embedded.as_ref().unwrap();
        let secret = std::fs::read_to_string(data.join("secret")).unwrap();
        let mut command = Command::new(std::env::current_exe().unwrap());
        command
            .args([
                "--exact",
                "support::edges::be_an_edge",
                "--nocapture",
                "--ignored",
            ])
            .env(BE_AN_EDGE, "1")
            .env("AWS_ENDPOINT_URL_DYNAMODB", stores.dynamodb.as_ref().unwrap())
            .env("AWS_ENDPOINT_URL_SQS", stores.sqs.as_ref().unwrap())
            .env("AWS_ENDPOINT_URL_S3", stores.s3.as_ref().unwrap())
            .env("AWS_ACCESS_KEY_ID", &stores.access_key)
            .env("AWS_SECRET_ACCESS_KEY", &stores.secret_key)
            .env("AWS_REGION", "us-east-1")
            .env("TRUNKLINE_DATA_DIR", data)
            .env("TRUNKLINE_TOKEN_SECRET", secret.trim())
            .env("TRUNKLINE_ADDR", "127.0.0.1:0")
            .env("TRUNKLINE_PUBLIC_URL", &stack.url)
            .env("TRUNKLINE_MEDIA_URL", media_url)
            .envs(more.iter().copied());
        let mut child = command.stdout(Stdio::piped()).kill_on_drop(true).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let url = tokio::time::timeout(Duration::from_secs(60), async {
            loop {
                let line = lines.next_line().await.unwrap();
                let line = line.expect("the media server's process ended before it was ready");
                if let Some((_, url)) = line.split_once("listening on ") {
                    return url.to_owned();
                }
            }
        });
        let url = url.await.expect("the media server does not listen within 60 s");
        can_speak(&url).await;
        Self {
            url,
            child,
            _says: lines,
        }
    }

    /// SIGKILL, by its id.
    pub(crate) async fn kill(&mut self) {
        self.child.kill().await.unwrap();
    }

    /// SIGSTOP: it is there, and does nothing any more.
    pub(crate) async fn freeze(&self) {
        let id = self.child.id().unwrap().to_string();
        let frozen = Command::new("kill").args(["-STOP", &id]).status().await.unwrap();
        assert!(frozen.success());
    }
}

/// Waits until the media server at `url` says that it carries conversations.
async fn can_speak(url: &str) {
    for _ in 0..1_200 {
        let readiness: Value = reqwest::get(format!("{url}/readiness"))
            .await
            .unwrap()
            .json()
            .await
            .unwrap();
        if readiness["speech"] == "ok" {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the media server at {url} cannot speak within a minute");
}

/// Not a test: the body of [`EdgeProcess`], which runs it by name.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "run by the tests of a media server that dies, as a process of its own"]
async fn be_an_edge() {
    if std::env::var_os(BE_AN_EDGE).is_none() {
        return;
    }
    let edge = Box::pin(Edge::start(&Config::from_env().unwrap())).await.unwrap();
    println!("listening on {}", edge.url());
    std::future::pending::<()>().await;
}

/// A balancer of one line of thought: each connection goes to the first media server that takes it, and breaks when that breaks.
pub(crate) struct Balancer {
    pub(crate) url: String,
    behind: Arc<Mutex<Vec<String>>>,
    /// Connections that found somebody.
    taken: Arc<AtomicUsize>,
    serving: JoinHandle<()>,
}

impl Balancer {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (behind, taken) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicUsize::new(0)));
        let (servers, count) = (Arc::clone(&behind), Arc::clone(&taken));
        let serving = tokio::spawn(async move {
            loop {
                let (client, _) = listener.accept().await.unwrap();
                let servers: Vec<String> = servers.lock().unwrap().clone();
                tokio::spawn(pass(client, servers, Arc::clone(&count)));
            }
        });
        Self {
            url,
            behind,
            taken,
            serving,
        }
    }

    /// From now on.
    pub(crate) fn put_behind(&self, edge: &EdgeProcess) {
        let address = edge.url.trim_start_matches("http://").to_owned();
        self.behind.lock().unwrap().push(address);
    }

    pub(crate) fn taken(&self) -> usize {
        self.taken.load(Ordering::Relaxed)
    }
}

impl Drop for Balancer {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn pass(mut client: TcpStream, servers: Vec<String>, taken: Arc<AtomicUsize>) -> io::Result<()> {
    for server in servers {
        let Ok(mut server) = TcpStream::connect(&server).await else {
            continue;
        };
        for side in [&client, &server] {
            side.set_nodelay(true)?;
        }
        taken.fetch_add(1, Ordering::Relaxed);
        copy_bidirectional(&mut client, &mut server).await?;
        break;
    }
    Ok(())
}
