//! From text to verbs, as strictly as the carrier: bad XML and unknown verbs end the call with error 12100.

use roxmltree::{Document, Node};
use url::Url;

use super::{
    Dial, Gather, Record, Target, TwimlError, Verb, attributes::Attributes, children::only_children, nouns,
};

/// The carrier takes no larger document. Source: Twilio error 11750.
pub(crate) const DOCUMENT_BYTES_MAX: usize = 64 * 1024;
/// So many verbs are as good as a loop.
const VERBS_MAX: usize = 500;

/// The verbs of a document. `base` is where it came from; relative addresses in it are resolved against that.
///
/// # Errors
/// [`TwimlError`] says which element is wrong and what would be right.
pub(crate) fn parse(text: &str, base: Option<&Url>) -> Result<Vec<Verb>, TwimlError> {
    if text.len() > DOCUMENT_BYTES_MAX {
        let message = format!("the document has {} bytes; 64 kB is the most", text.len());
        return Err(TwimlError { code: 11750, message });
    }
    if text.trim().is_empty() {
        return Err(TwimlError::parse(
            "the document is empty; it must be TwiML, at least <Response/>",
        ));
    }
    let document = Document::parse(text.trim_start())
        .map_err(|e| TwimlError::parse(format!("not well-formed XML: {e}")))?;
    let root = document.root_element();
    if root.tag_name().name() != "Response" {
        return Err(TwimlError::parse(format!(
            "the root is <{}>; it must be <Response>",
            root.tag_name().name()
        )));
    }
    let verbs: Vec<Verb> = root
        .children()
        .filter(Node::is_element)
        .map(|node| verb(node, base))
        .collect::<Result<_, _>>()?;
    if verbs.len() > VERBS_MAX {
        return Err(TwimlError::parse(format!(
            "the document has {} verbs; {VERBS_MAX} is the most",
            verbs.len()
        )));
    }
    Ok(verbs)
}

fn verb(node: Node<'_, '_>, base: Option<&Url>) -> Result<Verb, TwimlError> {
    let attributes = Attributes::of(node, base);
    match node.tag_name().name() {
        "Say" => Ok(Verb::Say {
            text: all_text(node),
            loops: loops(&attributes)?,
        }),
        "Play" => play(node, &attributes),
        "Pause" => Ok(Verb::Pause {
            length_s: attributes.number("length", 1)?,
        }),
        "Gather" => gather(node, &attributes, base),
        "Redirect" => redirect(node, &attributes),
        "Hangup" => Ok(Verb::Hangup),
        "Reject" => match attributes.text("reason").unwrap_or("rejected") {
            "rejected" => Ok(Verb::Reject { busy: false }),
            "busy" => Ok(Verb::Reject { busy: true }),
            other => Err(TwimlError::parse(format!(
                "<Reject> has reason=\"{other}\"; it must be rejected or busy"
            ))),
        },
        "Record" => record(&attributes),
        "Dial" => dial(node, &attributes, base),
        "Connect" => Ok(Verb::Connect {
            stream: nouns::stream(node, base, false)?,
            action: attributes.target("action", "method")?,
        }),
        "Start" => Ok(Verb::StartStream(nouns::stream(node, base, true)?)),
        "Stop" => match only_children(node, &["Stream"])?
            .first()
            .and_then(|s| s.attribute("name"))
        {
            Some(name) => Ok(Verb::StopStream {
                name: name.to_owned(),
            }),
            None => Err(TwimlError::parse("<Stop> must have a <Stream name=\"…\"/>")),
        },
        other => Err(TwimlError::parse(format!(
            "<{other}> is not a verb known here: Say, Play, Pause, Gather, Redirect, Hangup, Reject, Record, Dial, Connect, Start, Stop"
        ))),
    }
}

/// All text below the element: `<Say>` may hold SSML.
fn all_text(node: Node<'_, '_>) -> String {
    let words: Vec<&str> = node
        .descendants()
        .filter(Node::is_text)
        .filter_map(|n| n.text())
        .flat_map(str::split_whitespace)
        .collect();
    words.join(" ")
}

