//! Waiting for messages without asking the database again and again.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::error::SqsError;
use super::store::{Received, Store, Take};
use crate::clock::now_ms;

/// Wakes those who wait on a queue when something in it changes.
#[derive(Default)]
pub(crate) struct Bells(Mutex<HashMap<i64, Arc<Notify>>>);

impl Bells {
    /// Wakes everybody who waits on the queue.
    pub(crate) fn ring(&self, queue: i64) {
        let bell = self
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&queue)
            .cloned();
        if let Some(bell) = bell {
            bell.notify_waiters();
        }
    }

    /// Wakes everybody who waits on the queue, which is gone.
    pub(crate) fn remove(&self, queue: i64) {
        let bell = self
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&queue);
        if let Some(bell) = bell {
            bell.notify_waiters();
        }
    }

    fn of(&self, queue: i64) -> Arc<Notify> {
        Arc::clone(
            self.0
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .entry(queue)
                .or_default(),
        )
    }
}

/// Receives what is due, or waits for it: until a message comes, one shows again, `wait` is over, or the
/// service stops.
pub(crate) async fn receive(
    store: &Store,
    bells: &Bells,
    stop: &CancellationToken,
    queue_name: &str,
    take: impl Fn(i64) -> Take,
    wait: Duration,
) -> Result<Vec<Received>, SqsError> {
    let deadline = Instant::now() + wait;
    loop {
        // Read each time: the queue may be deleted or changed while we wait.
        let queue = store.queue(queue_name)?;
        let bell = bells.of(queue.id);
        let rung = bell.notified();
        tokio::pin!(rung);
        // From here on no ring is missed, also one between looking and waiting.
        rung.as_mut().enable();

        let now = now_ms();
        let (received, dead_letters) = store.receive(&queue, take(queue.settings.visibility_s), now)?;
        if let Some(dead) = dead_letters {
            bells.ring(dead);
        }
        if !received.is_empty() || Instant::now() >= deadline {
            return Ok(received);
        }
        let shows = store
            .next_visible(queue.id, now)?
            .map_or(deadline, |at| Instant::now() + until(at, now));
        tokio::select! {
            () = rung => {}
            () = tokio::time::sleep_until(shows.min(deadline)) => {}
            () = stop.cancelled() => return Ok(Vec::new()),
        }
    }
}

fn until(at_ms: i64, now_ms: i64) -> Duration {
    Duration::from_millis(u64::try_from(at_ms - now_ms).unwrap_or(0))
}
