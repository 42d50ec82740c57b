//! Twilio's webhooks: what was answered, who answered, how a call ended, what follows a media stream, who comes to a conference.
//!
//! Each request is the carrier's own or nothing: signed with the account's token over the URL that we configured, about a
//! call of that account. There are no rate limits and no cross-origin answers here.
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        reason = "a test may stop at the first surprise"
    )
)]

mod callback;
mod reply;

use axum::{
    Router,
    extract::{DefaultBodyLimit, State},
    routing::post,
};
use trunkline_domain::Error;
use trunkline_service::{Ctx, dialing::hooks, recordings};
use trunkline_telephony::form::{AmdForm, AnswerForm, ConferenceForm, RecordingForm, StatusForm};

use callback::{AGENT_ANSWER, CONFERENCE_STATUS, Callback};
use reply::{Done, Instructions};

/// A callback has about 40 short fields.
const BODY_MAX: usize = 64 * 1024;

/// The routes below `/webhooks/twilio`.
pub fn router(ctx: Ctx) -> Router {
    Router::new()
        .route("/webhooks/twilio/answer", post(answer))
        .route("/webhooks/twilio/amd", post(amd))
        .route("/webhooks/twilio/status", post(status))
        .route("/webhooks/twilio/recording", post(recording))
        .route("/webhooks/twilio/stream-ended", post(stream_ended))
        .route(AGENT_ANSWER, post(agent_answer))
        .route(CONFERENCE_STATUS, post(conference_status))
        .layer(DefaultBodyLimit::max(BODY_MAX))
        .with_state(ctx)
}

/// The call was answered: what now?
async fn answer(State(ctx): State<Ctx>, callback: Callback<AnswerForm>) -> Result<Instructions, Failed> {
    let Callback { query, form } = callback;
    let answer = hooks::answered(&ctx, query.call, query.epoch, &form.sid, form.answered_by).await?;
    Ok(Instructions::of(&ctx, answer))
}

/// Who or what answered.
async fn amd(State(ctx): State<Ctx>, callback: Callback<AmdForm>) -> Result<Done, Failed> {
    let Callback { query, form } = callback;
    hooks::amd(&ctx, query.call, query.epoch, &form.sid, form.answered_by).await?;
    Ok(Done)
}

/// Where the call stands, or the telephone of a human agent that is rung for it.
async fn status(State(ctx): State<Ctx>, callback: Callback<StatusForm>) -> Result<Done, Failed> {
    let Callback { query, form } = callback;
    if let Some(leg) = query.leg {
        hooks::leg_status(&ctx, query.call, leg, &form.sid, form.report).await?;
        return Ok(Done);
    }
    hooks::status(
        &ctx,
        query.call,
        query.epoch,
        &form.sid,
        form.report,
        form.duration_s,
    )
    .await?;
    Ok(Done)
}

/// A recording of the carrier's own is there, or will never be.
async fn recording(State(ctx): State<Ctx>, callback: Callback<RecordingForm>) -> Result<Done, Failed> {
    let Callback { query, form } = callback;
    if form.status == "completed" {
        recordings::made(&ctx, query.call, &form.recording, form.duration_s).await?;
    } else {
        tracing::info!(
            call.id = %query.call,
            recording.sid = %form.recording,
            recording.status = %form.status,
            "the carrier has no recording to give"
        );
    }
    Ok(Done)
}

/// A media stream has ended: what follows?
async fn stream_ended(
    State(ctx): State<Ctx>,
    callback: Callback<AnswerForm>,
) -> Result<Instructions, Failed> {
    let Callback { query, form } = callback;
    let generation = query.generation.unwrap_or(0);
    let answer = hooks::stream_ended(&ctx, query.call, query.epoch, &form.sid, generation).await?;
    Ok(Instructions::of(&ctx, answer))
}

/// A human agent's telephone was answered, or a key was pressed on it: what now?
async fn agent_answer(
    State(ctx): State<Ctx>,
    callback: Callback<AnswerForm>,
) -> Result<Instructions, Failed> {
    let Callback { query, form } = callback;
    let key = form.digits.is_some();
    let answer = hooks::agent_answered(&ctx, query.call, query.leg, &form.sid, key).await?;
    Ok(Instructions::of(&ctx, answer))
}

/// Who came to a call's room, or left it.
async fn conference_status(
    State(ctx): State<Ctx>,
    callback: Callback<ConferenceForm>,
) -> Result<Done, Failed> {
    let Callback { query, form } = callback;
    hooks::in_room(&ctx, query.call, &form).await?;
    Ok(Done)
}

/// We could not do it now: the carrier is told so, and tells again.
#[derive(Debug)]
struct Failed(Error);

impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        Self(error)
    }
}
