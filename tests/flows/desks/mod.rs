//! Human agents' desks with Socket.IO's official client, over real sockets.

mod cards;
mod doors;
mod peers;
