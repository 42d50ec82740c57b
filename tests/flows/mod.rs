//! The platform's main job over real sockets.

mod bridging;
mod campaign;
mod desks;
mod fanout;
mod imports;
mod mail;
mod openapi;
mod opt_out;
mod recordings;
mod validators;
mod vendors;
mod voice;
mod webhooks;
mod windows;

#[path = "../../functions/job-mail/tests/stand_in/mod.rs"]
#[allow(
    dead_code,
    unreachable_pub,
    reason = "it serves job-mail's own tests too, and more of them"
)]
mod stand_in;
