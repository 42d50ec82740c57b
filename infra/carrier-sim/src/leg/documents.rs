//! Getting instructions: asked for at the platform, with the fallback address where there is one.

use std::sync::Arc;

use super::{
    Document, Leg, Source,
    report::{Params, params},
};
use crate::{
    hooks::{HookError, Hooks, Reply, Request},
    twiml::{self, Method, Target, TwimlError, Verb},
};

/// The carrier reads no larger answer.
const DOCUMENT_BYTES_MAX: usize = 64 * 1024;

/// Why there are no instructions.
#[derive(Debug, thiserror::Error)]
pub(super) enum LoadError {
    #[error(transparent)]
    Hook(#[from] HookError),
    #[error("{url} answered with instructions that cannot be carried out: {error}")]
    Twiml { url: String, error: TwimlError },
    #[error(
        "error 12300: {url} answered with {content_type}; it must be text/xml, application/xml, text/html, text/plain or audio"
    )]
    ContentType { url: String, content_type: String },
}

impl LoadError {
    fn code(&self) -> u32 {
        match self {
            Self::Hook(error) => error.code(),
            Self::Twiml { error, .. } => error.code,
            Self::ContentType { .. } => 12300,
        }
    }
}

impl Leg {
    /// The instructions of a source. The future borrows nothing, so the call can beat meanwhile.
    pub(super) fn loading(
        &self,
        source: Source,
    ) -> impl Future<Output = Result<Document, LoadError>> + Send + use<> {
        let first = match source {
            Source::Ready(document) => Err(Ok(document)),
            Source::Inline(text) => {
                let parsed = twiml::parse(&text, None).map(|verbs| Document { verbs, from: None });
                Err(parsed.map_err(|error| LoadError::Twiml {
                    url: "the call's Twiml".to_owned(),
                    error,
                }))
            }
            Source::Document { target, extra } => {
                let mut extra = extra;
                extra.extend(self.detected());
                Ok(self.request(target, &extra))
            }
        };
        let fallback = self
            .setup
            .fallback
            .clone()
            .map(|target| self.request(target, &self.detected()));
        let hooks = Arc::clone(&self.switch.hooks);
        async move {
            match first {
                Err(known) => known,
                Ok(request) => fetch_or_fall_back(&hooks, &request, fallback).await,
            }
        }
    }

    /// What synchronous answering machine detection found, for the request that waited for it.
    fn detected(&self) -> Params {
        let Some(ms) = self
            .amd_ms
            .filter(|_| self.setup.amd.as_ref().is_some_and(|amd| !amd.is_async))
        else {
            return Params::new();
        };
        let answered_by = self.call.answered_by.clone().unwrap_or_default();
        params([
            ("AnsweredBy", answered_by),
            ("MachineDetectionDuration", ms.to_string()),
        ])
    }
}

async fn fetch_or_fall_back(
    hooks: &Hooks,
    request: &Request,
    fallback: Option<Request>,
) -> Result<Document, LoadError> {
    let error = match fetch(hooks, request).await {
        Ok(document) => return Ok(document),
        Err(error) => error,
    };
    let Some(mut fallback) = fallback else {
        return Err(error);
    };
    tracing::info!(call.id = %request.call_sid, %error, "asking the fallback address for instructions");
    let why = [
        ("ErrorCode", error.code().to_string()),
        ("ErrorUrl", request.target.url.to_string()),
    ];
    fallback.params.extend(params(why));
    fetch(hooks, &fallback).await
}

async fn fetch(hooks: &Hooks, request: &Request) -> Result<Document, LoadError> {
    let reply = hooks.fetch(request, DOCUMENT_BYTES_MAX).await?;
    let from = Target {
        url: request.target.url.clone(),
        method: request.target.method,
    };
    Ok(Document {
        verbs: read(&reply)?,
        from: Some(from),
    })
}

fn read(reply: &Reply) -> Result<Vec<Verb>, LoadError> {
    let mime = reply
        .content_type
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    let text = String::from_utf8_lossy(&reply.body);
    match mime.as_str() {
        "text/xml" | "application/xml" | "text/html" | "application/xhtml+xml" => {
            twiml::parse(&text, Some(&reply.url)).map_err(|error| LoadError::Twiml {
                url: reply.url.to_string(),
                error,
            })
        }
        "text/plain" => Ok(vec![Verb::Say {
            text: text.into_owned(),
            loops: 1,
        }]),
        audio if audio.starts_with("audio/") => Ok(vec![Verb::Play {
            url: Some(reply.url.clone()),
            digits: String::new(),
            loops: 1,
        }]),
        _ => Err(LoadError::ContentType {
            url: reply.url.to_string(),
            content_type: reply.content_type.clone(),
        }),
    }
}

/// Where an `action` that is not given points: at the document it stands in.
pub(super) fn action_or_self(action: Option<Target>, from: Option<&Target>) -> Option<Target> {
    action.or_else(|| {
        from.map(|target| Target {
            url: target.url.clone(),
            method: Method::Post,
        })
    })
}
