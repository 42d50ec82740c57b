//! A call in which a human agent talks: held, muted, supervised.

use aide::axum::{ApiRouter, routing::post_with};
use axum::extract::State;
use schemars::JsonSchema;
use serde::Deserialize;
use trunkline_auth::Principal;
use trunkline_domain::CallId;
use trunkline_http::{Auth, Body, Manager, PathId, Reply, Result, choose, says};
use trunkline_service::{
    Ctx,
    bridging::floor::{self, Mode, Supervision},
    calls,
};

use super::One;

const HELD: &str = "The caller is on hold";
const MUTED: &str = "The agent is muted";
const RUNG: &str = "Your phone rings; answer it to be in the call";
const LEFT: &str = "You are out of the call";

pub(super) fn router() -> ApiRouter<Ctx> {
    ApiRouter::new()
        .api_route(
            "/api/calls/{call_id}/hold",
            post_with(hold, |op| {
                op.summary("Hold the caller")
                    .description(
                        "Lets the caller of a call in which a human agent talks hear music, or the agent again. For that agent and for \
                         managers; 409 while nobody talks.",
                    )
                    .with(says(HELD))
            }),
        )
        .api_route(
            "/api/calls/{call_id}/mute",
            post_with(mute, |op| {
                op.summary("Mute the agent")
                    .description(
                        "The caller does not hear the human agent, or hears it again. For that agent and for managers; 409 while nobody \
                         talks.",
                    )
                    .with(says(MUTED))
            }),
        )
        .api_route(
            "/api/calls/{call_id}/supervise",
            post_with(supervise, |op| {
                op.summary("Supervise the call")
                    .description(
                        "Rings the manager's phone and puts it into a call in which a human agent talks. Asked again, it changes what the \
                         manager does there, without ringing. 409 while nobody talks.",
                    )
                    .with(says(RUNG))
            })
            .delete_with(leave, |op| {
                op.summary("Stop supervising")
                    .description("Hangs up the manager's phone; the call goes on. 409 when the manager is not in the call.")
                    .with(says(LEFT))
            }),
        )
}

#[derive(Debug, Deserialize, JsonSchema)]
struct Hold {
    /// Whether the caller is on hold from now on.
    #[schemars(example = true)]
    hold: bool,
}

#[derive(Debug, Deserialize, JsonSchema)]
struct Mute {
    /// Whether the agent is muted from now on.
    #[schemars(example = true)]
    muted: bool,
}

#[derive(Debug, Deserialize, JsonSchema)]
struct Supervise {
    /// `listen`: hears both, and is heard by nobody; `whisper`: is heard by the agent alone; `barge`: is heard by both.
    #[schemars(example = &"listen")]
    mode: String,
    /// The phone to ring, in E.164; the manager's own as a human agent unless given.
    #[schemars(example = &"+14155554444")]
    phone: Option<String>,
}

async fn hold(
    State(ctx): State<Ctx>,
    Auth(by): Auth,
    PathId(id): PathId<CallId>,
    Body(body): Body<Hold>,
) -> Result<Reply<One>> {
    floor::hold(&ctx, &by, id, body.hold).await?;
    let said = if body.hold { HELD } else { "The caller is off hold" };
    shown(&ctx, &by, id, said).await
}

async fn mute(
    State(ctx): State<Ctx>,
    Auth(by): Auth,
    PathId(id): PathId<CallId>,
    Body(body): Body<Mute>,
) -> Result<Reply<One>> {
    floor::mute(&ctx, &by, id, body.muted).await?;
    let said = if body.muted {
        MUTED
    } else {
        "The agent is heard again"
    };
    shown(&ctx, &by, id, said).await
}

async fn supervise(
    State(ctx): State<Ctx>,
    Manager(by): Manager,
    PathId(id): PathId<CallId>,
    Body(body): Body<Supervise>,
) -> Result<Reply<One>> {
    let mode = choose("mode", &body.mode, &Mode::ALL.map(|mode| (mode.as_str(), mode)))?;
    let said = match floor::supervise(&ctx, &by, id, mode, body.phone.as_deref()).await? {
        Supervision::Rung => RUNG,
        Supervision::Changed => match mode {
            Mode::Listen => "You hear both, and nobody hears you",
            Mode::Whisper => "The agent alone hears you",
            Mode::Barge => "Both hear you",
        },
    };
    shown(&ctx, &by, id, said).await
}

async fn leave(
    State(ctx): State<Ctx>,
    Manager(by): Manager,
    PathId(id): PathId<CallId>,
) -> Result<Reply<One>> {
    floor::leave(&ctx, &by, id).await?;
    shown(&ctx, &by, id, LEFT).await
}

async fn shown(ctx: &Ctx, by: &Principal, id: CallId, said: &str) -> Result<Reply<One>> {
    let found = calls::get_joined(ctx, by, id).await?;
    let version = found.call.version;
    Ok(Reply::new(One { call: found.into() }).etag(version).message(said))
}
