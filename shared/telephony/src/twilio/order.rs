//! Placing a call: what is asked, and what the answer makes certain.

use super::{
    client::{Answer, Failure},
    wire,
};
use crate::{DialError, DialOrder, HookUrls, RingOrder};

/// "Too many requests": not processed.
const TOO_MANY: u32 = 20_429;
/// "Internal server error": may have been processed.
const INTERNAL: u32 = 20_500;

/// The form that asks for a call. The answer comes by `Url`, so of the status callbacks only `ringing` and
/// `completed` (which stands for every end) are asked for.
pub(super) fn form(order: &DialOrder, hooks: &HookUrls) -> Vec<(&'static str, String)> {
    let (call, epoch) = (order.call, order.epoch);
    let post = || "POST".to_owned();
    let mut form = vec![
        ("To", order.to.to_string()),
        ("From", order.from.0.to_string()),
        ("Url", hooks.answer(call, epoch)),
        ("Method", post()),
        ("StatusCallback", hooks.status(call, epoch)),
        ("StatusCallbackMethod", post()),
        ("StatusCallbackEvent", "ringing".to_owned()),
        ("StatusCallbackEvent", "completed".to_owned()),
        ("Timeout", order.ring_timeout_s.to_string()),
        ("TimeLimit", order.time_limit_s.to_string()),
    ];
    if order.amd {
        // Until the greeting's end, so that a message is left after the beep; a person is told at once.
        form.push(("MachineDetection", "DetectMessageEnd".to_owned()));
        form.push(("AsyncAmd", "true".to_owned()));
        form.push(("AsyncAmdStatusCallback", hooks.amd(call, epoch)));
        form.push(("AsyncAmdStatusCallbackMethod", post()));
    }
    if order.record {
        form.push(("Record", "true".to_owned()));
        // The person on one side, whoever talks to them on the other.
        form.push(("RecordingChannels", "dual".to_owned()));
        form.push(("RecordingStatusCallback", hooks.recording(call, epoch)));
        form.push(("RecordingStatusCallbackMethod", post()));
        form.push(("RecordingStatusCallbackEvent", "completed".to_owned()));
    }
    form
}

/// The form that rings a human agent's telephone: whoever answers is asked for a key, and only its end is told. No detection: nobody would wait
/// for its verdict, and a machine presses no key.
pub(super) fn ring(order: &RingOrder, hooks: &HookUrls) -> Vec<(&'static str, String)> {
    let (call, epoch, leg) = (order.call, order.epoch, order.leg);
    vec![
        ("To", order.to.to_string()),
        ("From", order.from.0.to_string()),
        ("Url", hooks.agent_answer(call, epoch, leg)),
        ("Method", "POST".to_owned()),
        ("StatusCallback", hooks.leg_status(call, epoch, leg)),
        ("StatusCallbackMethod", "POST".to_owned()),
        ("StatusCallbackEvent", "completed".to_owned()),
        ("Timeout", order.ring_s.to_string()),
        ("TimeLimit", order.time_limit_s.to_string()),
    ]
}

/// What an answer makes certain; its SID on success.
pub(super) fn judge(answer: &Answer) -> Result<String, DialError> {
    if answer.is_success() {
        let placed: Result<wire::Placed, _> = serde_json::from_slice(&answer.body);
        return match placed {
            Ok(call) if !call.sid.is_empty() => Ok(call.sid),
            Ok(_) => Err(ambiguous(answer, "without a sid")),
            Err(error) => Err(ambiguous(answer, &error.to_string())),
        };
    }
    let problem = answer.problem();
    match (answer.status, problem.code) {
        (_, Some(TOO_MANY)) | (429, _) => Err(DialError::SlowDown {
            retry_after_s: answer.retry_after_s,
        }),
        (_, Some(INTERNAL)) | (408, _) => Err(ambiguous(answer, &problem.to_string())),
        (400..=499, code) => Err(DialError::Refused {
            code: code.map_or_else(|| answer.status.to_string(), |code| code.to_string()),
            what: problem.message,
        }),
        _ => Err(ambiguous(answer, &problem.to_string())),
    }
}

/// What no answer makes certain.
pub(super) fn judge_failure(failure: &Failure) -> DialError {
    match failure {
        // Nobody heard us: as safe to repeat as after a 429.
        Failure::NotSent(what) => {
            tracing::warn!(cause = %what, "the carrier cannot be reached; the call was not asked for");
            DialError::SlowDown { retry_after_s: None }
        }
        Failure::Unknown(what) => DialError::Ambiguous { what: what.clone() },
    }
}

