//! The agent's audio on its way to the caller's ear: paced, marked, taken back.
//!
//! The carrier plays what it is sent in order. `end_ms` estimates when it will
//! have played all of it; marks that come back confirm it.

use std::collections::VecDeque;

use super::words;
use crate::audio::{FRAME, FRAME_MS, SAMPLES_PER_MS, UlawFrame, mulaw};

/// Speaking time of a letter, for a piece whose audio is not yet complete.
const MS_PER_LETTER: u64 = 65;

/// Audio that is kept allocated between replies.
const KEEP_BYTES: usize = 16_384;

/// Whether a piece belongs to the reply or is said beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// The agent's own words: they enter the history.
    Reply,
    /// A filler: said, but not part of the conversation.
    Aside,
}

/// A piece of speech: what was given to the voice at once.
#[derive(Debug)]
pub(super) struct Chunk {
    pub(super) text: String,
    pub(super) kind: Kind,
    /// First and last moment of its playout.
    pub(super) start_ms: Option<u64>,
    pub(super) end_ms: u64,
    /// Bytes queued and sent; the difference is still in `Playout::audio`.
    queued: usize,
    sent: usize,
    complete: bool,
    mark: Option<u32>,
    acked: bool,
}

impl Chunk {
    fn is_sent(&self) -> bool {
        self.complete && self.sent == self.queued
    }

    /// What of it was heard, of the bytes played so far.
    pub(super) fn heard(&self) -> &str {
        if self.acked || (self.is_sent() && self.sent > 0) {
            return self.text.trim();
        }
        let letters = u64::try_from(self.text.chars().count()).unwrap_or(u64::MAX);
        let guess = if self.complete {
            0
        } else {
            letters.saturating_mul(MS_PER_LETTER * SAMPLES_PER_MS)
        };
        let whole = guess.max(u64::try_from(self.queued).unwrap_or(u64::MAX));
        words::trim_to(&self.text, u64::try_from(self.sent).unwrap_or(0), whole)
    }
}

/// What to send next.
#[derive(Debug, PartialEq)]
pub(super) enum Send {
    Frame {
        frame: UlawFrame,
        at_ms: u64,
        kind: Kind,
    },
    Mark(u32),
}

/// The queue of pieces.
#[derive(Debug, Default)]
pub(super) struct Playout {
    audio: VecDeque<u8>,
    chunks: VecDeque<Chunk>,
    /// Index of the chunk whose audio is at the front of `audio`.
    cursor: usize,
    /// Frames that the carrier may not have played yet, newest last.
    recent: VecDeque<UlawFrame>,
    end_ms: u64,
    marks: u32,
}

impl Playout {
    /// Opens the next piece; its audio follows.
    pub(super) fn open(&mut self, text: String, kind: Kind) {
        self.chunks.push_back(Chunk {
            text,
            kind,
            start_ms: None,
            end_ms: 0,
            queued: 0,
            sent: 0,
            complete: false,
            mark: None,
            acked: false,
        });
    }

    /// Queues audio of the piece opened last.
    pub(super) fn push(&mut self, samples: &[i16]) {
        let Some(chunk) = self.chunks.back_mut() else {
            return;
        };
        if !chunk.complete {
            chunk.queued += samples.len();
            mulaw::encode_into(samples, &mut self.audio);
        }
    }

    /// The piece opened last has all its audio; it is filled up to a whole frame.
    pub(super) fn complete(&mut self) {
        let Some(chunk) = self.chunks.back_mut() else {
            return;
        };
        if !chunk.complete {
            chunk.complete = true;
            let fill = chunk.queued.next_multiple_of(FRAME) - chunk.queued;
            chunk.queued += fill;
            self.audio.extend(std::iter::repeat_n(mulaw::SILENCE, fill));
        }
    }

    /// Milliseconds of audio that wait to be sent.
    pub(super) fn unsent_ms(&self) -> u64 {
        u64::try_from(self.audio.len()).unwrap_or(u64::MAX) / SAMPLES_PER_MS
    }

    /// When the carrier will have played all that it was sent.
    pub(super) fn end_ms(&self) -> u64 {
        self.end_ms
    }

    /// Whether there is nothing to send, to be played or to be confirmed.
    pub(super) fn is_empty(&self) -> bool {
        self.chunks.is_empty()
    }

    /// Whether a frame or a mark could go out if the pace allowed it.
    pub(super) fn is_ready(&self) -> bool {
        self.chunks
            .get(self.cursor)
            .is_some_and(|chunk| chunk.sent + FRAME <= chunk.queued || chunk.complete)
    }

