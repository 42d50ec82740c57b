//! Chat completions as a language model.
//!
//! Source: OpenAI API reference, `POST /chat/completions` with `stream: true`:
//! server-sent events, `data: [DONE]` at the end.

use tokio::sync::mpsc;

use super::answer::{Answer, Step};
use super::prompt;
use crate::ProviderError;
use crate::cloud::Limits;
use crate::cloud::endpoint::Endpoint;
use crate::cloud::http::{self, Answer as Body};
use crate::cloud::sse::Events;
use crate::llm::{LanguageModel, ReplyPart, ReplyRequest};

/// Pieces that may wait for one call: some sentences.
const PARTS_MAX: usize = 64;

/// Chat completions of one account.
#[derive(Debug)]
pub(in crate::cloud) struct Chat {
    endpoint: Endpoint,
    limits: Limits,
}

impl Chat {
    pub(in crate::cloud) fn new(endpoint: Endpoint, limits: Limits) -> Self {
        Self { endpoint, limits }
    }
}

#[async_trait::async_trait]
impl LanguageModel for Chat {
    fn name(&self) -> &'static str {
        self.endpoint.vendor.as_str()
    }

    async fn reply(&self, request: ReplyRequest) -> Result<mpsc::Receiver<ReplyPart>, ProviderError> {
        let url = self.endpoint.http("/chat/completions");
        let body = http::post(&self.endpoint, url, &prompt::body(&request), &self.limits).await?;
        let (sender, parts) = mpsc::channel(PARTS_MAX);
        tokio::spawn(async move {
            // Dropping the body closes the connection, which ends the model's work.
            tokio::select! {
                biased;
                () = sender.closed() => {}
                () = tell(body, &sender) => {}
            }
        });
        Ok(parts)
    }
}

/// Reads the body to its end; the last part is `Done` or `Failed`.
async fn tell(mut body: Body, parts: &mpsc::Sender<ReplyPart>) {
    let last = match read(&mut body, parts).await {
        Ok(()) => ReplyPart::Done,
        Err(error) => ReplyPart::Failed(error),
    };
    // Who has gone away needs no last part.
    let _ = parts.send(last).await;
}

async fn read(body: &mut Body, parts: &mpsc::Sender<ReplyPart>) -> Result<(), ProviderError> {
    let endpoint = body.endpoint().clone();
    let failed = |reason: String| endpoint.failed(reason);
    let mut events = Events::default();
    let mut answer = Answer::default();
    let mut whole = false;
    while !whole && let Some(piece) = body.piece().await? {
        let events = events.push(&piece).map_err(|error| failed(error.to_string()))?;
        whole = pass_on(&mut answer, events, parts).await.map_err(failed)?;
    }
    if !whole {
        let last = events.finish().map_err(|error| failed(error.to_string()))?;
        whole = pass_on(&mut answer, last, parts).await.map_err(failed)?;
    }
    for action in answer.end(whole).map_err(failed)? {
        // A failed send: nobody waits any more, and the caller's `select!` ends this.
        let _ = parts.send(ReplyPart::Action(action)).await;
    }
    Ok(())
}

/// Passes on the words of some events; answers whether the end was among them.
async fn pass_on(
    answer: &mut Answer,
    events: impl IntoIterator<Item = String>,
    parts: &mpsc::Sender<ReplyPart>,
) -> Result<bool, String> {
    for data in events {
        match answer.take(&data)? {
            Step::Text(text) if text.is_empty() => {}
            Step::Text(text) => {
                let _ = parts.send(ReplyPart::Text(text)).await;
            }
            Step::End => return Ok(true),
        }
    }
    Ok(false)
}
