//! The network between the platform and its store and queues: slow, and sometimes frozen; a
//! request's answer may be lost, and a dialer may die at any request.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicBool, Ordering},
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

/// How bad a party's network is.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Weather {
    /// Of 1,000 requests, so many are carried out and never answered: the party dies there.
    pub dies: u32,
    /// Of 1,000 requests, so many freeze the party for a minute or more once carried out.
    pub freezes: u32,
    /// Of 1,000 requests, so many are carried out and their answer is lost.
    pub loses: u32,
}

/// A party's client to the store.
pub(crate) fn client(memory: &Memory, seed: u64, weather: Weather) -> (SharedHttpClient, Arc<AtomicBool>) {
    let dead = Arc::new(AtomicBool::new(false));
    let rng = Arc::new(Mutex::new(StdRng::seed_from_u64(seed)));
    let (marked, drawn) = (dead.clone(), rng.clone());
    let inner = memory.http_client(Box::new(move |_operation, _body| {
        if marked.load(Ordering::Relaxed) {
            return Fault::Hang;
        }
        let roll = drawn.lock().unwrap().random_range(0..1_000);
        if roll < weather.dies {
            marked.store(true, Ordering::Relaxed);
            Fault::Hang
        } else if roll < weather.dies + weather.loses {
            Fault::AfterLost
        } else {
            Fault::None
        }
    }));
    let client = http_client_fn(move |settings, components| {
        let slow = Slow {
            inner: inner.http_connector(settings, components),
            rng: rng.clone(),
            freezes: weather.freezes,
        };
        SharedHttpConnector::new(slow)
    });
    (client, dead)
}

#[derive(Debug)]
struct Slow {
    inner: SharedHttpConnector,
    rng: Arc<Mutex<StdRng>>,
    freezes: u32,
}

impl HttpConnector for Slow {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let (ms, frozen) = {
            let mut rng = self.rng.lock().unwrap();
            (
                rng.random_range(1..12_u64),
                rng.random_range(0..1_000) < self.freezes,
            )
        };
        let wait = if frozen {
            std::time::Duration::from_secs(300)
        } else {
            std::time::Duration::from_millis(ms)
        };
        let answer = self.inner.call(request);
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
