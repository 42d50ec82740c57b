//! Which socket is in which room, and what goes where.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::json;
use socketioxide::SocketError;
use socketioxide::extract::SocketRef;
use socketioxide::socket::Sid;
use tokio::sync::Semaphore;
use tokio::time::{Duration, Instant};

use super::DeskOptions;
use super::port::{Desk, Message, News};
use super::seen::Seen;

/// How much earlier than a desk opened something may have been written that is told to it all the same: clocks differ.
const SKEW: Duration = Duration::from_secs(1);
/// The window in which a socket's requests are counted.
const WINDOW: Duration = Duration::from_secs(60);

/// All desks of this instance.
#[derive(Debug)]
pub(super) struct Hub {
    options: DeskOptions,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    sockets: HashMap<Sid, Seat>,
    rooms: HashMap<String, HashSet<Sid>>,
    /// How many sockets each user has.
    users: HashMap<String, usize>,
    /// What was closed here, and has not let go: there was no room to tell it. These count as sockets, so that there are never more.
    dropped: Vec<SocketRef>,
}

#[derive(Debug)]
struct Seat {
    socket: SocketRef,
    token: String,
    user: String,
    /// The rooms it is in, and since when.
    rooms: HashMap<String, Instant>,
    /// The desks that it has opened.
    desks: HashSet<Desk>,
    tenants: HashSet<String>,
    seen: Seen,
    /// Since when it is here.
    since: Instant,
    /// Its requests are worked one after another.
    turn: Arc<Semaphore>,
    asked: usize,
    asked_since: Instant,
}

impl Hub {
    pub(super) fn new(options: DeskOptions) -> Self {
        Self {
            options,
            state: Mutex::default(),
        }
    }

    pub(super) const fn options(&self) -> &DeskOptions {
        &self.options
    }

    /// Takes a socket in, whose token is good.
    ///
    /// # Errors
    /// Why there is no room for it.
    pub(super) fn enter(&self, socket: SocketRef, token: String, user: String) -> Result<(), String> {
        let mut state = self.state();
        if state.sockets.len() + state.dropped.len() >= self.options.sockets_max {
            return Err("too many desks are connected here; try again later".to_owned());
        }
        let mine = state.users.entry(user.clone()).or_default();
        if *mine >= self.options.sockets_a_user_max {
            let most = self.options.sockets_a_user_max;
            return Err(format!(
                "you have {most} sockets open, which is the most; close one"
            ));
        }
        *mine += 1;
        let seat = Seat {
            token,
            user,
            rooms: HashMap::new(),
            desks: HashSet::new(),
            tenants: HashSet::new(),
            seen: Seen::default(),
            since: Instant::now(),
            turn: Arc::new(Semaphore::new(1)),
            asked: 0,
            asked_since: Instant::now(),
            socket: socket.clone(),
        };
        state.sockets.insert(socket.id, seat);
        Ok(())
    }

    /// A socket is gone.
    pub(super) fn exit(&self, socket: Sid) {
        self.state().remove(socket);
    }

    /// Puts a socket into a desk's two rooms, and answers in which it was not before. To do so again is no change.
    ///
    /// # Errors
    /// Why it cannot be there.
    pub(super) fn join(&self, socket: Sid, desk: &Desk) -> Result<Vec<String>, String> {
        let mut state = self.state();
        let state = &mut *state;
        let Some(seat) = state.sockets.get_mut(&socket) else {
            return Err("the socket is closed".to_owned());
        };
        let rooms = [tenant_room(&desk.tenant), agent_room(&desk.agent)];
        let new = rooms.iter().filter(|room| !seat.rooms.contains_key(*room));
        let new: Vec<String> = new.cloned().collect();
        if seat.rooms.len() + new.len() > self.options.rooms_a_socket_max {
            let most = self.options.rooms_a_socket_max;
            return Err(format!(
                "this socket is in {most} rooms, which is the most; open another one"
            ));
        }
        for room in rooms {
            state.rooms.entry(room.clone()).or_default().insert(socket);
            seat.rooms.entry(room).or_insert_with(Instant::now);
        }
        seat.desks.insert(desk.clone());
        seat.tenants.insert(desk.tenant.clone());
        Ok(new)
    }

