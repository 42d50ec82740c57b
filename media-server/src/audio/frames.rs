//! Cuts what a carrier sends, in pieces of any length, into 20 ms frames.

use super::{FRAME, UlawFrame};

/// Collects mu-law bytes into frames; holds less than one frame.
#[derive(Debug, Clone)]
pub struct Framer {
    partial: UlawFrame,
    filled: usize,
}

impl Default for Framer {
    fn default() -> Self {
        Self {
            partial: [super::mulaw::SILENCE; FRAME],
            filled: 0,
        }
    }
}

impl Framer {
    /// Takes bytes in order and hands each completed frame to `each`.
    pub fn push(&mut self, mut bytes: &[u8], mut each: impl FnMut(&UlawFrame)) {
        // The usual case: exactly one frame, nothing left over.
        if self.filled == 0
            && bytes.len() == FRAME
            && let Ok(frame) = bytes.try_into()
        {
            each(frame);
            return;
        }
        while !bytes.is_empty() {
            let take = bytes.len().min(FRAME - self.filled);
            let (now, later) = bytes.split_at(take);
            self.partial[self.filled..self.filled + take].copy_from_slice(now);
            self.filled += take;
            bytes = later;
            if self.filled == FRAME {
                each(&self.partial);
                self.filled = 0;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_of_any_length_come_out_as_the_same_bytes_in_whole_frames() {
        let sent: Vec<u8> = (0..1600_u16).map(|n| n.to_be_bytes()[1]).collect();
        for piece in [1, 7, 159, 160, 161, 400, 1600] {
            let mut framer = Framer::default();
            let mut got = Vec::new();
            for chunk in sent.chunks(piece) {
                framer.push(chunk, |frame| got.extend_from_slice(frame));
            }
            assert_eq!(got, sent, "pieces of {piece}");
        }
    }
}
