//! What the documents promise, over real sockets.

mod answers;
mod document;
mod examples;
mod hostile;
mod matrix;
mod operations;
mod refusals;
