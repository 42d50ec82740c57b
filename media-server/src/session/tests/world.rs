//! A phone, a caller and three providers around a session, on a virtual clock.

use std::collections::{BTreeMap, VecDeque};

use trunkline_providers::ProviderError;
use trunkline_providers::llm::{Line, ReplyPart};
use trunkline_providers::stt::SttEvent;
use trunkline_providers::tts::TtsPart;

use super::super::*;
use crate::audio::{FRAME, FRAME_MS};

/// What will happen later.
#[derive(Debug, Clone)]
pub(super) enum Event {
    Mark(u32),
    Stt(SttEvent),
    Reply(u32, ReplyPart),
    Speech(u32, TtsPart),
    Key(char),
    Amd(Answerer),
    NobodyCame,
    Stop,
    Lost,
}

/// A stretch of the caller's voice, and the words in it.
#[derive(Debug, Clone)]
struct Utterance {
    from: u64,
    to: u64,
    text: String,
    asked: bool,
}

#[derive(Debug)]
pub(super) struct World {
    pub(super) session: Session,
    pub(super) now: u64,
    /// Latency of each provider; `None`: it never answers.
    pub(super) stt_ms: Option<u64>,
    pub(super) llm_ms: Option<u64>,
    pub(super) tts_ms: Option<u64>,
    /// Numbers of `Speak`s and `StartReply`s and `OpenStt`s that fail, counted from 0.
    pub(super) tts_fails: Vec<usize>,
    pub(super) llm_fails: Vec<usize>,
    pub(super) loses_marks: bool,
    /// Whether the line carries audio at all.
    pub(super) silent_line: bool,
    pub(super) replies: VecDeque<Vec<ReplyPart>>,
    // What was seen.
    pub(super) lines: Vec<LineRecord>,
    pub(super) requests: Vec<Vec<Line>>,
    pub(super) spoken: Vec<String>,
    pub(super) choices: Vec<(&'static str, usize)>,
    pub(super) clears: Vec<u64>,
    pub(super) frames: Vec<u64>,
    pub(super) turns_asked: Vec<u64>,
    pub(super) fed: usize,
    pub(super) opt_outs: Vec<(u64, OptOutBy)>,
    /// When a person was looked for.
    pub(super) searches: Vec<u64>,
    pub(super) finished: Option<(Next, u64)>,
    pub(super) wakes: usize,
    events: BTreeMap<(u64, u64), Event>,
    sequence: u64,
    utterances: Vec<Utterance>,
    phone_end: u64,
    phone_marks: VecDeque<(u64, u32)>,
}

impl World {
    pub(super) fn new(config: SessionConfig) -> Self {
        let mut world = Self {
            session: Session::new(config),
            now: 0,
            stt_ms: Some(50),
            llm_ms: Some(30),
            tts_ms: Some(20),
            tts_fails: Vec::new(),
            llm_fails: Vec::new(),
            loses_marks: false,
            silent_line: false,
            replies: VecDeque::new(),
            lines: Vec::new(),
            requests: Vec::new(),
            spoken: Vec::new(),
            choices: Vec::new(),
            clears: Vec::new(),
            frames: Vec::new(),
            turns_asked: Vec::new(),
            fed: 0,
            opt_outs: Vec::new(),
            searches: Vec::new(),
            finished: None,
            wakes: 0,
            events: BTreeMap::new(),
            sequence: 0,
            utterances: Vec::new(),
            phone_end: 0,
            phone_marks: VecDeque::new(),
        };
        world.tell(Input::Start);
        world
    }

    /// An inbound call whose greeting is short; the caller may speak after it.
    pub(super) fn greeted() -> Self {
        let mut world = Self::new(SessionConfig {
            direction: Direction::Inbound,
            greeting: "Hello.".to_owned(),
            ..SessionConfig::default()
        });
        world.run_for(1_500);
        assert_eq!(world.agent_said(), ["Hello."]);
        world
    }

    pub(super) fn at(&mut self, ms: u64, event: Event) {
        self.sequence += 1;
        self.events.insert((ms.max(self.now), self.sequence), event);
    }

    /// The caller speaks from `in_ms` from now.
    pub(super) fn caller_says(&mut self, in_ms: u64, lasting_ms: u64, text: &str) {
        let from = self.now + in_ms;
        self.utterances.push(Utterance {
            from,
            to: from + lasting_ms,
            text: text.to_owned(),
            asked: false,
        });
    }

    pub(super) fn reply_with(&mut self, text: &str) {
        self.replies
            .push_back(vec![ReplyPart::Text(text.to_owned()), ReplyPart::Done]);
    }

    pub(super) fn run_for(&mut self, ms: u64) {
        let end = self.now + ms;
        while self.now < end && self.finished.is_none() {
            let frame = (self.now / FRAME_MS + 1) * FRAME_MS;
            let event = self.events.keys().next().map(|(at, _)| *at);
            let mark = self.phone_marks.front().map(|(at, _)| *at);
            let timeout = self.session.next_timeout();
            let next = [Some(frame), event, mark, timeout]
                .into_iter()
                .flatten()
                .min()
                .unwrap();
            self.now = next.max(self.now);
            if timeout == Some(self.now) {
                self.wakes += 1;
                self.tell(Input::Timeout);
            }
            while let Some((at, id)) = self
                .phone_marks
                .front()
                .copied()
                .filter(|(at, _)| *at <= self.now)
            {
                self.phone_marks.pop_front();
                if !self.loses_marks {
                    self.at(at, Event::Mark(id));
                }
            }
            while let Some(entry) = self
                .events
                .first_entry()
                .filter(|entry| entry.key().0 <= self.now)
            {
                let event = entry.remove();
                self.happen(event);
            }
            if self.now == frame && !self.silent_line {
                let voice = self
                    .utterances
                    .iter()
                    .any(|said| (said.from..said.to).contains(&(self.now - FRAME_MS)));
                self.tell(Input::Media {
                    frame: &[0; FRAME],
                    speech: if voice { 0.9 } else { 0.02 },
                });
            }
            if let Some(next) = self.session.next_timeout() {
                assert!(next > self.now, "a timeout in the past would spin");
            }
        }
    }

