//! When a refused request may be made again.

use std::time::Duration;

use reqwest::header::{HeaderMap, RETRY_AFTER};
use serde_json::Value;

use super::limits::Limits;

/// Requests for one answer, the first included.
pub(super) const ATTEMPTS: u32 = 3;

/// How long to wait before the next try, after `attempt` tries; none when
/// another one would not help. The caller bounds the sum of all tries.
pub(super) fn delay(
    limits: &Limits,
    status: u16,
    headers: &HeaderMap,
    body: &[u8],
    attempt: u32,
) -> Option<Duration> {
    let may = matches!(status, 429 | 503) && attempt < ATTEMPTS && !is_spent(body);
    let delay = may.then(|| asked(headers).unwrap_or_else(|| backoff(limits, attempt)));
    // Waiting past the limit would only tell the refusal later.
    delay.filter(|delay| *delay < limits.answer)
}

/// The wait after `attempt` tries.
pub(super) fn backoff(limits: &Limits, attempt: u32) -> Duration {
    limits.backoff * 2_u32.pow(attempt.saturating_sub(1).min(6))
}

/// What the vendor asks for, in whole or broken seconds. The form with a date
/// is not used by these vendors.
fn asked(headers: &HeaderMap) -> Option<Duration> {
    let seconds: f64 = headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Duration::try_from_secs_f64(seconds).ok()
}

/// OpenAI also answers 429 when the account has no money left.
fn is_spent(body: &[u8]) -> bool {
    serde_json::from_slice::<Value>(body).is_ok_and(|value| {
        ["/error/code", "/error/type"]
            .iter()
            .any(|place| value.pointer(place).and_then(Value::as_str) == Some("insufficient_quota"))
    })
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderValue;

    use super::*;

    fn headers(retry_after: Option<&'static str>) -> HeaderMap {
        retry_after
            .map(|value| (RETRY_AFTER, HeaderValue::from_static(value)))
            .into_iter()
            .collect()
    }

    #[test]
    fn the_vendors_wait_is_kept_and_else_it_doubles_until_it_is_enough() {
        let limits = Limits::default();
        assert_eq!(
            delay(&limits, 429, &headers(Some("2")), b"", 1),
            Some(Duration::from_secs(2))
        );
        assert_eq!(
            delay(&limits, 503, &headers(Some("0.25")), b"", 2),
            Some(Duration::from_millis(250))
        );
        for vague in [None, Some("soon"), Some("-1"), Some("NaN")] {
            assert_eq!(delay(&limits, 429, &headers(vague), b"", 1), Some(limits.backoff));
            assert_eq!(
                delay(&limits, 429, &headers(vague), b"", 2),
                Some(limits.backoff * 2)
            );
        }
        assert_eq!(delay(&limits, 429, &headers(Some("1")), b"", ATTEMPTS), None);
        assert_eq!(delay(&limits, 400, &headers(Some("1")), b"", 1), None);
        assert_eq!(delay(&limits, 429, &headers(Some("60")), b"", 1), None);
        let spent = br#"{"error":{"code":"insufficient_quota"}}"#;
        assert_eq!(delay(&limits, 429, &headers(Some("1")), spent, 1), None);
    }
}
