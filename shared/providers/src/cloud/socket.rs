//! A vendor's WebSocket: opened within a limit, each send within another.

use std::sync::{Arc, OnceLock};

use futures::{SinkExt, StreamExt};
use reqwest::header::HeaderMap;
use rustls::ClientConfig;
use rustls_platform_verifier::BuilderVerifierExt;
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{Connector, MaybeTlsStream, WebSocketStream, connect_async_tls_with_config};
use url::Url;

use super::endpoint::Endpoint;
use super::limits::Limits;
use super::retry;
use crate::ProviderError;

/// A second of speech in base64 is 22 kB; nothing that is meant is larger than this.
const MESSAGE_MAX: usize = 1 << 20;
/// Deepgram's word on a refusal, where the body has none.
const DEEPGRAM_ERROR: &str = "dg-error";

/// An open socket.
#[derive(Debug)]
pub(super) struct Socket {
    endpoint: Endpoint,
    limits: Limits,
    stream: WebSocketStream<MaybeTlsStream<TcpStream>>,
}

/// What a vendor sends.
#[derive(Debug)]
pub(super) enum Incoming {
    Text(String),
    /// The answer to [`Socket::ping`].
    Pong,
    /// It closes, with a code and a word; or it is gone without them.
    Closed(Option<(u16, String)>),
    /// Bytes, and the protocol's own.
    Other,
}

impl Socket {
    /// Opens one. A 429 or 503 is asked again while the limit for the answer allows it.
    pub(super) async fn open(endpoint: &Endpoint, url: &Url, limits: &Limits) -> Result<Self, ProviderError> {
        let attempts = async {
            let mut attempt = 1;
            loop {
                match handshake(endpoint, url, limits).await? {
                    Ok(stream) => {
                        return Ok(Self {
                            endpoint: endpoint.clone(),
                            limits: *limits,
                            stream,
                        });
                    }
                    Err(Refusal {
                        status,
                        headers,
                        body,
                    }) => match retry::delay(limits, status, &headers, &body, attempt) {
                        Some(delay) => sleep(delay).await,
                        None => return Err(endpoint.refused(status, &body)),
                    },
                }
                attempt += 1;
            }
        };
        timeout(limits.answer, Box::pin(attempts))
            .await
            .map_err(|_| endpoint.failed(format!("its socket did not open within {:?}", limits.answer)))?
    }

    pub(super) async fn text(&mut self, text: String) -> Result<(), ProviderError> {
        self.send(Message::text(text)).await
    }

    pub(super) async fn bytes(&mut self, bytes: Vec<u8>) -> Result<(), ProviderError> {
        self.send(Message::binary(bytes)).await
    }

    pub(super) async fn ping(&mut self) -> Result<(), ProviderError> {
        self.send(Message::Ping(bytes::Bytes::new())).await
    }

    /// The next message. Cancel-safe.
    pub(super) async fn next(&mut self) -> Incoming {
        match self.stream.next().await {
            Some(Ok(Message::Text(text))) => Incoming::Text(text.as_str().to_owned()),
            Some(Ok(Message::Pong(_))) => Incoming::Pong,
            Some(Ok(Message::Close(frame))) => {
                Incoming::Closed(frame.map(|frame| (frame.code.into(), frame.reason.as_str().to_owned())))
            }
            Some(Ok(Message::Binary(_) | Message::Ping(_) | Message::Frame(_))) => Incoming::Other,
            Some(Err(Error::ConnectionClosed | Error::AlreadyClosed)) | None => Incoming::Closed(None),
            Some(Err(error)) => Incoming::Closed(Some((ABNORMAL, error.to_string()))),
        }
    }

    /// Says goodbye; a socket that does not take it in time is dropped.
    pub(super) async fn close(mut self) {
        let _ = timeout(self.limits.send, self.stream.close(None)).await;
    }

    /// What the end of the socket means.
    pub(super) fn closed(&self, why: Option<(u16, String)>) -> ProviderError {
        match why {
            Some((code, word)) if !word.is_empty() => self
                .endpoint
                .failed(format!("its socket closed ({code}): {word}")),
            Some((code, _)) => self.endpoint.failed(format!("its socket closed ({code})")),
            None => self.endpoint.failed("its socket closed"),
        }
    }

    async fn send(&mut self, message: Message) -> Result<(), ProviderError> {
        match timeout(self.limits.send, self.stream.send(message)).await {
            Ok(sent) => sent.map_err(|error| self.endpoint.failed(format!("its socket broke: {error}"))),
            Err(_) => Err(self
                .endpoint
                .failed(format!("its socket took nothing for {:?}", self.limits.send))),
        }
    }
}

/// RFC 6455's code for an end without a close frame.
const ABNORMAL: u16 = 1006;

/// An answer that opens no socket.
struct Refusal {
    status: u16,
    headers: HeaderMap,
    body: Vec<u8>,
}

type Opened = Result<WebSocketStream<MaybeTlsStream<TcpStream>>, Refusal>;

/// One try; the outer error is that of a line that does not work at all.
async fn handshake(endpoint: &Endpoint, url: &Url, limits: &Limits) -> Result<Opened, ProviderError> {
    let mut request = url
        .as_str()
        .into_client_request()
        .map_err(|error| endpoint.failed(format!("its address cannot be used: {error}")))?;
    request.headers_mut().extend(endpoint.headers().clone());
    let config = WebSocketConfig::default()
        .max_message_size(Some(MESSAGE_MAX))
        .max_frame_size(Some(MESSAGE_MAX))
        // Small: it is zeroed before each read.
        .read_buffer_size(16 * 1024)
        .max_write_buffer_size(MESSAGE_MAX)
        .write_buffer_size(0);
    let connector = connector(endpoint)?;
    let connecting = connect_async_tls_with_config(request, Some(config), true, Some(connector));
    match timeout(limits.connect, connecting).await {
        Ok(Ok((stream, _))) => Ok(Ok(stream)),
        Ok(Err(Error::Http(response))) => {
            let (parts, body) = response.into_parts();
            let word = parts
                .headers
                .get(DEEPGRAM_ERROR)
                .map(|word| word.as_bytes().to_vec());
            Ok(Err(Refusal {
                status: parts.status.as_u16(),
                headers: parts.headers,
                body: body.filter(|body| !body.is_empty()).or(word).unwrap_or_default(),
            }))
        }
        Ok(Err(error)) => Err(endpoint.failed(format!("its socket did not open: {error}"))),
        Err(_) => Err(endpoint.failed(format!("its socket did not open within {:?}", limits.connect))),
    }
}

/// One for the process: making one reads all of the system's certificates.
fn connector(endpoint: &Endpoint) -> Result<Connector, ProviderError> {
    static CONFIG: OnceLock<Arc<ClientConfig>> = OnceLock::new();
    if let Some(config) = CONFIG.get() {
        return Ok(Connector::Rustls(Arc::clone(config)));
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .and_then(|builder| builder.with_platform_verifier())
        .map_err(|error| endpoint.failed(format!("the system's certificates cannot be used: {error}")))?
        .with_no_client_auth();
    Ok(Connector::Rustls(Arc::clone(
        CONFIG.get_or_init(|| Arc::new(config)),
    )))
}
