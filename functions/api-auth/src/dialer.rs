//! The Dialer's two, and the three that exist everywhere.

use aide::axum::{
    ApiRouter,
    routing::{get_with, post_with},
};
use axum::extract::State;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;
use trunkline_domain::User;
use trunkline_http::{
    AccountLimit, Auth, Bearer, Body, Created, MaybeAuth, Reply, Result, Said, Seconds, example, says, sends,
};
use trunkline_service::{
    Ctx,
    identity::{self, Tokens},
};
use uuid::Uuid;

use crate::forms::{LOGGED_IN, LOGOUT, Login, REGISTERED, Refresh, Register};

pub(crate) fn router() -> ApiRouter<Ctx> {
    ApiRouter::new()
        .api_route(
            "/api/auth/register",
            post_with(register, |op| {
                op.summary("Register user")
                    .with(says(REGISTERED))
                    .with(sends(json!({
                        "email": "user@example.com",
                        "password": "securePassword123",
                        "first_name": "John",
                        "last_name": "Doe",
                        "phone": "+14155551234",
                        "role": "agent",
                        "tenant_id": example::id("tenant_id"),
                    })))
            }),
        )
        .api_route(
            "/api/auth/login",
            post_with(login, |op| op.summary("Login").with(says(LOGGED_IN))),
        )
        .api_route(
            "/api/auth/refresh-token",
            post_with(refresh, |op| op.summary("Refresh token")),
        )
        .api_route("/api/auth/me", get_with(me, |op| op.summary("Current user")))
        .api_route(
            "/api/auth/logout",
            post_with(logout, |op| op.summary("Logout").with(says(LOGOUT))),
        )
}

/// A user, with its true role.
#[derive(Serialize, JsonSchema)]
struct DialerUser {
    #[schemars(example = example::id("user_id"))]
    id: Uuid,
    #[schemars(example = &"user@example.com")]
    email: String,
    #[schemars(example = &"manager")]
    role: &'static str,
    tenant_id: Uuid,
    #[schemars(example = &"John")]
    first_name: String,
    #[schemars(example = &"Doe")]
    last_name: String,
    #[schemars(example = &"+14155551234")]
    phone: Option<String>,
    is_active: bool,
    created_at: Seconds,
    updated_at: Seconds,
    last_login_at: Option<Seconds>,
}

impl From<User> for DialerUser {
    fn from(user: User) -> Self {
        Self {
            id: user.id.0,
            email: user.email,
            role: user.role.as_str(),
            tenant_id: user.tenant.0,
            first_name: user.first_name,
            last_name: user.last_name,
            phone: user.phone,
            is_active: user.is_active,
            created_at: Seconds(user.created_at),
            updated_at: Seconds(user.updated_at),
            last_login_at: user.last_login_at.map(Seconds),
        }
    }
}

/// A login.
#[derive(Serialize, JsonSchema)]
struct DialerLogin {
    #[schemars(example = example::TOKEN)]
    token: String,
    #[schemars(example = example::TOKEN)]
    refresh_token: String,
    /// Seconds.
    #[schemars(example = 86_400)]
    expires_in: u32,
    user: DialerUser,
}

impl From<(User, Tokens)> for DialerLogin {
    fn from((user, tokens): (User, Tokens)) -> Self {
        Self {
            token: tokens.access,
            refresh_token: tokens.refresh,
            expires_in: tokens.expires_in_s,
            user: user.into(),
        }
    }
}

/// The user who asks.
#[derive(Serialize, JsonSchema)]
struct Me {
    user: DialerUser,
}

async fn register(
    State(ctx): State<Ctx>,
    by: MaybeAuth,
    limit: AccountLimit,
    Body(body): Body<Register>,
) -> Result<Created<DialerLogin>> {
    let user = body.run(&ctx, &by, &limit).await?;
    let tokens = identity::start_session(&ctx, &user).await?;
    Ok(Created::new((user, tokens).into()).message(REGISTERED))
}

async fn login(
    State(ctx): State<Ctx>,
    limit: AccountLimit,
    Body(body): Body<Login>,
) -> Result<Reply<DialerLogin>> {
    Ok(Reply::new(body.run(&ctx, &limit).await?.into()).message(LOGGED_IN))
}

async fn refresh(
    State(ctx): State<Ctx>,
    bearer: Bearer,
    Body(body): Body<Refresh>,
) -> Result<Reply<DialerLogin>> {
    Ok(Reply::new(body.run(&ctx, bearer).await?.into()))
}

async fn me(State(ctx): State<Ctx>, Auth(by): Auth) -> Result<Reply<Me>> {
    Ok(Reply::new(Me {
        user: identity::me(&ctx, &by).await?.into(),
    }))
}

async fn logout(State(ctx): State<Ctx>, Auth(by): Auth) -> Result<Reply<Said>> {
    identity::logout(&ctx, &by).await?;
    Ok(Said::reply(LOGOUT))
}
