//! What the container runs beside the Lambdas: the media server, and the routes whose bodies Lambda cannot carry.

use std::{net::SocketAddr, sync::Arc};

use tokio_util::{sync::CancellationToken, task::TaskTracker};
use trunkline_http::{HttpOptions, OpenApiSource};
use trunkline_media::{MediaOptions, MediaServer, realtime::DeskServer};
use trunkline_runtime::{Config, wiring};
use trunkline_service::{
    Ctx,
    readiness::{Part, PartState},
};

use super::{GRACE, StartError, bind, desks, media_options, serve, speech};
use crate::{
    calls::ServicePort,
    openapi::publish_if_possible,
    routes::{edge_routers, sockets},
};

/// The running edge.
#[derive(Debug)]
pub struct Edge {
    url: String,
    media: MediaServer,
    desks: DeskServer,
    stop: CancellationToken,
    tasks: TaskTracker,
}

impl Edge {
    /// Starts it, and returns once requests are served.
    ///
    /// # Errors
    /// [`StartError`] says in a sentence what is in the way.
    pub async fn start(config: &Config) -> Result<Self, StartError> {
        let listener = bind("TRUNKLINE_ADDR", config.addr).await?;
        let source = |source| StartError::Bind {
            variable: "TRUNKLINE_ADDR",
            addr: config.addr,
            source,
        };
        let addr: SocketAddr = listener.local_addr().map_err(source)?;
        let ctx = wiring::ctx_from_env(config).await?;
        let speech = speech::Parts::new(config);
        let port = Arc::new(ServicePort::new(ctx.clone(), speech.status()));
        let patience = MediaOptions::default().drain_patience;
        let options = MediaOptions {
            drain_patience: patience,
            ..media_options(config, &ctx, addr)?
        };
        let ready = speech.readiness(port.open());
        let media = MediaServer::new(options, speech.media(), port);
        let http = HttpOptions {
            parts: vec![ready, Arc::new(Draining(media.clone()))],
            openapi: OpenApiSource::Bucket,
            ..config.http()
        };
        let publishing = (ctx.blobs.clone(), ctx.settings.public_url.clone());
        let desks = desks(config, &ctx, addr).await;
        let (api, _) = trunkline_http::finish(ctx, http, edge_routers());
        let router = sockets(&media, &desks, config).fallback_service(api);
        let edge = Self {
            url: format!("http://{addr}"),
            media,
            desks,
            stop: CancellationToken::new(),
            tasks: TaskTracker::new(),
        };
        edge.tasks.spawn(serve(listener, router, edge.stop.clone()));
        let media = edge.media.clone();
        edge.tasks.spawn(async move { media.publish_capacity().await });
        let (desks, stop) = (edge.desks.clone(), edge.stop.clone());
        edge.tasks.spawn(async move { desks.run(stop).await });
        edge.tasks
            .spawn(async move { publish_if_possible(&publishing.0, &publishing.1).await });
        let media = edge.media.clone();
        speech.load(&edge.stop, &edge.tasks, move || media.publish_now());
        Ok(edge)
    }

    /// Where it listens.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Takes no new streams, lets the running ones end or go on elsewhere, then stops.
    pub async fn shutdown(self) {
        self.media.drain().await;
        self.desks.close().await;
        self.stop.cancel();
        self.tasks.close();
        if tokio::time::timeout(GRACE, self.tasks.wait()).await.is_err() {
            tracing::warn!("some requests did not end in time");
        }
    }
}

/// Not ready while it drains, so that the load balancer sends nobody new.
#[derive(Debug)]
pub(super) struct Draining(pub(super) MediaServer);

#[async_trait::async_trait]
impl Part for Draining {
    fn name(&self) -> &'static str {
        "media"
    }

    async fn check(&self, _: &Ctx) -> PartState {
        if self.0.is_draining() {
            PartState::Down("it is stopping".to_owned())
        } else {
            PartState::Ok
        }
    }
}
