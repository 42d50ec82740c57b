//! Carrying out instructions, one verb after another, until the call is over.

use super::{
    Document, Ending, Progress, Source,
    documents::action_or_self,
    talk::{Halt, Talk},
};
use crate::{
    call::Status,
    twiml::{Noun, Target, Verb},
};

/// So many documents in one call are a loop.
const DOCUMENTS_MAX: u32 = 10_000;

/// What follows a verb.
pub(super) enum Next {
    /// The next verb of the document.
    Verb,
    /// Another document.
    Document(Source),
    HangUp,
}

impl Next {
    /// The action, asked with what came out of the verb; without one, the next verb.
    pub(super) fn action(target: Option<Target>, extra: Vec<(String, String)>) -> Self {
        target.map_or(Self::Verb, |target| {
            Self::Document(Source::Document { target, extra })
        })
    }
}

impl Talk {
    /// Lives the answered call to its end.
    pub(super) async fn converse(&mut self, first: Source) -> Ending {
        match self.conversation(first).await {
            Ok(ending) => ending,
            Err(halt) => ending_of(&halt),
        }
    }

    async fn conversation(&mut self, first: Source) -> Result<Ending, Halt> {
        while self.must_detect_first() {
            self.idle().await?;
        }
        let mut source = first;
        for count in 0..DOCUMENTS_MAX {
            let loading = self.leg.loading(source);
            let loaded = match self.during(loading).await {
                Err(Halt::Redirect(other)) => {
                    source = other;
                    continue;
                }
                loaded => loaded?,
            };
            let document = match loaded {
                Ok(document) => document,
                Err(error) => {
                    tracing::warn!(call.id = %self.leg.call.sid, %error, "a call without instructions ends");
                    // Without its first instructions a call has failed; later it had at least a conversation.
                    let status = if count == 0 {
                        Status::Failed
                    } else {
                        Status::Completed
                    };
                    return Ok(Ending::of(status));
                }
            };
            source = match Box::pin(self.perform(document)).await {
                Ok(Some(next)) => next,
                Ok(None) => match self.cross_bridge().await {
                    Err(Halt::Redirect(other)) => other,
                    crossed => {
                        crossed?;
                        return Ok(Ending::of(Status::Completed));
                    }
                },
                Err(Halt::Redirect(other)) => other,
                Err(halt) => return Err(halt),
            };
        }
        tracing::warn!(call.id = %self.leg.call.sid, "a call that asked for {DOCUMENTS_MAX} documents ends: it runs in a circle");
        Ok(Ending::of(Status::Completed))
    }

    /// Carries out a document. Returns what follows it; none is the end of the call.
    async fn perform(&mut self, document: Document) -> Result<Option<Source>, Halt> {
        let Document { verbs, from } = document;
        for verb in verbs {
            match Box::pin(self.carry_out(verb, from.as_ref())).await? {
                Next::Verb => {}
                Next::Document(source) => return Ok(Some(source)),
                Next::HangUp => {
                    // An explicit hang-up crosses no bridge.
                    self.leg.setup.bridge = None;
                    return Ok(None);
                }
            }
        }
        Ok(None)
    }

    async fn carry_out(&mut self, verb: Verb, from: Option<&Target>) -> Result<Next, Halt> {
        match verb {
            Verb::Say { text, loops } => self.say(&text, loops).await.map(|()| Next::Verb),
            Verb::Play { url, digits, loops } => self.play(url, &digits, loops).await.map(|()| Next::Verb),
            Verb::Pause { length_s } => self.pause(length_s).await.map(|()| Next::Verb),
            Verb::Gather(mut gather) => {
                gather.action = action_or_self(gather.action, from);
                self.gather(gather).await
            }
            Verb::Redirect(target) => Ok(Next::Document(Source::of(target))),
            Verb::Hangup | Verb::Reject { .. } => Ok(Next::HangUp),
            Verb::Record(mut record) => {
                record.action = action_or_self(record.action, from);
                self.record(record).await
            }
            Verb::Dial(dial) => match dial.noun.clone() {
                Noun::Conference(settings) => self.dial_conference(dial, settings).await,
                Noun::Number {
                    to,
                    whisper,
                    callback,
                    callback_events,
                } => {
                    self.dial_number(
                        dial,
                        to,
                        whisper,
                        callback.map(|target| (target, callback_events)),
                    )
                    .await
                }
            },
            Verb::Connect { stream, action } => self.connect(stream, action).await,
            Verb::StartStream(spec) => {
                self.start_stream(spec).await?;
                Ok(Next::Verb)
            }
            Verb::StopStream { name } => {
                self.stop_stream(&name);
                Ok(Next::Verb)
            }
        }
    }

    /// A call that another one dialled is connected to it once its own instructions are done.
    async fn cross_bridge(&mut self) -> Result<(), Halt> {
        let Some(room) = self.leg.setup.bridge.clone() else {
            return Ok(());
        };
        if let Some(progress) = &self.leg.setup.progress {
            progress.send_replace(Progress::Connected);
        }
        self.stay_in_bridge(&room).await
    }
}

fn ending_of(halt: &Halt) -> Ending {
    match halt {
        Halt::Stopped => Ending::silent(Status::Completed),
        Halt::HungUp | Halt::TimeLimit | Halt::Ended | Halt::OutOfRoom | Halt::Redirect(_) => {
            Ending::of(Status::Completed)
        }
    }
}
