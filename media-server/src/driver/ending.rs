//! The end of a stream: what is left is stored, and what follows is said.

use std::time::Duration;

use tokio::time::Instant;

use super::{Desk, Driver};
use crate::outbox::persist;
use crate::session::Next;
use crate::stream::twilio::{ClosePolicy, close_with};

/// What is still to be stored at the end may take this long, the caller waiting.
const FLUSH: Duration = Duration::from_secs(5);

/// Who did the work may take this long to be stored: the caller waits, and the plan tells nearly as much.
const WORK: Duration = Duration::from_secs(2);

impl Driver {
    /// Stores the rest, says what is next, and only then lets go of the socket:
    /// the carrier asks at once what it should do.
    pub(super) async fn finish(mut self, mut desk: Desk, open: bool) {
        let deadline = Instant::now() + FLUSH;
        if let Some(recorder) = &mut desk.recorder {
            let rest = recorder.finish(self.session.stats().duration_ms);
            desk.outbox.last_segments(rest, deadline).await;
        }
        let lost = desk.outbox.close(deadline).await;
        let next = desk.next.unwrap_or(Next::Hangup);
        let stats = self.session.stats();
        let work = self.engines.named(&stats.work);
        if let Err(error) = persist(|| self.port.work(&self.call, &work), WORK).await {
            tracing::warn!(call.id = %self.call.call_id, %error, "who did the call's work could not be stored");
        }
        let told = persist(|| self.port.finish(&self.call, next, stats), FLUSH).await;
        let (call_id, generation) = (&self.call.call_id, self.call.generation);
        if let Err(error) = told {
            tracing::error!(call.id = %call_id, generation, %error, ?next, "what the call does next could not be stored");
        }
        let (turns, ended_by, duration_ms) = (stats.turns, stats.ended_by, stats.duration_ms);
        if lost > 0 {
            tracing::warn!(call.id = %call_id, generation, lost, "some of the call could not be stored");
        }
        tracing::info!(call.id = %call_id, generation, ?next, ?ended_by, duration_ms, turns, "stream ended");
        if open {
            close_with(&mut self.socket, ClosePolicy::Normal, "").await;
        }
    }
}
