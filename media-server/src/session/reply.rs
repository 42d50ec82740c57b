//! A reply on its way from the model to the voice.

use std::collections::VecDeque;

use trunkline_providers::llm::{Action, ReplyPart, Speaker};

use super::output::{EndedBy, Next, OptOutBy, Output, Work};
use super::sentences::Splitter;
use super::{Session, letters, remember};

/// A reply longer than this is cut: nobody listens for five minutes.
const MAX_LETTERS: usize = 4_000;

/// Items that a reply may have waiting; more is a model gone wild.
const MAX_ITEMS: usize = 256;

/// Part of a reply, in order.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Item {
    Say(String),
    Do(Action),
}

/// What the agent says next, or is saying.
#[derive(Debug)]
pub(super) struct Reply {
    pub(super) id: u32,
    /// The session's own phrase; else the model's words.
    pub(super) phrase: bool,
    /// Since when it may be spoken; before, it is speculation.
    pub(super) committed_ms: Option<u64>,
    /// The caller's last voice before it.
    since_ms: Option<u64>,
    splitter: Splitter,
    pub(super) items: VecDeque<Item>,
    pub(super) done: bool,
    letters: usize,
    /// The last sign of life.
    pub(super) part_ms: u64,
    pub(super) first_audio_ms: Option<u64>,
    /// What of it was heard so far.
    pub(super) heard: String,
    /// A person is looked for because of it.
    transfers: bool,
}

impl Reply {
    fn new(id: u32, now: u64) -> Self {
        Self {
            id,
            phrase: false,
            committed_ms: None,
            since_ms: None,
            splitter: Splitter::default(),
            items: VecDeque::new(),
            done: false,
            letters: 0,
            part_ms: now,
            first_audio_ms: None,
            heard: String::new(),
            transfers: false,
        }
    }

    /// A person is looked for because of it, which is said where it has said nothing itself.
    pub(super) fn transfers(&mut self, phrase: &str) {
        self.transfers = true;
        if self.heard.is_empty() {
            self.items.push_front(Item::Say(phrase.to_owned()));
        }
    }

    fn take(&mut self, text: &str) {
        self.letters += text.len();
        self.splitter.push(text);
        while let Some(sentence) = self.splitter.pop() {
            self.items.push_back(Item::Say(sentence));
        }
    }

    fn flush(&mut self) {
        while let Some(sentence) = self.splitter.flush() {
            self.items.push_back(Item::Say(sentence));
        }
    }
}

impl Session {
    /// Asks the model for the next words; `unsaid` is the caller's turn while it
    /// is not yet history. Not spoken before [`Session::commit_reply`].
    pub(super) fn start_reply(&mut self, unsaid: Option<&str>) {
        let id = self.next_id();
        let mut history = self.history.clone();
        if let Some(text) = unsaid {
            remember(&mut history, Speaker::User, text);
        }
        self.out.push_back(Output::StartReply {
            id,
            choice: self.llm.choice(),
            history,
        });
        self.reply = Some(Reply::new(id, self.now));
    }

    /// The reply may be spoken; `since_ms` is the end of what it answers, if anything.
    pub(super) fn commit_reply(&mut self, since_ms: Option<u64>) {
        let now = self.now;
        if let Some(speaking) = &mut self.speaking {
            speaking.part_ms = now;
        }
        if let Some(reply) = &mut self.reply {
            reply.committed_ms = Some(now);
            reply.part_ms = now;
            reply.since_ms = since_ms;
        }
        self.note_opt_out();
    }

    /// The wish never to be called again holds from the moment that the model has understood it, however long it talks about it and
    /// whether or not it is interrupted. Not of a reply to what the caller may not have said to its end.
    fn note_opt_out(&mut self) {
        let opts_out = |reply: &Reply| {
            let mut items = reply.items.iter();
            reply.committed_ms.is_some() && items.any(|item| matches!(item, Item::Do(Action::OptOut)))
        };
        if self.reply.as_ref().is_some_and(opts_out) {
            self.record_opt_out(OptOutBy::Speech);
        }
    }

