//! News come in: posted by the platform or a peer, and read again from where they are written down.

use std::collections::HashMap;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use futures::{StreamExt, stream};
use tokio::time::{Instant, timeout};

use super::port::{DeskPort, DeskRefused, From, News};
use super::{ADMIT, DeskServer};

/// The header with the signature of what is posted.
const SIGNATURE: &str = "x-trunkline-signature";
/// How much more than the time since the last look is looked at: what is written later may carry an earlier time.
const OVERLAP: Duration = Duration::from_secs(10);
/// How many tenants' news are read at once.
const AT_ONCE: usize = 8;

/// Takes one event; it is told, and handed on, after the answer.
pub(super) async fn posted(State(desks): State<DeskServer>, headers: HeaderMap, body: Bytes) -> Response {
    let signature = headers.get(SIGNATURE).and_then(|value| value.to_str().ok());
    let (news, from) = match desks.inner.port.posted(&body, signature.unwrap_or_default()) {
        Ok(posted) => posted,
        Err(DeskRefused::Token(_)) => return StatusCode::UNAUTHORIZED.into_response(),
        Err(refused @ (DeskRefused::Request(_) | DeskRefused::Closed(_) | DeskRefused::Unavailable(_))) => {
            return (StatusCode::BAD_REQUEST, refused.to_string()).into_response();
        }
    };
    let Ok(room) = desks.inner.deliveries.clone().try_acquire_owned() else {
        // They are read where they are written down.
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    };
    tokio::spawn(async move {
        let port = &desks.inner.port;
        let forwarded = async {
            if from == From::Platform {
                port.forward(&news).await;
            }
        };
        tokio::join!(forwarded, desks.deliver(&news, None));
        drop(room);
    });
    StatusCode::NO_CONTENT.into_response()
}

impl DeskServer {
    /// Tells whoever is to be told here.
    async fn deliver(&self, news: &News, age: Option<Duration>) {
        let hub = &self.inner.hub;
        if !hub.is_for_somebody(news) {
            return;
        }
        match timeout(ADMIT, self.inner.port.message(news)).await {
            Ok(Ok(Some(message))) => hub.tell(news, &message, age),
            Ok(Ok(None)) => {}
            Ok(Err(error)) => tracing::warn!(about = %news.about, %error, "desks are told later"),
            Err(_) => tracing::warn!(about = %news.about, "desks are told later: no answer in time"),
        }
    }

    /// Reads what was written down since the last look, of every tenant with desks here: what no post has brought.
    pub(super) async fn look(&self, looked: &mut HashMap<String, Instant>) {
        let tenants = self.inner.hub.tenants();
        looked.retain(|tenant, _| tenants.contains(tenant));
        let now = Instant::now();
        let read = stream::iter(tenants)
            .map(async |tenant| {
                let before = looked.get(&tenant).map_or(Duration::ZERO, Instant::elapsed);
                let done = self.look_at(&tenant, before + OVERLAP).await;
                (tenant, done)
            })
            .buffer_unordered(AT_ONCE);
        let read: Vec<(String, bool)> = read.collect().await;
        looked.extend(
            read.into_iter()
                .filter(|(_, done)| *done)
                .map(|(tenant, _)| (tenant, now)),
        );
    }

    async fn look_at(&self, tenant: &str, within: Duration) -> bool {
        let port: &dyn DeskPort = &*self.inner.port;
        match timeout(ADMIT, port.written(tenant, within)).await {
            Ok(Ok(written)) => {
                for one in written {
                    self.deliver(&one.news, Some(one.age)).await;
                }
                true
            }
            Ok(Err(error)) => {
                tracing::warn!(tenant.id = tenant, %error, "what desks may have missed cannot be read now");
                false
            }
            Err(_) => {
                tracing::warn!(
                    tenant.id = tenant,
                    "what desks may have missed was not read in time"
                );
                false
            }
        }
    }
}
