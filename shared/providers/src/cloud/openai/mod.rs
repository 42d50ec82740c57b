//! OpenAI, and whoever speaks its API: chat completions and speech.

mod answer;
mod chat;
mod prompt;
mod speech;

pub(super) use chat::Chat;
pub(super) use speech::Speech;
