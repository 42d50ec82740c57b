//! A callback, checked before anything is made of it.

use axum::{
    body::Bytes,
    extract::{FromRequest, OriginalUri, Request},
    http::{HeaderMap, StatusCode, Uri},
    response::{IntoResponse, Response},
};
use trunkline_service::Ctx;
use trunkline_telephony::{
    Carrier, HookUrls,
    form::{CallbackQuery, Fields, FormError},
};

/// Asked once a human agent's telephone was answered, and told its key.
pub(crate) const AGENT_ANSWER: &str = "/webhooks/twilio/agent-answer";
/// Told who comes to a call's room.
pub(crate) const CONFERENCE_STATUS: &str = "/webhooks/twilio/conference-status";

/// A callback of the call's own account.
#[derive(Debug)]
pub(crate) struct Callback<F> {
    /// Which call it is about.
    pub(crate) query: CallbackQuery,
    /// What it says.
    pub(crate) form: F,
}

/// Why a callback is not listened to. The sender is told nothing but the status: it may be anybody.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Refused {
    /// Not of the account that the call was placed with, unsigned, or altered.
    #[error("it is not signed by the call's account: {0}")]
    NotTheirs(&'static str),
    /// Signed, yet not of the documented shape.
    #[error(transparent)]
    Form(#[from] FormError),
    /// No body, or one that is too large.
    #[error("its body cannot be read: {0}")]
    Body(StatusCode),
    /// The call cannot be looked up now.
    #[error("the call cannot be looked up: {0}")]
    Store(#[from] trunkline_domain::Error),
}

impl<F> FromRequest<Ctx> for Callback<F>
where
    F: for<'a> TryFrom<&'a Fields, Error = FormError>,
{
    type Rejection = Refused;

    async fn from_request(request: Request, ctx: &Ctx) -> Result<Self, Refused> {
        // As it was asked for: layers may have tidied the path since.
        let uri = request
            .extensions()
            .get::<OriginalUri>()
            .map_or_else(|| request.uri().clone(), |uri| uri.0.clone());
        Self::read(request, &uri, ctx).await.inspect_err(|refused| {
            let call = query_of(&uri).ok();
            let call = call.map(|query| tracing::field::display(query.call));
            tracing::warn!(
                http.path = uri.path(),
                call.id = call,
                "a webhook was refused: {refused}"
            );
        })
    }
}

impl<F> Callback<F>
where
    F: for<'a> TryFrom<&'a Fields, Error = FormError>,
{
    async fn read(request: Request, uri: &Uri, ctx: &Ctx) -> Result<Self, Refused> {
        let headers = request.headers().clone();
        let body = Bytes::from_request(request, ctx).await.map_err(|rejection| {
            // What is too large to be a callback is not one.
            Refused::Body(rejection.into_response().status())
        })?;
        let fields = Fields::read(&body);
        let query = query_of(uri);
        // Of a call that we do not know, the account is the one that calls go out by now.
        let account = match &query {
            Ok(query) => ctx
                .store
                .call_unchecked(query.call)
                .await
                .map_err(trunkline_domain::Error::from)?,
            Err(_) => None,
        }
        .map(|call| call.account);
        let path = uri.path_and_query().map_or(uri.path(), |path| path.as_str());
        let url = HookUrls::new(&ctx.settings.hook_url).signed(path);
        check(&*ctx.carrier, account.as_deref(), &url, &headers, &fields)?;
        Ok(Self {
            query: query?,
            form: F::try_from(&fields)?,
        })
    }
}

/// The Dialer's document writes the addresses of a conference without what we add to them.
fn query_of(uri: &Uri) -> Result<CallbackQuery, FormError> {
    let query = uri.query().unwrap_or_default();
    let of_conference = [AGENT_ANSWER, CONFERENCE_STATUS].contains(&uri.path());
    if of_conference {
        CallbackQuery::read_loosely(query)
    } else {
        CallbackQuery::read(query)
    }
}

/// Whether the request is the account's own. `account`: the one on the call's row, where there is a row.
fn check(
    carrier: &dyn Carrier,
    account: Option<&str>,
    url: &str,
    headers: &HeaderMap,
    fields: &Fields,
) -> Result<(), Refused> {
    let signature = headers
        .get("x-twilio-signature")
        .and_then(|value| value.to_str().ok());
    let signature = signature.ok_or(Refused::NotTheirs("there is no signature"))?;
    // The only account whose token we have.
    let ours = carrier.account();
    if account.is_some_and(|account| account != ours) {
        return Err(Refused::NotTheirs("the call was placed with another account"));
    }
    if fields.account() != Ok(ours) {
        return Err(Refused::NotTheirs("its AccountSid is another account"));
    }
    if !carrier.signed(url, fields.pairs(), signature) {
        return Err(Refused::NotTheirs("the signature does not match"));
    }
    Ok(())
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        match self {
            Self::NotTheirs(_) => StatusCode::FORBIDDEN.into_response(),
            Self::Form(_) => StatusCode::BAD_REQUEST.into_response(),
            Self::Body(status) => status.into_response(),
            Self::Store(error) => crate::reply::failed(&error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use trunkline_telephony::{Twilio, TwilioConfig, signature};

    const URL: &str = "https://h/webhooks/twilio/status?callId=1&e=1";

    fn carrier() -> Twilio {
        let hooks = HookUrls::new("https://h");
        let config = TwilioConfig {
            account_sid: "AC1".into(),
            auth_token: "token".into(),
            api_base: "http://127.0.0.1:9".into(),
            hooks,
        };
        Twilio::new(config).unwrap()
    }

    fn verdict(row: Option<&str>, token: &str, body: &str, altered: &str) -> Result<(), Refused> {
        let signature = signature::sign(token, URL, Fields::read(body.as_bytes()).pairs());
        let headers =
            HeaderMap::from_iter([("x-twilio-signature".parse().unwrap(), signature.parse().unwrap())]);
        check(&carrier(), row, URL, &headers, &Fields::read(altered.as_bytes()))
    }

    #[test]
    fn only_the_calls_own_account_is_heard() {
        let body = "AccountSid=AC1&CallSid=CA1";
        assert!(verdict(Some("AC1"), "token", body, body).is_ok());
        assert!(
            verdict(None, "token", body, body).is_ok(),
            "a call that we do not know, signed"
        );
        let refused = |verdict| matches!(verdict, Err(Refused::NotTheirs(_)));
        assert!(
            refused(verdict(Some("AC2"), "token", body, body)),
            "another account's call"
        );
        let other = "AccountSid=AC2&CallSid=CA1";
        assert!(
            refused(verdict(Some("AC1"), "token", other, other)),
            "signed, but said by another account"
        );
        assert!(
            refused(verdict(Some("AC1"), "another", body, body)),
            "another token"
        );
        assert!(
            refused(verdict(Some("AC1"), "token", body, "AccountSid=AC1&CallSid=CA2")),
            "altered"
        );
        assert!(
            refused(verdict(Some("AC1"), "token", "CallSid=CA1", "CallSid=CA1")),
            "no account"
        );
        let unsigned = check(
            &carrier(),
            None,
            URL,
            &HeaderMap::new(),
            &Fields::read(body.as_bytes()),
        );
        assert!(refused(unsigned), "unsigned");
    }
}
