//! Rate limits: fixed windows, counted in the store, so that they hold over all instances.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use aide::OperationInput;
use axum::extract::FromRequestParts;
use chrono::DateTime;
use http::{HeaderMap, HeaderValue, Method, request::Parts};
use trunkline_auth::fingerprint;
use trunkline_domain::{Error, Instant};
use trunkline_service::Ctx;

use crate::{Dialect, Failure, client::ClientAddr, dialect::Family, shared::Shared};

/// The window, in seconds.
const WINDOW_S: u32 = 60;
/// The most bytes of bodies a minute at `/`.
const UPLOAD_BYTES: u64 = 10 * 1024 * 1024;
/// How many refusals an instance remembers; each ends with its minute.
const REMEMBERED: usize = 10_000;

/// Which limit a request falls under.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bucket {
    /// None: health, docs, carrier webhooks, sockets.
    Free,
    /// The calls that prove who one is: one bucket over all dialects.
    Auth,
    /// All else: one bucket a dialect.
    General,
}

impl Bucket {
    /// By the route's path. `me` and `logout` prove nothing: a page that asks who one is at each load is no attack.
    pub(crate) fn of(path: &str, method: &Method) -> Self {
        const FREE: [&str; 7] = [
            "/health",
            "/readiness",
            "/liveness",
            "/version",
            "/docs",
            "/redoc",
            "/openapi.json",
        ];
        const HOOKS_AND_SOCKETS: [&str; 7] = [
            "/webhooks/twilio/",
            "/exotel/",
            "/api/v1/exotel/",
            "/media-stream",
            "/ws/",
            "/socket.io",
            "/voice",
        ];
        const AUTH: [&str; 5] = [
            "/auth/register",
            "/auth/login",
            "/auth/refresh-token",
            "/auth/forgot-password",
            "/auth/reset-password",
        ];
        if method == Method::OPTIONS
            || FREE.contains(&path)
            || HOOKS_AND_SOCKETS.iter().any(|start| path.starts_with(start))
        {
            return Self::Free;
        }
        let below = path
            .strip_prefix("/api/v1")
            .or_else(|| path.strip_prefix("/api"))
            .unwrap_or(path);
        if AUTH.contains(&below) {
            Self::Auth
        } else {
            Self::General
        }
    }

    const fn limit(self, family: Family) -> u32 {
        match (self, family) {
            (Self::Auth, Family::V1) => 5,
            (Self::Auth, Family::VoiceEra | Family::Dialer) => 10,
            (Self::General | Self::Free, Family::VoiceEra | Family::Dialer | Family::V1) => 100,
        }
    }

    const fn name(self, family: Family) -> &'static str {
        match (self, family) {
            (Self::Auth, Family::VoiceEra | Family::Dialer | Family::V1) => "auth",
            (Self::General | Self::Free, Family::VoiceEra) => "voiceera",
            (Self::General | Self::Free, Family::Dialer) => "dialer",
            (Self::General | Self::Free, Family::V1) => "v1",
        }
    }
}

/// What is left in the window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Quota {
    limit: u32,
    remaining: u32,
    reset: i64,
}

impl Quota {
    pub(crate) fn write(self, headers: &mut HeaderMap) {
        headers.insert("x-ratelimit-limit", HeaderValue::from(self.limit));
        headers.insert("x-ratelimit-remaining", HeaderValue::from(self.remaining));
        headers.insert("x-ratelimit-reset", HeaderValue::from(self.reset));
    }
}

/// The tightest quota that a request met; the account's is only known to the handler.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tightest(Arc<Mutex<Option<Quota>>>);

impl Tightest {
    pub(crate) fn meet(&self, quota: Quota) {
        let mut slot = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if slot.is_none_or(|known| quota.remaining < known.remaining) {
            *slot = Some(quota);
        }
    }

