//! Measures an import of leads on disk: how long from the first byte of the list to the last lead, and the process's memory. By itself with
//! nothing but the importer and the embedded stores in the process; `platform`: with the whole platform, over its API.
//!
//! `cargo run [--release] -p trunkline --example import_load [rows, default 100000] [platform|uploads] [national]`
//!
//! `uploads`: as many at once as a process takes in, into campaigns of their own, with one more than that refused; memory once they are in,
//! before their rows are read. `national`: numbers without a country code. The list is made as it is sent.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    missing_docs,
    reason = "a measuring tool: it has a clock, prints, and may stop at the first surprise"
)]

use std::{
    collections::{BTreeMap, HashMap},
    ffi::OsString,
    io,
    path::Path,
    time::{Duration, Instant},
};

use bytes::Bytes;
use reqwest::{Body, Client, header};
use serde_json::{Value, json};
use trunkline::{
    Config, Stack,
    provision::{Resources, provision},
};
use trunkline_auth::Principal;
use trunkline_aws_local::{AwsLocal, Options};
use trunkline_domain::{CampaignId, ImportId, Role, SessionId, TenantId, UserId};
use trunkline_runtime::{Clients, Embedded, SystemIds, secret, wiring};
use trunkline_service::{
    Ids,
    campaigns::{self, NewCampaign},
    imports::{self, NewImport},
};

const BOUNDARY: &str = "----a-boundary-of-its-own";
/// Rows in one piece of the upload.
const PIECE: u64 = 500;

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let rows = arguments.iter().find_map(|text| text.parse::<u64>().ok());
    let list = List {
        rows: rows.unwrap_or(100_000),
        national: arguments.iter().any(|text| text == "national"),
    };
    let folder = tempfile::tempdir().unwrap();
    let config = config(folder.path());
    if arguments.iter().any(|text| text == "uploads") {
        return Box::pin(side_by_side(&config, list)).await;
    }
    let (took, results) = if arguments.iter().any(|text| text == "platform") {
        Box::pin(through_the_platform(&config, list)).await
    } else {
        Box::pin(by_itself(&config, list)).await
    };
    println!("imported after {took:.1?}: {results}");
    println!(
        "{:.0} rows a second; {} MB resident, at most {}; {} MB of it data, the rest the program itself",
        f64::from(u32::try_from(list.rows).unwrap()) / took.as_secs_f64(),
        memory_mb("VmRSS"),
        memory_mb("VmHWM"),
        memory_mb("RssAnon")
    );
}

/// A list of leads.
#[derive(Clone, Copy)]
struct List {
    rows: u64,
    national: bool,
}

/// The importer over the embedded stores, without API and workers.
async fn by_itself(config: &Config, list: List) -> (Duration, Value) {
    let options = Options {
        data_dir: config.data_dir.join("aws"),
        dynamodb: true,
        sqs: true,
        s3: true,
    };
    let local = AwsLocal::start(options).await.unwrap();
    let url = |url: Option<&str>| url.map(str::to_owned);
    let embedded = Embedded {
        dynamodb: url(local.dynamodb_url()),
        sqs: url(local.sqs_url()),
        s3: url(local.s3_url()),
        access_key: local.access_key().to_owned(),
        secret_key: local.secret_key().to_owned(),
    };
    let clients = Clients::new(&config.aws, Some(&embedded)).await;
    let resources = Resources::declared().unwrap();
    let prefix = &config.aws.prefix;
    provision(&resources, prefix, &clients.dynamodb, &clients.sqs, &clients.s3)
        .await
        .unwrap();
    let parts = wiring::Parts {
        clients,
        carrier_base: "http://127.0.0.1:1".to_owned(),
        urls: config.urls(config.addr),
        keys: secret::keys_in(&config.data_dir, SystemIds.secret()).unwrap(),
        instance: "load".to_owned(),
    };
    let ctx = Box::pin(wiring::ctx(config, parts)).await.unwrap();
    let who = Principal {
        user: UserId(ctx.ids.uuid()),
        tenant: TenantId(ctx.ids.uuid()),
        role: Role::Manager,
        session: SessionId(ctx.ids.uuid()),
        email: "load@example.com".to_owned(),
    };
    let campaign = CampaignId(ctx.ids.uuid());
    let new = NewCampaign {
        name: "Load".to_owned(),
        ..NewCampaign::default()
    };
    campaigns::create(&ctx, &who, campaign, new).await.unwrap();
    println!("before: {} MB resident", memory_mb("VmRSS"));

    let began = Instant::now();
    let id = ImportId(ctx.ids.uuid());
    let pieces = futures::stream::iter(list.pieces().map(|piece| Ok(Bytes::from(piece))));
    let file = imports::receive(&ctx, who.tenant, id, pieces).await.unwrap();
    println!("received after {:.1?}", began.elapsed());
    let new = NewImport {
        id,
        campaign,
        mapping: BTreeMap::new(),
        file,
    };
    let mut import = imports::start(&ctx, &who, new).await.unwrap();
    while !import.state.is_over() {
        imports::work(&ctx, who.tenant, id).await.unwrap();
        import = imports::get(&ctx, &who, id).await.unwrap();
    }
    let took = began.elapsed();
    drop(ctx);
    local.shutdown().await;
    (took, json!(import.counts))
}

