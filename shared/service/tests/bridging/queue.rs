//! Queues that keep what was put on them, with the second from which on it may be taken.

use std::sync::{Arc, Mutex};

use aws_sdk_sqs::config::{BehaviorVersion, Credentials, Region};
use aws_smithy_runtime_api::{
    client::{
        http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn},
        orchestrator::{HttpRequest, HttpResponse},
        result::ConnectorError,
    },
    http::StatusCode,
};
use aws_smithy_types::body::SdkBody;
use chrono::Duration;
use trunkline_domain::Instant;
use trunkline_queue::{BatchItem, BridgeJob, QueueNames, Queues};
use trunkline_service::Clock;

#[derive(Debug, Clone)]
pub(crate) struct Jobs {
    clock: Arc<dyn Clock>,
    waiting: Arc<Mutex<Vec<(Instant, String)>>>,
}

impl Jobs {
    pub(crate) fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            clock,
            waiting: Arc::default(),
        }
    }

    /// The queues, for a party.
    pub(crate) fn queues(&self) -> Queues {
        let connector = SharedHttpConnector::new(self.clone());
        let config = aws_sdk_sqs::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("us-east-1"))
            .endpoint_url("http://queue")
            .credentials_provider(Credentials::new("test", "test", None, None, "test"))
            .http_client(http_client_fn(move |_, _| connector.clone()));
        let names = QueueNames {
            dial: "http://queue/dial".into(),
            post_call: "http://queue/post".into(),
        };
        Queues::new(aws_sdk_sqs::Client::from_conf(config.build()), names).with_bridge("http://queue/bridge")
    }

    /// The next of job-bridge whose time has come.
    pub(crate) fn next(&self) -> Option<BridgeJob> {
        let now = self.clock.now();
        let mut waiting = self.waiting.lock().unwrap();
        let at = waiting.iter().position(|(due, _)| *due <= now)?;
        let (_, body) = waiting.remove(at);
        let item = BatchItem {
            id: String::new(),
            body,
            receive_count: 1,
        };
        Some(item.read().unwrap())
    }

    /// One that failed comes again.
    pub(crate) fn again(&self, job: &BridgeJob) {
        let body = serde_json::to_string(&trunkline_queue::Versioned::V1(job.clone())).unwrap();
        let due = self.clock.now() + Duration::seconds(30);
        self.waiting.lock().unwrap().push((due, body));
    }
}

impl HttpConnector for Jobs {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let sent: serde_json::Value =
            serde_json::from_slice(request.body().bytes().unwrap_or(b"{}")).unwrap();
        if sent["QueueUrl"]
            .as_str()
            .is_some_and(|url| url.ends_with("/bridge"))
        {
            let delay = Duration::seconds(sent["DelaySeconds"].as_i64().unwrap_or(0));
            let body = sent["MessageBody"].as_str().unwrap().to_owned();
            let due = self.clock.now() + delay;
            self.waiting.lock().unwrap().push((due, body));
        }
        let answer = serde_json::json!({ "MessageId": "1", "MD5OfMessageBody": "" }).to_string();
        let mut response = HttpResponse::new(StatusCode::try_from(200).unwrap(), SdkBody::from(answer));
        response
            .headers_mut()
            .insert("content-type", "application/x-amz-json-1.0");
        HttpConnectorFuture::ready(Ok::<_, ConnectorError>(response))
    }
}
