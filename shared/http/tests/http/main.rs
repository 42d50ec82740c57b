//! The layers and extractors, asked as a client asks them.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    reason = "a test may stop at the first surprise"
)]

mod bodies;
mod edges;
mod errors;
mod idempotency;
mod limits;

use aide::axum::{
    ApiRouter,
    routing::{get, post},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use trunkline_domain::{CampaignId, Error, FieldError, error::Kind, page::Page};
use trunkline_http::{
    Auth, Body, Created, Deleted, HttpOptions, List, Member, NewId, Paging, PathId, PathText, Reply, Result,
};
use trunkline_service::{
    Ctx,
    identity::{self, NewUser},
};
use trunkline_testing::{Instance, World};

/// A router with a route of each kind in each dialect.
fn router() -> ApiRouter<Ctx> {
    let mut router = ApiRouter::new()
        .api_route("/things", get(list).post(create))
        .api_route("/api/things", post(create))
        .api_route("/api/v1/stats/things", post(create))
        .api_route("/things/{campaign_id}", get(one).delete(delete))
        .api_route("/api/things/{campaign_id}", get(one).delete(delete))
        .api_route("/phrases", get(phrases))
        .api_route("/flaky", post(flaky));
    for prefix in [
        "/fail",
        "/api/fail",
        "/api/v1/fail",
        "/api/v1/stats/fail",
        "/api/v1/config/fail",
    ] {
        router = router.api_route(&format!("{prefix}/{{what}}"), get(fail));
    }
    router
}

fn instance(world: &World) -> Instance {
    world.instance(HttpOptions::default(), router())
}

const PASSWORD: &str = "correct horse";

/// A user's access token.
async fn token(world: &World, email: &str) -> String {
    let ctx = world.ctx();
    let new = NewUser {
        email: email.into(),
        password: PASSWORD.into(),
        first_name: "A".into(),
        last_name: "B".into(),
        phone: None,
        role: None,
        tenant: None,
        invitation: None,
    };
    let user = identity::register(&ctx, None, new).await.unwrap();
    identity::start_session(&ctx, &user).await.unwrap().access
}

#[derive(Debug, Deserialize, JsonSchema)]
struct Create {
    name: String,
    #[serde(default)]
    count: u32,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Thing {
    id: String,
    name: String,
    count: u32,
}

async fn list(Auth(_): Auth, Paging(page): Paging) -> Result<Reply<List<u32>>> {
    let found = Page {
        items: vec![1, 2],
        total: 2,
        total_is_lower_bound: false,
        next_cursor: None,
    };
    Ok(Reply::new(List::of(found, &page)))
}

async fn create(Member(_): Member, new: NewId, Body(body): Body<Create>) -> Result<Created<Thing>> {
    Ok(Created::new(Thing {
        id: new.id.to_string(),
        name: body.name,
        count: body.count,
    })
    .etag(1))
}

async fn one(Auth(_): Auth, PathId(id): PathId<CampaignId>) -> Result<Reply<Thing>> {
    Ok(Reply::new(Thing {
        id: id.to_string(),
        name: "one".into(),
        count: 1,
    }))
}

async fn delete(Auth(_): Auth, PathId(_): PathId<CampaignId>) -> Result<Deleted> {
    Ok(Deleted::new("Thing deleted successfully"))
}

async fn phrases() -> Result<Reply<Vec<Thing>>> {
    Ok(Reply::bare(vec![Thing {
        id: "1".into(),
        name: "billing".into(),
        count: 3,
    }]))
}

async fn flaky(Auth(_): Auth) -> Result<Reply<Thing>> {
    Err(Error::internal("the disk is on fire").into())
}

async fn fail(PathText(what): PathText) -> Result<Reply<Thing>> {
    let error = match what.as_str() {
        "malformed" => Error::Malformed("not JSON".into()),
        "invalid" => Error::invalid("name", "it is required"),
        "phone" => Error::Invalid(vec![FieldError::phone("to", "no phone number")]),
        "missing" => Error::NotFound(Kind::Campaign),
        "conflict" => Error::conflict(Kind::Campaign, "a paused campaign cannot be paused"),
        "credentials" => Error::BadCredentials,
        "expired" => Error::TokenExpired,
        "token" => Error::TokenInvalid("no token".into()),
        "forbidden" => Error::Forbidden("managers only".into()),
        "busy" => Error::Unavailable {
            what: "maintenance".into(),
            retry_after_s: 7,
        },
        "internal" => Error::internal("a secret of the database"),
        _ => panic!("a secret of the handler"),
    };
    Err(error.into())
}
