//! DynamoDB in memory and in process, with faults, for seeded simulations.
//!
//! [`Memory`] is one database; each [`Memory::http_client`] is one party's connection to it, an HTTP client for the AWS SDK
//! without any socket. A call runs to its end when it is made and its future is ready at once, so that on a
//! paused clock only the caller's own waits pass time, and one seed gives one history.
//!
//! Put faults where a network has them: before the request arrives, or after it was carried out.
//!
//! Not seeded: the engine stamps stream records with the wall clock and random ids. Leave streams out of such
//! tables, or do not read those.

use std::fmt;
use std::io;
use std::sync::Arc;

use aws_sdk_dynamodb::config::{
    BehaviorVersion, Credentials, Region, StalledStreamProtectionConfig, retry::RetryConfig,
};
use aws_sdk_dynamodb::{Client, Config};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, SharedHttpClient, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;
use uuid::Uuid;

use crate::dynamo::{Answer, Engine};

/// What goes wrong with one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Nothing.
    None,
    /// The request is lost: nothing happens, and the client sees a broken connection.
    Before,
    /// The request is carried out and its answer is lost: the client sees a broken connection.
    AfterLost,
    /// The request is carried out and the answer never comes.
    Hang,
}

/// Decides the fault of each request from the operation's name (`PutItem`) and the JSON body.
///
/// Note that the SDK repeats a request whose connection broke, as it does on a network; a simulation that
/// counts requests switches the client's retries off.
pub type Hook = Box<dyn Fn(&str, &[u8]) -> Fault + Send + Sync>;

/// Why the database in memory could not be made.
#[derive(Debug, thiserror::Error)]
#[error("no DynamoDB in memory: {0}")]
pub struct MemoryError(pub(crate) String);

/// A DynamoDB in memory. Clones are the same database; it goes with the last clone and the last client.
#[derive(Clone)]
pub struct Memory(Arc<Engine>);

impl Memory {
    /// A new, empty database.
    ///
    /// # Errors
    /// [`MemoryError`] when SQLite cannot make one, which means that memory is short.
    pub fn open() -> Result<Self, MemoryError> {
        // Named and shared, not `:memory:`: the index on stream records is made through a second connection.
        let location = format!(
            "file:trunkline-{}?mode=memory&cache=shared",
            Uuid::new_v4().simple()
        );
        let engine = Engine::open(&location).map_err(|error| MemoryError(error.to_string()))?;
        Ok(Self(Arc::new(engine)))
    }

    /// An HTTP client for the AWS SDK's configuration (`Config::builder().http_client(…)`), whose requests
    /// reach this database through `hook`. The configuration still needs a region, an endpoint URL (any) and
    /// credentials (any).
    #[must_use]
    pub fn http_client(&self, hook: Hook) -> SharedHttpClient {
        let connector = SharedHttpConnector::new(Connection {
            engine: Arc::clone(&self.0),
            hook: Arc::new(hook),
        });
        http_client_fn(move |_settings, _components| connector.clone())
    }

    /// A client without faults.
    #[must_use]
    pub fn faultless(&self) -> SharedHttpClient {
        self.http_client(Box::new(|_, _| Fault::None))
    }

    /// Carries out a `CreateTable`, given as its JSON body.
    pub(crate) fn create_table(&self, body: &[u8]) -> Result<(), MemoryError> {
        let answer = self.0.call("CreateTable", body);
        if answer.status.is_success() {
            return Ok(());
        }
        let why = String::from_utf8_lossy(&answer.body).into_owned();
        Err(MemoryError(why))
    }
}

/// The SDK's client over a connection to a database in memory. It repeats nothing, so that a request is one request, and waits for as long as
/// a request hangs.
pub fn client(connection: impl HttpClient + 'static) -> Client {
    let config = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .endpoint_url("http://in-process")
        .credentials_provider(Credentials::new("test", "test", None, None, "test"))
        .retry_config(RetryConfig::disabled())
        // It would end a request that hangs after 20 s.
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
        .http_client(connection);
    Client::from_conf(config.build())
}

impl fmt::Debug for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Memory")
    }
}

#[derive(Clone)]
struct Connection {
    engine: Arc<Engine>,
    hook: Arc<Hook>,
}

impl HttpConnector for Connection {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let target = request.headers().get("x-amz-target").unwrap_or_default();
        let operation = target.rsplit('.').next().unwrap_or_default();
        let Some(body) = request.body().bytes() else {
            return HttpConnectorFuture::ready(Err(ConnectorError::user(
                "a DynamoDB request is not streamed".into(),
            )));
        };
        match (self.hook)(operation, body) {
            Fault::None => HttpConnectorFuture::ready(response(self.engine.call(operation, body))),
            Fault::Before => HttpConnectorFuture::ready(Err(broken())),
            Fault::AfterLost => {
                self.engine.call(operation, body);
                HttpConnectorFuture::ready(Err(broken()))
            }
            Fault::Hang => {
                self.engine.call(operation, body);
                HttpConnectorFuture::new(std::future::pending())
            }
        }
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Connection")
    }
}

fn response(answer: Answer) -> Result<HttpResponse, ConnectorError> {
    let status = StatusCode::try_from(answer.status.as_u16())
        .map_err(|error| ConnectorError::other(error.into(), None))?;
    let mut response = HttpResponse::new(status, SdkBody::from(answer.body));
    response
        .headers_mut()
        .insert("content-type", "application/x-amz-json-1.0");
    Ok(response)
}

fn broken() -> ConnectorError {
    ConnectorError::io(io::Error::from(io::ErrorKind::ConnectionReset).into())
}
