//! TwiML: the instructions that answer a carrier's question.

use std::fmt::Write;

/// One instruction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verb {
    /// `<Connect><Stream>`: audio both ways over a socket, until it closes.
    Stream(Stream),
    /// `<Dial><Conference>`: into a room with others.
    Conference(Conference),
    /// Plays a file, once.
    Play {
        /// Where the file is.
        url: String,
    },
    /// Speaks a text with the carrier's own voice.
    Say {
        /// The text.
        text: String,
        /// Such as `en-US`; none: the carrier's default.
        language: Option<String>,
    },
    /// Waits.
    Pause {
        /// For so long.
        seconds: u32,
    },
    /// Waits for keys while its inner verbs are spoken or played.
    Gather(Gather),
    /// Goes on with the instructions of another URL.
    Redirect {
        /// Asked by POST.
        url: String,
    },
    /// Ends the call.
    Hangup,
}

/// A media stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stream {
    /// `wss://` (`ws://` on loopback), without a query: the carrier drops it.
    pub url: String,
    /// Sent in the stream's `start`, since a query is not; each name and value below 500 characters.
    pub parameters: Vec<(String, String)>,
    /// Asked for instructions when the stream ends; without it the call ends with the stream.
    pub action: String,
}

/// A conference room, made by the first who enters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conference {
    /// Its name.
    pub name: String,
    /// Whether it starts with this participant; until then the others hear `wait_url`.
    pub start_on_enter: bool,
    /// Whether it ends when this participant leaves.
    pub end_on_exit: bool,
    /// Whether this participant is not heard.
    pub muted: bool,
    /// Whether a tone is heard when this participant comes and goes.
    pub beep: bool,
    /// What is heard until it starts: a URL, or none for the carrier's music.
    pub wait_url: Option<String>,
    /// Told of its events, with which; none: nobody is told.
    pub status: Option<(String, Vec<String>)>,
    /// By what this participant is known there.
    pub label: Option<String>,
}

/// A question that keys answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gather {
    /// Told the keys.
    pub action: String,
    /// So many keys end it, `#` and `*` as any other.
    pub digits: u32,
    /// Seconds without a key that end it too; the next verb follows.
    pub timeout_s: u32,
    /// What is heard meanwhile: `Say`, `Play` and `Pause` only, as the carrier allows.
    pub prompt: Vec<Verb>,
}

/// The document that says this, in this order. No verb at all is an empty document: the call ends.
#[must_use]
pub fn document(verbs: &[Verb]) -> String {
    let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response>");
    for verb in verbs {
        write_verb(&mut xml, verb);
    }
    xml.push_str("</Response>");
    xml
}

fn write_verb(xml: &mut String, verb: &Verb) {
    match verb {
        Verb::Stream(stream) => write_stream(xml, stream),
        Verb::Conference(room) => write_conference(xml, room),
        Verb::Play { url } => element(xml, "Play", &[], url),
        Verb::Say { text, language: None } => element(xml, "Say", &[], text),
        Verb::Say {
            text,
            language: Some(language),
        } => element(xml, "Say", &[("language", language)], text),
        Verb::Pause { seconds } => open(xml, "Pause", &[("length", &seconds.to_string())], true),
        Verb::Gather(gather) => write_gather(xml, gather),
        Verb::Redirect { url } => element(xml, "Redirect", &[("method", "POST")], url),
        Verb::Hangup => open(xml, "Hangup", &[], true),
    }
}

fn write_stream(xml: &mut String, stream: &Stream) {
    open(
        xml,
        "Connect",
        &[("action", &stream.action), ("method", "POST")],
        false,
    );
    open(xml, "Stream", &[("url", &stream.url)], false);
    for (name, value) in &stream.parameters {
        open(xml, "Parameter", &[("name", name), ("value", value)], true);
    }
    xml.push_str("</Stream></Connect>");
}

fn write_conference(xml: &mut String, room: &Conference) {
    let truth = |is: bool| if is { "true" } else { "false" };
    let mut attributes = vec![
        ("startConferenceOnEnter", truth(room.start_on_enter)),
        ("endConferenceOnExit", truth(room.end_on_exit)),
        ("muted", truth(room.muted)),
        ("beep", truth(room.beep)),
    ];
    if let Some(url) = &room.wait_url {
        attributes.push(("waitUrl", url));
    }
    let events = room.status.as_ref().map(|(url, events)| (url, events.join(" ")));
    if let Some((url, events)) = &events {
        attributes.push(("statusCallback", url));
        attributes.push(("statusCallbackEvent", events));
    }
    if let Some(label) = &room.label {
        attributes.push(("participantLabel", label));
    }
    xml.push_str("<Dial>");
    element(xml, "Conference", &attributes, &room.name);
    xml.push_str("</Dial>");
}

