//! Tenants, users, logins, invitations, mail, and the trail of who did what.

mod accounts;
mod audit;
mod invitations;
mod mail;
mod members;
mod platform;
mod register;
mod roll;
mod sessions;
mod users;

pub use accounts::Account;
pub use audit::{AuditEntry, AuditFilter};
pub use invitations::Invitation;
pub use mail::{Mail, MailStatus};
pub use platform::{Maintenance, PlatformSums, Totals};
pub use register::{NewAccount, NotRegistered};
pub use sessions::{Session, Standing};
pub use users::UserNotWritten;