/// The same as a client has it.
async fn through_the_platform(config: &Config, list: List) -> (Duration, Value) {
    let stack = Box::pin(Stack::start(config)).await.unwrap();
    let api = Api::log_in(&stack.url).await;
    let campaign = api.post("/campaigns", &json!({"name": "Load"})).await["id"].clone();
    println!("before: {} MB resident", memory_mb("VmRSS"));

    let began = Instant::now();
    let import = api.upload(campaign.as_str().unwrap(), list).await;
    println!("uploaded after {:.1?}", began.elapsed());
    let path = format!("/api/imports/{}", import["import_id"].as_str().unwrap());
    let import = loop {
        let import = api.get(&path).await["import"].clone();
        if matches!(import["state"].as_str(), Some("completed" | "failed")) {
            break import;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    };
    let took = began.elapsed();
    Box::pin(stack.shutdown()).await;
    (took, import["results"].clone())
}

/// Uploads at once, as many as are taken in.
async fn side_by_side(config: &Config, list: List) {
    const AT_ONCE: usize = 8;
    let stack = Box::pin(Stack::start(config)).await.unwrap();
    let api = Api::log_in(&stack.url).await;
    let mut campaigns = Vec::new();
    for n in 0..AT_ONCE {
        let campaign = api
            .post("/campaigns", &json!({"name": format!("Load {n}")}))
            .await;
        campaigns.push(campaign["id"].as_str().unwrap().to_owned());
    }
    println!("before: {} MB resident", memory_mb("VmRSS"));
    for at_once in [1, AT_ONCE] {
        let began = Instant::now();
        let uploads = campaigns
            .iter()
            .take(at_once)
            .map(|campaign| api.upload(campaign, list));
        futures::future::join_all(uploads).await;
        println!(
            "{at_once} at once, {} rows each: uploaded after {:.1?}, {} MB resident, at most {}",
            list.rows,
            began.elapsed(),
            memory_mb("VmRSS"),
            memory_mb("VmHWM")
        );
    }
    Box::pin(stack.shutdown()).await;
}

fn config(data: &Path) -> Config {
    let mut told: HashMap<&str, OsString> = [
        ("TRUNKLINE_ADDR", "127.0.0.1:0"),
        ("TRUNKLINE_SIM_ADDR", "127.0.0.1:0"),
        ("TRUNKLINE_STT", "stub"),
        ("TRUNKLINE_LLM", "stub"),
        ("TRUNKLINE_TTS", "stub"),
        ("TRUNKLINE_RATE_LIMITS", "off"),
    ]
    .into_iter()
    .map(|(name, value)| (name, value.into()))
    .collect();
    told.insert("TRUNKLINE_DATA_DIR", data.into());
    Config::read(&|name| told.get(name).cloned()).unwrap()
}

/// A user of the API.
struct Api {
    url: String,
    token: String,
    http: Client,
}

impl Api {
    async fn log_in(url: &str) -> Self {
        let mut api = Self {
            url: url.to_owned(),
            token: String::new(),
            http: Client::new(),
        };
        let who = json!({"email": "load@example.com", "password": "correct horse", "first_name": "Load", "last_name": "Test"});
        api.post("/auth/register", &who).await;
        let login = api.post("/auth/login", &who).await;
        login["token"].as_str().unwrap().clone_into(&mut api.token);
        api
    }

    async fn post(&self, path: &str, body: &Value) -> Value {
        let request = self.http.post(format!("{}{path}", self.url)).json(body);
        self.answer(request).await
    }

    async fn get(&self, path: &str) -> Value {
        self.answer(self.http.get(format!("{}{path}", self.url))).await
    }

    async fn upload(&self, campaign: &str, list: List) -> Value {
        let kind = format!("multipart/form-data; boundary={BOUNDARY}");
        let request = self.http.post(format!("{}/api/leads/upload", self.url));
        let request = request.header(header::CONTENT_TYPE, kind);
        self.answer(request.body(form(campaign, list))).await
    }

    async fn answer(&self, request: reqwest::RequestBuilder) -> Value {
        let answer = request.bearer_auth(&self.token).send().await.unwrap();
        let status = answer.status();
        let body: Value = answer.json().await.unwrap();
        assert!(status.is_success(), "{status} {body}");
        body
    }
}

/// A form with a list, made as it is sent.
fn form(campaign: &str, list: List) -> Body {
    let part = |name: &str| format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"");
    let head = format!(
        "{}\r\n\r\n{campaign}\r\n{}; filename=\"list.csv\"\r\n\r\n",
        part("campaign_id"),
        part("file")
    );
    let tail = format!("\r\n--{BOUNDARY}--\r\n");
    let all = std::iter::once(head).chain(list.pieces()).chain([tail]);
    Body::wrap_stream(futures::stream::iter(all.map(Ok::<String, io::Error>)))
}

impl List {
    fn pieces(self) -> impl Iterator<Item = String> + Send {
        let header = "first_name,last_name,phone,email,country,company\r\n".to_owned();
        let pieces = (0..self.rows.div_ceil(PIECE)).map(move |piece| {
            let rows = piece * PIECE..((piece + 1) * PIECE).min(self.rows);
            rows.map(|n| self.row(n)).collect::<String>()
        });
        std::iter::once(header).chain(pieces)
    }

    fn row(self, n: u64) -> String {
        const AREAS: [u64; 5] = [212, 312, 415, 713, 206];
        let area = AREAS[usize::try_from(n % 5).unwrap()];
        // Exchanges begin with 2 to 9.
        let rest = 2_000_000 + n / 5;
        let phone = if self.national {
            format!("({area}) {}-{:04}", rest / 10_000, rest % 10_000)
        } else {
            format!("+1{area}{rest}")
        };
        format!("Sara{n},Ahmed,{phone},sara{n}@example.com,US,ABC Corp {n}\r\n")
    }
}

/// The process's memory, from `/proc`.
fn memory_mb(what: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with(what)).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() / 1024
}
