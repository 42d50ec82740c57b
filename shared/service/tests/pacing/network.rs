//! The platform's way to its store and queue: every request takes a few milliseconds, so that pumps meet.

use std::sync::{Arc, Mutex};

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
use tokio::sync::mpsc::UnboundedSender;
use trunkline_aws_local::dynamo_memory::Memory;

/// A connection to the tables.
pub(crate) fn store(memory: &Memory, seed: u64) -> SharedHttpClient {
    let rng = Arc::new(Mutex::new(StdRng::seed_from_u64(seed ^ 0x0e7)));
    let inner = memory.faultless();
    http_client_fn(move |settings, components| {
        SharedHttpConnector::new(Slow {
            inner: inner.http_connector(settings, components),
            rng: rng.clone(),
        })
    })
}

#[derive(Debug)]
struct Slow {
    inner: SharedHttpConnector,
    rng: Arc<Mutex<StdRng>>,
}

impl HttpConnector for Slow {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let wait = || {
            let ms = self.rng.lock().unwrap().random_range(1..10);
            tokio::time::sleep(std::time::Duration::from_millis(ms))
        };
        let (there, back) = (wait(), wait());
        let inner = self.inner.clone();
        HttpConnectorFuture::new(async move {
            there.await;
            let answer = inner.call(request).await;
            back.await;
            answer
        })
    }
}

/// A queue service that hands every message on, after its delay.
pub(crate) fn queue(out: UnboundedSender<String>) -> SharedHttpClient {
    let connector = SharedHttpConnector::new(Queue(out));
    http_client_fn(move |_, _| connector.clone())
}

#[derive(Debug)]
struct Queue(UnboundedSender<String>);

impl HttpConnector for Queue {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let sent: serde_json::Value =
            serde_json::from_slice(request.body().bytes().unwrap_or(b"{}")).unwrap_or_default();
        let body = sent["MessageBody"].as_str().unwrap_or_default().to_owned();
        let delay = std::time::Duration::from_secs(sent["DelaySeconds"].as_u64().unwrap_or(0));
        let out = self.0.clone();
        tokio::spawn(async move {
            tokio::time::sleep(delay + std::time::Duration::from_millis(5)).await;
            // The day may be over.
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
