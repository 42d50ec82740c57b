//! The decoder's thread: takes turns from a bounded queue, one at a time.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use rten::ThreadPool;
use tokio::sync::{mpsc, oneshot};

use super::provider::NAME;
use super::whisper::{Recogniser, Transcript};
use crate::ProviderError;
use crate::audio::resample::{Bank, convert};
use crate::audio::to_float;

/// One turn to be understood.
#[derive(Debug)]
pub(super) struct Job {
    /// The caller's audio, 8 kHz.
    pub(super) samples: Vec<i16>,
    /// Where the answer goes; closed when the call has ended meanwhile.
    pub(super) reply: oneshot::Sender<Result<Transcript, ProviderError>>,
}

/// Turns that may wait: about two seconds of work.
const WAITING_MAX: usize = 8;

/// Starts the thread; it ends when the last sender is gone.
pub(super) fn start(recogniser: Recogniser, pool: Arc<ThreadPool>) -> std::io::Result<mpsc::Sender<Job>> {
    let (queue, mut jobs) = mpsc::channel::<Job>(WAITING_MAX);
    let bank = Bank::new(8_000, 16_000);
    std::thread::Builder::new()
        .name("speech-to-text".into())
        .spawn(move || {
            while let Some(job) = jobs.blocking_recv() {
                if job.reply.is_closed() {
                    continue;
                }
                let answer = pool.run(|| understand(&recogniser, &bank, &job.samples));
                // A call that ended meanwhile does not want it any more.
                drop(job.reply.send(answer));
            }
        })?;
    Ok(queue)
}

fn understand(
    recogniser: &Recogniser,
    bank: &Arc<Bank>,
    samples: &[i16],
) -> Result<Transcript, ProviderError> {
    let failed = |reason: String| ProviderError::Failed {
        provider: NAME,
        reason,
    };
    // One call's odd audio must not take the recogniser from all others.
    catch_unwind(AssertUnwindSafe(|| {
        let wide = convert(bank, samples.iter().map(|&s| to_float(s)));
        recogniser.transcribe(&wide)
    }))
    .map_err(|_| failed("the model stopped in the middle of a turn".into()))?
    .map_err(|error| failed(error.to_string()))
}
