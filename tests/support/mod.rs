//! A platform of a test's own, and a client that knows only the documents.

pub(crate) mod api;
pub(crate) mod carrier;
pub(crate) mod desk;
pub(crate) mod edges;
pub(crate) mod humans;
pub(crate) mod logs;
pub(crate) mod node;
pub(crate) mod openai;
pub(crate) mod packages;
pub(crate) mod platform;
pub(crate) mod python;
pub(crate) mod recorder;
pub(crate) mod wav;
