//! Tenants, users, logins, invitations and mail.

mod accounts;
mod invitations;
mod mail;
mod register;
mod sessions;

pub use accounts::Account;
pub use invitations::Invitation;
pub use mail::Mail;
pub use register::{NewAccount, NotRegistered};
pub use sessions::Session;
