//! The platform's main job over real sockets.

mod campaign;
mod fanout;
mod openapi;
