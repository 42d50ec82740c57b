//! A service on a loopback port, in a thread and a runtime of its own.

use std::net::{Ipv4Addr, TcpListener};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use axum::Router;
use axum::serve::ListenerExt;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

use crate::error::StartError;
use crate::service::Service;

/// How long requests under way may take to finish after a stop.
const GRACE: Duration = Duration::from_secs(5);

/// A service that answers requests.
#[derive(Debug)]
pub(crate) struct Endpoint {
    service: Service,
    url: String,
    stop: CancellationToken,
    thread: Option<JoinHandle<()>>,
    ended: oneshot::Receiver<()>,
}

/// What a service's `open` is told.
pub(crate) struct Context {
    /// Where the service listens.
    pub(crate) url: String,
    /// Cancelled when the service is to stop; long polls end at once.
    pub(crate) stop: CancellationToken,
}

/// A service on its way.
pub(crate) struct Starting<T> {
    endpoint: Endpoint,
    ready: oneshot::Receiver<Result<T, StartError>>,
}

impl Endpoint {
    /// Binds a free port and opens the service on a new thread, inside that thread's runtime. `open` gives
    /// the routes to serve and whatever else its caller wants back.
    pub(crate) fn start<T: Send + 'static>(
        service: Service,
        open: impl FnOnce(&Context) -> Result<(Router, T), StartError> + Send + 'static,
    ) -> Result<Starting<T>, StartError> {
        let bind = |source| StartError::Bind { service, source };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(bind)?;
        listener.set_nonblocking(true).map_err(bind)?;
        let url = format!("http://{}", listener.local_addr().map_err(bind)?);
        let runtime = Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|source| StartError::Thread { service, source })?;

        let context = Context {
            url: url.clone(),
            stop: CancellationToken::new(),
        };
        let stop = context.stop.clone();
        let (announce, ready) = oneshot::channel();
        let (end, ended) = oneshot::channel();
        let thread = thread::Builder::new()
            .name(format!("aws-{service}").to_lowercase())
            .spawn(move || {
                run(service, &runtime, listener, &context, open, announce);
                // What the service opened closes with its runtime; only then is it over.
                drop(runtime);
                drop(end);
            })
            .map_err(|source| StartError::Thread { service, source })?;
        Ok(Starting {
            endpoint: Self {
                service,
                url,
                stop,
                thread: Some(thread),
                ended,
            },
            ready,
        })
    }

    /// Where the service listens.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Asks the service to stop, and returns at once.
    pub(crate) fn stop(&self) {
        self.stop.cancel();
    }

    /// Stops the service and waits for its end.
    pub(crate) async fn stopped(mut self) {
        self.stop();
        // An error is the expected end: the sender is dropped, nothing is ever sent.
        let _ended = (&mut self.ended).await;
        if let Some(Err(_panic)) = self.thread.take().map(JoinHandle::join) {
            tracing::error!(service = %self.service, "an embedded AWS service panicked");
        }
    }
}

impl Drop for Endpoint {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

impl<T> Starting<T> {
    /// Waits until the service answers requests, or says why it cannot.
    pub(crate) async fn ready(self) -> Result<(Endpoint, T), StartError> {
        let service = self.endpoint.service;
        let opened = self.ready.await.unwrap_or(Err(StartError::Died { service }))?;
        Ok((self.endpoint, opened))
    }
}

fn run<T>(
    service: Service,
    runtime: &Runtime,
    listener: TcpListener,
    context: &Context,
    open: impl FnOnce(&Context) -> Result<(Router, T), StartError>,
    announce: oneshot::Sender<Result<T, StartError>>,
) {
    runtime.block_on(async {
        let opened = tokio::net::TcpListener::from_std(listener)
            .map_err(|source| StartError::Bind { service, source })
            .and_then(|listener| Ok((listener, open(context)?)));
        let (listener, routes) = match opened {
            Ok((listener, (routes, extra))) => {
                if announce.send(Ok(extra)).is_err() {
                    return;
                }
                (listener, routes)
            }
            Err(refusal) => {
                // Nobody listens any more when another service failed first: its error is the one told.
                let _unheard = announce.send(Err(refusal));
                return;
            }
        };
        serve(service, listener, routes, context.stop.clone()).await;
    });
}

async fn serve(service: Service, listener: tokio::net::TcpListener, routes: Router, stop: CancellationToken) {
    // Small answers must not wait for the client's delayed acknowledgement.
    let listener = listener.tap_io(|stream| {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "a loopback connection keeps Nagle's algorithm");
        }
    });
    let serving = axum::serve(listener, routes).with_graceful_shutdown(stop.clone().cancelled_owned());
    let overdue = async {
        stop.cancelled().await;
        tokio::time::sleep(GRACE).await;
    };
    tokio::select! {
        served = serving => if let Err(error) = served {
            tracing::error!(%service, %error, "an embedded AWS service stopped by itself");
        },
        () = overdue => tracing::warn!(%service, "requests to an embedded AWS service were cut off by the stop"),
    }
}