    /// Takes a socket out of the rooms that a refused join has put it into.
    pub(super) fn unjoin(&self, socket: Sid, desk: &Desk, new: &[String]) {
        let mut state = self.state();
        let state = &mut *state;
        let Some(seat) = state.sockets.get_mut(&socket) else {
            return;
        };
        for room in new {
            seat.rooms.remove(room);
            leave(&mut state.rooms, room, socket);
        }
        if new.contains(&agent_room(&desk.agent)) {
            seat.desks.remove(desk);
        }
        if new.contains(&tenant_room(&desk.tenant)) {
            seat.tenants.remove(&desk.tenant);
        }
    }

    /// A socket's token and its turn, when it may ask for something now.
    ///
    /// # Errors
    /// Why it may not.
    pub(super) fn ask(&self, socket: Sid) -> Result<(String, Arc<Semaphore>), String> {
        let mut state = self.state();
        let Some(seat) = state.sockets.get_mut(&socket) else {
            return Err("the socket is closed".to_owned());
        };
        if seat.asked_since.elapsed() >= WINDOW {
            seat.asked_since = Instant::now();
            seat.asked = 0;
        }
        if seat.asked >= self.options.requests_a_minute_max {
            let most = self.options.requests_a_minute_max;
            return Err(format!("this socket asked {most} times within a minute; wait"));
        }
        seat.asked += 1;
        Ok((seat.token.clone(), Arc::clone(&seat.turn)))
    }

    /// Whether anybody here is to be told.
    pub(super) fn is_for_somebody(&self, news: &News) -> bool {
        self.state().rooms.contains_key(&room_of(news))
    }

    /// Tells whoever is in the news' room, each once. `age`: how long ago it was written down; none: it has just happened.
    pub(super) fn tell(&self, news: &News, message: &Message, age: Option<Duration>) {
        let room = room_of(news);
        let mut state = self.state();
        let Some(inside) = state.rooms.get(&room) else {
            return;
        };
        let inside: Vec<Sid> = inside.iter().copied().collect();
        for socket in inside {
            let Some(seat) = state.sockets.get(&socket) else {
                continue;
            };
            // What was there before a desk opened, it asks for itself.
            let opened = seat.rooms.get(&room).map(|since| since.elapsed() + SKEW);
            if age.is_some_and(|age| opened.is_none_or(|opened| age > opened)) {
                continue;
            }
            state.emit(socket, news, message);
        }
    }

    /// Tells one socket what it has missed, once.
    pub(super) fn tell_one(&self, socket: Sid, news: &News, message: &Message) {
        self.state().emit(socket, news, message);
    }

    /// Every token that a socket came with, each once.
    pub(super) fn tokens(&self) -> Vec<String> {
        let state = self.state();
        let tokens: HashSet<&String> = state.sockets.values().map(|seat| &seat.token).collect();
        tokens.into_iter().cloned().collect()
    }

    /// Every desk that is open here, with the token that it was opened with, each once.
    pub(super) fn desks(&self) -> HashSet<(String, Desk)> {
        let state = self.state();
        let seats = state.sockets.values();
        seats
            .flat_map(|seat| seat.desks.iter().map(|desk| (seat.token.clone(), desk.clone())))
            .collect()
    }

    /// Shuts a desk that a token may not open any more; its sockets stay in the tenant's room.
    pub(super) fn shut(&self, token: &str, desk: &Desk, why: &str) {
        let mut state = self.state();
        let state = &mut *state;
        let room = agent_room(&desk.agent);
        for (id, seat) in &mut state.sockets {
            if seat.token == token && seat.desks.remove(desk) {
                tracing::info!(user.id = %seat.user, agent.id = %desk.agent, why, "a desk may not be heard any more");
                seat.rooms.remove(&room);
                leave(&mut state.rooms, &room, *id);
            }
        }
    }

