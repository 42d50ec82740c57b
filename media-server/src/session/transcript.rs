//! Keeps transcript lines in the order of speech.

use std::collections::VecDeque;

use super::output::{LineRecord, Output};

/// Lines wait here while something that began before them is still being said.
#[derive(Debug, Default)]
pub(super) struct Transcript {
    /// Sorted by start.
    held: VecDeque<LineRecord>,
    /// Start of the newest line given out.
    last_start_ms: Option<u64>,
}

impl Transcript {
    /// Takes a finished line; one without words is nothing.
    pub(super) fn push(&mut self, mut line: LineRecord) {
        if line.text.trim().is_empty() {
            return;
        }
        // An onset is dated back a little: never before a line that is already out.
        if let Some(last) = self.last_start_ms {
            line.start_ms = line.start_ms.max(last);
        }
        line.end_ms = line.end_ms.max(line.start_ms);
        let at = self.held.partition_point(|held| held.start_ms <= line.start_ms);
        self.held.insert(at, line);
    }

    /// Gives out the lines that nothing open can precede any more.
    pub(super) fn release(&mut self, open_since: Option<u64>, out: &mut VecDeque<Output>) {
        while let Some(first) = self.held.front() {
            if open_since.is_some_and(|open| open < first.start_ms) {
                return;
            }
            let Some(mut line) = self.held.pop_front() else {
                return;
            };
            // The store's key is the start and the track: two lines never share a start.
            if let Some(last) = self.last_start_ms
                && line.start_ms <= last
            {
                line.start_ms = last + 1;
                line.end_ms = line.end_ms.max(line.start_ms);
            }
            self.last_start_ms = Some(line.start_ms);
            out.push_back(Output::Line(line));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::output::Track;
    use super::*;

    fn line(start_ms: u64, track: Track) -> LineRecord {
        LineRecord {
            start_ms,
            end_ms: start_ms + 500,
            track,
            text: "words".to_owned(),
            confidence: None,
        }
    }

    fn starts(out: &VecDeque<Output>) -> Vec<u64> {
        out.iter()
            .filter_map(|output| {
                if let Output::Line(line) = output {
                    Some(line.start_ms)
                } else {
                    None
                }
            })
            .collect()
    }

    #[test]
    fn a_word_said_during_a_long_reply_waits_for_the_reply() {
        let (mut transcript, mut out) = (Transcript::default(), VecDeque::new());
        transcript.push(line(2_000, Track::Caller));
        transcript.release(Some(1_000), &mut out);
        assert!(out.is_empty());
        transcript.push(line(1_000, Track::Agent));
        transcript.release(None, &mut out);
        assert_eq!(starts(&out), [1_000, 2_000]);
    }

    #[test]
    fn no_two_lines_share_a_start_and_none_goes_back_in_time() {
        let (mut transcript, mut out) = (Transcript::default(), VecDeque::new());
        for start in [500, 500, 400] {
            transcript.push(line(start, Track::Caller));
            transcript.release(None, &mut out);
        }
        assert_eq!(starts(&out), [500, 501, 502]);
    }

    #[test]
    fn a_line_without_words_is_no_line() {
        let (mut transcript, mut out) = (Transcript::default(), VecDeque::new());
        transcript.push(LineRecord {
            text: "  ".to_owned(),
            ..line(1, Track::Agent)
        });
        transcript.release(None, &mut out);
        assert!(out.is_empty());
    }
}