/// How often to repeat; 0 is "until hung up", which the time limit of the call bounds.
fn loops(attributes: &Attributes<'_, '_>) -> Result<u32, TwimlError> {
    Ok(match attributes.number("loop", 1)? {
        0 => u32::MAX,
        n => n,
    })
}

fn play(node: Node<'_, '_>, attributes: &Attributes<'_, '_>) -> Result<Verb, TwimlError> {
    let text = all_text(node);
    let digits = attributes.text("digits").unwrap_or_default().to_owned();
    if text.is_empty() && digits.is_empty() {
        return Err(TwimlError::parse("<Play> has neither an address nor digits"));
    }
    let url = if text.is_empty() {
        None
    } else {
        Some(attributes.url("address", &text)?)
    };
    Ok(Verb::Play {
        url,
        digits,
        loops: loops(attributes)?,
    })
}

fn redirect(node: Node<'_, '_>, attributes: &Attributes<'_, '_>) -> Result<Verb, TwimlError> {
    let url = attributes.url("address", &all_text(node))?;
    // `target` checks the method; there is no attribute of that other name.
    let method = match attributes.text("method") {
        None => super::Method::Post,
        Some(text) => super::Method::parse(text).ok_or_else(|| {
            TwimlError::parse(format!(
                "<Redirect> has method=\"{text}\"; it must be GET or POST"
            ))
        })?,
    };
    Ok(Verb::Redirect(Target { url, method }))
}

fn gather(
    node: Node<'_, '_>,
    attributes: &Attributes<'_, '_>,
    base: Option<&Url>,
) -> Result<Verb, TwimlError> {
    let input = attributes.words("input", &["dtmf", "speech"])?;
    let prompts = only_children(node, &["Say", "Play", "Pause"])?
        .into_iter()
        .map(|child| verb(child, base))
        .collect::<Result<_, _>>()?;
    let digits_max = match attributes.text("numDigits") {
        None => None,
        Some(_) => usize::try_from(attributes.number("numDigits", 1)?)
            .ok()
            .map(|n| n.max(1)),
    };
    let timeout_s = if attributes.text("timeout") == Some("auto") {
        5
    } else {
        attributes.number("timeout", 5)?
    };
    Ok(Verb::Gather(Gather {
        keys: input.is_empty() || input.iter().any(|way| way == "dtmf"),
        speech: input.iter().any(|way| way == "speech"),
        action: attributes.target("action", "method")?,
        timeout_s,
        digits_max,
        finish_on: attributes.text("finishOnKey").unwrap_or("#").to_owned(),
        even_if_empty: attributes.flag("actionOnEmptyResult", false)?,
        prompts,
    }))
}

fn record(attributes: &Attributes<'_, '_>) -> Result<Verb, TwimlError> {
    Ok(Verb::Record(Record {
        action: attributes.target("action", "method")?,
        timeout_s: attributes.number("timeout", 5)?,
        finish_on: attributes
            .text("finishOnKey")
            .unwrap_or("1234567890*#")
            .to_owned(),
        max_s: attributes.number("maxLength", 3600)?.max(1),
        beep: attributes.flag("playBeep", true)?,
        callback: attributes.target("recordingStatusCallback", "recordingStatusCallbackMethod")?,
        callback_events: attributes.words(
            "recordingStatusCallbackEvent",
            &["in-progress", "completed", "absent"],
        )?,
    }))
}

fn dial(node: Node<'_, '_>, attributes: &Attributes<'_, '_>, base: Option<&Url>) -> Result<Verb, TwimlError> {
    let time_limit_s = match attributes.text("timeLimit") {
        None => None,
        Some(_) => Some(attributes.number("timeLimit", 0)?),
    };
    Ok(Verb::Dial(Dial {
        action: attributes.target("action", "method")?,
        timeout_s: attributes.number("timeout", 30)?.clamp(1, 600),
        time_limit_s,
        caller_id: attributes.text("callerId").map(str::to_owned),
        hangup_on_star: attributes.flag("hangupOnStar", false)?,
        noun: nouns::dialled(node, base)?,
    }))
}