    /// When the first piece not yet heard began to play.
    pub(super) fn open_since(&self) -> Option<u64> {
        self.chunks.iter().find_map(|chunk| chunk.start_ms)
    }

    /// The next frame, if that keeps at most `lead_ms` unplayed, or the mark of a piece just sent.
    pub(super) fn next(&mut self, now: u64, lead_ms: u64) -> Option<Send> {
        loop {
            let chunk = self.chunks.get_mut(self.cursor)?;
            if chunk.is_sent() {
                if chunk.sent == 0 {
                    // No audio came: nothing of it will ever be heard.
                    self.chunks.remove(self.cursor);
                    continue;
                }
                self.cursor += 1;
                self.marks = self.marks.wrapping_add(1);
                chunk.mark = Some(self.marks);
                return Some(Send::Mark(self.marks));
            }
            let at_ms = self.end_ms.max(now);
            if chunk.sent + FRAME > chunk.queued || at_ms + FRAME_MS > now + lead_ms {
                return None;
            }
            let mut frame = [mulaw::SILENCE; FRAME];
            for (to, from) in frame.iter_mut().zip(self.audio.drain(..FRAME)) {
                *to = from;
            }
            chunk.sent += FRAME;
            chunk.start_ms.get_or_insert(at_ms);
            chunk.end_ms = at_ms + FRAME_MS;
            self.end_ms = at_ms + FRAME_MS;
            while usize::try_from(lead_ms / FRAME_MS).is_ok_and(|most| self.recent.len() >= most.max(1)) {
                self.recent.pop_front();
            }
            self.recent.push_back(frame);
            return Some(Send::Frame {
                frame,
                at_ms,
                kind: chunk.kind,
            });
        }
    }

    /// The carrier has reached a mark: all pieces up to it were heard.
    pub(super) fn acked(&mut self, mark: u32) {
        if let Some(at) = self.chunks.iter().position(|chunk| chunk.mark == Some(mark)) {
            for chunk in self.chunks.iter_mut().take(at + 1) {
                chunk.acked = true;
            }
        }
    }

    /// Takes the oldest piece if it was heard: confirmed, or `grace_ms` past its
    /// estimated end. The flag says whether its mark was lost.
    pub(super) fn pop_heard(&mut self, now: u64, grace_ms: u64) -> Option<(Chunk, bool)> {
        let first = self.chunks.front()?;
        if self.cursor == 0 || !first.is_sent() {
            return None;
        }
        let lost = !first.acked;
        if lost && now < first.end_ms + grace_ms {
            return None;
        }
        self.cursor -= 1;
        let chunk = self.chunks.pop_front()?;
        if self.chunks.is_empty() && self.audio.is_empty() && self.audio.capacity() > 2 * KEEP_BYTES {
            self.audio.shrink_to(KEEP_BYTES);
        }
        Some((chunk, lost))
    }

    /// When [`Playout::pop_heard`] gives a piece though its mark is lost.
    pub(super) fn heard_at(&self, grace_ms: u64) -> Option<u64> {
        let first = self.chunks.front()?;
        (self.cursor > 0 && first.is_sent()).then_some(first.end_ms + grace_ms)
    }

    /// The carrier is told to drop what it has not played: that audio goes back
    /// to the front of the queue, so that it can still be said.
    pub(super) fn take_back(&mut self, now: u64) {
        let unplayed = usize::try_from(self.end_ms.saturating_sub(now) / FRAME_MS).unwrap_or(usize::MAX);
        for _ in 0..unplayed {
            let Some(frame) = self.recent.pop_back() else {
                break;
            };
            let Some(at) = self
                .chunks
                .iter()
                .rposition(|chunk| chunk.sent > 0 && !chunk.acked)
            else {
                break;
            };
            let Some(chunk) = self.chunks.get_mut(at) else {
                break;
            };
            chunk.sent -= FRAME;
            chunk.end_ms -= FRAME_MS;
            chunk.mark = None;
            if chunk.sent == 0 {
                chunk.start_ms = None;
            }
            self.cursor = at;
            for byte in frame.into_iter().rev() {
                self.audio.push_front(byte);
            }
        }
        self.recent.clear();
        self.end_ms = now;
        // The clear returns every mark at once: by the estimate these were heard.
        let cursor = self.cursor;
        for chunk in self.chunks.iter_mut().take(cursor) {
            chunk.acked = true;
        }
    }

    /// Gives up everything and hands out the pieces for what was heard of them.
    pub(super) fn abandon(&mut self) -> impl Iterator<Item = Chunk> + '_ {
        self.audio.clear();
        self.recent.clear();
        self.cursor = 0;
        self.chunks.drain(..)
    }
}

#[cfg(test)]
#[path = "playout_tests.rs"]
mod tests;
