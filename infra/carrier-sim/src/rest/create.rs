//! `POST Calls.json`: making a call, checked as strictly as the carrier does.

use std::sync::Arc;

use axum::{
    Json,
    body::Bytes,
    extract::{ConnectInfo, OriginalUri, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};

use super::{
    Shared,
    error::ApiError,
    form::{BAD_REQUEST, Form, wrong},
    json, struck,
};
use crate::{
    amd::{Mode, Thresholds},
    call::{Call, Direction},
    faults::{Kind, Victim},
    leg::{AmdSetup, CallEvent, RecordingEvent, RecordingSetup, Setup, Source, Subscription},
    number::is_e164,
    server::Cut,
    switch::{OPERATOR_PATH, Placement, Switch},
};

/// `Twiml` may have so many characters.
const TWIML_MAX: usize = 4000;

pub(super) async fn create(
    State(switch): Shared,
    ConnectInfo(cut): ConnectInfo<Cut>,
    OriginalUri(uri): OriginalUri,
    body: Bytes,
) -> Result<Response, ApiError> {
    let form = Form::read(&body);
    let (to, from) = numbers(&form)?;
    let setup = setup(&form)?;
    if let Some(error) = struck(&switch, &to, uri.path(), false) {
        return Err(error);
    }
    let placement = Placement {
        to,
        from,
        direction: Direction::OutboundApi,
        parent_sid: None,
        setup,
    };
    let call = place(&switch, placement).await?;
    lose_answer(&switch, &call, uri.path(), &cut).await;
    Ok((StatusCode::CREATED, Json(json::call(&switch, &call, true))).into_response())
}

/// Places the call in a task of its own: a client that hangs up meanwhile leaves no half-placed call.
pub(super) async fn place(switch: &Arc<Switch>, placement: Placement) -> Result<Call, ApiError> {
    let switch = Arc::clone(switch);
    match tokio::spawn(async move { switch.place(placement).await }).await {
        Ok(placed) => Ok(placed?),
        Err(error) => {
            tracing::error!(%error, "placing a call broke off");
            Err(ApiError::internal())
        }
    }
}

/// If the fault for it stands: the call is placed, but its answer never arrives, and the connection is closed.
pub(super) async fn lose_answer(switch: &Switch, call: &Call, path: &str, cut: &Cut) {
    let victim = Victim {
        to: &call.to,
        path,
        only_by_path: false,
    };
    if let Some(hold) = switch.faults.strike(Kind::TimeoutAfterAccept, victim) {
        tokio::select! {
            () = switch.stop.cancelled() => {}
            () = tokio::time::sleep(hold) => {}
        }
        cut.now();
    }
}

/// `To` and `From`.
pub(super) fn numbers(form: &Form) -> Result<(String, String), ApiError> {
    let to = form
        .text("To")
        .ok_or_else(|| ApiError::bad(21201, "No 'To' number is specified"))?;
    let from = form
        .text("From")
        .ok_or_else(|| ApiError::bad(21213, "No 'From' number is specified"))?;
    if !is_e164(to) {
        let message = format!("The phone number you are attempting to call, {to}, is not valid.");
        return Err(ApiError::bad(21211, message));
    }
    if !is_e164(from) {
        return Err(ApiError::bad(
            21212,
            format!("The 'From' number {from} is not a valid phone number."),
        ));
    }
    Ok((to.to_owned(), from.to_owned()))
}

fn setup(form: &Form) -> Result<Setup, ApiError> {
    let source = source(form)?.ok_or_else(|| ApiError::bad(21205, "Url parameter is required."))?;
    let operator = match &source {
        Source::Document { target, .. } => target.url.path().contains(OPERATOR_PATH),
        Source::Inline(_) | Source::Ready(_) => false,
    };
    let send_digits = form.text("SendDigits");
    if let Some(digits) = send_digits
        && (digits.len() > 32 || !digits.chars().all(|c| "0123456789*#wW".contains(c)))
    {
        return Err(wrong(
            21206,
            "SendDigits",
            digits,
            "at most 32 of 0-9, *, #, w, W",
        ));
    }
    Ok(Setup {
        fallback: form.target("FallbackUrl", 21205)?,
        status: subscription(form)?,
        // Keys sent into a menu are not an answer to listen to: the carrier ignores the detection then.
        amd: amd(form)?.filter(|_| send_digits.is_none()),
        recording: recording(form)?,
        ring_timeout_s: form
            .number("Timeout", 1, 600, 21208)?
            .unwrap_or(Setup::RING_TIMEOUT_S),
        time_limit_s: form
            .number("TimeLimit", 1, 86_400, BAD_REQUEST)?
            .unwrap_or(Setup::TIME_LIMIT_S),
        operator,
        ..Setup::new(source)
    })
}

/// `Url`, else `Twiml`: where instructions come from.
pub(super) fn source(form: &Form) -> Result<Option<Source>, ApiError> {
    if let Some(target) = form.target("Url", 21205)? {
        return Ok(Some(Source::of(target)));
    }
    if let Some(twiml) = form.text("Twiml") {
        let count = twiml.chars().count();
        if count > TWIML_MAX {
            let message =
                format!("Twiml has {count} characters; it must have at most {TWIML_MAX}. Use Url for more.");
            return Err(ApiError::bad(BAD_REQUEST, message));
        }
        return Ok(Some(Source::Inline(twiml.to_owned())));
    }
    match form.text("ApplicationSid") {
        Some(sid) => Err(ApiError::bad(
            21218,
            format!("ApplicationSid {sid} was not found on this account; use Url or Twiml"),
        )),
        None => Ok(None),
    }
}

/// `StatusCallback` and its events.
pub(super) fn subscription(form: &Form) -> Result<Option<Subscription>, ApiError> {
    let mut events = Vec::new();
    for name in form.words("StatusCallbackEvent") {
        let event = CallEvent::parse(name).ok_or_else(|| {
            wrong(
                BAD_REQUEST,
                "StatusCallbackEvent",
                name,
                "initiated, ringing, answered or completed",
            )
        })?;
        events.push(event);
    }
    if events.is_empty() {
        events.push(CallEvent::Completed);
    }
    Ok(form
        .target("StatusCallback", 21609)?
        .map(|target| Subscription { target, events }))
}

fn amd(form: &Form) -> Result<Option<AmdSetup>, ApiError> {
    let default = Thresholds::default();
    let ms = |name: &str, low, high, default| {
        Ok::<_, ApiError>(form.number(name, low, high, BAD_REQUEST)?.unwrap_or(default))
    };
    let thresholds = Thresholds {
        timeout: ms("MachineDetectionTimeout", 3, 59, default.timeout / 1000)? * 1000,
        speech: ms("MachineDetectionSpeechThreshold", 1000, 6000, default.speech)?,
        speech_end: ms(
            "MachineDetectionSpeechEndThreshold",
            500,
            5000,
            default.speech_end,
        )?,
        silence: ms("MachineDetectionSilenceTimeout", 2000, 10_000, default.silence)?,
    };
    let is_async = form.flag("AsyncAmd")?.unwrap_or(false);
    let callback = form.target("AsyncAmdStatusCallback", 21609)?;
    let mode = match form.text("MachineDetection") {
        None | Some("None") => return Ok(None),
        Some("Enable") => Mode::Enable,
        Some("DetectMessageEnd") => Mode::DetectMessageEnd,
        Some(other) => {
            return Err(wrong(
                BAD_REQUEST,
                "MachineDetection",
                other,
                "Enable or DetectMessageEnd",
            ));
        }
    };
    Ok(Some(AmdSetup {
        mode,
        thresholds,
        is_async,
        callback,
    }))
}

/// `Record` and what belongs to it.
pub(super) fn recording(form: &Form) -> Result<Option<RecordingSetup>, ApiError> {
    let channels = match form.text("RecordingChannels") {
        None | Some("mono") => 1,
        Some("dual") => 2,
        Some(other) => return Err(wrong(BAD_REQUEST, "RecordingChannels", other, "mono or dual")),
    };
    let mut events = Vec::new();
    for name in form.words("RecordingStatusCallbackEvent") {
        let event = RecordingEvent::parse(name).ok_or_else(|| {
            wrong(
                BAD_REQUEST,
                "RecordingStatusCallbackEvent",
                name,
                "in-progress, completed or absent",
            )
        })?;
        events.push(event);
    }
    if events.is_empty() {
        events.push(RecordingEvent::Completed);
    }
    let callback = form.target("RecordingStatusCallback", 21609)?;
    Ok(form.flag("Record")?.unwrap_or(false).then_some(RecordingSetup {
        channels,
        callback,
        events,
    }))
}
