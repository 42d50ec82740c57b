//! What the documents promise, over real sockets.

mod hostile;
mod matrix;
mod operations;
mod refusals;
