//! VoiceERA's seven.

use aide::axum::{
    ApiRouter,
    routing::{get_with, post_with},
};
use axum::extract::State;
use schemars::JsonSchema;
use serde::Serialize;
use trunkline_http::{
    AccountLimit, Auth, Bearer, Body, Created, MaybeAuth, Reply, Result, Said, example, says, wire::UserBody,
};
use trunkline_service::{
    Ctx,
    identity::{self, Tokens},
};

use crate::forms::{FORGOT, Forgot, LOGOUT, Login, REGISTERED, RESET, Refresh, Register, Reset};

pub(crate) fn router() -> ApiRouter<Ctx> {
    ApiRouter::new()
        .api_route(
            "/auth/register",
            post_with(register, |op| {
                op.summary("Register new user").with(says(REGISTERED))
            }),
        )
        .api_route("/auth/login", post_with(login, |op| op.summary("User login")))
        .api_route(
            "/auth/refresh-token",
            post_with(refresh, |op| op.summary("Refresh JWT token")),
        )
        .api_route("/auth/me", get_with(me, |op| op.summary("Get current user info")))
        .api_route(
            "/auth/logout",
            post_with(logout, |op| op.summary("User logout").with(says(LOGOUT))),
        )
        .api_route(
            "/auth/forgot-password",
            post_with(forgot, |op| {
                op.summary("Request password reset").with(says(FORGOT))
            }),
        )
        .api_route(
            "/auth/reset-password",
            post_with(reset, |op| {
                op.summary("Reset password with token").with(says(RESET))
            }),
        )
}

/// A login.
#[derive(Serialize, JsonSchema)]
struct LoginBody {
    #[schemars(example = example::TOKEN)]
    token: String,
    #[schemars(example = example::TOKEN)]
    refresh_token: String,
    /// Seconds.
    #[schemars(example = 86_400)]
    expires_in: u32,
    user: UserBody,
}

/// A refreshed login.
#[derive(Serialize, JsonSchema)]
struct TokenBody {
    #[schemars(example = example::TOKEN)]
    token: String,
    #[schemars(example = example::TOKEN)]
    refresh_token: String,
    /// Seconds.
    #[schemars(example = 86_400)]
    expires_in: u32,
}

impl From<Tokens> for TokenBody {
    fn from(tokens: Tokens) -> Self {
        Self {
            token: tokens.access,
            refresh_token: tokens.refresh,
            expires_in: tokens.expires_in_s,
        }
    }
}

async fn register(
    State(ctx): State<Ctx>,
    by: MaybeAuth,
    limit: AccountLimit,
    Body(body): Body<Register>,
) -> Result<Created<UserBody>> {
    let user = body.run(&ctx, &by, &limit).await?;
    Ok(Created::new(user.into()).message(REGISTERED))
}

async fn login(
    State(ctx): State<Ctx>,
    limit: AccountLimit,
    Body(body): Body<Login>,
) -> Result<Reply<LoginBody>> {
    let (user, tokens) = body.run(&ctx, &limit).await?;
    let TokenBody {
        token,
        refresh_token,
        expires_in,
    } = tokens.into();
    Ok(Reply::new(LoginBody {
        token,
        refresh_token,
        expires_in,
        user: user.into(),
    }))
}

async fn refresh(
    State(ctx): State<Ctx>,
    bearer: Bearer,
    Body(body): Body<Refresh>,
) -> Result<Reply<TokenBody>> {
    let (_, tokens) = body.run(&ctx, bearer).await?;
    Ok(Reply::new(tokens.into()))
}

async fn me(State(ctx): State<Ctx>, Auth(by): Auth) -> Result<Reply<UserBody>> {
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
