//! From pieces of a file, as they come, to what a parser on a thread of its own reads.

use std::io::{self, Read};

use bytes::Bytes;
use tokio::sync::mpsc;

/// Pieces that wait for the reader, at most.
const WAITING: usize = 2;

/// Where the pieces go in; a send fails once the reader wants no more.
pub(super) type Pieces = mpsc::Sender<io::Result<Bytes>>;

/// Where they come out. Reading waits for the next piece, so it belongs on a thread that may wait.
#[derive(Debug)]
pub(super) struct Incoming {
    pieces: mpsc::Receiver<io::Result<Bytes>>,
    now: Bytes,
}

/// A new one, both ends.
pub(super) fn pipe() -> (Pieces, Incoming) {
    let (send, pieces) = mpsc::channel(WAITING);
    let now = Bytes::new();
    (send, Incoming { pieces, now })
}

impl Read for Incoming {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while self.now.is_empty() {
            match self.pieces.blocking_recv() {
                Some(piece) => self.now = piece?,
                None => return Ok(0),
            }
        }
        let count = into.len().min(self.now.len());
        into[..count].copy_from_slice(&self.now.split_to(count));
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn pieces_come_out_as_they_went_in_and_a_fault_at_its_place() {
        let (pieces, mut incoming) = pipe();
        let reader = tokio::task::spawn_blocking(move || {
            let mut text = String::new();
            let error = incoming.read_to_string(&mut text).unwrap_err();
            (incoming, error.to_string())
        });
        for piece in ["ab", "", "c"] {
            pieces.send(Ok(Bytes::from(piece))).await.unwrap();
        }
        pieces.send(Err(io::Error::other("broken"))).await.unwrap();
        let (incoming, error) = reader.await.unwrap();
        assert_eq!(error, "broken");
        drop(incoming);
        assert!(pieces.send(Ok(Bytes::new())).await.is_err(), "nobody reads");
    }
}
