//! The carriers' sockets.

pub mod twilio;
