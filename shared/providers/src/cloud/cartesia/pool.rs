//! Open sockets that nobody is using.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::cloud::socket::Socket;

/// How many are kept; calls take turns in speaking, so few serve many.
const KEPT_MAX: usize = 8;
/// How long one is kept. The vendor closes them after five minutes, and networks
/// forget them sooner.
const KEPT_FOR: Duration = Duration::from_secs(60);

/// Sockets with the time when they were put back.
#[derive(Debug, Default)]
pub(super) struct Pool {
    idle: Mutex<Vec<(Instant, Socket)>>,
}

impl Pool {
    /// The one that was used last, if it is young enough to be open still.
    pub(super) fn take(&self) -> Option<Socket> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.retain(|(since, _)| since.elapsed() < KEPT_FOR);
        Some(idle.pop()?.1)
    }

    pub(super) fn put(&self, socket: Socket) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() >= KEPT_MAX {
            idle.remove(0);
        }
        idle.push((Instant::now(), socket));
    }
}
