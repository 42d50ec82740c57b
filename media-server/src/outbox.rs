//! What a call writes to the platform: in order, retried, bounded, beside the live path.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::Instant;

use crate::port::{CallPort, CallRef, PortError};
use crate::session::{LineRecord, OptOutBy};

/// Lines that wait; at a line a second this is minutes of an unreachable store.
const LINES: usize = 256;

/// Segments that wait, 80 kB each.
const SEGMENTS: usize = 2;

/// Writes of a call at once; a browser that says more about its call meanwhile is not heard.
const WRITERS: usize = 6;

/// The longest pause between tries, and the longest that one write is tried.
const MAX_PAUSE: Duration = Duration::from_secs(2);
const PATIENCE: Duration = Duration::from_secs(30);

/// Two queues, so that a slow upload never holds up a line.
#[derive(Debug)]
pub(crate) struct Outbox {
    port: Arc<dyn CallPort>,
    call: Arc<CallRef>,
    lines: mpsc::Sender<LineRecord>,
    segments: mpsc::Sender<(u32, Bytes)>,
    writers: Vec<JoinHandle<()>>,
    lost: Arc<AtomicU32>,
}

impl Outbox {
    /// Starts the two writers of a call.
    pub(crate) fn start(port: Arc<dyn CallPort>, call: Arc<CallRef>) -> Self {
        let lost = Arc::new(AtomicU32::new(0));
        let (lines, line_queue) = mpsc::channel(LINES);
        let (segments, segment_queue) = mpsc::channel(SEGMENTS);
        let writers = vec![
            tokio::spawn(write_lines(
                Arc::clone(&port),
                Arc::clone(&call),
                line_queue,
                Arc::clone(&lost),
            )),
            tokio::spawn(write_segments(
                Arc::clone(&port),
                Arc::clone(&call),
                segment_queue,
                Arc::clone(&lost),
            )),
        ];
        Self {
            port,
            call,
            lines,
            segments,
            writers,
            lost,
        }
    }

    pub(crate) fn line(&self, line: LineRecord) {
        self.count_lost(self.lines.try_send(line).is_err());
    }

    /// Records the opt-out at once, behind nothing: every campaign must know it within a second.
    pub(crate) fn opt_out(&mut self, by: OptOutBy) {
        let (port, call, lost) = (
            Arc::clone(&self.port),
            Arc::clone(&self.call),
            Arc::clone(&self.lost),
        );
        self.writers.push(tokio::spawn(async move {
            if let Err(error) = persist(|| port.opt_out(&call, by), PATIENCE).await {
                lost.fetch_add(1, Ordering::Relaxed);
                tracing::error!(call.id = %call.call_id, %error, "an opt-out could not be stored");
            }
        }));
    }

    /// Keeps what a browser says of its call.
    pub(crate) fn metadata(&mut self, text: String) {
        let (port, call, lost) = (
            Arc::clone(&self.port),
            Arc::clone(&self.call),
            Arc::clone(&self.lost),
        );
        self.writers.retain(|writer| !writer.is_finished());
        if self.writers.len() > WRITERS {
            self.count_lost(true);
            return;
        }
        self.writers.push(tokio::spawn(async move {
            if let Err(error) = persist(|| port.voice_metadata(&call, &text), PATIENCE).await {
                lost.fetch_add(1, Ordering::Relaxed);
                tracing::warn!(call.id = %call.call_id, %error, "a call's metadata could not be stored");
            }
        }));
    }

    pub(crate) fn segment(&self, number: u32, bytes: Vec<u8>) {
        self.count_lost(self.segments.try_send((number, Bytes::from(bytes))).is_err());
    }

    /// Hands over segments at the end, when there is time to wait for room.
    pub(crate) async fn last_segments(&self, rest: Vec<(u32, Vec<u8>)>, deadline: Instant) {
        for (number, bytes) in rest {
            let sent =
                tokio::time::timeout_at(deadline, self.segments.send((number, Bytes::from(bytes)))).await;
            self.count_lost(!matches!(sent, Ok(Ok(()))));
        }
    }

    /// Waits until all is written, at most until the deadline; answers how many
    /// writes were lost over the whole call.
    pub(crate) async fn close(self, deadline: Instant) -> u32 {
        let Self {
            lines,
            segments,
            writers,
            lost,
            ..
        } = self;
        drop((lines, segments));
        for mut writer in writers {
            if tokio::time::timeout_at(deadline, &mut writer).await.is_err() {
                writer.abort();
                lost.fetch_add(1, Ordering::Relaxed);
            }
        }
        lost.load(Ordering::Relaxed)
    }

    fn count_lost(&self, lost: bool) {
        self.lost.fetch_add(u32::from(lost), Ordering::Relaxed);
    }
}

async fn write_lines(
    port: Arc<dyn CallPort>,
    call: Arc<CallRef>,
    mut queue: mpsc::Receiver<LineRecord>,
    lost: Arc<AtomicU32>,
) {
    while let Some(line) = queue.recv().await {
        if let Err(error) = persist(|| port.line(&call, &line), PATIENCE).await {
            lost.fetch_add(1, Ordering::Relaxed);
            tracing::error!(call.id = %call.call_id, line.start_ms, %error, "a transcript line could not be stored");
        }
    }
}

async fn write_segments(
    port: Arc<dyn CallPort>,
    call: Arc<CallRef>,
    mut queue: mpsc::Receiver<(u32, Bytes)>,
    lost: Arc<AtomicU32>,
) {
    while let Some((number, bytes)) = queue.recv().await {
        let written = persist(|| port.segment(&call, number, bytes.clone()), PATIENCE).await;
        if let Err(error) = written {
            lost.fetch_add(1, Ordering::Relaxed);
            tracing::error!(call.id = %call.call_id, number, %error, "a recording segment could not be stored");
        }
    }
}

/// Tries a write until it works, can never work, or patience ends.
pub(crate) async fn persist<F>(mut write: impl FnMut() -> F, patience: Duration) -> Result<(), PortError>
where
    F: Future<Output = Result<(), PortError>>,
{
    let deadline = Instant::now() + patience;
    let mut pause = Duration::from_millis(100);
    loop {
        let error = match tokio::time::timeout_at(deadline, write()).await {
            Ok(Ok(())) => return Ok(()),
            Ok(Err(error @ PortError::Never(_))) => return Err(error),
            Ok(Err(error @ PortError::Retry(_))) => error,
            Err(_) => PortError::Retry("it did not answer in time".to_owned()),
        };
        if Instant::now() + pause >= deadline {
            return Err(error);
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(MAX_PAUSE);
    }
}
