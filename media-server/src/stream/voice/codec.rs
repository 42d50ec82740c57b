//! Between a browser's messages and a session's inputs and outputs.

use std::collections::VecDeque;

use axum::extract::ws::Message as WsMessage;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use trunkline_providers::ProviderError;
use trunkline_providers::builtin::analysis::{Label, analyse};
use trunkline_providers::llm::{Line, Speaker};
use trunkline_providers::stt::SttEvent;

use super::incoming::{FORMAT, Message, metadata, without};
use super::pcm::{Inward, Outward};
use crate::audio::UlawFrame;
use crate::stream::twilio::Malformed;
use crate::stream::{Part, Said};

/// What is being done for the caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Status<'a> {
    /// The call begins.
    Ready,
    /// The recogniser was asked.
    Transcribing,
    /// The model was asked; what was to be said before is not said.
    Processing,
    /// The voice was given this.
    Synthesizing(&'a str),
}

/// One call's translator.
#[derive(Debug)]
pub(crate) struct Codec {
    session_id: String,
    agent_id: String,
    inward: Inward,
    outward: Outward,
    decoded: Vec<u8>,
    /// The agent's audio that is not in a message yet.
    pcm: Vec<u8>,
    sequence: u64,
    /// What the voice was given and of which nothing has gone out yet.
    unspoken: VecDeque<String>,
    /// The caller's mood, by their last words.
    mood: (Option<String>, Label),
    out: VecDeque<Value>,
}

impl Codec {
    pub(crate) fn new(session_id: &str, agent_id: &str) -> Self {
        Self {
            session_id: session_id.to_owned(),
            agent_id: agent_id.to_owned(),
            inward: Inward::new(),
            outward: Outward::new(),
            decoded: Vec::new(),
            pcm: Vec::new(),
            sequence: 0,
            unspoken: VecDeque::new(),
            mood: (None, Label::Neutral),
            out: VecDeque::new(),
        }
    }

    /// Reads a message; its audio goes to `each`, anything else is answered.
    ///
    /// # Errors
    /// [`Malformed`] says what a client should send instead.
    pub(crate) fn read(
        &mut self,
        text: &str,
        mut each: impl FnMut(&UlawFrame, Option<u64>),
    ) -> Result<Option<Said>, Malformed> {
        let message = Message::parse(text)?;
        match &*message.kind {
            "audio" => {
                if message.format.as_deref().is_some_and(|format| format != FORMAT) {
                    return Err(Malformed::Json(format!("audio is `{FORMAT}` here")));
                }
                self.decoded.clear();
                STANDARD
                    .decode_vec(message.payload()?.as_bytes(), &mut self.decoded)
                    .map_err(|_| Malformed::Payload)?;
                if !self.decoded.len().is_multiple_of(2) {
                    return Err(Malformed::Json(
                        "audio is whole samples of two bytes each".to_owned(),
                    ));
                }
                self.inward.push(&self.decoded, |frame| each(frame, None));
                Ok(None)
            }
            "control" => match message.action.as_deref() {
                Some("pause") => Ok(Some(Said::Pause)),
                Some("resume") => Ok(Some(Said::Resume)),
                Some("end") => Ok(Some(Said::Stop)),
                Some(_) | None => Err(without(
                    "control",
                    "action` pause, resume or end, not any other `action",
                )),
            },
            "metadata" => Ok(Some(Said::Metadata(metadata(text)?))),
            // A second `auth` changes nothing; what is added later is ignored.
            _ => Ok(None),
        }
    }

    pub(crate) fn audio(&mut self, frame: &UlawFrame) {
        if !self.unspoken.is_empty() {
            let texts: Vec<_> = self.unspoken.drain(..).collect();
            let (emotion, sentiment) = self.mood.clone();
            self.say(json!({
                "type": "response", "text": texts.join(" "), "agent_id": self.agent_id,
                "emotion": emotion, "sentiment": word(sentiment),
            }));
        }
        self.outward.push(frame, &mut self.pcm);
    }

    pub(crate) fn clear(&mut self) {
        self.pcm.clear();
    }

    /// The next message for the browser. Audio of one round is one message: about 100 ms.
    pub(crate) fn gathered(&mut self) -> Option<WsMessage> {
        self.flush();
        let mut message = self.out.pop_front()?;
        message["session_id"] = self.session_id.clone().into();
        message["timestamp"] = super::now().timestamp_millis().into();
        Some(WsMessage::Text(message.to_string().into()))
    }

    pub(crate) fn status(&mut self, status: Status<'_>) {
        match status {
            Status::Ready => self.say(json!({"type": "ready"})),
            Status::Transcribing => self.say(json!({"type": "status", "status": "transcribing"})),
            Status::Processing => {
                self.unspoken.clear();
                self.say(json!({"type": "status", "status": "processing"}));
            }
            Status::Synthesizing(text) => {
                let text = text.trim();
                // The next voice is given what the one before could not say.
                if self.unspoken.back().is_none_or(|last| last != text) {
                    self.unspoken.push_back(text.to_owned());
                }
                self.say(json!({"type": "status", "status": "synthesizing"}));
            }
        }
    }

    pub(crate) fn heard(&mut self, event: &SttEvent) {
        match event {
            SttEvent::Partial { text } => self.say(json!({
                "type": "transcript", "partial": text, "complete": null, "confidence": null, "final": false,
            })),
            SttEvent::Final { text, .. } if text.trim().is_empty() => {}
            SttEvent::Final { text, confidence, .. } => {
                self.mood = mood(text);
                self.say(json!({
                    "type": "transcript", "partial": null, "complete": text, "confidence": confidence, "final": true,
                }));
            }
            SttEvent::Failed(error) => self.error("STT_FAILED", "your words could not be understood", error),
        }
    }

    pub(crate) fn failed(&mut self, part: Part, error: &ProviderError) {
        match part {
            Part::Llm => self.error("LLM_FAILED", "no answer could be made", error),
            Part::Tts => self.error("TTS_FAILED", "the answer could not be spoken", error),
        }
    }

    pub(crate) fn complain(&mut self, error: &Malformed) {
        let message = "a message was not understood and is ignored";
        self.say(json!({
            "type": "error", "error_code": "INVALID_MESSAGE", "message": message, "details": error.to_string(),
        }));
    }

    fn error(&mut self, code: &str, message: &str, error: &ProviderError) {
        self.say(
            json!({"type": "error", "error_code": code, "message": message, "details": error.to_string()}),
        );
    }

    fn say(&mut self, message: Value) {
        self.flush();
        self.out.push_back(message);
    }

    /// The audio so far as a message.
    fn flush(&mut self) {
        if self.pcm.is_empty() {
            return;
        }
        self.sequence += 1;
        let data = STANDARD.encode(&self.pcm);
        self.pcm.clear();
        self.out
            .push_back(json!({"type": "audio", "sequence": self.sequence, "format": FORMAT, "data": data}));
    }
}

/// What a caller's words show.
fn mood(text: &str) -> (Option<String>, Label) {
    let found = analyse(&[Line {
        speaker: Speaker::User,
        text: text.to_owned(),
    }]);
    (found.emotions.into_iter().next(), found.sentiment)
}

const fn word(label: Label) -> &'static str {
    match label {
        Label::Positive => "positive",
        Label::Neutral => "neutral",
        Label::Negative => "negative",
    }
}