fn write_gather(xml: &mut String, gather: &Gather) {
    let (digits, timeout) = (gather.digits.to_string(), gather.timeout_s.to_string());
    let attributes = [
        ("input", "dtmf"),
        ("action", gather.action.as_str()),
        ("method", "POST"),
        ("numDigits", &digits),
        // Without it a lone `#` would end the question without a key.
        ("finishOnKey", ""),
        ("timeout", &timeout),
    ];
    open(xml, "Gather", &attributes, false);
    for verb in &gather.prompt {
        write_verb(xml, verb);
    }
    xml.push_str("</Gather>");
}

fn element(xml: &mut String, name: &str, attributes: &[(&str, &str)], text: &str) {
    open(xml, name, attributes, false);
    escape(xml, text);
    xml.push_str("</");
    xml.push_str(name);
    xml.push('>');
}

fn open(xml: &mut String, name: &str, attributes: &[(&str, &str)], empty: bool) {
    xml.push('<');
    xml.push_str(name);
    for (attribute, value) in attributes {
        xml.push(' ');
        xml.push_str(attribute);
        xml.push_str("=\"");
        escape(xml, value);
        xml.push('"');
    }
    xml.push_str(if empty { "/>" } else { ">" });
}

/// Characters that XML 1.0 cannot hold at all, even escaped, are left out.
fn escape(xml: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => xml.push_str("&amp;"),
            '<' => xml.push_str("&lt;"),
            '>' => xml.push_str("&gt;"),
            '"' => xml.push_str("&quot;"),
            '\'' => xml.push_str("&apos;"),
            // Kept as references: a parser would turn them into spaces in an attribute.
            '\t' | '\n' | '\r' => _ = write!(xml, "&#{};", u32::from(c)),
            '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => {}
            _ => xml.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_stream_carries_its_parameters_and_says_what_comes_next() {
        let stream = Stream {
            url: "wss://h/media-stream".to_owned(),
            parameters: vec![("token".to_owned(), "a\"b".to_owned())],
            action: "https://h/webhooks/twilio/stream-ended?callId=1&e=2#rc=3&rp=all".to_owned(),
        };
        assert_eq!(
            document(&[Verb::Stream(stream)]),
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response><Connect \
             action=\"https://h/webhooks/twilio/stream-ended?callId=1&amp;e=2#rc=3&amp;rp=all\" method=\"POST\">\
             <Stream url=\"wss://h/media-stream\"><Parameter name=\"token\" value=\"a&quot;b\"/></Stream>\
             </Connect></Response>"
        );
    }

    #[test]
    fn a_room_a_question_and_the_rest_read_as_documented() {
        let room = Conference {
            name: "call_1".to_owned(),
            start_on_enter: true,
            end_on_exit: false,
            muted: false,
            beep: false,
            wait_url: Some(String::new()),
            status: Some((
                "https://h/c".to_owned(),
                vec!["join".to_owned(), "leave".to_owned()],
            )),
            label: Some("leg-1".to_owned()),
        };
        let say = Verb::Say {
            text: "Press any key".to_owned(),
            language: Some("en-US".to_owned()),
        };
        let gather = Gather {
            action: "https://h/k".to_owned(),
            digits: 1,
            timeout_s: 5,
            prompt: vec![say, Verb::Pause { seconds: 2 }],
        };
        let play = Verb::Play {
            url: "https://h/a.wav".to_owned(),
        };
        let redirect = Verb::Redirect {
            url: "https://h/next".to_owned(),
        };
        let xml = document(&[
            Verb::Gather(gather),
            Verb::Conference(room),
            play,
            redirect,
            Verb::Hangup,
        ]);
        for part in [
            "<Gather input=\"dtmf\" action=\"https://h/k\" method=\"POST\" numDigits=\"1\" finishOnKey=\"\" timeout=\"5\">\
             <Say language=\"en-US\">Press any key</Say><Pause length=\"2\"/></Gather>",
            "<Dial><Conference startConferenceOnEnter=\"true\" endConferenceOnExit=\"false\" muted=\"false\" \
             beep=\"false\" waitUrl=\"\" statusCallback=\"https://h/c\" statusCallbackEvent=\"join leave\" participantLabel=\"leg-1\">call_1\
             </Conference></Dial>",
            "<Play>https://h/a.wav</Play><Redirect method=\"POST\">https://h/next</Redirect><Hangup/></Response>",
        ] {
            assert!(xml.contains(part), "{xml}");
        }
    }

    proptest! {
        /// What somebody typed as an agent's name must never become an instruction.
        #[test]
        fn any_text_stays_text(text in "\\PC*|[<>&\"'\\x00-\\x20]*") {
            let say = Verb::Say { text: text.clone(), language: Some(text) };
            let xml = document(&[say]);
            let inside = xml.split_once("<Say language=\"").unwrap().1.strip_suffix("</Say></Response>").unwrap();
            let (attribute, content) = inside.split_once("\">").unwrap();
            for part in [attribute, content] {
                prop_assert!(!part.contains(['<', '>', '"']), "{}", part);
            }
        }
    }
}