    /// Closes the sockets of a token that is not good any more, and tells them why.
    pub(super) fn end(&self, token: &str, why: &str) {
        let mut state = self.state();
        let theirs: Vec<Sid> = state
            .sockets
            .iter()
            .filter(|(_, seat)| seat.token == token)
            .map(|(id, _)| *id)
            .collect();
        for socket in theirs {
            let Some(seat) = state.remove(socket) else {
                continue;
            };
            tracing::info!(user.id = %seat.user, why, "a desk's token is not good any more");
            let told = json!({ "code": 4401, "message": why });
            if let Err(error) = seat.socket.emit("session:ended", &told) {
                tracing::debug!(%error, "it could not be told why");
            }
            state.close(seat.socket);
        }
    }

    /// Forgets sockets that were closed while they were let in: nobody tells of their end.
    pub(super) fn forget_closed(&self, older: Duration) {
        let mut state = self.state();
        let closed: Vec<Sid> = state
            .sockets
            .iter()
            .filter(|(_, seat)| seat.since.elapsed() > older && !seat.socket.connected())
            .map(|(id, _)| *id)
            .collect();
        for socket in closed {
            state.remove(socket);
        }
    }

    /// Closes what was to be closed and had no room to be told so: a client that reads again would stay, and hear nothing.
    pub(super) fn drop_again(&self) {
        let mut state = self.state();
        for socket in std::mem::take(&mut state.dropped) {
            state.close(socket);
        }
    }

    /// The tenants whose desks are open here.
    pub(super) fn tenants(&self) -> HashSet<String> {
        let state = self.state();
        let tenants = state.sockets.values().flat_map(|seat| &seat.tenants);
        tenants.cloned().collect()
    }

    /// How many sockets there are.
    pub(super) fn len(&self) -> usize {
        self.state().sockets.len()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing panics while it is held, and the maps agree after each step.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn emit(&mut self, socket: Sid, news: &News, message: &Message) {
        let Some(seat) = self.sockets.get_mut(&socket) else {
            return;
        };
        if !seat.seen.is_new(news) {
            return;
        }
        let Err(error) = seat.socket.emit(&message.name, &message.data) else {
            return;
        };
        // What it has missed it gets when it comes back.
        tracing::warn!(user.id = %seat.user, %error, "a desk does not read what it is told, and is dropped");
        if let Some(seat) = self.remove(socket) {
            self.close(seat.socket);
        }
    }

    fn close(&mut self, socket: SocketRef) {
        match socket.clone().disconnect() {
            Ok(()) | Err(SocketError::Closed) => {}
            // Until there is room, or its heartbeat ends the connection.
            Err(SocketError::InternalChannelFull) => {
                if socket.connected() {
                    self.dropped.push(socket);
                }
            }
        }
    }

    fn remove(&mut self, socket: Sid) -> Option<Seat> {
        let seat = self.sockets.remove(&socket)?;
        for room in seat.rooms.keys() {
            leave(&mut self.rooms, room, socket);
        }
        if let Some(count) = self.users.get_mut(&seat.user) {
            *count -= 1;
            if *count == 0 {
                self.users.remove(&seat.user);
            }
        }
        Some(seat)
    }
}

fn leave(rooms: &mut HashMap<String, HashSet<Sid>>, room: &str, socket: Sid) {
    if let Some(inside) = rooms.get_mut(room) {
        inside.remove(&socket);
        if inside.is_empty() {
            rooms.remove(room);
        }
    }
}

fn room_of(news: &News) -> String {
    news.desk
        .as_deref()
        .map_or_else(|| tenant_room(&news.tenant), agent_room)
}

fn tenant_room(tenant: &str) -> String {
    format!("tenant:{tenant}")
}

fn agent_room(agent: &str) -> String {
    format!("agent:{agent}")
}