    pub(super) fn agent_said(&self) -> Vec<&str> {
        self.said(Track::Agent)
    }

    pub(super) fn caller_said(&self) -> Vec<&str> {
        self.said(Track::Caller)
    }

    fn said(&self, track: Track) -> Vec<&str> {
        self.lines
            .iter()
            .filter(|line| line.track == track)
            .map(|line| line.text.as_str())
            .collect()
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::Mark(id) => self.tell(Input::Mark { id }),
            Event::Stt(event) => self.tell(Input::Stt(event)),
            Event::Reply(id, part) => self.tell(Input::Reply { id, part }),
            Event::Speech(id, part) => self.tell(Input::Speech { id, part }),
            Event::Key(key) => self.tell(Input::Dtmf(key)),
            Event::Amd(answerer) => self.tell(Input::Amd(answerer)),
            Event::NobodyCame => self.tell(Input::NobodyCame),
            Event::Stop => self.tell(Input::Stop),
            Event::Lost => self.tell(Input::Lost),
        }
    }

    pub(super) fn tell(&mut self, input: Input<'_>) {
        self.session.handle(self.now, input);
        while let Some(output) = self.session.poll_output() {
            assert!(
                self.finished.is_none(),
                "nothing after the finish, but {output:?}"
            );
            self.carry_out(output);
        }
    }

    fn carry_out(&mut self, output: Output) {
        let now = self.now;
        match output {
            Output::Audio { at_ms, .. } => {
                assert!(
                    at_ms + FRAME_MS <= now + self.session.config.timings.lead_ms,
                    "never further ahead than the lead"
                );
                self.phone_end = self.phone_end.max(now) + FRAME_MS;
                self.frames.push(at_ms);
            }
            Output::Mark { id } => self.phone_marks.push_back((self.phone_end.max(now), id)),
            Output::Clear { from_ms } => {
                assert_eq!(from_ms, now);
                self.clears.push(now);
                self.frames.retain(|at| *at < now);
                self.phone_end = now;
                for (at, _) in &mut self.phone_marks {
                    *at = now;
                }
            }
            Output::OpenStt { choice } => self.choices.push(("stt", choice)),
            Output::Feed(_) => self.fed += 1,
            Output::ResetStt => {}
            Output::EndOfTurn { turn } => self.recognise(turn),
            Output::StartReply { id, choice, history } => {
                self.choices.push(("llm", choice));
                let number = self.requests.len();
                self.requests.push(history);
                self.forget(|event| matches!(event, Event::Reply(..)));
                if self.llm_fails.contains(&number) {
                    self.at(now + 5, Event::Reply(id, ReplyPart::Failed(failure())));
                } else if let Some(ms) = self.llm_ms {
                    for part in self
                        .replies
                        .pop_front()
                        .unwrap_or_else(|| vec![ReplyPart::Text("I see. Go on.".to_owned()), ReplyPart::Done])
                    {
                        self.at(now + ms, Event::Reply(id, part));
                    }
                }
            }
            Output::CancelReply => self.forget(|event| matches!(event, Event::Reply(..))),
            Output::Speak { id, choice, text } => {
                self.choices.push(("tts", choice));
                let number = self.spoken.len();
                // 50 ms a letter, in parts of at most 400 ms.
                let samples = text.chars().count() * 50 * 8;
                self.spoken.push(text);
                self.forget(|event| matches!(event, Event::Speech(..)));
                if self.tts_fails.contains(&number) {
                    self.at(now + 5, Event::Speech(id, TtsPart::Failed(failure())));
                } else if let Some(ms) = self.tts_ms {
                    for part in vec![500_i16; samples].chunks(3_200) {
                        self.at(now + ms, Event::Speech(id, TtsPart::Audio(part.to_vec())));
                    }
                    self.at(now + ms, Event::Speech(id, TtsPart::Done));
                }
            }
            Output::CancelSpeech => self.forget(|event| matches!(event, Event::Speech(..))),
            Output::Line(line) => self.lines.push(line),
            Output::OptOut(by) => self.opt_outs.push((now, by)),
            Output::FindPerson => self.searches.push(now),
            Output::Finish(next) => self.finished = Some((next, now)),
        }
    }

    fn recognise(&mut self, turn: u32) {
        self.turns_asked.push(self.now);
        let mut text = String::new();
        for said in self
            .utterances
            .iter_mut()
            .filter(|said| !said.asked && said.from < self.now)
        {
            said.asked = true;
            text.push_str(&said.text);
        }
        if let Some(ms) = self.stt_ms {
            self.at(
                self.now + ms,
                Event::Stt(SttEvent::Final {
                    turn,
                    text,
                    confidence: Some(0.9),
                }),
            );
        }
    }

    fn forget(&mut self, which: impl Fn(&Event) -> bool) {
        self.events.retain(|_, event| !which(event));
    }
}

pub(super) fn failure() -> ProviderError {
    ProviderError::Failed {
        provider: "test",
        reason: "asked to".to_owned(),
    }
}
