//! The network between the platform and its store and queues: slow, and sometimes frozen; a
//! request's answer may be lost, and a party may die at any request. Every committed state is shown
//! to the audit before the writer learns of it.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicBool, AtomicU32, Ordering},
};

use aws_smithy_runtime_api::client::{
    http::{
        HttpClient, HttpConnector, HttpConnectorFuture, SharedHttpClient, SharedHttpConnector, http_client_fn,
    },
    orchestrator::{HttpRequest, HttpResponse},
    result::ConnectorError,
};
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;
use rand::{Rng, SeedableRng, rngs::StdRng};
use trunkline_aws_local::dynamo_memory::{Fault, Memory};

use crate::{audit::Audit, scene::Weather};

const MINUTES_5: std::time::Duration = std::time::Duration::from_secs(300);

/// A party's client to the store, and whether the party has died.
pub(crate) fn client(
    memory: &Memory,
    audit: &Arc<Audit>,
    seed: u64,
    weather: Weather,
) -> (SharedHttpClient, Arc<AtomicBool>) {
    let dead = Arc::new(AtomicBool::new(false));
    let rng = Arc::new(Mutex::new(StdRng::seed_from_u64(seed)));
    let writes = AtomicU32::new(0);
    let (marked, drawn) = (dead.clone(), rng.clone());
    let inner = memory.http_client(Box::new(move |operation, _body| {
        if marked.load(Ordering::Relaxed) {
            return Fault::Before;
        }
        let last = is_write(operation)
            && Some(writes.fetch_add(1, Ordering::Relaxed) + 1) == weather.dies_after_write;
        let roll = drawn.lock().unwrap().random_range(0..1_000);
        if last || roll < weather.dies {
            marked.store(true, Ordering::Relaxed);
            Fault::Hang
        } else if roll < weather.dies + weather.loses {
            Fault::AfterLost
        } else {
            Fault::None
        }
    }));
    let (eyes, audit, died) = (memory.faultless(), audit.clone(), dead.clone());
    let client = http_client_fn(move |settings, components| {
        let slow = Slow {
            inner: inner.http_connector(settings, components),
            eyes: eyes.http_connector(settings, components),
            audit: audit.clone(),
            rng: rng.clone(),
            dead: died.clone(),
            weather,
        };
        SharedHttpConnector::new(slow)
    });
    (client, dead)
}

fn is_write(operation: &str) -> bool {
    matches!(
        operation,
        "PutItem" | "UpdateItem" | "DeleteItem" | "TransactWriteItems"
    )
}

#[derive(Debug)]
struct Slow {
    inner: SharedHttpConnector,
    eyes: SharedHttpConnector,
    audit: Arc<Audit>,
    rng: Arc<Mutex<StdRng>>,
    dead: Arc<AtomicBool>,
    weather: Weather,
}

impl HttpConnector for Slow {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        if self.dead.load(Ordering::Relaxed) {
            // Whatever the dead party was doing besides ends here too.
            return HttpConnectorFuture::new(std::future::pending());
        }
        let target = request.headers().get("x-amz-target").unwrap_or_default();
        let operation = target.rsplit('.').next().unwrap_or_default().to_owned();
        let written = is_write(&operation).then(|| request.body().bytes().unwrap_or_default().to_vec());
        let (ms, frozen) = {
            let mut rng = self.rng.lock().unwrap();
            let of = self.weather.freezes
                + if operation == "TransactWriteItems" {
                    self.weather.freezes_writes
                } else {
                    0
                };
            (rng.random_range(1..12_u64), rng.random_range(0..1_000) < of)
        };
        let wait = if frozen {
            MINUTES_5
        } else {
            std::time::Duration::from_millis(ms)
        };
        let answer = self.inner.call(request);
        self.audit.requested();
        if let Some(body) = written {
            self.audit.committed(&operation, &body, &self.eyes);
        }
        HttpConnectorFuture::new(async move {
            let answer = answer.await;
            tokio::time::sleep(wait).await;
            answer
        })
    }
}

/// A queue service that hands every message on, after its delay.
pub(crate) fn queue(out: tokio::sync::mpsc::UnboundedSender<String>) -> SharedHttpClient {
    let connector = SharedHttpConnector::new(Queue(out));
    http_client_fn(move |_, _| connector.clone())
}

#[derive(Debug)]
struct Queue(tokio::sync::mpsc::UnboundedSender<String>);

impl HttpConnector for Queue {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let sent: serde_json::Value =
            serde_json::from_slice(request.body().bytes().unwrap_or(b"{}")).unwrap_or_default();
        let body = sent["MessageBody"].as_str().unwrap_or_default().to_owned();
        let delay = std::time::Duration::from_secs(sent["DelaySeconds"].as_u64().unwrap_or(0));
        let out = self.0.clone();
        tokio::spawn(async move {
            tokio::time::sleep(delay).await;
            // The world may be over.
            let _ = out.send(body);
        });
        let answer = serde_json::json!({ "MessageId": "1", "MD5OfMessageBody": "" }).to_string();
        let mut response = HttpResponse::new(StatusCode::try_from(200).unwrap(), SdkBody::from(answer));
        response
            .headers_mut()
            .insert("content-type", "application/x-amz-json-1.0");
        HttpConnectorFuture::ready(Ok::<_, ConnectorError>(response))
    }
}
