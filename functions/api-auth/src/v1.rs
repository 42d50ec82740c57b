//! `/api/v1`: register is the Calling Platform's, the passwords are AI Caller's, login is both's and carries both's fields.

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
    AccountLimit, Auth, Bearer, Body, Created, MaybeAuth, Millis, Reply, Result, Said, beside, example, says,
    sends,
};
use trunkline_service::{
    Ctx,
    identity::{self, Tokens},
};
use uuid::Uuid;

use crate::forms::{FORGOT, Forgot, LOGGED_IN, LOGOUT, Login, REGISTERED, RESET, Refresh, Register, Reset};

pub(crate) fn router() -> ApiRouter<Ctx> {
    ApiRouter::new()
        .api_route(
            "/api/v1/auth/register",
            post_with(register, |op| {
                op.summary("Register user")
                    .with(says(REGISTERED))
                    .with(sends(json!({
                        "email": "user@example.com", "password": "SecurePassword123!", "name": "John Doe",
                    })))
            }),
        )
        .api_route(
            "/api/v1/auth/login",
            post_with(login, |op| {
                op.summary("Login")
                    .with(says(LOGGED_IN))
                    .with(beside::<TokensBody>())
            }),
        )
        .api_route(
            "/api/v1/auth/refresh-token",
            post_with(refresh, |op| {
                op.summary("Refresh token").with(beside::<TokensBody>())
            }),
        )
        .api_route("/api/v1/auth/me", get_with(me, |op| op.summary("Current user")))
        .api_route(
            "/api/v1/auth/logout",
            post_with(logout, |op| op.summary("Logout").with(says(LOGOUT))),
        )
        .api_route(
            "/api/v1/auth/forgot-password",
            post_with(forgot, |op| {
                op.summary("Request password reset").with(says(FORGOT))
            }),
        )
        .api_route(
            "/api/v1/auth/reset-password",
            post_with(reset, |op| op.summary("Reset password").with(says(RESET))),
        )
}

/// A user, with its true role.
#[derive(Serialize, JsonSchema)]
struct V1User {
    #[serde(rename = "_id")]
    #[schemars(example = example::id("user_id"))]
    underscore_id: Uuid,
    #[schemars(example = example::id("user_id"))]
    id: Uuid,
    #[schemars(example = &"user@example.com")]
    email: String,
    #[schemars(example = &"John Doe")]
    name: String,
    #[schemars(example = &"manager")]
    role: &'static str,
    tenant_id: Uuid,
    #[schemars(example = &"+14155551234")]
    phone: Option<String>,
    #[serde(rename = "isActive")]
    is_active: bool,
    #[serde(rename = "createdAt")]
    created_at: Millis,
}

impl From<User> for V1User {
    fn from(user: User) -> Self {
        let id = user.id.0;
        Self {
            underscore_id: id,
            id,
            name: user.name(),
            email: user.email,
            role: user.role.as_str(),
            tenant_id: user.tenant.0,
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
    #[schemars(example = example::TOKEN)]
    token: String,
    #[schemars(example = example::TOKEN)]
    refresh_token: String,
    /// Seconds.
    #[schemars(example = 86_400)]
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

/// A login, as AI Caller has it.
#[derive(Serialize, JsonSchema)]
struct TokensBody {
    #[schemars(example = example::TOKEN)]
    access_token: String,
    #[schemars(example = example::TOKEN)]
    refresh_token: String,
    #[schemars(example = &"bearer")]
    token_type: &'static str,
    /// Seconds.
    #[schemars(example = 86_400)]
    expires_in: u32,
}

/// Both.
fn both((user, tokens): (User, Tokens)) -> Reply<V1Login> {
    let beside = TokensBody {
        access_token: tokens.access.clone(),
        refresh_token: tokens.refresh.clone(),
        token_type: "bearer",
        expires_in: tokens.expires_in_s,
    };
    Reply::new(V1Login::from((user, tokens))).beside(beside)
}

async fn register(
    State(ctx): State<Ctx>,
    by: MaybeAuth,
    limit: AccountLimit,
    Body(body): Body<Register>,
) -> Result<Created<V1Login>> {
    let user = body.run(&ctx, &by, &limit).await?;
    let tokens = identity::start_session(&ctx, &user).await?;
    Ok(Created::new((user, tokens).into()).message(REGISTERED))
}

async fn login(
    State(ctx): State<Ctx>,
    limit: AccountLimit,
    Body(body): Body<Login>,
) -> Result<Reply<V1Login>> {
    Ok(both(body.run(&ctx, &limit).await?).message(LOGGED_IN))
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