fn ambiguous(answer: &Answer, what: &str) -> DialError {
    DialError::Ambiguous {
        what: format!("{} {what}", answer.status),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use trunkline_domain::{CallId, CallerId, id::derived};

    fn order(amd: bool) -> DialOrder {
        DialOrder {
            call: CallId(derived("call")),
            epoch: 2,
            to: "+14155550100".parse().unwrap(),
            from: CallerId("+14155550111".parse().unwrap()),
            ring_timeout_s: 30,
            time_limit_s: 600,
            amd,
            record: amd,
        }
    }

    #[test]
    fn every_callback_names_the_call_and_its_placing() {
        let order = order(true);
        let form = form(&order, &HookUrls::new("https://h"));
        let query = format!("?callId={}&e=2#rc=3&rp=all", order.call);
        for (field, hook) in [
            ("Url", "answer"),
            ("StatusCallback", "status"),
            ("AsyncAmdStatusCallback", "amd"),
            ("RecordingStatusCallback", "recording"),
        ] {
            let value = &form.iter().find(|(name, _)| *name == field).unwrap().1;
            assert_eq!(*value, format!("https://h/webhooks/twilio/{hook}{query}"));
        }
        let events: Vec<&str> = form
            .iter()
            .filter(|(name, _)| *name == "StatusCallbackEvent")
            .map(|(_, value)| value.as_str())
            .collect();
        assert_eq!(events, ["ringing", "completed"]);
    }

    #[test]
    fn without_detection_none_is_asked_for() {
        let form = form(&order(false), &HookUrls::new("https://h"));
        assert!(
            !form
                .iter()
                .any(|(name, _)| name.contains("Amd") || name.contains("Machine"))
        );
    }

    #[test]
    fn a_leg_names_its_call_its_number_and_its_room() {
        let order = RingOrder {
            call: CallId(derived("call")),
            epoch: 2,
            leg: 3,
            to: "+14155550100".parse().unwrap(),
            from: CallerId("+14155550111".parse().unwrap()),
            ring_s: 20,
            time_limit_s: 600,
        };
        let form = ring(&order, &HookUrls::new("https://h"));
        let value = |field: &str| form.iter().find(|(name, _)| *name == field).unwrap().1.clone();
        let id = order.call;
        assert_eq!(
            value("Url"),
            format!(
                "https://h/webhooks/twilio/agent-answer?callId={id}&e=2&leg=3&conferenceName=call_{id}#rc=3&rp=all"
            )
        );
        assert_eq!(
            value("StatusCallback"),
            format!("https://h/webhooks/twilio/status?callId={id}&e=2&leg=3#rc=3&rp=all")
        );
        assert_eq!(
            (value("Timeout"), value("TimeLimit")),
            ("20".into(), "600".into())
        );
    }

    fn answer(status: u16, body: &str) -> Answer {
        Answer {
            status,
            retry_after_s: None,
            body: body.as_bytes().to_vec(),
        }
    }

    #[test]
    fn only_what_is_certain_is_said_to_be() {
        let ambiguous =
            |status, body| matches!(judge(&answer(status, body)), Err(DialError::Ambiguous { .. }));
        assert!(ambiguous(500, r#"{"code":20500}"#));
        assert!(ambiguous(400, r#"{"code":20500}"#));
        assert!(ambiguous(502, "<html>"));
        assert!(ambiguous(201, "<html>"));
        assert!(ambiguous(201, r#"{"sid":""}"#));
        assert!(ambiguous(307, ""));
        assert!(ambiguous(408, ""));
        assert_eq!(judge(&answer(201, r#"{"sid":"CA1"}"#)), Ok("CA1".to_owned()));
        let slow = Err(DialError::SlowDown { retry_after_s: None });
        assert_eq!(judge(&answer(429, "")), slow);
        assert_eq!(judge(&answer(400, r#"{"code":20429}"#)), slow);
        let refused = judge(&answer(400, r#"{"code":21211,"message":"not a valid number"}"#));
        assert_eq!(
            refused,
            Err(DialError::Refused {
                code: "21211".into(),
                what: "not a valid number".into()
            })
        );
        let refused = judge(&answer(401, ""));
        assert_eq!(
            refused,
            Err(DialError::Refused {
                code: "401".into(),
                what: String::new()
            })
        );
    }
}
