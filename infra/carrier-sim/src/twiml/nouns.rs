//! What stands inside `<Dial>`, `<Connect>` and `<Start>`.

use roxmltree::Node;
use url::{Host, Url};

use super::{
    Conference, Noun, StreamSpec, Target, Tracks, TwimlError, Wait, attributes::Attributes,
    children::only_children,
};
use crate::number::is_e164;

const CALL_EVENTS: [&str; 4] = ["initiated", "ringing", "answered", "completed"];
const CONFERENCE_EVENTS: [&str; 9] = [
    "start",
    "end",
    "join",
    "leave",
    "mute",
    "hold",
    "modify",
    "speaker",
    "announcement",
];

/// The one noun of a `<Dial>`.
pub(super) fn dialled(node: Node<'_, '_>, base: Option<&Url>) -> Result<Noun, TwimlError> {
    let children: Vec<Node<'_, '_>> = node.children().filter(Node::is_element).collect();
    match children.as_slice() {
        [] => Ok(Noun::Number {
            to: called(node)?,
            whisper: None,
            callback: None,
            callback_events: vec![],
        }),
        [only] => match only.tag_name().name() {
            "Number" => number(*only, base),
            "Conference" => conference(*only, base).map(Noun::Conference),
            other => Err(TwimlError::parse(format!(
                "<{other}> in <Dial> is not simulated: use <Number> or <Conference>"
            ))),
        },
        [_, _, ..] => Err(TwimlError::parse(
            "<Dial> has several nouns; simultaneous dialling is not simulated: use one",
        )),
    }
}

fn number(node: Node<'_, '_>, base: Option<&Url>) -> Result<Noun, TwimlError> {
    let attributes = Attributes::of(node, base);
    Ok(Noun::Number {
        to: called(node)?,
        whisper: attributes.target("url", "method")?,
        callback: attributes.target("statusCallback", "statusCallbackMethod")?,
        callback_events: attributes.words("statusCallbackEvent", &CALL_EVENTS)?,
    })
}

fn called(node: Node<'_, '_>) -> Result<String, TwimlError> {
    let to = node.text().unwrap_or_default().trim().to_owned();
    if is_e164(&to) {
        return Ok(to);
    }
    Err(TwimlError {
        code: 13224,
        message: "<Dial> names no E.164 number (error 13224)".to_owned(),
    })
}

fn conference(node: Node<'_, '_>, base: Option<&Url>) -> Result<Conference, TwimlError> {
    let name = node.text().unwrap_or_default().trim();
    if name.is_empty() {
        return Err(TwimlError::parse("<Conference> has no name"));
    }
    let attributes = Attributes::of(node, base);
    let beep = attributes.text("beep").unwrap_or("true");
    if !["true", "false", "onEnter", "onExit"].contains(&beep) {
        return Err(TwimlError::parse(format!(
            "<Conference> has beep=\"{beep}\"; it must be true, false, onEnter or onExit"
        )));
    }
    let wait = match attributes.text("waitUrl") {
        None => Wait::Music,
        Some(_) => attributes
            .target("waitUrl", "waitMethod")?
            .map_or(Wait::Silence, Wait::From),
    };
    let coach = attributes
        .text("coach")
        .filter(|sid| !sid.is_empty())
        .map(str::to_owned);
    Ok(Conference {
        start_on_enter: attributes.flag("startConferenceOnEnter", true)?,
        end_on_exit: attributes.flag("endConferenceOnExit", false)?,
        beep_on_enter: matches!(beep, "true" | "onEnter"),
        beep_on_exit: matches!(beep, "true" | "onExit"),
        muted: attributes.flag("muted", false)?,
        coaching: coach.is_some(),
        coach,
        label: attributes.text("participantLabel").map(str::to_owned),
        wait,
        callback: attributes.target("statusCallback", "statusCallbackMethod")?,
        callback_events: attributes.words("statusCallbackEvent", &CONFERENCE_EVENTS)?,
        ..Conference::named(name)
    })
}

/// The one `<Stream>` of a `<Connect>` or `<Start>`.
pub(super) fn stream(
    node: Node<'_, '_>,
    base: Option<&Url>,
    one_way: bool,
) -> Result<StreamSpec, TwimlError> {
    let parent = node.tag_name().name();
    let node = only_children(node, &["Stream"])?
        .first()
        .copied()
        .ok_or_else(|| {
            TwimlError::parse(format!(
                "<{parent}> has no <Stream>; nothing else in it is simulated"
            ))
        })?;
    let attributes = Attributes::of(node, base);
    let tracks = match attributes.text("track").unwrap_or("inbound_track") {
        "inbound_track" => Tracks::Inbound,
        "outbound_track" if one_way => Tracks::Outbound,
        "both_tracks" if one_way => Tracks::Both,
        other => {
            return Err(TwimlError::parse(format!(
                "<Stream> has track=\"{other}\"; it must be inbound_track (in <Start> also outbound_track, both_tracks)"
            )));
        }
    };
    let mut params = Vec::new();
    for child in only_children(node, &["Parameter"])? {
        match (child.attribute("name"), child.attribute("value")) {
            (Some(name), Some(value)) => params.push((name.to_owned(), value.to_owned())),
            (None, _) | (_, None) => {
                return Err(TwimlError::parse("<Parameter> must have a name and a value"));
            }
        }
    }
    let callback: Option<Target> = attributes.target("statusCallback", "statusCallbackMethod")?;
    let name = attributes.text("name").unwrap_or_default().to_owned();
    Ok(StreamSpec {
        url: stream_url(attributes.text("url").unwrap_or_default())?,
        name,
        tracks,
        params,
        callback,
    })
}

/// A stream's address: `wss` (`ws` too on loopback, where nobody has certificates) and no query, which the carrier drops.
fn stream_url(text: &str) -> Result<Url, TwimlError> {
    let wrong = |why: &str| TwimlError {
        code: 11100,
        message: format!("<Stream> has url=\"{text}\"; {why} (error 11100)"),
    };
    let url = Url::parse(text.trim()).map_err(|_| wrong("it must be an absolute wss address"))?;
    if url.query().is_some() {
        return Err(wrong(
            "a query string is not supported: send <Parameter> elements",
        ));
    }
    match url.scheme() {
        "wss" => Ok(url),
        "ws" if is_loopback(&url) => Ok(url),
        _ => Err(wrong("it must be wss (ws is taken on loopback only)")),
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}
