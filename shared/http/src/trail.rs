//! The trail of who did what: every request that may change something has its entry before it runs.

use std::net::IpAddr;

use axum::{
    extract::{MatchedPath, Request},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::Method;
use serde_json::Value;
use trunkline_auth::Principal;
use trunkline_service::{
    Ctx,
    audit::{self, Deed},
};
use uuid::Uuid;

use crate::{
    Failure,
    client::ClientAddr,
    failure::Unrendered,
    reply::{Payload, object},
};

/// Runs a request. One that may change something is on the trail first, and off it again when it was refused.
pub(crate) async fn run(ctx: &Ctx, by: &Principal, request: Request, next: Next) -> Response {
    let Some(deed) = deed(&request) else {
        return next.run(request).await;
    };
    let entry = match audit::begin(ctx, by, deed).await {
        Ok(entry) => entry,
        Err(error) => return Failure::from(error).into_response(),
    };
    let response = next.run(request).await;
    if was_refused(&response) {
        audit::refused(ctx, &entry).await;
    } else if let (None, Some(made)) = (entry.target_id, made(&response)) {
        audit::aimed(ctx, entry, made).await;
    }
    response
}

/// What proves who one is, whatever token comes with it: its own handlers note whose it was.
const NOTED_THERE: [&str; 4] = [
    "/auth/login",
    "/auth/refresh-token",
    "/auth/forgot-password",
    "/auth/reset-password",
];

/// What a request is about to do; none for one that only reads.
fn deed(request: &Request) -> Option<Deed> {
    let route = request.extensions().get::<MatchedPath>()?.as_str();
    if NOTED_THERE.iter().any(|end| route.ends_with(end)) {
        return None;
    }
    let (action, target_type) = name(request.method(), route)?;
    let address = request.extensions().get::<ClientAddr>().map(|client| client.0);
    Some(Deed {
        action,
        target_type,
        target_id: target(route, request.uri().path()),
        address: address.as_ref().map(IpAddr::to_string),
    })
}

/// `campaigns.launch` on a `campaign`: the collection, then the last fixed word or what the method means.
fn name(method: &Method, route: &str) -> Option<(String, String)> {
    let usual = match method.as_str() {
        "POST" => "create",
        "PUT" | "PATCH" => "update",
        "DELETE" => "delete",
        _ => return None,
    };
    let below = route
        .strip_prefix("/api/v1/")
        .or_else(|| route.strip_prefix("/api/"))
        .or_else(|| route.strip_prefix('/'))?;
    let parts: Vec<&str> = below.split('/').filter(|part| !part.is_empty()).collect();
    // What the admin does to users is done to users.
    let parts = match parts.as_slice() {
        ["admin", rest @ ..] if !rest.is_empty() => rest,
        all => all,
    };
    let (collection, rest) = parts.split_first()?;
    let fixed: Vec<&str> = rest
        .iter()
        .filter(|part| !part.starts_with('{'))
        .copied()
        .collect();
    let verb = match (fixed.as_slice(), method.as_str()) {
        ([], _) => usual.to_owned(),
        (words, "POST") => words.join("."),
        (words, _) => format!("{}.{usual}", words.join(".")),
    };
    let kind = match *collection {
        "auth" => "user",
        "call-logs" => "call",
        "call-recordings" => "recording",
        other => other.strip_suffix('s').unwrap_or(other),
    };
    Some((format!("{collection}.{verb}"), kind.replace('-', "_")))
}

/// The id in the path: the last parameter of the route that is one.
fn target(route: &str, path: &str) -> Option<Uuid> {
    let pairs = route.split('/').zip(path.split('/'));
    let ids = pairs.filter(|(name, _)| name.starts_with('{'));
    ids.filter_map(|(_, text)| Uuid::try_parse(text).ok()).last()
}

/// Whether nothing was done: a failure that is not a fault of ours, which may have come half-way.
fn was_refused(response: &Response) -> bool {
    match response.extensions().get::<Unrendered>() {
        Some(Unrendered(failure)) => failure.is_refusal(),
        None => response.status().is_client_error(),
    }
}

/// The id of what was made: the answer's own, or that of the one record in it.
fn made(response: &Response) -> Option<Uuid> {
    let data = response.extensions().get::<Payload>()?.data.clone();
    let fields = object(data);
    let id = |value: &Value| value.get("id")?.as_str()?.parse().ok();
    let own = fields.get("id").and_then(|id| id.as_str()?.parse().ok());
    own.or_else(|| fields.values().find_map(id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deed_is_named_by_its_route() {
        for (method, route, action, kind) in [
            (Method::POST, "/campaigns", "campaigns.create", "campaign"),
            (
                Method::POST,
                "/campaigns/{campaign_id}/launch",
                "campaigns.launch",
                "campaign",
            ),
            (Method::PUT, "/users/{user_id}", "users.update", "user"),
            (Method::DELETE, "/api/leads/{id}", "leads.delete", "lead"),
            (
                Method::PUT,
                "/call-logs/{call_id}/notes",
                "call-logs.notes.update",
                "call",
            ),
            (
                Method::POST,
                "/admin/users/{user_id}/deactivate",
                "users.deactivate",
                "user",
            ),
            (
                Method::POST,
                "/admin/system/maintenance",
                "system.maintenance",
                "system",
            ),
            (Method::POST, "/api/v1/auth/logout", "auth.logout", "user"),
            (Method::POST, "/users/invitations", "users.invitations", "user"),
        ] {
            assert_eq!(
                name(&method, route),
                Some((action.to_owned(), kind.to_owned())),
                "{method} {route}"
            );
        }
        assert_eq!(name(&Method::GET, "/campaigns"), None);
    }

    #[test]
    fn the_record_is_the_one_that_the_path_names() {
        let id = Uuid::from_u128(7);
        assert_eq!(target("/users/{user_id}", &format!("/users/{id}")), Some(id));
        assert_eq!(target("/users/{user_id}", "/users/<script>"), None);
        assert_eq!(target("/users", "/users"), None);
    }
}