    /// Says a sentence of the session's own.
    pub(super) fn say(&mut self, phrase: &str) {
        let mut reply = Reply::new(self.next_id(), self.now);
        reply.phrase = true;
        reply.committed_ms = Some(self.now);
        reply.done = true;
        reply.take(phrase);
        reply.flush();
        self.reply = Some(reply);
    }

    /// A part from the model.
    pub(super) fn reply_part(&mut self, id: u32, part: ReplyPart) {
        let now = self.now;
        let Some(reply) = self.reply.as_mut().filter(|reply| reply.id == id && !reply.done) else {
            return;
        };
        reply.part_ms = now;
        match part {
            ReplyPart::Text(text) => {
                reply.take(&text);
                Work::add(&mut self.stats.work.written, self.llm.choice(), letters(&text));
            }
            ReplyPart::Action(action) => {
                reply.flush();
                reply.items.push_back(Item::Do(action));
            }
            ReplyPart::Done => {
                reply.flush();
                reply.done = true;
                self.llm.worked();
                return;
            }
            ReplyPart::Failed(_) => {
                self.llm_failed();
                return;
            }
        }
        if reply.letters > MAX_LETTERS || reply.items.len() > MAX_ITEMS {
            reply.flush();
            reply.done = true;
            self.out.push_back(Output::CancelReply);
        }
        self.note_opt_out();
    }

    /// The model broke or hangs: the next one tries, or what there is must do.
    pub(super) fn llm_failed(&mut self) {
        let [_, failures, _] = &mut self.stats.failures;
        *failures += 1;
        let id = self.next_id();
        let Some(reply) = &mut self.reply else { return };
        self.out.push_back(Output::CancelReply);
        if reply.letters > 0 || !reply.items.is_empty() {
            reply.flush();
            reply.done = true;
            // The next reply starts with another one, if there is one.
            self.llm.next();
            return;
        }
        let Some(choice) = self.llm.next() else {
            self.reply = None;
            self.providers_lost();
            return;
        };
        reply.id = id;
        reply.part_ms = self.now;
        let mut history = self.history.clone();
        if let Some(turn) = &self.caller {
            remember(&mut history, Speaker::User, &turn.text);
        }
        self.out.push_back(Output::StartReply { id, choice, history });
    }

    /// The reply's first audio goes out.
    pub(super) fn reply_began(&mut self, at_ms: u64) {
        let Some(reply) = self.reply.as_mut().filter(|reply| reply.first_audio_ms.is_none()) else {
            return;
        };
        reply.first_audio_ms = Some(at_ms);
        if let Some(since) = reply.since_ms {
            let delay = at_ms.saturating_sub(since);
            self.stats.replies += 1;
            self.stats.reply_delay_sum_ms += delay;
            self.stats.reply_delay_max_ms = self.stats.reply_delay_max_ms.max(delay);
        }
        self.unanswered = false;
        self.filler_said = false;
    }

    /// Does what the reply asks for; what was said before it has been heard.
    pub(super) fn perform(&mut self, action: Action) {
        match action {
            // Who is told to wait for a person is not hung up on in the same breath.
            Action::Hangup if self.reply.as_ref().is_some_and(|reply| reply.transfers) => {}
            Action::Hangup => self.finish(Next::Hangup, EndedBy::Agent),
            Action::TransferToHuman => self.transfer(),
            Action::OptOut => self.record_opt_out(OptOutBy::Speech),
        }
    }

    /// The reply has been heard whole.
    pub(super) fn end_reply(&mut self) {
        self.close_line();
        let Some(reply) = self.reply.take() else { return };
        self.idle_since = self.now;
        self.remember(Speaker::Agent, &reply.heard);
        if reply.heard.is_empty() && !reply.phrase && !self.opted_out {
            // A model that says nothing would leave the line dead.
            self.unanswered = false;
            self.ask_again();
        }
    }
}
