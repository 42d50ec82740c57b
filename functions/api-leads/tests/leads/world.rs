//! A platform with a bucket and queues, and forms with files.

use std::sync::Arc;

use axum::body::Body;
use serde_json::{Value, json};
use trunkline_queue::ImportJob;
use trunkline_service::Ctx;
use trunkline_testing::{Answer, Aws, Client, Platform, Queue};

pub(crate) struct World {
    pub(crate) platform: Platform,
    pub(crate) aws: Aws,
    pub(crate) ada: Client,
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::with(|_| {}).await
    }

    /// Of a deployment that keeps to the law's windows.
    pub(crate) async fn lawful() -> Self {
        Self::with(|ctx| Arc::make_mut(&mut ctx.settings).legal_windows = true).await
    }

    async fn with(change: impl FnOnce(&mut Ctx)) -> Self {
        let aws = Aws::start().await;
        let router = api_leads::router().merge(api_campaigns::router());
        let wired = |ctx: &mut Ctx| {
            aws.wire(ctx);
            change(ctx);
        };
        let platform = Platform::with(router, wired).await;
        let ada = platform.manager("ada").await;
        Self { platform, aws, ada }
    }

    /// A draft of Ada's.
    pub(crate) async fn campaign(&self) -> String {
        self.campaign_named("Spring").await
    }

    pub(crate) async fn campaign_named(&self, name: &str) -> String {
        let made = self.ada.post("/campaigns", json!({ "name": name })).await;
        assert_eq!(made.status, 201, "{made:?}");
        made.id()
    }

    /// Uploads a list into a campaign.
    pub(crate) async fn upload(&self, campaign: &str, file: &str) -> Answer {
        upload(&self.ada, &[("campaign_id", campaign)], file.as_bytes()).await
    }

    /// Lets job-importer do what it was asked to.
    pub(crate) async fn work(&self) {
        for item in self.aws.take(Queue::Import).await {
            let ImportJob::Run { tenant, import } = item.read().unwrap();
            let ctx = &self.platform.ctx;
            trunkline_service::imports::work(ctx, tenant, import)
                .await
                .unwrap();
        }
    }

    /// How many leads a campaign has, of one status or of all.
    pub(crate) async fn leads(&self, campaign: &str, status: &str) -> Value {
        let path = format!("/api/leads?campaign_id={campaign}{status}");
        self.ada.get(&path).await.body["total"].clone()
    }
}

const BOUNDARY: &str = "----a-boundary-of-its-own";

/// Sends a form: these texts, then the file.
pub(crate) async fn upload(client: &Client, texts: &[(&str, &str)], file: &[u8]) -> Answer {
    send(client, &[], form(texts, Some(file))).await
}

pub(crate) async fn send(client: &Client, headers: &[&str], form: impl Into<Body>) -> Answer {
    let kind = format!("content-type: multipart/form-data; boundary={BOUNDARY}");
    let headers: Vec<&str> = headers.iter().copied().chain([kind.as_str()]).collect();
    client.send("POST /api/leads/upload", &headers, form).await
}

/// A form's bytes: texts, then the file if there is one.
pub(crate) fn form(texts: &[(&str, &str)], file: Option<&[u8]>) -> Vec<u8> {
    let mut form = Vec::new();
    for (name, text) in texts {
        let head = format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n");
        form.extend([head.as_bytes(), text.as_bytes(), b"\r\n"].concat());
    }
    if let Some(file) = file {
        let head = format!(
            "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"list.csv\"\r\nContent-Type: text/csv\r\n\r\n"
        );
        form.extend([head.as_bytes(), file, b"\r\n"].concat());
    }
    form.extend(format!("--{BOUNDARY}--\r\n").as_bytes());
    form
}
