//! What documents are taken, and what is said of those that are not.

use proptest::prelude::*;
use url::Url;

use super::*;

fn base() -> Url {
    Url::parse("http://127.0.0.1:8000/webhooks/twilio/answer?callId=1").unwrap()
}

fn parsed(inner: &str) -> Result<Vec<Verb>, TwimlError> {
    parse(
        &format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Response>{inner}</Response>"),
        Some(&base()),
    )
}

fn error(inner: &str) -> String {
    parsed(inner).unwrap_err().to_string()
}

#[test]
fn a_stream_with_parameters_and_an_action() {
    let verbs = parsed(
        r#"<Connect action="/webhooks/twilio/stream-ended?callId=1&amp;gen=0"><Stream url="ws://127.0.0.1:9/media-stream">
           <Parameter name="token" value="a&lt;b"/><Parameter name="gen" value="0"/></Stream></Connect><Hangup/>"#,
    )
    .unwrap();
    let [
        Verb::Connect {
            stream,
            action: Some(action),
        },
        Verb::Hangup,
    ] = verbs.as_slice()
    else {
        panic!("{verbs:?}");
    };
    assert_eq!(stream.url.as_str(), "ws://127.0.0.1:9/media-stream");
    assert_eq!(
        stream.params,
        [("token".into(), "a<b".into()), ("gen".into(), "0".into())]
    );
    assert_eq!(
        action.url.as_str(),
        "http://127.0.0.1:8000/webhooks/twilio/stream-ended?callId=1&gen=0"
    );
    assert_eq!(action.method, Method::Post);
}

#[test]
fn stream_addresses_are_wss_or_loopback_and_have_no_query() {
    let stream = |url: &str| parsed(&format!("<Connect><Stream url=\"{url}\"/></Connect>"));
    for good in [
        "wss://media.example.com/s",
        "ws://localhost:8000/s",
        "ws://[::1]:80/s",
    ] {
        assert!(stream(good).is_ok(), "{good}");
    }
    for (bad, why) in [
        ("ws://media.example.com/s", "wss"),
        ("wss://media.example.com/s?token=1", "query"),
        ("http://127.0.0.1/s", "wss"),
        ("/media-stream", "absolute"),
        ("", "absolute"),
    ] {
        let error = stream(bad).unwrap_err();
        assert_eq!(error.code, 11100, "{bad}");
        assert!(error.message.contains(why), "{bad}: {error}");
    }
}

#[test]
fn a_conference_with_all_its_attributes() {
    let verbs = parsed(
        r#"<Dial hangupOnStar="true" action="/next"><Conference startConferenceOnEnter="false" endConferenceOnExit="true" beep="onEnter"
           muted="true" coach="CA1" waitUrl="" statusCallback="/conf" statusCallbackEvent="start end join leave mute hold"
           participantLabel="lead"> call_1 </Conference></Dial>"#,
    )
    .unwrap();
    let [
        Verb::Dial(Dial {
            noun: Noun::Conference(room),
            hangup_on_star: true,
            action: Some(_),
            ..
        }),
    ] = verbs.as_slice()
    else {
        panic!("{verbs:?}");
    };
    assert_eq!(room.name, "call_1");
    assert!(
        !room.start_on_enter && room.end_on_exit && room.beep_on_enter && !room.beep_on_exit && room.muted
    );
    assert_eq!(
        (room.coach.as_deref(), room.label.as_deref(), &room.wait),
        (Some("CA1"), Some("lead"), &Wait::Silence)
    );
    assert_eq!(room.callback_events.len(), 6);
    let plain = parsed("<Dial><Conference>x</Conference></Dial>").unwrap();
    assert!(
        matches!(&plain[..], [Verb::Dial(Dial { noun: Noun::Conference(c), .. })] if *c == Conference::named("x"))
    );
}

#[test]
fn numbers_are_dialled_bare_or_as_a_noun_with_a_whisper() {
    let bare = parsed("<Dial callerId=\"+15550000000\"> +15551234567 </Dial>").unwrap();
    assert!(
        matches!(&bare[..], [Verb::Dial(Dial { noun: Noun::Number { to, .. }, .. })] if to == "+15551234567")
    );
    let noun = parsed(
        "<Dial timeout=\"20\"><Number url=\"/whisper\" statusCallback=\"/s\" statusCallbackEvent=\"answered completed\">+15551234567</Number></Dial>",
    )
    .unwrap();
    let [
        Verb::Dial(Dial {
            timeout_s: 20,
            noun:
                Noun::Number {
                    whisper: Some(whisper),
                    callback_events,
                    ..
                },
            ..
        }),
    ] = noun.as_slice()
    else {
        panic!("{noun:?}");
    };
    assert_eq!(whisper.url.path(), "/whisper");
    assert_eq!(callback_events, &["answered", "completed"]);
}

#[test]
fn gather_holds_its_prompts() {
    let verbs = parsed(
        "<Gather numDigits=\"1\" timeout=\"3\" action=\"/key\"><Say>Press <emphasis>any</emphasis> key.</Say><Pause/></Gather><Redirect method=\"get\">/again</Redirect>",
    )
    .unwrap();
    let [Verb::Gather(gather), Verb::Redirect(target)] = verbs.as_slice() else {
        panic!("{verbs:?}")
    };
    assert_eq!(
        (gather.digits_max, gather.timeout_s, gather.keys, gather.speech),
        (Some(1), 3, true, false)
    );
    assert_eq!(
        gather.prompts[0],
        Verb::Say {
            text: "Press any key.".into(),
            loops: 1
        }
    );
    assert_eq!((target.method, target.url.path()), (Method::Get, "/again"));
}

#[test]
fn wrong_documents_say_what_is_wrong() {
    for (inner, why) in [
        ("<Telephone/>", "<Telephone> is not a verb"),
        ("<say>hi</say>", "<say> is not a verb"),
        (
            "<Gather><Dial>+15551234567</Dial></Gather>",
            "<Dial> may not stand in <Gather>",
        ),
        ("<Dial>12</Dial>", "E.164"),
        ("<Dial><Client>me</Client></Dial>", "<Client>"),
        ("<Dial><Conference></Conference></Dial>", "no name"),
        ("<Pause length=\"soon\"/>", "whole number"),
        ("<Redirect method=\"PUT\">/x</Redirect>", "GET or POST"),
        ("<Connect/>", "no <Stream>"),
        ("<Play/>", "neither"),
        (
            "<Dial><Conference muted=\"yes\">x</Conference></Dial>",
            "true or false",
        ),
        ("<Say>unclosed", "well-formed"),
    ] {
        let error = error(inner);
        assert!(error.contains(why), "{inner}: {error}");
    }
    assert!(
        parse("<Answer/>", None)
            .unwrap_err()
            .message
            .contains("<Response>")
    );
    assert!(parse("  ", None).unwrap_err().message.contains("empty"));
    assert_eq!(parse(&"x".repeat(70_000), None).unwrap_err().code, 11750);
    assert!(
        parse("<Response><Redirect>/x</Redirect></Response>", None).is_err(),
        "no base to resolve against"
    );
}

#[test]
fn an_empty_response_is_a_document() {
    assert_eq!(parsed("").unwrap(), vec![]);
    assert_eq!(parsed("<!-- nothing -->").unwrap(), vec![]);
}

proptest! {
    #[test]
    fn no_text_makes_the_parser_panic(text in ".{0,200}") {
        let _ = parse(&text, Some(&base()));
        let _ = parsed(&text);
    }
}
