//! Who counts: sockets that have not said who they are, and the conversations' places.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;
use std::sync::{Arc, MutexGuard, PoisonError};

use tokio::sync::mpsc;

use super::{Inner, MediaServer};
use crate::driver::Steer;
use crate::port::{CallRef, Refused};
use crate::stream::twilio::ClosePolicy;

/// A socket that has not said who it is; counts while it lives.
#[derive(Debug)]
pub(crate) struct Pending(Arc<Inner>);

/// A place among the conversations; free again when dropped.
#[derive(Debug)]
pub(crate) struct Seat {
    inner: Arc<Inner>,
    pub(crate) call: Arc<CallRef>,
}

impl MediaServer {
    /// Counts a socket that has just connected; `None`: too many, or draining.
    pub(crate) fn enter_pending(&self) -> Option<Pending> {
        let max = self.inner.options.max_pending;
        let counted = self
            .inner
            .pending
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, |pending| {
                (pending < max && !self.is_draining()).then_some(pending + 1)
            });
        counted.is_ok().then(|| Pending(Arc::clone(&self.inner)))
    }

    /// Takes one of the places for conversations. Before the token is used up:
    /// a stream refused for want of room may come again.
    pub(crate) fn take_seat(
        &self,
        call: CallRef,
    ) -> Result<(Seat, mpsc::Receiver<Steer>), (ClosePolicy, String)> {
        let mut streams = self.inner.streams();
        if self.is_draining() || streams.len() >= self.inner.options.max_conversations {
            tracing::warn!(call.id = %call.call_id, active = streams.len(), "no room for a media stream");
            return Err((
                ClosePolicy::TryLater,
                "no room for another conversation here".to_owned(),
            ));
        }
        if streams.contains_key(&call) {
            tracing::warn!(call.id = %call.call_id, "a media stream came twice");
            return Err((ClosePolicy::Policy, Refused::Used.to_string()));
        }
        let (steer, steering) = mpsc::channel(8);
        streams.insert(call.clone(), steer);
        self.inner.active.send_replace(streams.len());
        Ok((
            Seat {
                inner: Arc::clone(&self.inner),
                call: Arc::new(call),
            },
            steering,
        ))
    }
}

impl Inner {
    pub(super) fn streams(&self) -> MutexGuard<'_, BTreeMap<CallRef, mpsc::Sender<Steer>>> {
        // Nothing panics while it is held, and the map is whole after each step.
        self.streams.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        self.0.pending.fetch_sub(1, Ordering::AcqRel);
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut streams = self.inner.streams();
        streams.remove(&*self.call);
        self.inner.active.send_replace(streams.len());
    }
}
