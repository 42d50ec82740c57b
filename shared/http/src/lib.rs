//! HTTP, once: extractors, the dialects' bodies and errors, paging, limits, idempotency, OpenAPI.
//!
//! A function's crate declares its routes and nothing else; [`finish`] puts the layers around them. Handlers know no
//! envelope, no error body and no status but that of their success.
//!
//! ```
//! use aide::axum::{ApiRouter, routing::get};
//! use axum::extract::State;
//! use schemars::JsonSchema;
//! use serde::{Deserialize, Serialize};
//! use trunkline_domain::{CampaignId, Error, error::Kind, page::Page};
//! use trunkline_http::{Auth, Body, Created, Deleted, List, Member, Paging, PathId, Reply, Result};
//! use trunkline_service::Ctx;
//!
//! /// Creates a campaign.
//! #[derive(Debug, Deserialize, JsonSchema)]
//! struct Create {
//!     name: String,
//! }
//!
//! #[derive(Debug, Serialize, JsonSchema)]
//! struct Campaign {
//!     name: String,
//! }
//!
//! pub fn router() -> ApiRouter<Ctx> {
//!     ApiRouter::new()
//!         .api_route("/campaigns", get(list).post_with(create, |op| op.summary("Create campaign")))
//!         .api_route("/campaigns/{campaign_id}", get(one).delete(delete))
//! }
//!
//! // Anybody with a token; `skip`, `limit` and `cursor` are read and bounded.
//! async fn list(State(_ctx): State<Ctx>, Auth(_by): Auth, Paging(page): Paging) -> Result<Reply<List<Campaign>>> {
//!     let found = Page { items: vec![], total: 0, total_is_lower_bound: false, next_cursor: None };
//!     Ok(Reply::new(List::of(found, &page)))
//! }
//!
//! // No human agents (403); a body that is no JSON is 400, one with a wrong field 422 with its name.
//! async fn create(State(_ctx): State<Ctx>, Member(_by): Member, Body(body): Body<Create>) -> Result<Created<Campaign>> {
//!     Ok(Created::new(Campaign { name: body.name }))
//! }
//!
//! // A path that is no id is 404, as is what the service does not find.
//! async fn one(State(_ctx): State<Ctx>, Auth(_by): Auth, PathId(id): PathId<CampaignId>) -> Result<Reply<Campaign>> {
//!     let _: CampaignId = id;
//!     Err(Error::NotFound(Kind::Campaign).into())
//! }
//!
//! // 204 at `/`, 200 with a message elsewhere.
//! async fn delete(Member(_by): Member, PathId(_id): PathId<CampaignId>) -> Result<Deleted> {
//!     Ok(Deleted::new("Campaign deleted successfully"))
//! }
//! # let _ = router();
//! ```
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        reason = "a test may stop at the first surprise"
    )
)]

mod client;
mod cors;
pub mod dialect;
mod edge;
pub mod extract;
mod failure;
mod finish;
mod guard;
mod idempotency;
mod limits;
mod names;
mod object;
mod openapi;
mod options;
mod patch;
mod render;
pub mod reply;
mod shared;
mod trail;
pub mod when;
pub mod wire;

pub use client::ClientAddr;
pub use cors::for_browsers;
pub use dialect::Dialect;
pub use extract::{
    Admin, Auth, Bearer, Body, DateRange, DialerPaging, Form, IfMatch, Manager, MaybeAuth, Member, NewId,
    Paging, PathId, PathText, Query, SortKey, V1Paging, choose, phone_filter, read_time, sort_keys,
};
pub use failure::{Failure, Result};
pub use finish::{document, finish};
pub use limits::AccountLimit;
pub use object::Object;
pub use openapi::{
    example,
    tell::{BY_CARRIER, beside, says, sends},
};
pub use options::{CorsOrigins, HttpOptions, NotANetwork, OpenApiSource};
pub use patch::Patch;
pub use reply::{Accepted, ByteRange, Created, Deleted, DialerCount, File, List, Reply, Said, V1Pagination};
pub use shared::Deployment;
pub use when::{Millis, Seconds};
