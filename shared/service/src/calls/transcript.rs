//! What was said on a call.

use trunkline_auth::Principal;
use trunkline_domain::{
    Call, CallId, Error,
    transcript::{TranscriptLine, Transcription, as_text},
};

use crate::Ctx;

use super::get;

/// What was said, line by line; no lines when nothing was.
#[derive(Debug, Clone, PartialEq)]
pub struct Transcript {
    /// The call.
    pub call: Call,
    /// The lines, in the order of speech.
    pub lines: Vec<TranscriptLine>,
    /// BCP 47 tag of the agent's language; none when the agent is gone.
    pub language: Option<String>,
    /// The last wish to transcribe its recording again; none when nobody asked.
    pub transcription: Option<Transcription>,
}

impl Transcript {
    /// `Agent: … User: …`.
    #[must_use]
    pub fn text(&self) -> String {
        as_text(&self.lines)
    }
}

/// What was said so far.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn transcript(ctx: &Ctx, who: &Principal, id: CallId) -> Result<Transcript, Error> {
    let call = get(ctx, who, id).await?;
    let (lines, transcription) =
        tokio::try_join!(ctx.store.transcript_lines(id), ctx.store.transcription(id))?;
    let agent = match call.voice_agent {
        Some(agent) => ctx.store.voice_agent(call.tenant, agent).await?,
        None => None,
    };
    Ok(Transcript {
        call,
        lines,
        language: agent.map(|agent| agent.language),
        transcription,
    })
}