    pub(crate) fn get(&self) -> Option<Quota> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Counts, and remembers who is over until the window ends, so that a flood costs no writes.
#[derive(Debug, Default)]
pub(crate) struct Limiter {
    refused: Mutex<HashMap<String, i64>>,
}

impl Limiter {
    /// Counts a request of `who` with a body of `bytes`.
    pub(crate) async fn count(
        &self,
        ctx: &Ctx,
        bucket: Bucket,
        dialect: Dialect,
        who: &str,
        bytes: u64,
    ) -> (Option<Quota>, Result<(), Failure>) {
        if !ctx.settings.rate_limits || bucket == Bucket::Free {
            return (None, Ok(()));
        }
        let family = dialect.family();
        let limit = bucket.limit(family);
        let now = ctx.now();
        let window = window_of(now);
        let reset = window.timestamp() + i64::from(WINDOW_S);
        let key = format!("{}#{who}", bucket.name(family));
        let quota = |used: u64| {
            let left = u64::from(limit).saturating_sub(used);
            Quota {
                limit,
                remaining: u32::try_from(left).unwrap_or(0),
                reset,
            }
        };
        let retry_after_s = u32::try_from(reset - now.timestamp()).unwrap_or(1).max(1);
        let over = || Err(Error::RateLimited { limit, retry_after_s }.into());
        // A shared bucket has several limits: who is over one dialect's may be below another's.
        let refusal = format!("{key}#{limit}");
        if self.is_refused(&refusal, now) {
            return (Some(quota(u64::MAX)), over());
        }
        match ctx.store.count_request(&key, window, WINDOW_S, 1, bytes).await {
            Ok(counted) if counted.requests > u64::from(limit) => {
                self.refuse(refusal, reset, now);
                (Some(quota(counted.requests)), over())
            }
            Ok(counted) if family == Family::VoiceEra && counted.bytes > UPLOAD_BYTES => (
                Some(quota(counted.requests)),
                Err(Failure::Uploads { retry_after_s }),
            ),
            Ok(counted) => (Some(quota(counted.requests)), Ok(())),
            Err(error) => {
                // Better to serve uncounted than not at all: what the request needs of the store decides.
                tracing::warn!(%error, "a request could not be counted against its limit");
                (None, Ok(()))
            }
        }
    }

    fn is_refused(&self, key: &str, now: Instant) -> bool {
        let refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        refused.get(key).is_some_and(|end| *end > now.timestamp())
    }

    fn refuse(&self, key: String, end: i64, now: Instant) {
        let mut refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        if refused.len() >= REMEMBERED {
            refused.retain(|_, end| *end > now.timestamp());
        }
        // Forgetting only costs a write: the store still knows.
        if refused.len() < REMEMBERED {
            refused.insert(key, end);
        }
    }
}

fn window_of(now: Instant) -> Instant {
    let second = now.timestamp();
    DateTime::from_timestamp(second - second.rem_euclid(i64::from(WINDOW_S)), 0).unwrap_or(now)
}

/// The limit of one account, whatever address asks: for the calls that prove who one is.
#[derive(Debug, Clone)]
pub struct AccountLimit {
    shared: Option<Arc<Shared>>,
    dialect: Dialect,
    tightest: Tightest,
    client: Option<ClientAddr>,
}

impl AccountLimit {
    /// The address that asks, for the trail.
    #[must_use]
    pub fn address(&self) -> Option<String> {
        self.client.map(|client| client.0.to_string())
    }

    /// Counts a try at this account (an e-mail address, or another name of it).
    ///
    /// # Errors
    /// [`Error::RateLimited`] when there were too many.
    pub async fn check(&self, ctx: &Ctx, account: &str) -> Result<(), Failure> {
        let Some(shared) = &self.shared else {
            return Ok(());
        };
        let who = format!("e:{}", fingerprint(&account.trim().to_lowercase()));
        let (quota, result) = shared
            .limiter
            .count(ctx, Bucket::Auth, self.dialect, &who, 0)
            .await;
        if let Some(quota) = quota {
            self.tightest.meet(quota);
        }
        result
    }
}

impl<S: Sync> FromRequestParts<S> for AccountLimit {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(Self {
            shared: parts.extensions.get::<Arc<Shared>>().cloned(),
            dialect: Dialect::of_path(parts.uri.path()),
            tightest: parts.extensions.get::<Tightest>().cloned().unwrap_or_default(),
            client: parts.extensions.get::<ClientAddr>().copied(),
        })
    }
}

impl OperationInput for AccountLimit {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_path_has_its_bucket() {
        for (path, bucket) in [
            ("/health", Bucket::Free),
            ("/webhooks/twilio/answer", Bucket::Free),
            ("/webhooks", Bucket::General),
            ("/ws/calls", Bucket::Free),
            ("/auth/login", Bucket::Auth),
            ("/api/auth/login", Bucket::Auth),
            ("/api/v1/auth/register", Bucket::Auth),
            ("/auth/me", Bucket::General),
            ("/agents", Bucket::General),
        ] {
            assert_eq!(Bucket::of(path, &Method::POST), bucket, "{path}");
        }
    }

    #[test]
    fn the_auth_bucket_is_one_with_each_dialects_own_limit() {
        assert_eq!(Bucket::Auth.name(Family::V1), Bucket::Auth.name(Family::VoiceEra));
        assert_eq!(
            (Bucket::Auth.limit(Family::V1), Bucket::Auth.limit(Family::Dialer)),
            (5, 10)
        );
    }
}
