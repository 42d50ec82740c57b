//! The agent's side: text to the voice, audio to the carrier, heard words to the transcript.

use trunkline_providers::llm::Action;
use trunkline_providers::tts::TtsPart;

use super::output::{LineRecord, Output, Track, Work};
use super::playout::{Chunk, Kind, Send};
use super::reply::Item;
use super::{ENOUGH_AUDIO_MS, Phase, Session, letters};
use crate::audio::FRAME_MS;

/// A line of the transcript ends at a piece's end once it is this long.
const LONG_LINE: usize = 200;

/// The piece that the voice is making.
#[derive(Debug)]
pub(super) struct Speaking {
    id: u32,
    text: String,
    /// Whether any audio has come.
    pub(super) heard_of: bool,
    /// The last sign of life.
    pub(super) part_ms: u64,
}

/// What the agent is saying, as far as it was heard.
#[derive(Debug)]
pub(super) struct AgentLine {
    pub(super) start_ms: u64,
    end_ms: u64,
    text: String,
}

impl Session {
    /// Counts what was heard and gives the voice its next piece.
    pub(super) fn speak_next(&mut self) {
        while let Some((piece, lost)) = self
            .playout
            .pop_heard(self.now, self.config.timings.mark_grace_ms)
        {
            self.stats.marks_lost += u32::from(lost);
            self.piece_heard(&piece);
        }
        if self.paused.is_some() || self.speaking.is_some() {
            return;
        }
        if let Some(text) = self.aside.take() {
            self.speak(text, Kind::Aside);
            return;
        }
        let heard_all = self.playout.is_empty();
        let enough = self.playout.unsent_ms() >= ENOUGH_AUDIO_MS;
        let Some(reply) = &mut self.reply else {
            if heard_all {
                self.close_line();
            }
            return;
        };
        let committed = reply.committed_ms.is_some();
        match reply.items.front() {
            Some(Item::Say(_)) if !enough => {
                if let Some(Item::Say(text)) = reply.items.pop_front() {
                    self.speak(text, Kind::Reply);
                }
            }
            Some(Item::Do(_)) if committed && heard_all => {
                if let Some(Item::Do(action)) = reply.items.pop_front() {
                    self.perform(action);
                }
            }
            None if reply.done && committed && heard_all => self.end_reply(),
            Some(Item::Say(_) | Item::Do(Action::Hangup | Action::TransferToHuman | Action::OptOut))
            | None => {}
        }
    }

    fn speak(&mut self, text: String, kind: Kind) {
        let id = self.next_id();
        self.out.push_back(Output::Speak {
            id,
            choice: self.tts.choice(),
            text: text.clone(),
        });
        self.playout.open(text.clone(), kind);
        self.speaking = Some(Speaking {
            id,
            text,
            heard_of: false,
            part_ms: self.now,
        });
    }

    /// A part from the voice.
    pub(super) fn speech_part(&mut self, id: u32, part: TtsPart) {
        let now = self.now;
        let Some(speaking) = self.speaking.as_mut().filter(|speaking| speaking.id == id) else {
            return;
        };
        match part {
            TtsPart::Audio(samples) => {
                if !speaking.heard_of && !samples.is_empty() {
                    speaking.heard_of = true;
                    Work::add(
                        &mut self.stats.work.spoken,
                        self.tts.choice(),
                        letters(&speaking.text),
                    );
                }
                speaking.part_ms = now;
                self.playout.push(&samples);
            }
            TtsPart::Done => {
                self.tts.worked();
                self.playout.complete();
                self.speaking = None;
            }
            TtsPart::Failed(_) => self.tts_failed(),
        }
    }

    /// The voice broke or hangs: the next one says it, unless it was half said.
    pub(super) fn tts_failed(&mut self) {
        let [.., failures] = &mut self.stats.failures;
        *failures += 1;
        let Some(mut speaking) = self.speaking.take() else {
            return;
        };
        self.out.push_back(Output::CancelSpeech);
        let next = self.tts.next();
        if speaking.heard_of || next.is_none() {
            self.playout.complete();
        }
        match next {
            None => self.voice_lost(),
            Some(_) if speaking.heard_of => {}
            Some(choice) => {
                speaking.id = self.next_id();
                speaking.part_ms = self.now;
                self.out.push_back(Output::Speak {
                    id: speaking.id,
                    choice,
                    text: speaking.text.clone(),
                });
                self.speaking = Some(speaking);
            }
        }
    }

    /// Sends what the pace allows.
    pub(super) fn pump(&mut self) {
        if !self.may_send() {
            return;
        }
        while let Some(send) = self.playout.next(self.now, self.config.timings.lead_ms) {
            match send {
                Send::Mark(id) => self.out.push_back(Output::Mark { id }),
                Send::Frame { frame, at_ms, kind } => {
                    self.stats.agent_speech_ms += FRAME_MS;
                    if kind == Kind::Reply {
                        self.reply_began(at_ms);
                    }
                    self.out.push_back(Output::Audio { frame, at_ms });
                }
            }
        }
    }

    /// Whether the agent's audio may go out now.
    pub(super) fn may_send(&self) -> bool {
        if self.paused.is_some() || matches!(self.phase, Phase::Ending { .. } | Phase::Finished) {
            return false;
        }
        let Some(reply) = &self.reply else { return true };
        // Speculation is not spoken, and nobody starts to speak while the other does.
        let polite = reply.first_audio_ms.is_some() || self.caller.is_none() || self.phase != Phase::Talking;
        reply.committed_ms.is_some() && polite
    }

    /// Writes down what was heard of a piece.
    pub(super) fn piece_heard(&mut self, piece: &Chunk) {
        let (Some(start_ms), heard) = (piece.start_ms, piece.heard()) else {
            return;
        };
        if heard.is_empty() {
            return;
        }
        let line = self.line.get_or_insert_with(|| AgentLine {
            start_ms,
            end_ms: start_ms,
            text: String::new(),
        });
        line.end_ms = piece.end_ms;
        append(&mut line.text, heard);
        let long = line.text.len() >= LONG_LINE;
        if let Some(reply) = self.reply.as_mut().filter(|_| piece.kind == Kind::Reply) {
            append(&mut reply.heard, heard);
        }
        if long {
            self.close_line();
        }
    }

    /// Ends the transcript's line of the agent.
    pub(super) fn close_line(&mut self) {
        if let Some(AgentLine {
            start_ms,
            end_ms,
            text,
        }) = self.line.take()
        {
            self.transcript.push(LineRecord {
                start_ms,
                end_ms,
                track: Track::Agent,
                text,
                confidence: None,
            });
        }
    }
}

fn append(to: &mut String, text: &str) {
    if !to.is_empty() {
        to.push(' ');
    }
    to.push_str(text);
}
