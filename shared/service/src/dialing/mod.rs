//! The dial-once protocol: a phone rings at most once an attempt (ARCHITECTURE.md, "Dial once").
//!
//! [`pump`] chooses and paces ([`pacing`]: as human agents are free), [`place`] claims and asks the carrier, [`fold`] writes what became
//! of a call, [`hooks`] hears the carrier's callbacks, [`settle`] looks after calls that nobody
//! tells about, [`tick`] is the clock's part, [`steer`] is the user's, [`explain`] tells why a lead is (not) dialled.

pub mod correct;
pub mod explain;
pub mod fold;
pub mod hooks;
pub mod media;
pub mod opt_out;
pub mod pacing;
pub mod permit;
pub mod place;
pub mod pump;
pub mod rules;
pub mod settle;
pub mod steer;
pub mod tick;
pub mod window;

pub use steer::{launch, pause, resume, stop};
