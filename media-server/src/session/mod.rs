//! The conversation core, purely: no sockets, no clock, no tasks.
//!
//! A [`Session`] is told what happened, and when, by [`Session::handle`]; what
//! it wants done comes from [`Session::poll_output`]; when it wants to be woken
//! without anything happening, from [`Session::next_timeout`]. Times are
//! milliseconds from the stream's start, so a test runs an hour in a moment.

pub mod config;
pub mod endpoint;
pub mod input;
pub mod output;
pub mod sentences;
pub mod words;

mod amd;
mod caller;
mod deadlines;
mod ear;
mod ending;
mod failover;
mod floor;
mod handover;
mod playout;
mod prompts;
mod reply;
mod speaking;
mod transcript;

#[cfg(test)]
mod tests;

use std::collections::VecDeque;

use trunkline_providers::amd::Detector;
use trunkline_providers::llm::{Line, Speaker};
use trunkline_providers::stt::SttEvent;

pub use config::{
    Choices, Direction, MachinePolicy, People, Phrases, SessionConfig, SilenceSettings, Timings,
};
pub use input::{Answerer, Input};
pub use output::{EndedBy, LineRecord, Next, OptOutBy, Output, Stats, Track, Work};

use caller::CallerTurn;
use ear::Ear;
use endpoint::Endpointer;
use failover::Failover;
use handover::Search;
use playout::Playout;
use reply::Reply;
use speaking::{AgentLine, Speaking};
use transcript::Transcript;

/// Lines of history that a model is given at most; older ones are forgotten.
const MAX_HISTORY: usize = 400;

/// Audio waiting to be sent, above which no more is taken from the voice.
const ENOUGH_AUDIO_MS: u64 = 2_000;

/// Pieces of text waiting to be spoken, above which no more is taken from the model.
const ENOUGH_TEXT: usize = 16;

/// Where the conversation stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// Not started.
    New,
    /// The callee is expected to say "hello"; since when it does.
    Opening { hello: Option<u64> },
    /// The conversation.
    Talking,
    /// A machine's greeting is waited out.
    Machine { until: u64 },
    /// The agent says its last words.
    Closing { next: Next, by: EndedBy, until: u64 },
    /// Nothing is said any more; the caller's last words are being recognised.
    Ending { next: Next, until: u64 },
    /// Over.
    Finished,
}

/// One stream's conversation.
#[derive(Debug)]
pub struct Session {
    config: SessionConfig,
    now: u64,
    phase: Phase,
    out: VecDeque<Output>,
    stats: Stats,
    history: Vec<Line>,
    transcript: Transcript,
    stt: Failover,
    llm: Failover,
    tts: Failover,

    // The caller's side.
    ear: Ear,
    endpoint: Endpointer,
    /// While it is open who answered.
    detector: Option<Detector>,
    /// Words recognised since the detector was last asked.
    heard_words: Option<String>,
    caller: Option<CallerTurn>,
    /// Turns that are answered, or will not be, and whose words are still awaited.
    past: VecDeque<CallerTurn>,
    asked: u32,
    /// The caller's last voice when a turn was last taken to be over.
    answered_voice_ms: Option<u64>,
    /// The caller's words have had no reply yet.
    unanswered: bool,
    /// Since when the recogniser in use listens, as far as it was not counted.
    listening_since: u64,
    /// No recogniser is left.
    deaf: bool,
    opted_out: bool,
    search: Search,

    // The agent's side.
    playout: Playout,
    reply: Option<Reply>,
    speaking: Option<Speaking>,
    aside: Option<String>,
    line: Option<AgentLine>,
    /// Since when the agent holds its tongue because the caller seems to interrupt.
    paused: Option<u64>,
    ids: u32,

    // Patience.
    idle_since: u64,
    prompts: u32,
    misheard: u32,
    filler_said: bool,
}

impl Session {
    /// A session that waits for [`Input::Start`].
    #[must_use]
    pub fn new(config: SessionConfig) -> Self {
        Self {
            now: 0,
            phase: Phase::New,
            out: VecDeque::new(),
            stats: Stats::default(),
            history: config.history.clone(),
            transcript: Transcript::default(),
            stt: Failover::new(config.choices.stt),
            llm: Failover::new(config.choices.llm),
            tts: Failover::new(config.choices.tts),
            ear: Ear::new(config.timings.stall_ms),
            endpoint: Endpointer::new(config.timings.endpoint_ms, config.timings.endpoint_max_ms),
            detector: amd::detector(&config),
            heard_words: None,
            caller: None,
            past: VecDeque::new(),
            asked: 0,
            answered_voice_ms: None,
            unanswered: false,
            listening_since: 0,
            deaf: false,
            opted_out: false,
            search: Search::None,
            playout: Playout::default(),
            reply: None,
            speaking: None,
            aside: None,
            line: None,
            paused: None,
            ids: 0,
            idle_since: 0,
            prompts: 0,
            misheard: 0,
            filler_said: false,
            config,
        }
    }

