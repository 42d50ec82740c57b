//! Conferences: who is in which, what they hear, what the platform is told.

mod heard;
mod mix;
mod model;
mod slots;
mod state;
#[cfg(test)]
mod tests;

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use crate::{
    clock::{self, Moment},
    ids,
};
pub(crate) use model::{Change, Event, Member, Outcome, Phase};
pub(crate) use state::State;

/// So many ended conferences are remembered.
const ENDED_MAX: usize = 1000;

/// A conference, or the hidden one behind a `<Dial><Number>`.
pub(crate) struct Room {
    pub(crate) sid: String,
    pub(crate) name: String,
    pub(crate) created: Moment,
    state: Mutex<State>,
}

impl Room {
    fn new(name: &str) -> Arc<Self> {
        Arc::new(Self {
            sid: ids::new_sid(ids::Kind::Conference),
            name: name.to_owned(),
            created: clock::now(),
            state: Mutex::new(State::new(clock::now())),
        })
    }

    /// A room for a bridge of two, which no list shows.
    pub(crate) fn hidden() -> Arc<Self> {
        Self::new("")
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// All conferences. They are kept in memory: a restart ends their calls, and with them the conferences.
#[derive(Default)]
pub(crate) struct Rooms {
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    open: HashMap<String, Arc<Room>>,
    ended: VecDeque<Arc<Room>>,
}

impl Rooms {
    /// The open conference of this name, made if there is none.
    pub(crate) fn named(&self, name: &str) -> Arc<Room> {
        let mut inner = self.lock();
        inner.sweep();
        Arc::clone(
            inner
                .open
                .entry(name.to_owned())
                .or_insert_with(|| Room::new(name)),
        )
    }

    /// The open or ended conference with this SID, or the open one of this name.
    pub(crate) fn find(&self, sid_or_name: &str) -> Option<Arc<Room>> {
        let mut inner = self.lock();
        inner.sweep();
        let by_sid = |room: &&Arc<Room>| room.sid == sid_or_name;
        inner
            .open
            .get(sid_or_name)
            .or_else(|| inner.open.values().find(by_sid))
            .or_else(|| inner.ended.iter().find(by_sid))
            .cloned()
    }

    /// The conference with this SID, or the youngest of this name, ended ones too.
    pub(crate) fn find_ever(&self, sid_or_name: &str) -> Option<Arc<Room>> {
        let named = || self.all().into_iter().find(|room| room.name == sid_or_name);
        self.find(sid_or_name).or_else(named)
    }

    /// All that are known, newest first.
    pub(crate) fn all(&self) -> Vec<Arc<Room>> {
        let mut inner = self.lock();
        inner.sweep();
        let mut rooms: Vec<Arc<Room>> = inner.open.values().chain(&inner.ended).cloned().collect();
        rooms.sort_by(|a, b| (b.created, &b.sid).cmp(&(a.created, &a.sid)));
        rooms
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    /// Moves what has ended out of the way: its name is free again.
    fn sweep(&mut self) {
        let ended: Vec<String> = self
            .open
            .iter()
            .filter(|(_, room)| room.state().phase == Phase::Completed)
            .map(|(name, _)| name.clone())
            .collect();
        for name in ended {
            self.ended.extend(self.open.remove(&name));
        }
        while self.ended.len() > ENDED_MAX {
            self.ended.pop_front();
        }
    }
}
