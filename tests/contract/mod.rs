//! What the documents promise, over real sockets.

mod document;
mod hostile;
mod matrix;
mod operations;
mod refusals;
