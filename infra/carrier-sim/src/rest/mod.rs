//! The carrier's REST API, under `/2010-04-01`.

mod account;
mod calls;
mod conferences;
mod create;
mod error;
mod form;
mod json;
mod paging;
mod participants;
mod recordings;
mod update;

use std::sync::Arc;

use axum::{
    Router,
    extract::{Request, State},
    http::{Method, header::AUTHORIZATION},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::get,
};
use base64::{Engine, engine::general_purpose::STANDARD};

use crate::{
    faults::{Kind, Victim},
    sign::same_secret,
    switch::Switch,
};
use error::ApiError;

/// What handlers share.
type Shared = State<Arc<Switch>>;

/// The routes of the one account.
pub(crate) fn router(switch: Arc<Switch>) -> Router {
    let account = "/2010-04-01/Accounts/{account}";
    let at = |rest: &str| format!("{account}{rest}");
    let guarded = Router::new()
        .route("/2010-04-01/Accounts/{account_json}", get(account::fetch))
        .route(&at("/Calls.json"), get(calls::list).post(create::create))
        .route(&at("/Calls/{call_json}"), get(calls::fetch).post(update::update))
        .route(&at("/Calls/{call}/Recordings.json"), get(recordings::of_call))
        .route(&at("/Conferences.json"), get(conferences::list))
        .route(
            &at("/Conferences/{conference_json}"),
            get(conferences::fetch).post(conferences::update),
        )
        .route(
            &at("/Conferences/{conference}/Participants.json"),
            get(participants::list).post(participants::create),
        )
        .route(
            &at("/Conferences/{conference}/Participants/{participant_json}"),
            get(participants::fetch)
                .post(participants::update)
                .delete(participants::remove),
        )
        .route(&at("/Recordings.json"), get(recordings::list))
        .layer(middleware::from_fn_with_state(Arc::clone(&switch), gate));
    // The sound of a recording is open to who knows its address, as it is by default at the carrier.
    let open = Router::new().route(
        &at("/Recordings/{recording}"),
        get(recordings::fetch).delete(recordings::remove),
    );
    guarded
        .merge(open)
        .fallback(not_found)
        .method_not_allowed_fallback(not_allowed)
        .with_state(switch)
}

/// Lets in whom the account's token lets in, unless a fault strikes.
async fn gate(State(switch): Shared, request: Request, next: Next) -> Response {
    if !authorised(
        &switch,
        request.headers().get(AUTHORIZATION).and_then(|v| v.to_str().ok()),
    ) {
        return ApiError::unauthorised().into_response();
    }
    let path = request.uri().path().to_owned();
    if account_of(&path) != Some(switch.options.account_sid.as_str()) {
        return ApiError::not_found(&path).into_response();
    }
    // The making of a call looks for faults itself: it knows whom it calls.
    let makes_call = request.method() == Method::POST
        && (path.ends_with("/Calls.json") || path.ends_with("/Participants.json"));
    if !makes_call && let Some(error) = struck(&switch, "", &path, true) {
        return error.into_response();
    }
    next.run(request).await
}

/// The answer of a fault that strikes this request, if any.
fn struck(switch: &Switch, to: &str, path: &str, only_by_path: bool) -> Option<ApiError> {
    let victim = Victim {
        to,
        path,
        only_by_path,
    };
    if switch.faults.strike(Kind::Status429, victim).is_some() {
        return Some(ApiError::too_many());
    }
    switch
        .faults
        .strike(Kind::Status500, victim)
        .is_some()
        .then(ApiError::internal)
}

fn authorised(switch: &Switch, header: Option<&str>) -> bool {
    let decoded = header
        .and_then(|header| header.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("basic"))
        .and_then(|(_, credentials)| STANDARD.decode(credentials.trim()).ok())
        .and_then(|bytes| String::from_utf8(bytes).ok());
    let Some((user, password)) = decoded.as_deref().and_then(|text| text.split_once(':')) else {
        return false;
    };
    user == switch.options.account_sid && same_secret(password, &switch.options.auth_token)
}

fn account_of(path: &str) -> Option<&str> {
    let account = path.strip_prefix("/2010-04-01/Accounts/")?.split('/').next()?;
    Some(account.strip_suffix(".json").unwrap_or(account))
}

/// The name in the last part of a path, which must end in `.json`.
fn stem<'a>(last: &'a str, path: &str) -> Result<&'a str, ApiError> {
    last.strip_suffix(".json")
        .ok_or_else(|| ApiError::not_found(path))
}

async fn not_found(request: Request) -> ApiError {
    ApiError::not_found(request.uri().path())
}

async fn not_allowed(request: Request) -> ApiError {
    ApiError::not_allowed(request.method().as_str())
}