    /// Takes what happened at `now_ms`; time never goes back.
    pub fn handle(&mut self, now_ms: u64, input: Input<'_>) {
        self.now = self.now.max(now_ms);
        match (self.phase, &input) {
            (Phase::Finished, _) => return,
            (Phase::New, Input::Start) => self.start(),
            (Phase::New, _) => return,
            _ => {}
        }
        match input {
            Input::Start | Input::Timeout => {}
            Input::Media { frame, speech } => self.media(frame, speech),
            Input::Mark { id } => self.playout.acked(id),
            Input::Dtmf(key) => self.key(key),
            Input::Stt(SttEvent::Partial { text }) => self.partial(text),
            Input::Stt(SttEvent::Final {
                turn,
                text,
                confidence,
            }) => self.words(turn, &text, confidence),
            Input::Stt(SttEvent::Failed(_)) => self.stt_failed(),
            Input::Reply { id, part } => self.reply_part(id, part),
            Input::Speech { id, part } => self.speech_part(id, part),
            Input::Amd(answerer) => self.answered_by(answerer),
            Input::NobodyCame => self.nobody_came(),
            Input::Finish(next) => self.finish(next, EndedBy::Platform),
            Input::Stop => self.hung_up(),
            Input::Lost => self.line_lost(),
        }
        self.advance();
    }

    /// The next thing to do, in order.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.out.pop_front()
    }

    /// Whether [`Output::Finish`] has been given out, or is about to be.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        self.phase == Phase::Finished
    }

    /// Whether there is room for more audio of the speech that is being made.
    /// While not, its channel is left alone, which slows the voice down.
    #[must_use]
    pub fn wants_speech(&self) -> bool {
        self.playout.unsent_ms() < ENOUGH_AUDIO_MS
    }

    /// Whether there is room for more of the reply that is being written.
    #[must_use]
    pub fn wants_text(&self) -> bool {
        self.reply
            .as_ref()
            .is_none_or(|reply| reply.items.len() < ENOUGH_TEXT)
    }

    /// The session's figures so far; complete once it is finished.
    #[must_use]
    pub fn stats(&self) -> &Stats {
        &self.stats
    }

    fn start(&mut self) {
        self.idle_since = self.now;
        if self.config.listens {
            // Nobody talks, so nobody has to understand anything.
            self.deaf = true;
            return self.machine_answered();
        }
        self.listening_since = self.now;
        if self.config.handover == People::Sought {
            self.search();
        }
        self.out.push_back(Output::OpenStt {
            choice: self.stt.choice(),
        });
        self.phase = Phase::Opening { hello: None };
    }

    /// Does what is due now.
    fn advance(&mut self) {
        self.enforce_deadlines();
        self.past_progress();
        self.caller_progress();
        self.floor_progress();
        self.prompt();
        // What is sent may be the end of a piece, and that the start of the next;
        // a few rounds settle it, and the bound is for the bug that would not settle.
        for _ in 0..8 {
            let before = (self.out.len(), self.playout.is_empty(), self.reply.is_some());
            self.speak_next();
            self.pump();
            if before == (self.out.len(), self.playout.is_empty(), self.reply.is_some()) {
                break;
            }
        }
        if self.phase != Phase::Finished {
            let open = self.open_since();
            self.transcript.release(open, &mut self.out);
        }
        self.end_if_quiet();
    }

    /// When the oldest utterance began that is not yet a line.
    fn open_since(&self) -> Option<u64> {
        let agent = self
            .line
            .as_ref()
            .map(|line| line.start_ms)
            .or_else(|| self.playout.open_since());
        let caller = self.caller.as_ref().map(|turn| turn.onset_ms);
        let past = self.past.iter().map(|turn| turn.onset_ms).min();
        [agent, caller, past].into_iter().flatten().min()
    }

    /// Appends to the history, joining what one speaker said in a row.
    fn remember(&mut self, speaker: Speaker, text: &str) {
        remember(&mut self.history, speaker, text);
    }

    fn next_id(&mut self) -> u32 {
        self.ids = self.ids.wrapping_add(1);
        self.ids
    }
}

fn letters(text: &str) -> u64 {
    u64::try_from(text.chars().count()).unwrap_or(u64::MAX)
}

fn remember(history: &mut Vec<Line>, speaker: Speaker, text: &str) {
    let text = text.trim();
    if text.is_empty() {
        return;
    }
    if let Some(last) = history.last_mut().filter(|last| last.speaker == speaker) {
        last.text.push(' ');
        last.text.push_str(text);
        return;
    }
    if history.len() == MAX_HISTORY {
        history.remove(0);
    }
    history.push(Line {
        speaker,
        text: text.to_owned(),
    });
}
