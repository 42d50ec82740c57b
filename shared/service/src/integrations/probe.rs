//! Each provider's cheapest request that needs the credentials, and what its answers mean.

use std::time::Duration;

use base64::{Engine, engine::general_purpose::STANDARD};
use serde::Deserialize;
use trunkline_domain::integration::IntegrationKind;
use trunkline_outbound::{Answer, Method, Request};

use super::credentials::Credentials;

/// Slack's answers are below 1 kB; of all others only the status counts.
const BODY_MAX: usize = 16_384;

/// A request to a provider.
pub(super) struct Probe {
    kind: IntegrationKind,
    method: Method,
    url: String,
    headers: Vec<(&'static str, String)>,
    named: Option<(String, String)>,
    body: Option<&'static str>,
    by_webhook: bool,
}

/// What the provider said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Said {
    /// The credentials are good.
    Yes,
    /// They are not, or it cannot be told; in words.
    No(String),
}

/// The request for a kind. Sources: each provider's API reference, "list models", "get projects", "fetch account" and the like.
pub(super) fn probe(kind: IntegrationKind, base: &str, credentials: &Credentials) -> Probe {
    let base = base.trim_end_matches('/');
    let value = |field: &str| credentials.get(field).unwrap_or_default();
    let basic =
        |user: &str, password: &str| format!("Basic {}", STANDARD.encode(format!("{user}:{password}")));
    let bearer = |token: &str| format!("Bearer {token}");
    let (url, headers) = match kind {
        IntegrationKind::Twilio => (
            format!("{base}/2010-04-01/Accounts/{}.json", value("account_sid")),
            vec![("authorization", basic(value("account_sid"), value("auth_token")))],
        ),
        IntegrationKind::Exotel => (
            format!("{base}/v1/Accounts/{}.json", value("account_sid")),
            vec![("authorization", basic(value("api_key"), value("api_token")))],
        ),
        IntegrationKind::Openai => {
            let mut headers = vec![("authorization", bearer(value("api_key")))];
            headers.extend(
                credentials
                    .get("organization")
                    .map(|id| ("openai-organization", id.to_owned())),
            );
            (format!("{base}/models"), headers)
        }
        IntegrationKind::Deepgram => (
            format!("{base}/v1/projects"),
            vec![("authorization", format!("Token {}", value("api_key")))],
        ),
        IntegrationKind::Cartesia => (
            format!("{base}/voices?limit=1"),
            vec![
                ("x-api-key", value("api_key").to_owned()),
                ("cartesia-version", "2025-04-16".to_owned()),
            ],
        ),
        IntegrationKind::Elevenlabs => (
            format!("{base}/v1/user"),
            vec![("xi-api-key", value("api_key").to_owned())],
        ),
        IntegrationKind::Slack => match (credentials.get("bot_token"), credentials.get("webhook_url")) {
            (None, Some(webhook)) => (
                webhook.to_owned(),
                vec![("content-type", "application/json".to_owned())],
            ),
            (token, _) => (
                format!("{base}/auth.test"),
                vec![("authorization", bearer(token.unwrap_or_default()))],
            ),
        },
        IntegrationKind::Http => {
            let mut headers = Vec::new();
            if let Some(token) = credentials.get("token") {
                headers.push(("authorization", bearer(token)));
            } else if let Some(user) = credentials.get("username") {
                headers.push(("authorization", basic(user, value("password"))));
            }
            (value("url").to_owned(), headers)
        }
    };
    let by_webhook = kind == IntegrationKind::Slack && credentials.get("bot_token").is_none();
    let named = credentials
        .get("header_name")
        .map(|name| (name.to_owned(), value("header_value").to_owned()));
    Probe {
        kind,
        method: if kind == IntegrationKind::Slack {
            Method::Post
        } else {
            Method::Get
        },
        url,
        headers,
        named,
        // A message without text is refused, so nobody sees one; how it is refused tells whether the webhook is there.
        body: by_webhook.then_some("{}"),
        by_webhook,
    }
}

