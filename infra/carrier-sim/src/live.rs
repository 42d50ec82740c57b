//! The calls that are under way, and how to reach them.

use std::{
    collections::{HashMap, VecDeque},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use crate::leg::Source;

/// A call has at most so many orders waiting.
const ORDERS_MAX: usize = 32;
/// So many keys wait to be pressed.
const KEYS_MAX: usize = 32;
/// So many lines of a party are kept.
const LINES_MAX: usize = 200;

/// What somebody wants of a call. `done` hears whether it was possible.
#[derive(Debug)]
pub(crate) enum Order {
    /// `Status=canceled` (only before the answer) or `Status=completed`.
    End {
        cancel: bool,
        done: oneshot::Sender<bool>,
    },
    /// New instructions, only after the answer.
    Redirect {
        source: Source,
        done: oneshot::Sender<bool>,
    },
    /// Out of this conference, if it is in it.
    LeaveRoom { room_sid: String },
    /// The simulator stops.
    Stop,
}

/// A call under way.
pub(crate) struct Handle {
    pub(crate) orders: mpsc::Sender<Order>,
    /// The call's end has been written.
    pub(crate) over: CancellationToken,
    said: Mutex<Vec<String>>,
    keys: Mutex<VecDeque<char>>,
    heard_ms: AtomicU64,
}

impl Handle {
    pub(crate) fn says(&self, line: &str) {
        let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        if said.len() < LINES_MAX {
            said.push(line.to_owned());
        }
    }

    pub(crate) fn said(&self) -> Vec<String> {
        self.said.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Has the party press these keys, one after the other; `false`: too many wait already.
    pub(crate) fn press(&self, keys: &str) -> bool {
        let mut waiting = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        let room = waiting.len() + keys.len() <= KEYS_MAX;
        if room {
            waiting.extend(keys.chars());
        }
        room
    }

    /// The next key that the party is to press.
    pub(crate) fn next_key(&self) -> Option<char> {
        self.keys
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pop_front()
    }

    pub(crate) fn hears(&self, ms: u32) {
        self.heard_ms.fetch_add(u64::from(ms), Ordering::Relaxed);
    }

    pub(crate) fn heard_ms(&self) -> u64 {
        self.heard_ms.load(Ordering::Relaxed)
    }
}

/// All calls under way, by SID.
#[derive(Default)]
pub(crate) struct Live {
    calls: Mutex<HashMap<String, Arc<Handle>>>,
}

impl Live {
    /// Enters a call; the receiver is for its task.
    pub(crate) fn enter(&self, sid: &str) -> (Arc<Handle>, mpsc::Receiver<Order>) {
        let (orders, received) = mpsc::channel(ORDERS_MAX);
        let handle = Arc::new(Handle {
            orders,
            over: CancellationToken::new(),
            said: Mutex::default(),
            keys: Mutex::default(),
            heard_ms: AtomicU64::new(0),
        });
        self.lock().insert(sid.to_owned(), Arc::clone(&handle));
        (handle, received)
    }

    pub(crate) fn leave(&self, sid: &str) {
        self.lock().remove(sid);
    }

    pub(crate) fn get(&self, sid: &str) -> Option<Arc<Handle>> {
        self.lock().get(sid).cloned()
    }

    /// Takes a call out of a conference, if it is still there.
    pub(crate) fn leave_room(&self, sid: &str, room_sid: &str) {
        let Some(handle) = self.get(sid) else { return };
        if handle
            .orders
            .try_send(Order::LeaveRoom {
                room_sid: room_sid.to_owned(),
            })
            .is_err()
        {
            tracing::warn!(
                call.id = sid,
                "a call that does not obey orders was not taken out of its conference"
            );
        }
    }

    /// Ends all calls without a word: the carrier stops.
    pub(crate) fn stop(&self) {
        for handle in self.lock().values() {
            // Full or closed: the call is ending anyway.
            let _ = handle.orders.try_send(Order::Stop);
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Arc<Handle>>> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
