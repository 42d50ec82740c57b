//! Connection overrides: what a webhook URL's fragment asks for (`#rc=3&rp=all`). The fragment itself is not sent.
//!
//! Source: Twilio, "Webhooks (HTTP callbacks): Connection Overrides".

use std::time::Duration;

use url::{Url, form_urlencoded};

/// How a webhook is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Overrides {
    pub(crate) connect: Duration,
    pub(crate) read: Duration,
    pub(crate) total: Duration,
    pub(crate) retries: u32,
    on_4xx: bool,
    on_5xx: bool,
    on_connect: bool,
    on_read: bool,
}

impl Default for Overrides {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            read: Duration::from_secs(15),
            total: Duration::from_secs(15),
            retries: 1,
            on_4xx: false,
            on_5xx: false,
            on_connect: true,
            on_read: false,
        }
    }
}

/// How an attempt went wrong, as far as the retry policy tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Failure {
    Connect,
    Read,
    Status(u16),
}

impl Overrides {
    /// Reads the fragment. What is unknown or out of range is ignored, as the carrier does.
    pub(crate) fn of(url: &Url) -> Self {
        let mut this = Self::default();
        for (key, value) in form_urlencoded::parse(url.fragment().unwrap_or_default().as_bytes()) {
            match key.as_ref() {
                "ct" => set(&mut this.connect, &value, 10_000),
                "rt" => set(&mut this.read, &value, 15_000),
                "tt" => set(&mut this.total, &value, 15_000),
                "rc" => this.retries = value.parse().ok().filter(|n| *n <= 5).unwrap_or(this.retries),
                "rp" => this.policy(&value),
                _ => {}
            }
        }
        this
    }

    fn policy(&mut self, value: &str) {
        let has = |word: &str| value.split(',').any(|w| w.trim() == word || w.trim() == "all");
        (self.on_4xx, self.on_5xx, self.on_connect, self.on_read) =
            (has("4xx"), has("5xx"), has("ct"), has("rt"));
    }

    /// Whether the policy retries after this failure.
    pub(crate) fn retries_on(&self, failure: Failure) -> bool {
        match failure {
            Failure::Connect => self.on_connect,
            Failure::Read => self.on_read,
            Failure::Status(400..=499) => self.on_4xx,
            Failure::Status(500..) => self.on_5xx,
            Failure::Status(_) => false,
        }
    }
}

fn set(duration: &mut Duration, value: &str, max: u64) {
    if let Some(ms) = value.parse().ok().filter(|ms| (100..=max).contains(ms)) {
        *duration = Duration::from_millis(ms);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(fragment: &str) -> Overrides {
        Overrides::of(&Url::parse(&format!("http://h/p?q=1{fragment}")).unwrap())
    }

    #[test]
    fn without_a_fragment_one_retry_on_connect_failures_only() {
        let plain = of("");
        assert_eq!(plain, Overrides::default());
        assert!(plain.retries_on(Failure::Connect));
        assert!(!plain.retries_on(Failure::Read) && !plain.retries_on(Failure::Status(503)));
    }

    #[test]
    fn rc_and_rp_are_honoured() {
        let all = of("#rc=3&rp=all");
        assert_eq!(all.retries, 3);
        for failure in [
            Failure::Connect,
            Failure::Read,
            Failure::Status(404),
            Failure::Status(500),
        ] {
            assert!(all.retries_on(failure), "{failure:?}");
        }
        assert!(!all.retries_on(Failure::Status(200)));
        let some = of("#rp=5xx,rt&rt=300&tt=900");
        assert!(some.retries_on(Failure::Status(500)) && some.retries_on(Failure::Read));
        assert!(!some.retries_on(Failure::Connect) && !some.retries_on(Failure::Status(400)));
        assert_eq!((some.read.as_millis(), some.total.as_millis()), (300, 900));
    }

    #[test]
    fn nonsense_is_ignored() {
        assert_eq!(of("#rc=9&ct=1&tt=99999&x"), Overrides::default());
    }
}
