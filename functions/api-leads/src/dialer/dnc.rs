//! The do-not-call list.

use aide::axum::{ApiRouter, routing::get_with};
use axum::extract::State;
use chrono_tz::Tz;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use trunkline_domain::{E164, Error};
use trunkline_http::{
    Auth, Body, Created, Deleted, DialerCount, DialerPaging, Manager, Member, Query, Reply, Result, Seconds,
    phone_filter, read_time, says, sends,
};
use trunkline_service::{
    Ctx,
    dnc::{self, DncEntry, NewEntry},
};
use uuid::Uuid;

const ADDED: &str = "The number is not called any more";

pub(super) fn router() -> ApiRouter<Ctx> {
    ApiRouter::new().api_route(
        "/api/dnc",
        get_with(list, |op| op.summary("List numbers that are not to be called"))
            .post_with(add, |op| {
                op.summary("Put a number on the do-not-call list")
                    .description("A human agent may do so with the numbers of its own calls.")
                    .with(says(ADDED))
            })
            .delete_with(remove, |op| {
                op.summary("Take a number off the do-not-call list")
                    .with(sends(json!({"phone": "+14155552671"})))
            }),
    )
}

/// A number that is not to be called, by any campaign.
#[derive(Debug, Serialize, JsonSchema)]
struct EntryBody {
    /// E.164.
    #[schemars(example = &"+14155552671")]
    phone: String,
    /// How the wish came: `speech`, `key`, `operator`, `import`, `api` or a client's own word.
    #[schemars(example = &"operator")]
    source: String,
    #[schemars(example = &"Asked on the phone")]
    reason: Option<String>,
    /// When the mark ends; null: never.
    expires_at: Option<Seconds>,
    /// The user who put it there; null where the person or a list did.
    added_by: Option<Uuid>,
    created_at: Seconds,
}

impl From<DncEntry> for EntryBody {
    fn from(entry: DncEntry) -> Self {
        Self {
            phone: entry.phone.to_string(),
            source: entry.source,
            reason: entry.reason,
            expires_at: entry.expires_at.map(Seconds),
            added_by: entry.added_by.map(|user| user.0),
            created_at: entry.created_at.into(),
        }
    }
}

#[derive(Debug, Deserialize, JsonSchema)]
struct Filters {
    /// This number alone.
    phone: Option<String>,
}

impl Filters {
    fn number(&self) -> Result<Option<E164>, Error> {
        self.phone
            .as_deref()
            .map(|text| phone_filter("phone", text))
            .transpose()
    }
}

/// An entry's fields.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
struct Fields {
    /// Required.
    #[schemars(example = &"+14155552671")]
    phone: Option<String>,
    /// How the wish came, in your own word, at most 64 characters; unless given `operator` of a human agent, else `api`.
    #[schemars(example = &"operator")]
    source: Option<String>,
    /// At most 500 characters.
    #[schemars(example = &"Asked on the phone")]
    reason: Option<String>,
    /// RFC 3339: when the mark ends by itself; left out: never.
    expires_at: Option<String>,
}

/// Which number.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
struct Which {
    /// Here or in the query.
    phone: Option<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Entries {
    dnc: Vec<EntryBody>,
    #[serde(flatten)]
    count: DialerCount,
}

#[derive(Debug, Serialize, JsonSchema)]
struct One {
    dnc: EntryBody,
}

async fn list(
    State(ctx): State<Ctx>,
    Member(by): Member,
    Query(filters): Query<Filters>,
    DialerPaging(page): DialerPaging,
) -> Result<Reply<Entries>> {
    let phone = filters.number()?;
    let found = dnc::list(&ctx, &by, phone.as_ref(), &page).await?;
    let count = DialerCount::of(&found);
    Ok(Reply::new(Entries {
        dnc: found.items.into_iter().map(EntryBody::from).collect(),
        count,
    }))
}

async fn add(State(ctx): State<Ctx>, Auth(by): Auth, Body(fields): Body<Fields>) -> Result<Created<One>> {
    let expires_at = fields
        .expires_at
        .as_deref()
        .map(|text| read_time("expires_at", text, Tz::UTC))
        .transpose()?;
    let new = NewEntry {
        phone: fields.phone,
        source: fields.source,
        reason: fields.reason,
        expires_at,
    };
    let entry = dnc::add(&ctx, &by, new).await?;
    Ok(Created::new(One { dnc: entry.into() }).message(ADDED))
}

async fn remove(
    State(ctx): State<Ctx>,
    Manager(by): Manager,
    Query(filters): Query<Filters>,
    Body(which): Body<Which>,
) -> Result<Deleted> {
    let phone = filters.number()?.map(|phone| phone.to_string()).or(which.phone);
    dnc::remove(&ctx, &by, phone.as_deref()).await?;
    Ok(Deleted::new("The number may be called again"))
}
