//! What handlers take. Each refuses in the caller's dialect and documents itself.
//!
//! Order them as checks run: [`Auth`] (401, 403) first, then ids and queries, the [`Body`] last.

mod auth;
mod body;
mod dates;
mod form;
mod if_match;
mod new_id;
mod pages;
mod path;
mod problem;
mod query;
mod sort;

pub use auth::{Admin, Auth, Bearer, Manager, MaybeAuth, Member};
pub(crate) use auth::{Caller, bearer};
pub(crate) use body::collect;
pub use body::{Body, body_limit};
pub use dates::{DateRange, read_time};
pub use form::{Form, Part};
pub use if_match::IfMatch;
pub(crate) use if_match::tag_of;
pub use new_id::NewId;
pub(crate) use new_id::key_of;
pub use pages::{DialerPaging, Paging, V1Paging};
pub use path::{FromPath, PathId, PathText};
pub use query::{Choice, Query, choose, phone_filter};
pub use sort::{SortKey, sort_keys};
