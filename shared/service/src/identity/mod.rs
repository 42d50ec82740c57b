//! Who there is and who is asking: registration, logins, passwords, invitations, users.

mod admin;
mod email;
mod invitations;
mod login;
mod managers;
mod names;
mod passwords;
mod register;
mod sessions;
mod users;
mod users_list;

pub use admin::ensure_admin;
pub use email::read_email;
pub use invitations::{Invited, accept_invitation, invite};
pub use login::login;
pub(crate) use managers::tell_managers;
pub use names::{read_name, split_name};
pub use passwords::{forgot_password, reset_password};
pub use register::{NewUser, register};
pub use sessions::{Tokens, admit, authenticate, logout, me, refresh, start_session, still_good};
pub use users::{PasswordChange, RoleChange, UserPatch, delete, set_active, update, user, version};
pub use users_list::{USER_SORTS, UserSort, UsersQuery, list_users};
