//! Voice activity: Silero's network behind a cheap gate, and a plain detector
//! by level for when the network is not there.

mod energy;
mod gate;
mod silero;
mod stream;

pub use energy::Energy;
pub(crate) use gate::Gate;
pub use stream::Silero;
