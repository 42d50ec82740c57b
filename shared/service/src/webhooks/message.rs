//! One message to one receiver: signed, sent once, judged.

use std::time::Duration;

use trunkline_domain::{Error, Instant};
use trunkline_events::{SigningSecret, Subscription, signing};
use trunkline_outbound::{Failure, Method, Request};

use super::secrets;
use crate::Ctx;

/// For all of a request.
const TIMEOUT: Duration = Duration::from_secs(15);

/// What came of sending.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sent {
    pub(super) status_code: Option<u16>,
    pub(super) delivered: bool,
    /// In words; nothing of what the receiver wrote.
    pub(super) reason: String,
    pub(super) duration_ms: u64,
    /// Seconds after which the receiver wants to be asked again.
    pub(super) put_off_s: Option<i64>,
}

/// Sends a body to a subscription's receiver, signed for `id`.
pub(super) async fn send(ctx: &Ctx, subscription: &Subscription, id: &str, body: &str) -> Sent {
    let now = ctx.now();
    let secrets = match secrets::signing(ctx, subscription, now) {
        Ok(secrets) => secrets,
        Err(error) => return unsigned(subscription, &error),
    };
    let headers = headers(id, now, body, &secrets);
    let request = Request {
        method: Method::Post,
        url: &subscription.url,
        headers: &headers,
        body: Some(body),
        timeout: TIMEOUT,
        // Only the status counts; what it says is nobody's business here.
        body_max: 0,
    };
    let began_ms = ctx.clock.boot_ms();
    let answer = ctx.outbound.send(request).await;
    let duration_ms = ctx.clock.boot_ms().saturating_sub(began_ms);
    match answer {
        Ok(answer) => Sent {
            status_code: Some(answer.status),
            delivered: (200..300).contains(&answer.status),
            reason: said(answer.status),
            duration_ms,
            put_off_s: answer
                .retry_after
                .as_deref()
                .and_then(|text| put_off(text, ctx.now())),
        },
        Err(failure) => Sent {
            status_code: None,
            delivered: false,
            reason: match failure {
                Failure::TimedOut => format!("no answer within {} s", TIMEOUT.as_secs()),
                Failure::Invalid
                | Failure::Private
                | Failure::Unresolved
                | Failure::Unreachable
                | Failure::Broken => failure.to_string(),
            },
            duration_ms,
            put_off_s: None,
        },
    }
}

fn headers(id: &str, now: Instant, body: &str, secrets: &[SigningSecret]) -> Vec<(&'static str, String)> {
    let mut headers = signing::headers(id, now, body, secrets).to_vec();
    headers.push(("content-type", "application/json".to_owned()));
    headers
}

fn unsigned(subscription: &Subscription, error: &Error) -> Sent {
    let cause = std::error::Error::source(error).map(ToString::to_string);
    tracing::error!(webhook.id = %subscription.id, cause, "a webhook's secret cannot be opened; nothing is sent without a signature");
    Sent {
        status_code: None,
        delivered: false,
        reason: "the message could not be signed: rotate the webhook's secret".to_owned(),
        duration_ms: 0,
        put_off_s: None,
    }
}

fn said(status: u16) -> String {
    match status {
        200..=299 => format!("the receiver took it ({status})"),
        300..=399 => format!("the receiver redirects ({status}), which is not followed"),
        429 => "the receiver has had too many requests (429)".to_owned(),
        500.. => format!("the receiver has a fault of its own ({status})"),
        other => format!("the receiver answered {other}"),
    }
}

/// `Retry-After`: seconds, or a date.
fn put_off(text: &str, now: Instant) -> Option<i64> {
    let text = text.trim();
    let seconds = text.parse::<i64>().ok().or_else(|| {
        let at = chrono::DateTime::parse_from_rfc2822(text).ok()?;
        Some((at.with_timezone(&chrono::Utc) - now).num_seconds())
    });
    seconds.filter(|seconds| *seconds > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_receiver_puts_off_by_seconds_or_until_a_date() {
        let now: Instant = "2026-11-22T10:00:00Z".parse().unwrap();
        for (text, seconds) in [
            ("120", Some(120)),
            (" 7 ", Some(7)),
            ("Sun, 22 Nov 2026 10:02:00 GMT", Some(120)),
            ("Sun, 22 Nov 2026 09:00:00 GMT", None),
            ("0", None),
            ("-5", None),
            ("soon", None),
            ("99999999999999999999", None),
        ] {
            assert_eq!(put_off(text, now), seconds, "{text}");
        }
    }
}
