//! `/api/v1`: register is the Calling Platform's, the passwords are AI Caller's, login is both's and carries both's fields.

use aide::axum::{
    ApiRouter,
    routing::{get_with, post_with},
};
use axum::extract::State;
use schemars::JsonSchema;
use serde::Serialize;
use trunkline_domain::User;
use trunkline_http::{AccountLimit, Auth, Bearer, Body, Created, MaybeAuth, Millis, Reply, Result, Said};
use trunkline_service::{
    Ctx,
    identity::{self, Tokens},
};

use crate::forms::{FORGOT, Forgot, LOGOUT, Login, RESET, Refresh, Register, Reset};

pub(crate) fn router() -> ApiRouter<Ctx> {
    ApiRouter::new()
        .api_route(
            "/api/v1/auth/register",
            post_with(register, |op| op.summary("Register user")),
        )
        .api_route("/api/v1/auth/login", post_with(login, |op| op.summary("Login")))
        .api_route(
            "/api/v1/auth/refresh-token",
            post_with(refresh, |op| op.summary("Refresh token")),
        )
        .api_route("/api/v1/auth/me", get_with(me, |op| op.summary("Current user")))
        .api_route(
            "/api/v1/auth/logout",
            post_with(logout, |op| op.summary("Logout")),
        )
        .api_route(
            "/api/v1/auth/forgot-password",
            post_with(forgot, |op| op.summary("Request password reset")),
        )
        .api_route(
            "/api/v1/auth/reset-password",
            post_with(reset, |op| op.summary("Reset password")),
        )
}

/// A user, with its true role.
#[derive(Serialize, JsonSchema)]
struct V1User {
    #[serde(rename = "_id")]
    underscore_id: String,
    id: String,
    email: String,
    name: String,
    role: &'static str,
    tenant_id: String,
    phone: Option<String>,
    #[serde(rename = "isActive")]
    is_active: bool,
    #[serde(rename = "createdAt")]
    created_at: Millis,
}

impl From<User> for V1User {
    fn from(user: User) -> Self {
        let id = user.id.to_string();
        Self {
            underscore_id: id.clone(),
            id,
            name: user.name(),
            email: user.email,
            role: user.role.as_str(),
            tenant_id: user.tenant.to_string(),
            phone: user.phone,
            is_active: user.is_active,
            created_at: Millis(user.created_at),
        }
    }
}

/// A login, as the Calling Platform has it.
#[derive(Serialize, JsonSchema)]
struct V1Login {
    user: V1User,
    token: String,
    refresh_token: String,
    /// Seconds.
    expires_in: u32,
}

impl From<(User, Tokens)> for V1Login {
    fn from((user, tokens): (User, Tokens)) -> Self {
        Self {
            user: user.into(),
            token: tokens.access,
            refresh_token: tokens.refresh,
            expires_in: tokens.expires_in_s,
        }
    }
}

/// With the fields of AI Caller's login beside it.
fn both((user, tokens): (User, Tokens)) -> Reply<V1Login> {
    let (access, refresh, expires_in) = (tokens.access.clone(), tokens.refresh.clone(), tokens.expires_in_s);
    Reply::new(V1Login::from((user, tokens)))
        .beside("access_token", access)
        .beside("refresh_token", refresh)
        .beside("token_type", "bearer")
        .beside("expires_in", expires_in)
}

async fn register(
    State(ctx): State<Ctx>,
    by: MaybeAuth,
    limit: AccountLimit,
    Body(body): Body<Register>,
) -> Result<Created<V1Login>> {
    let user = body.run(&ctx, &by, &limit).await?;
    let tokens = identity::start_session(&ctx, &user).await?;
    Ok(Created::new((user, tokens).into()).message("User registered successfully"))
}

async fn login(
    State(ctx): State<Ctx>,
    limit: AccountLimit,
    Body(body): Body<Login>,
) -> Result<Reply<V1Login>> {
    Ok(both(body.run(&ctx, &limit).await?).message("Login successful"))
}

async fn refresh(
    State(ctx): State<Ctx>,
    bearer: Bearer,
    Body(body): Body<Refresh>,
) -> Result<Reply<V1Login>> {
    Ok(both(body.run(&ctx, bearer).await?))
}

async fn me(State(ctx): State<Ctx>, Auth(by): Auth) -> Result<Reply<V1User>> {
    Ok(Reply::new(identity::me(&ctx, &by).await?.into()))
}

async fn logout(State(ctx): State<Ctx>, Auth(by): Auth) -> Result<Reply<Said>> {
    identity::logout(&ctx, &by).await?;
    Ok(Said::reply(LOGOUT))
}

async fn forgot(
    State(ctx): State<Ctx>,
    limit: AccountLimit,
    Body(body): Body<Forgot>,
) -> Result<Reply<Said>> {
    body.run(&ctx, &limit).await?;
    Ok(Said::reply(FORGOT))
}

async fn reset(State(ctx): State<Ctx>, limit: AccountLimit, Body(body): Body<Reset>) -> Result<Reply<Said>> {
    body.run(&ctx, &limit).await?;
    Ok(Said::reply(RESET))
}
