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
/// How many pages of a tenant's news are read in a look.
const PAGES: usize = 10;
/// News that cannot be put into words for so long are left to desks that open again.
const GIVEN_UP: Duration = Duration::from_secs(60);
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
    /// Tells whoever is to be told here; whether that is done.
    async fn deliver(&self, news: &News, age: Option<Duration>) -> bool {
        let hub = &self.inner.hub;
        if !hub.is_for_somebody(news) {
            return true;
        }
        match timeout(ADMIT, self.inner.port.message(news)).await {
            Ok(Ok(Some(message))) => {
                hub.tell(news, &message, age);
                return true;
            }
            Ok(Ok(None)) => return true,
            Ok(Err(error)) => tracing::warn!(about = %news.about, %error, "desks are told later"),
            Err(_) => tracing::warn!(about = %news.about, "desks are told later: no answer in time"),
        }
        false
    }

    /// Reads what was written down since the last look, of every tenant with desks here: what no post has brought. `looked`: until when
    /// all is told, by tenant.
    pub(super) async fn look(&self, looked: &mut HashMap<String, Instant>) {
        let tenants = self.inner.hub.tenants();
        looked.retain(|tenant, _| tenants.contains(tenant));
        let now = Instant::now();
        for tenant in tenants {
            looked.entry(tenant).or_insert(now);
        }
        stream::iter(looked.iter_mut())
            .for_each_concurrent(AT_ONCE, async |(tenant, until)| {
                *until = self.look_at(tenant, *until).await;
            })
            .await;
    }

    /// Until when all is told now.
    async fn look_at(&self, tenant: &str, before: Instant) -> Instant {
        let port: &dyn DeskPort = &*self.inner.port;
        let mut until = before;
        let mut within = before.elapsed() + OVERLAP;
        for _ in 0..PAGES {
            let now = Instant::now();
            let (written, more) = match timeout(ADMIT, port.written(tenant, within)).await {
                Ok(Ok(written)) => written,
                Ok(Err(error)) => {
                    tracing::warn!(tenant.id = tenant, %error, "what desks may have missed cannot be read now");
                    return until;
                }
                Err(_) => {
                    tracing::warn!(
                        tenant.id = tenant,
                        "what desks may have missed was not read in time"
                    );
                    return until;
                }
            };
            let mut last = Duration::ZERO;
            for one in written {
                last = one.age;
                if !self.deliver(&one.news, Some(one.age)).await && one.age < GIVEN_UP {
                    // From there again.
                    return now.checked_sub(one.age).map_or(until, |at| until.max(at));
                }
            }
            if !more {
                return now;
            }
            // The next look begins earlier than here, this one goes on.
            until = now.checked_sub(last).map_or(until, |at| until.max(at));
            within = last + now.elapsed();
        }
        tracing::warn!(
            tenant.id = tenant,
            "more happens than desks can be told at once; the rest comes with the next look"
        );
        until
    }
}
