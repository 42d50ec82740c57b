//! Invitations into a tenant.

use aide::axum::{ApiRouter, routing::post_with};
use axum::extract::State;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use trunkline_domain::{Error, Role};
use trunkline_http::{Auth, Body, Created, Manager, Reply, Result, Seconds, example, wire::UserBody};
use trunkline_service::{Ctx, identity};

pub(crate) fn router() -> ApiRouter<Ctx> {
    ApiRouter::new()
        .api_route(
            "/users/invitations",
            post_with(invite, |op| op.summary("Invite somebody into the tenant")),
        )
        .api_route(
            "/users/invitations/accept",
            post_with(accept, |op| {
                op.summary("Accept an invitation with an account that exists")
            }),
        )
}

/// Who is invited, and as what.
#[derive(Deserialize, JsonSchema)]
struct Invite {
    #[schemars(example = &"colleague@example.com")]
    email: String,
    /// `agent`, `user` or `manager`; at most one's own.
    #[schemars(example = &"user")]
    role: Option<String>,
}

/// An invitation; its token is shown only here.
#[derive(Serialize, JsonSchema)]
struct Invitation {
    #[schemars(example = example::id("invitation_id"))]
    id: String,
    #[schemars(example = &"inv_…")]
    token: String,
    expires_at: Seconds,
}

/// An invitation's token.
#[derive(Deserialize, JsonSchema)]
struct Accept {
    #[schemars(example = &"inv_…")]
    token: String,
}

async fn invite(
    State(ctx): State<Ctx>,
    Manager(by): Manager,
    Body(body): Body<Invite>,
) -> Result<Created<Invitation>> {
    let word = body.role.as_deref().unwrap_or("user");
    let unknown = || {
        Error::invalid(
            "role",
            format!("`{word}` is not known; allowed: agent, user, manager, admin"),
        )
    };
    let role = Role::read(word).ok_or_else(unknown)?;
    let invited = identity::invite(&ctx, &by, &body.email, role).await?;
    let token = invited.token.reveal().to_owned();
    Ok(Created::new(Invitation {
        id: invited.id.to_string(),
        token,
        expires_at: Seconds(invited.expires),
    }))
}

async fn accept(State(ctx): State<Ctx>, Auth(by): Auth, Body(body): Body<Accept>) -> Result<Reply<UserBody>> {
    Ok(Reply::new(
        identity::accept_invitation(&ctx, &by, &body.token).await?.into(),
    ))
}