impl Probe {
    pub(super) fn request(&self, timeout: Duration) -> ProbeRequest<'_> {
        let named = self
            .named
            .iter()
            .map(|(name, value)| (name.as_str(), value.clone()));
        let headers = self.headers.iter().map(|(name, value)| (*name, value.clone()));
        ProbeRequest {
            probe: self,
            headers: headers.chain(named).collect(),
            timeout,
        }
    }

    /// What an answer means. The provider's own words are left out: they are for whoever holds its account.
    pub(super) fn judge(&self, answer: &Answer) -> Said {
        match (self.kind, answer.status) {
            (IntegrationKind::Slack, 200..=299) if !self.by_webhook => slack(&answer.body),
            (IntegrationKind::Slack, 400) if self.by_webhook => Said::Yes,
            (_, 200..=299) => Said::Yes,
            (_, 401 | 403) => Said::No(format!(
                "the provider refused the credentials ({})",
                answer.status
            )),
            (_, 404) => Said::No("the provider does not know this account or address (404)".to_owned()),
            (_, 429) => Said::No("the provider has had too many requests (429); try again later".to_owned()),
            (_, 300..=399) => Said::No(format!(
                "the provider redirects ({}), which is not followed; check the address",
                answer.status
            )),
            (_, 500..) => Said::No(format!("the provider has a fault of its own ({})", answer.status)),
            (_, other) => Said::No(format!("the provider answered {other}")),
        }
    }
}

/// A probe's request, with its headers in one list.
pub(super) struct ProbeRequest<'a> {
    probe: &'a Probe,
    headers: Vec<(&'a str, String)>,
    timeout: Duration,
}

impl ProbeRequest<'_> {
    pub(super) fn as_request(&self) -> Request<'_> {
        Request {
            method: self.probe.method,
            url: &self.probe.url,
            headers: &self.headers,
            body: self.probe.body,
            timeout: self.timeout,
            body_max: BODY_MAX,
        }
    }
}

/// Slack says 200 to everything and tells the truth inside.
fn slack(body: &[u8]) -> Said {
    #[derive(Deserialize)]
    struct Answer {
        ok: bool,
    }
    match serde_json::from_slice::<Answer>(body) {
        Ok(Answer { ok: true }) => Said::Yes,
        Ok(Answer { ok: false }) => Said::No("the provider refused the credentials".to_owned()),
        Err(_) => Said::No("what answered is not Slack".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(kind: IntegrationKind, pairs: &[(&str, &str)]) -> Credentials {
        let changes = pairs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), Some((*value).to_owned())));
        Credentials::empty(kind).changed(&changes.collect()).unwrap()
    }

    fn said(probe: &Probe, status: u16, body: &str) -> bool {
        let answer = Answer {
            status,
            retry_after: None,
            body: body.as_bytes().to_vec(),
        };
        probe.judge(&answer) == Said::Yes
    }

    #[test]
    fn slack_is_believed_only_inside() {
        let bot = probe(
            IntegrationKind::Slack,
            "https://slack.com/api/",
            &with(IntegrationKind::Slack, &[("bot_token", "xoxb-1")]),
        );
        assert_eq!(bot.url, "https://slack.com/api/auth.test");
        assert!(said(&bot, 200, r#"{"ok":true}"#));
        assert!(!said(&bot, 200, r#"{"ok":false,"error":"invalid_auth"}"#) && !said(&bot, 200, "<html>"));
        let hook = probe(
            IntegrationKind::Slack,
            "",
            &with(
                IntegrationKind::Slack,
                &[("webhook_url", "https://hooks.example/T/B/x")],
            ),
        );
        assert!(
            said(&hook, 400, "no_text")
                && !said(&hook, 404, "no_service")
                && !said(&hook, 403, "invalid_token")
        );
    }

    #[test]
    fn only_a_good_answer_is_one() {
        let openai = probe(
            IntegrationKind::Openai,
            "http://h/v1",
            &with(IntegrationKind::Openai, &[("api_key", "sk-1")]),
        );
        for (status, good) in [
            (200, true),
            (204, true),
            (301, false),
            (400, false),
            (401, false),
            (404, false),
            (429, false),
            (500, false),
        ] {
            assert_eq!(said(&openai, status, "sk-1"), good, "{status}");
        }
    }
}
