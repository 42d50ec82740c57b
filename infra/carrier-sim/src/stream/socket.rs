//! The socket of a stream: one task that moves text both ways, so that a call's beat never waits for the network.

use std::time::Duration;

use futures::{SinkExt, StreamExt};
use tokio::{net::TcpStream, sync::mpsc, time::timeout};
use tokio_tungstenite::{
    Connector, MaybeTlsStream, WebSocketStream, connect_async_tls_with_config,
    tungstenite::{Error, Message, client::IntoClientRequest, http::HeaderValue, protocol::WebSocketConfig},
};

use super::{StreamError, wire};
use crate::sign;

/// From the first packet to the end of the handshake.
const HANDSHAKE_MAX: Duration = Duration::from_secs(10);
/// A platform that takes a message no sooner is gone.
const SEND_MAX: Duration = Duration::from_secs(5);
/// No message of the protocol is larger.
const MESSAGE_BYTES_MAX: usize = 1 << 20;

pub(super) type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// Opens the socket; the handshake is signed as every request of the carrier's is.
pub(super) async fn connect(url: &str, token: &str) -> Result<Socket, StreamError> {
    let failed = |why: String| StreamError::Handshake {
        url: url.to_owned(),
        why,
    };
    let mut request = url
        .into_client_request()
        .map_err(|error| failed(error.to_string()))?;
    let signature = HeaderValue::from_str(&sign::signature(token, url, &[]))
        .map_err(|error| failed(error.to_string()))?;
    request.headers_mut().insert("X-Twilio-Signature", signature);
    request
        .headers_mut()
        .insert("User-Agent", HeaderValue::from_static("Twilio.TmeWs/1.0"));
    let config = WebSocketConfig::default()
        .max_message_size(Some(MESSAGE_BYTES_MAX))
        .max_frame_size(Some(MESSAGE_BYTES_MAX))
        // Small: it is zeroed before each read, 50 times a second and call.
        .read_buffer_size(4096)
        .max_write_buffer_size(1 << 18)
        .write_buffer_size(0);
    let connecting = connect_async_tls_with_config(request, Some(config), true, None::<Connector>);
    match timeout(HANDSHAKE_MAX, Box::pin(connecting)).await {
        Ok(Ok((socket, _))) => Ok(socket),
        Ok(Err(Error::Http(response))) => Err(failed(format!("it answered {}", response.status()))),
        Ok(Err(error)) => Err(failed(error.to_string())),
        Err(_) => Err(failed(format!("no answer within {HANDSHAKE_MAX:?}"))),
    }
}

/// What the call has for the socket.
pub(super) enum Outgoing {
    Text(String),
    /// The stream is over: say so and close.
    Close,
}

/// Moves messages until either side closes. Ends the channel to the call when the socket is gone.
pub(super) async fn pump(
    mut socket: Socket,
    stream_sid: String,
    mut outgoing: mpsc::Receiver<Outgoing>,
    incoming: mpsc::Sender<Result<wire::Incoming, StreamError>>,
) {
    loop {
        tokio::select! {
            out = outgoing.recv() => {
                let sent = match out {
                    Some(Outgoing::Text(text)) => timeout(SEND_MAX, socket.send(Message::text(text))).await,
                    Some(Outgoing::Close) | None => break,
                };
                if !matches!(sent, Ok(Ok(()))) {
                    return;
                }
            }
            message = socket.next() => {
                let read = match message {
                    Some(Ok(Message::Text(text))) => wire::read(&text, &stream_sid).map_err(StreamError::Message),
                    Some(Ok(Message::Binary(_))) => Err(StreamError::Message("it is binary; the protocol is text".to_owned())),
                    Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => continue,
                    Some(Ok(Message::Close(_)) | Err(_)) | None => break,
                };
                let fatal = read.is_err();
                // A full channel holds the platform back, as TCP does; a closed one means that the call is over.
                if incoming.send(read).await.is_err() || fatal {
                    break;
                }
            }
        }
    }
    // A socket that cannot be closed in time is dropped.
    let _ = timeout(SEND_MAX, socket.close(None)).await;
}
