//! What the carrier is answered.

use axum::{
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use trunkline_domain::{CallId, Error};
use trunkline_service::{Ctx, dialing::hooks::Answer};
use trunkline_telephony::{
    HookUrls, Verb,
    hooks::room_name,
    twiml::{self, Conference, Gather, Stream},
};

use crate::Failed;

/// How long a human agent has for a key after the whisper, in seconds.
const KEY_S: u32 = 10;

/// Heard.
#[derive(Debug)]
pub(crate) struct Done;

impl IntoResponse for Done {
    fn into_response(self) -> Response {
        StatusCode::OK.into_response()
    }
}

/// What to do with the call, as TwiML.
#[derive(Debug)]
pub(crate) struct Instructions(String);

impl Instructions {
    /// In the carrier's language.
    pub(crate) fn of(ctx: &Ctx, answer: Answer) -> Self {
        Self(twiml::document(&verbs(
            &ctx.settings.hook_url,
            &ctx.settings.media_url,
            answer,
        )))
    }
}

impl IntoResponse for Instructions {
    fn into_response(self) -> Response {
        ([(header::CONTENT_TYPE, "text/xml; charset=utf-8")], self.0).into_response()
    }
}

fn verbs(hook_url: &str, media_url: &str, answer: Answer) -> Vec<Verb> {
    match answer {
        Answer::Stream {
            call,
            epoch,
            generation,
            token,
        } => vec![Verb::Stream(Stream {
            url: format!("{media_url}/media-stream"),
            parameters: parameters(call, epoch, generation, token),
            action: HookUrls::new(hook_url).stream_ended(call, epoch, generation),
        })],
        Answer::Room { call, epoch, leg } => vec![room(hook_url, call, epoch, leg)],
        Answer::Whisper {
            call,
            epoch,
            leg,
            text,
        } => vec![
            Verb::Gather(Gather {
                action: HookUrls::new(hook_url).agent_answer(call, epoch, leg),
                digits: 1,
                timeout_s: KEY_S,
                prompt: vec![Verb::Say { text, language: None }],
            }),
            Verb::Hangup,
        ],
        Answer::Play { url } => vec![Verb::Play { url }, Verb::Hangup],
        Answer::Say { text } => vec![Verb::Say { text, language: None }, Verb::Hangup],
        Answer::Hangup => vec![Verb::Hangup],
    }
}

/// The room in which they meet: it begins and ends with the human agent; until then the caller hears music. A caller who leaves may come again, as
/// after a second redirect: the telephone of the human agent is hung up when the call is over.
fn room(hook_url: &str, call: CallId, epoch: u32, leg: Option<u32>) -> Verb {
    let events = ["start", "end", "join", "leave"].map(str::to_owned);
    Verb::Conference(Conference {
        name: room_name(call),
        start_on_enter: leg.is_some(),
        end_on_exit: leg.is_some(),
        muted: false,
        beep: false,
        wait_url: None,
        status: Some((
            HookUrls::new(hook_url).conference_status(call, epoch),
            events.to_vec(),
        )),
        label: Some(leg.map_or_else(|| "caller".to_owned(), |leg| format!("leg-{leg}"))),
    })
}

/// What the media server reads of the stream's `start`.
fn parameters(call: CallId, epoch: u32, generation: u32, token: String) -> Vec<(String, String)> {
    let all = [
        ("callId", call.to_string()),
        ("e", epoch.to_string()),
        ("gen", generation.to_string()),
        ("token", token),
    ];
    all.into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

impl IntoResponse for Failed {
    fn into_response(self) -> Response {
        failed(&self.0)
    }
}

/// The carrier repeats a callback that fails (`#rc=3`), so whatever is wrong is said by the status alone.
pub(crate) fn failed(error: &Error) -> Response {
    let cause = std::error::Error::source(error)
        .map(ToString::to_string)
        .unwrap_or_default();
    tracing::error!(
        cause,
        "a webhook could not be followed now; the carrier tells again: {error}"
    );
    match error {
        Error::Unavailable { .. } | Error::RateLimited { .. } => StatusCode::SERVICE_UNAVAILABLE,
        Error::Malformed(_)
        | Error::Invalid(_)
        | Error::NotFound(_)
        | Error::Conflict { .. }
        | Error::BadCredentials
        | Error::TokenExpired
        | Error::TokenInvalid(_)
        | Error::Forbidden(_)
        | Error::TooLarge { .. }
        | Error::UnsupportedMedia(_)
        | Error::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
    }
    .into_response()
}

#[cfg(test)]
mod tests {
    use super::*;
    use trunkline_domain::id::derived;

    fn said(answer: Answer) -> String {
        twiml::document(&verbs("https://h", "wss://m", answer))
    }

    #[test]
    fn a_stream_is_opened_with_its_token_and_says_where_to_ask_afterwards() {
        let call = CallId(derived("call"));
        let xml = said(Answer::Stream {
            call,
            epoch: 2,
            generation: 1,
            token: "t0ken".into(),
        });
        let parts = [
            ("callId", call.to_string()),
            ("e", "2".into()),
            ("gen", "1".into()),
            ("token", "t0ken".into()),
        ];
        let parameters = parts
            .map(|(name, value)| format!("<Parameter name=\"{name}\" value=\"{value}\"/>"))
            .concat();
        assert!(
            xml.contains(&format!(
                "<Stream url=\"wss://m/media-stream\">{parameters}</Stream>"
            )),
            "{xml}"
        );
        let action =
            format!("https://h/webhooks/twilio/stream-ended?callId={call}&amp;e=2&amp;gen=1#rc=3&amp;rp=all");
        assert!(xml.contains(&action), "{xml}");
    }

    #[test]
    fn a_human_agent_presses_any_key_and_both_meet_in_the_calls_room() {
        let call = CallId(derived("call"));
        let whisper = said(Answer::Whisper {
            call,
            epoch: 2,
            leg: 3,
            text: "Jane Doe is on the line. Press any key to take the call.".into(),
        });
        let asked = format!(
            "action=\"https://h/webhooks/twilio/agent-answer?callId={call}&amp;e=2&amp;leg=3&amp;conferenceName=call_{call}#rc=3&amp;rp=all\" \
             method=\"POST\" numDigits=\"1\" finishOnKey=\"\" timeout=\"10\"><Say>Jane Doe is on the line."
        );
        assert!(
            whisper.contains(&asked) && whisper.ends_with("</Gather><Hangup/></Response>"),
            "{whisper}"
        );
        let room = |leg| said(Answer::Room { call, epoch: 2, leg });
        for (leg, starts, label) in [(None, "false", "caller"), (Some(3), "true", "leg-3")] {
            let xml = room(leg);
            for part in [
                format!("startConferenceOnEnter=\"{starts}\" endConferenceOnExit=\"{starts}\""),
                format!(
                    "statusCallback=\"https://h/webhooks/twilio/conference-status?callId={call}&amp;e=2#rc=3&amp;rp=all\""
                ),
                format!(
                    "statusCallbackEvent=\"start end join leave\" participantLabel=\"{label}\">call_{call}</Conference>"
                ),
            ] {
                assert!(xml.contains(&part), "{xml}");
            }
        }
    }

    #[test]
    fn whatever_is_played_or_said_ends_the_call() {
        let play = said(Answer::Play {
            url: "https://h/a.wav?a=1&b=2".into(),
        });
        assert!(
            play.ends_with("<Play>https://h/a.wav?a=1&amp;b=2</Play><Hangup/></Response>"),
            "{play}"
        );
        let say = said(Answer::Say {
            text: "Goodbye".into(),
        });
        assert!(say.ends_with("<Say>Goodbye</Say><Hangup/></Response>"), "{say}");
        assert!(said(Answer::Hangup).ends_with("<Response><Hangup/></Response>"));
    }
}
